/* test_mfcc.c - feature frames out of samples. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The numbers are held against torchaudio's by tests/golden. */
#include "frontend/mfcc.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { N_SAMPLES = 8000, N_CEPSTRA = 80, MAX_FRAMES = 128 };

static float samples[N_SAMPLES];
static float frames[2][MAX_FRAMES][N_CEPSTRA];

static heed_mfcc *create(const heed_mfcc_config *config)
{
    heed_mfcc *m = NULL;

    CU_ASSERT_EQUAL_FATAL(heed_mfcc_create(&m, config), HEED_OK);
    return m;
}

/* Feeds all samples in pieces of `piece`; returns the number of frames. */
static size_t run(heed_mfcc *m, float (*out)[N_CEPSTRA], size_t count,
                  size_t piece)
{
    size_t n_frames = 0;

    for (size_t done = 0; done < count;) {
        const size_t left = count - done;

        done += heed_mfcc_feed(m, samples + done, left < piece ? left : piece);
        while (heed_mfcc_next(m, out[n_frames]) == HEED_OK)
            n_frames++;
    }
    return n_frames;
}

static void test_mfcc__cutting_changes_no_bit(void)
{
    static const size_t pieces[] = {1, 7, 128, 400, 1001};
    heed_mfcc *m = create(NULL);
    const size_t want = (N_SAMPLES - 400) / 128 + 1;

    heed_test_fill_noise(samples, N_SAMPLES, 0.5F, 1);
    CU_ASSERT_EQUAL(run(m, frames[0], N_SAMPLES, N_SAMPLES), want);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        heed_mfcc_reset(m);
        CU_ASSERT_EQUAL(run(m, frames[1], N_SAMPLES, pieces[i]), want);
        CU_ASSERT_EQUAL(
            memcmp(frames[0], frames[1], want * sizeof frames[0][0]), 0);
    }
    heed_mfcc_destroy(m);
}

static void test_mfcc__reset_equals_new(void)
{
    heed_mfcc *m = create(NULL);
    heed_mfcc *fresh = create(NULL);
    size_t n;

    heed_test_fill_noise(samples, N_SAMPLES, 0.5F, 2);
    (void)run(m, frames[0], 1234, 100);
    heed_mfcc_reset(m);
    CU_ASSERT_EQUAL(heed_mfcc_next(m, frames[0][0]), HEED_AGAIN);
    n = run(m, frames[0], N_SAMPLES, 100);
    CU_ASSERT_EQUAL(run(fresh, frames[1], N_SAMPLES, 100), n);
    CU_ASSERT_EQUAL(memcmp(frames[0], frames[1], n * sizeof frames[0][0]), 0);
    heed_mfcc_destroy(m);
    heed_mfcc_destroy(fresh);
}

static void test_mfcc__frame_comes_with_its_last_sample(void)
{
    heed_mfcc *m = create(NULL);

    CU_ASSERT_EQUAL(heed_mfcc_feed(m, samples, 399), 399);
    CU_ASSERT_EQUAL(heed_mfcc_next(m, frames[0][0]), HEED_AGAIN);
    CU_ASSERT_EQUAL(heed_mfcc_feed(m, samples, 10), 1);
    CU_ASSERT_EQUAL(heed_mfcc_feed(m, samples, 10), 0);
    CU_ASSERT_EQUAL(heed_mfcc_next(m, frames[0][0]), HEED_OK);
    CU_ASSERT_EQUAL(heed_mfcc_next(m, frames[0][0]), HEED_AGAIN);
    CU_ASSERT_EQUAL(heed_mfcc_feed(m, samples, 1000), 128);
    CU_ASSERT_EQUAL(heed_mfcc_next(m, frames[0][0]), HEED_OK);
    heed_mfcc_destroy(m);
}

/* All energies at the floor: c[0] = sqrt(n_mels) ln(floor), the rest 0. */
static void test_mfcc__silence_is_the_floor(void)
{
    heed_mfcc *m = create(NULL);
    const double floor = sqrt(80.0) * log((double)FLT_EPSILON);

    memset(samples, 0, sizeof samples);
    CU_ASSERT_EQUAL(run(m, frames[0], 400, 400), 1);
    CU_ASSERT_DOUBLE_EQUAL((double)frames[0][0][0], floor, 1e-3);
    for (size_t i = 1; i < N_CEPSTRA; i++)
        CU_ASSERT_DOUBLE_EQUAL((double)frames[0][0][i], 0.0, 1e-3);
    heed_mfcc_destroy(m);
}

static void test_mfcc__constant_offset_is_removed(void)
{
    heed_mfcc *m = create(NULL);

    heed_test_fill_noise(samples, 400, 0.25F, 3);
    CU_ASSERT_EQUAL(run(m, frames[0], 400, 400), 1);
    for (size_t i = 0; i < 400; i++)
        samples[i] += 0.5F;
    heed_mfcc_reset(m);
    CU_ASSERT_EQUAL(run(m, frames[1], 400, 400), 1);
    for (size_t i = 0; i < N_CEPSTRA; i++)
        CU_ASSERT_DOUBLE_EQUAL((double)frames[0][0][i], (double)frames[1][0][i],
                               1e-3);
    heed_mfcc_destroy(m);
}

