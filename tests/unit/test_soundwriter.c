/* test_soundwriter.c - sound files written, and read again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audio/soundwriter.h"

#include "audio/soundfile.h"
#include "tests/support/suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define N_SAMPLES 5000
#define FILE_NAME "test_soundwriter.tmp"

static float samples[N_SAMPLES];

/* Values of 16 bits, as most devices give them. */
static void make_samples(void)
{
    unsigned state = 1;

    for (size_t i = 0; i < N_SAMPLES; i++) {
        state = state * 1664525U + 1013904223U;
        samples[i] = (float)((int)(state >> 16) - 32768) / 32768.0F;
    }
}

static void write_all(heed_soundwriter_format format, uint32_t rate_hz)
{
    heed_soundwriter *writer;

    CU_ASSERT_EQUAL_FATAL(
        heed_soundwriter_create(&writer, FILE_NAME, format, rate_hz, NULL),
        HEED_OK);
    for (size_t i = 0; i < N_SAMPLES; i += 500)
        CU_ASSERT_EQUAL(heed_soundwriter_write(writer, samples + i, 500),
                        HEED_OK);
    CU_ASSERT_EQUAL(heed_soundwriter_close(writer), HEED_OK);
}

static void check_all(const heed_soundfile_options *options, uint32_t rate_hz)
{
    heed_soundfile *file;
    heed_soundfile_info info;
    static float heard[N_SAMPLES + 1];
    size_t n_heard = 0;
    size_t n;

    CU_ASSERT_EQUAL_FATAL(heed_soundfile_open(&file, FILE_NAME, options, NULL),
                          HEED_OK);
    heed_soundfile_describe(file, &info);
    CU_ASSERT_EQUAL(info.rate_hz, rate_hz);
    CU_ASSERT_EQUAL(info.channels, 1);
    while (n_heard <= N_SAMPLES &&
           heed_soundfile_read(file, heard + n_heard, N_SAMPLES + 1 - n_heard,
                               &n) == HEED_OK)
        n_heard += n;
    CU_ASSERT_EQUAL(n_heard, N_SAMPLES);
    CU_ASSERT_EQUAL(memcmp(heard, samples, sizeof samples), 0);
    heed_soundfile_close(file);
    unlink(FILE_NAME);
}

static void test_soundwriter__flac_keeps_sixteen_bits(void)
{
    make_samples();
    write_all(HEED_SOUNDWRITER_FLAC, 44100);
    check_all(NULL, 44100);
}

static void test_soundwriter__floats_are_kept_to_the_bit(void)
{
    const heed_soundfile_options options = {.raw_encoding =
                                                HEED_SOUNDFILE_F32LE,
                                            .raw_rate_hz = 48000,
                                            .raw_channels = 1};

    make_samples();
    for (size_t i = 0; i < N_SAMPLES; i++)
        samples[i] *= 1.2345678F;
    write_all(HEED_SOUNDWRITER_F32, 48000);
    check_all(&options, 48000);
}

static void test_soundwriter__says_what_cannot_be_written(void)
{
    heed_soundwriter *writer;
    heed_status status;

    CU_ASSERT_EQUAL(heed_soundwriter_create(NULL, FILE_NAME,
                                            HEED_SOUNDWRITER_FLAC, 16000, NULL),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_soundwriter_create(&writer, FILE_NAME,
                                            HEED_SOUNDWRITER_FLAC, 7999, NULL),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_soundwriter_create(&writer, "none/x.flac",
                                            HEED_SOUNDWRITER_FLAC, 16000, NULL),
                    HEED_ERR_IO);
    CU_ASSERT_PTR_NULL(writer);
    CU_ASSERT_EQUAL(heed_soundwriter_close(NULL), HEED_OK);
    if (access("/dev/full", W_OK) != 0)
        return;
    CU_ASSERT_EQUAL_FATAL(heed_soundwriter_create(&writer, "/dev/full",
                                                  HEED_SOUNDWRITER_F32, 16000,
                                                  NULL),
                          HEED_OK);
    status = heed_soundwriter_write(writer, samples, N_SAMPLES);
    CU_ASSERT_TRUE(heed_soundwriter_close(writer) == HEED_ERR_IO ||
                   status == HEED_ERR_IO);
}

static CU_TestInfo tests[] = {
    {"flac_keeps_sixteen_bits", test_soundwriter__flac_keeps_sixteen_bits},
    {"floats_are_kept_to_the_bit",
     test_soundwriter__floats_are_kept_to_the_bit},
    {"says_what_cannot_be_written",
     test_soundwriter__says_what_cannot_be_written},
    CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {{"soundwriter", NULL, NULL, NULL, NULL, tests},
                              CU_SUITE_INFO_NULL};
