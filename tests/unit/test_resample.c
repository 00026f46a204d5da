/* test_resample.c - mono samples to another rate. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "audio/resample.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI   3.14159265358979323846
#define TO   16000U
#define MANY 400000U

static const uint32_t rates_hz[] = {8000,  11025, 12000, 22050, 24000, 32000,
                                    44100, 48000, 88200, 96000, 192000};
#define N_RATES (sizeof rates_hz / sizeof rates_hz[0])

static float input[MANY];
static float output[2][MANY];

static size_t take_all(heed_resample *r, float *out, size_t capacity)
{
    size_t total = 0;
    size_t n;

    while ((n = heed_resample_next(r, out + total, capacity)) > 0)
        total += n;
    return total;
}

/* Feeds `count` samples in pieces of `piece` (0: of random lengths), takes at
 * most `capacity` at a time, finishes; returns the number of samples out. */
static size_t run(heed_resample *r, float *out, size_t count, size_t piece,
                  size_t capacity)
{
    uint32_t seed = 7;
    size_t done = 0;
    size_t total = 0;

    while (done < count) {
        size_t n = piece;

        if (piece == 0)
            n = (size_t)(1000.0F * (1.0F + heed_test_noise(&seed)));
        if (n > count - done)
            n = count - done;
        while (n > 0) {
            const size_t taken = heed_resample_feed(r, input + done, n);

            done += taken;
            n -= taken;
            total += take_all(r, out + total, capacity);
        }
    }
    heed_resample_finish(r);
    return total + take_all(r, out + total, capacity);
}

static heed_resample *create(uint32_t from_hz, uint32_t to_hz)
{
    heed_resample *r = NULL;

    CU_ASSERT_EQUAL_FATAL(heed_resample_create(&r, from_hz, to_hz), HEED_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    return r;
}

static size_t run_new(uint32_t from_hz, float *out, size_t count, size_t piece,
                      size_t capacity)
{
    heed_resample *r = create(from_hz, TO);
    const size_t n = run(r, out, count, piece, capacity);

    heed_resample_destroy(r);
    return n;
}

static void test_resample__cutting_changes_no_bit(void)
{
    static const size_t pieces[] = {1, 7, 160, 441, 0};
    static const size_t capacities[] = {1000, 3, 160, 1, 100000};

    heed_test_fill_noise(input, MANY, 0.9F, 1);
    for (size_t i = 0; i < N_RATES; i++) {
        const size_t count = rates_hz[i] / 4 + 13;
        const size_t n = run_new(rates_hz[i], output[0], count, count, 100000);

        for (size_t j = 0; j < sizeof pieces / sizeof pieces[0]; j++) {
            const size_t m = run_new(rates_hz[i], output[1], count, pieces[j],
                                     capacities[j]);

            CU_ASSERT_EQUAL(n, m);
            CU_ASSERT_EQUAL(memcmp(output[0], output[1], n * sizeof(float)), 0);
        }
    }
}

/* Returns 10 log10 of the power of a resampled sine over that of its error,
 * away from its ends, where the sine's sudden start and stop ring. */
static double snr_db(uint32_t from_hz, double tone_hz)
{
    const size_t count = from_hz;
    double signal = 0.0;
    double noise = 0.0;
    size_t n;

    for (size_t i = 0; i < count; i++)
        input[i] = (float)(0.8 * sin(2.0 * PI * tone_hz * (double)i / from_hz));
    n = run_new(from_hz, output[0], count, 1000, 1000);
    for (size_t i = 500; i + 500 < n; i++) {
        const double want = 0.8 * sin(2.0 * PI * tone_hz * (double)i / TO);
        const double error = (double)output[0][i] - want;

        signal += want * want;
        noise += error * error;
    }
    return 10.0 * log10(signal / (noise + 1e-30));
}

/* Up to 70 % of the lower Nyquist frequency; nearer to 90 %, where the passband
 * ends, the filter's gain is a little off. */
static void test_resample__sines_keep_100_db(void)
{
    for (size_t i = 0; i < N_RATES; i++) {
        const double lower_hz = rates_hz[i] < TO ? rates_hz[i] : TO;
        const struct {
            double tone_hz;
            double floor_db;
        } sines[] = {{100.0, 100.0},
                     {1000.0, 100.0},
                     {0.35 * lower_hz, 100.0},
                     {0.42 * lower_hz, 80.0}};

        for (size_t j = 0; j < sizeof sines / sizeof sines[0]; j++) {
            const double db = snr_db(rates_hz[i], sines[j].tone_hz);

            if (db < sines[j].floor_db)
                fprintf(stderr, "%u Hz, tone of %.0f Hz: %.1f dB\n",
                        (unsigned)rates_hz[i], sines[j].tone_hz, db);
            CU_ASSERT_TRUE(db >= sines[j].floor_db);
        }
    }
}

/* What lies above the new Nyquist frequency must not fold back. */
static void test_resample__tones_above_nyquist_vanish(void)
{
    static const double tones_hz[] = {9500.0, 12000.0, 20000.0};

    for (size_t j = 0; j < sizeof tones_hz / sizeof tones_hz[0]; j++) {
        double peak = 0.0;
        size_t n;

        for (size_t i = 0; i < 48000; i++)
            input[i] = (float)sin(2.0 * PI * tones_hz[j] * (double)i / 48000);
        n = run_new(48000, output[0], 48000, 1000, 1000);
        for (size_t i = 500; i + 500 < n; i++)
            peak = fmax(peak, fabs((double)output[0][i]));
        CU_ASSERT_TRUE(peak < 1e-4);
    }
}

static void test_resample__equal_rates_pass_bit_for_bit(void)
{
    heed_test_fill_noise(input, 10000, 3.0F, 2);
    input[17] = -0.0F;
    input[18] = 1e-42F;
    CU_ASSERT_EQUAL(run_new(TO, output[0], 10000, 333, 77), 10000);
    CU_ASSERT_EQUAL(memcmp(input, output[0], 10000 * sizeof(float)), 0);
}

static void test_resample__equal_rates_do_not_wait(void)
{
    heed_resample *r = create(TO, TO);

    input[0] = 0.25F;
    CU_ASSERT_EQUAL(heed_resample_feed(r, input, 1), 1);
    CU_ASSERT_EQUAL(heed_resample_next(r, output[0], 10), 1);
    CU_ASSERT_EQUAL(heed_resample_next(r, output[0], 10), 0);
    heed_resample_destroy(r);
}

static void test_resample__length_is_ceil_of_the_ratio(void)
{
    static const size_t counts[] = {0, 1, 2, 3, 79, 80, 441, 4410, 50001};

    heed_test_fill_noise(input, MANY, 0.9F, 3);
    for (size_t i = 0; i < N_RATES; i++) {
        for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++) {
            const size_t want =
                (counts[j] * TO + rates_hz[i] - 1) / rates_hz[i];

            CU_ASSERT_EQUAL(
                run_new(rates_hz[i], output[0], counts[j], 1000, 512), want);
        }
    }
}

