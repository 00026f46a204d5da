/* test_mfcc_golden.c - MFCC against torchaudio. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The data come from make_mfcc_golden.py, which makes the same signal; keep
 * the two alike. */
#include "frontend/mfcc.h"
#include "tests/support/suites.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { N_SAMPLES = 8000, SEGMENT = 1600, MAX_CEPSTRA = 80 };

static float samples[N_SAMPLES];

static int setup(void)
{
    uint32_t seed = 1;
    uint32_t phase = 0;
    uint32_t step = UINT32_C(1) << 22;

    for (int i = 0; i < N_SAMPLES; i++) {
        int32_t noise;
        int32_t half;
        int32_t wave;
        int32_t value = 0;

        seed = seed * 1664525U + 1013904223U;
        noise = (int32_t)(seed >> 8) - (1 << 23);
        phase += step;
        step += UINT32_C(1) << 18;
        half = (int32_t)(phase >> 16) & 0x7FFF;
        wave = (half * (0x8000 - half)) >> 5;
        if (phase >= UINT32_C(1) << 31)
            wave = -wave;
        /* Rounded down, as Python divides. */
        switch (i / SEGMENT) {
        case 0:
            value = (int32_t)floor(wave / 2.0) + (int32_t)floor(noise / 64.0);
            break;
        case 2:
            value = (int32_t)floor(wave / 4.0) + (int32_t)floor(noise / 32.0) +
                    (1 << 21);
            break;
        case 3:
            value = (int32_t)floor(noise / 4096.0);
            break;
        case 4:
            value = noise;
            break;
        default:
            break;
        }
        samples[i] = (float)value / (float)(1 << 23);
    }
    return 0;
}

/* The golden file's floats are little-endian. */
static int read_float(float *out, FILE *file)
{
    unsigned char b[4];
    union {
        uint32_t bits;
        float number;
    } u;

    if (fread(b, 1, sizeof b, file) != sizeof b)
        return 0;
    u.bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
             (uint32_t)b[3] << 24;
    *out = u.number;
    return 1;
}

/* Returns the largest difference to the golden frame that comes next. */
static double compare(const float *cepstra, size_t n_cepstra, FILE *file)
{
    double largest = 0.0;

    for (size_t i = 0; i < n_cepstra; i++) {
        float want = 0.0F;
        double difference;

        if (!read_float(&want, file))
            return HUGE_VAL;
        difference = fabs((double)cepstra[i] - (double)want);
        /* Written so that a NaN is kept. */
        if (!(difference <= largest))
            largest = difference;
    }
    return largest;
}

static void check(const char *name, const heed_mfcc_config *config)
{
    float cepstra[MAX_CEPSTRA];
    double largest = 0.0;
    size_t n_frames = 0;
    heed_mfcc *m = NULL;
    FILE *file = fopen(name, "rb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(heed_mfcc_create(&m, config), HEED_OK);
    for (size_t done = 0; done < N_SAMPLES;) {
        done += heed_mfcc_feed(m, samples + done, N_SAMPLES - done);
        while (heed_mfcc_next(m, cepstra) == HEED_OK) {
            const double d = compare(cepstra, config->n_cepstra, file);

            if (!(d <= largest))
                largest = d;
            n_frames++;
        }
    }
    printf("%s: %zu frames, largest difference %.2g ... ", name, n_frames,
           largest);
    CU_ASSERT_EQUAL(n_frames,
                    (N_SAMPLES - config->window_samples) / config->hop_samples +
                        1);
    CU_ASSERT_TRUE(largest <= 1e-3);
    CU_ASSERT_EQUAL(fgetc(file), EOF);
    heed_mfcc_destroy(m);
    (void)fclose(file);
}

static void test_mfcc_golden__8ms_80_80_is_the_default(void)
{
    heed_mfcc_config config;

    heed_mfcc_config_init(&config);
    check("mfcc_8ms_80_80.f32", &config);
}

static void test_mfcc_golden__10ms_40_40(void)
{
    const heed_mfcc_config config = {16000.0, 400, 160,  40,  40,
                                     20.0,    0.0, 0.97, 0.0, 0.0};

    check("mfcc_10ms_40_40.f32", &config);
}

static void test_mfcc_golden__10ms_23_13_liftered(void)
{
    const heed_mfcc_config config = {16000.0, 400, 160,  23,   13,
                                     20.0,    0.0, 0.97, 22.0, 0.0};

    check("mfcc_10ms_23_13.f32", &config);
}

static void test_mfcc_golden__8ms_80_80_of_a_band(void)
{
    const heed_mfcc_config config = {16000.0, 400,    128,  80,  80,
                                     60.0,    -400.0, 0.97, 0.0, 0.0};

    check("mfcc_8ms_80_80_band.f32", &config);
}

static void test_mfcc_golden__8khz_10ms_23_13(void)
{
    const heed_mfcc_config config = {8000.0, 200,    80,   23,  13,
                                     20.0,   3700.0, 0.97, 0.0, 0.0};

    check("mfcc_8khz_10ms_23_13.f32", &config);
}

static CU_TestInfo tests[] = {
    {"8ms_80_80_is_the_default", test_mfcc_golden__8ms_80_80_is_the_default},
    {"10ms_40_40", test_mfcc_golden__10ms_40_40},
    {"10ms_23_13_liftered", test_mfcc_golden__10ms_23_13_liftered},
    {"8ms_80_80_of_a_band", test_mfcc_golden__8ms_80_80_of_a_band},
    {"8khz_10ms_23_13", test_mfcc_golden__8khz_10ms_23_13},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"mfcc_golden", setup, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