static void test_mfcc__frames_are_finite_whatever_comes(void)
{
    static const float nasty[] = {NAN,   INFINITY, -INFINITY, FLT_MAX,
                                  1e30F, -FLT_MAX, 1e-45F,    -0.0F};
    heed_mfcc *m = create(NULL);

    for (size_t j = 0; j < sizeof nasty / sizeof nasty[0]; j++) {
        heed_test_fill_noise(samples, 400, 0.5F, 4);
        samples[100 + j] = nasty[j];
        samples[200] = -nasty[j];
        heed_mfcc_reset(m);
        CU_ASSERT_EQUAL(run(m, frames[0], 400, 400), 1);
        for (size_t i = 0; i < N_CEPSTRA; i++)
            CU_ASSERT_TRUE(isfinite(frames[0][0][i]));
    }
    heed_mfcc_destroy(m);
}

/* All cepstra of all bins: the transposed DCT gives the log energies, whose
 * length it therefore keeps; a louder sound moves them all by ln(gain^2). */
static void test_mfcc__full_dct_keeps_gain_in_the_first(void)
{
    heed_mfcc *m = create(NULL);

    heed_test_fill_noise(samples, 400, 0.25F, 5);
    CU_ASSERT_EQUAL(run(m, frames[0], 400, 400), 1);
    for (size_t i = 0; i < 400; i++)
        samples[i] *= 2.0F;
    heed_mfcc_reset(m);
    CU_ASSERT_EQUAL(run(m, frames[1], 400, 400), 1);
    for (size_t i = 0; i < N_CEPSTRA; i++) {
        const double moved = i == 0 ? sqrt(80.0) * log(4.0) : 0.0;

        CU_ASSERT_DOUBLE_EQUAL((double)frames[1][0][i],
                               (double)frames[0][0][i] + moved, 1e-3);
    }
    heed_mfcc_destroy(m);
}

static void expect_refused(const heed_mfcc_config *config)
{
    heed_mfcc *m = (heed_mfcc *)samples;

    CU_ASSERT_EQUAL(heed_mfcc_create(&m, config), HEED_ERR_ARG);
    CU_ASSERT_PTR_NULL(m);
}

#define EXPECT_REFUSED(field, value)    \
    do {                                \
        heed_mfcc_config config;        \
                                        \
        heed_mfcc_config_init(&config); \
        config.field = (value);         \
        expect_refused(&config);        \
    } while (0)

static void test_mfcc__wrong_configurations_are_refused(void)
{
    EXPECT_REFUSED(sample_rate_hz, 0.0);
    EXPECT_REFUSED(sample_rate_hz, (double)NAN);
    EXPECT_REFUSED(window_samples, 3);
    EXPECT_REFUSED(window_samples, 65537);
    EXPECT_REFUSED(hop_samples, 0);
    EXPECT_REFUSED(hop_samples, 401);
    EXPECT_REFUSED(n_mels, 0);
    EXPECT_REFUSED(n_mels, 1025);
    EXPECT_REFUSED(n_mels, 79);
    EXPECT_REFUSED(n_cepstra, 0);
    EXPECT_REFUSED(n_cepstra, 81);
    EXPECT_REFUSED(low_hz, -1.0);
    EXPECT_REFUSED(low_hz, 8000.0);
    EXPECT_REFUSED(high_hz, 8001.0);
    EXPECT_REFUSED(preemphasis, 1.5);
    EXPECT_REFUSED(preemphasis, (double)NAN);
    EXPECT_REFUSED(lifter, -1.0);
    EXPECT_REFUSED(log_floor, -1.0);
    EXPECT_REFUSED(log_floor, 1e-300);
    EXPECT_REFUSED(log_floor, (double)NAN);
    CU_ASSERT_EQUAL(heed_mfcc_create(NULL, NULL), HEED_ERR_ARG);
    heed_mfcc_destroy(NULL);
}

static CU_TestInfo tests[] = {
    {"cutting_changes_no_bit", test_mfcc__cutting_changes_no_bit},
    {"reset_equals_new", test_mfcc__reset_equals_new},
    {"frame_comes_with_its_last_sample",
     test_mfcc__frame_comes_with_its_last_sample},
    {"silence_is_the_floor", test_mfcc__silence_is_the_floor},
    {"constant_offset_is_removed", test_mfcc__constant_offset_is_removed},
    {"frames_are_finite_whatever_comes",
     test_mfcc__frames_are_finite_whatever_comes},
    {"full_dct_keeps_gain_in_the_first",
     test_mfcc__full_dct_keeps_gain_in_the_first},
    {"wrong_configurations_are_refused",
     test_mfcc__wrong_configurations_are_refused},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"mfcc", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