static void test_resample__tail_is_drained(void)
{
    double power = 0.0;
    size_t n;

    heed_test_fill_noise(input, 4410, 0.9F, 4);
    n = run_new(44100, output[0], 4410, 4410, 512);
    for (size_t i = n - 20; i < n; i++)
        power += (double)output[0][i] * (double)output[0][i];
    CU_ASSERT_TRUE(power / 20.0 > 1e-3);
}

static void test_resample__reset_equals_new(void)
{
    heed_resample *r = create(44100, TO);
    size_t n;
    size_t m;

    heed_test_fill_noise(input, 20000, 0.9F, 5);
    n = run(r, output[0], 20000, 1000, 512);
    heed_resample_reset(r);
    m = run(r, output[1], 20000, 77, 3);
    CU_ASSERT_EQUAL(n, m);
    CU_ASSERT_EQUAL(memcmp(output[0], output[1], n * sizeof(float)), 0);
    heed_resample_reset(r);
    CU_ASSERT_EQUAL(heed_resample_feed(r, input, 100), 100);
    heed_resample_reset(r);
    m = run(r, output[1], 20000, 0, 512);
    CU_ASSERT_EQUAL(n, m);
    CU_ASSERT_EQUAL(memcmp(output[0], output[1], n * sizeof(float)), 0);
    heed_resample_destroy(r);
}

static void test_resample__takes_nothing_after_finish(void)
{
    heed_resample *r = create(8000, TO);

    CU_ASSERT_EQUAL(heed_resample_feed(r, input, 10), 10);
    heed_resample_finish(r);
    CU_ASSERT_EQUAL(heed_resample_feed(r, input, 10), 0);
    CU_ASSERT_EQUAL(take_all(r, output[0], 5), 20);
    CU_ASSERT_EQUAL(take_all(r, output[0], 5), 0);
    CU_ASSERT_EQUAL(heed_resample_feed(r, input, 10), 0);
    heed_resample_destroy(r);
}

static void test_resample__latency_is_below_20_ms(void)
{
    for (size_t i = 0; i < N_RATES; i++) {
        heed_resample *r = create(rates_hz[i], TO);
        size_t fed = 0;
        size_t n = 0;

        while (fed < rates_hz[i]) {
            fed += heed_resample_feed(r, input, 100);
            n += take_all(r, output[0] + n, 512);
        }
        CU_ASSERT_TRUE(n + 320 >= fed * TO / rates_hz[i]);
        heed_resample_destroy(r);
    }
}

static void test_resample__wrong_rates_are_refused(void)
{
    heed_resample *r = (heed_resample *)input;

    CU_ASSERT_EQUAL(heed_resample_create(&r, 7999, TO), HEED_ERR_ARG);
    CU_ASSERT_PTR_NULL(r);
    CU_ASSERT_EQUAL(heed_resample_create(&r, 192001, TO), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_resample_create(&r, TO, 0), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_resample_create(NULL, TO, TO), HEED_ERR_ARG);
    heed_resample_destroy(NULL);
}

static CU_TestInfo tests[] = {
    {"cutting_changes_no_bit", test_resample__cutting_changes_no_bit},
    {"sines_keep_100_db", test_resample__sines_keep_100_db},
    {"tones_above_nyquist_vanish", test_resample__tones_above_nyquist_vanish},
    {"equal_rates_pass_bit_for_bit",
     test_resample__equal_rates_pass_bit_for_bit},
    {"equal_rates_do_not_wait", test_resample__equal_rates_do_not_wait},
    {"length_is_ceil_of_the_ratio", test_resample__length_is_ceil_of_the_ratio},
    {"tail_is_drained", test_resample__tail_is_drained},
    {"reset_equals_new", test_resample__reset_equals_new},
    {"takes_nothing_after_finish", test_resample__takes_nothing_after_finish},
    {"latency_is_below_20_ms", test_resample__latency_is_below_20_ms},
    {"wrong_rates_are_refused", test_resample__wrong_rates_are_refused},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"resample", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
