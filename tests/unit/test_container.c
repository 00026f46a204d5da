/* test_container.c - is a sound file all there? SPDX-License-Identifier:
 * Apache-2.0
 *
 * Headers written by hand; real files of every format are in
 * test_soundfile.c. */
#include "audio/container.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

#include <string.h>

static heed_container inspect(const void *bytes, size_t count)
{
    heed_container c;
    FILE *file = tmpfile();

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, count, file), count);
    memset(&c, 0xFF, sizeof c);
    heed_container_inspect(&c, file, count);
    (void)fclose(file);
    return c;
}

#define RIFF_HEAD "RIFF\0\0\0\0WAVE"
#define FMT       "fmt \3\0\0\0xyz\0"

static void test_container__wav_length_is_compared(void)
{
    static const char wav[] = RIFF_HEAD FMT "data\12\0\0\0abcdefghij";
    const size_t whole = sizeof wav - 1;

    for (size_t cut = 0; cut <= 10; cut++) {
        const heed_container c = inspect(wav, whole - cut);

        CU_ASSERT_EQUAL(c.promised_bytes, 10);
        CU_ASSERT_EQUAL(c.missing_bytes, cut);
        CU_ASSERT_FALSE(c.lacks_end);
        CU_ASSERT_EQUAL(c.unset_at, 0);
    }
    CU_ASSERT_TRUE(inspect(wav, whole - 11).lacks_end);
}

static void test_container__rf64_length_comes_from_ds64(void)
{
    static const char wav[] =
        "RF64\377\377\377\377WAVE"
        "ds64\34\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0" /* 8 GiB of sound */
        "\0\0\0\0\0\0\0\0\0\0\0\0" FMT "data\377\377\377\377abcd";
    const heed_container c = inspect(wav, sizeof wav - 1);

    CU_ASSERT_EQUAL(c.promised_bytes, UINT64_C(8) << 30);
    CU_ASSERT_EQUAL(c.missing_bytes, (UINT64_C(8) << 30) - 4);
}

static void test_container__length_that_was_never_set_is_found(void)
{
    static const char died[] = RIFF_HEAD FMT "data\0\0\0\0\1\2\3\4\5\6\7\10";
    static const char empty[] = RIFF_HEAD FMT "data\0\0\0\0LIST\2\0\0\0xy";
    static const char nothing[] = RIFF_HEAD FMT "data\0\0\0\0";

    CU_ASSERT_EQUAL(inspect(died, sizeof died - 1).unset_at, 28);
    CU_ASSERT_EQUAL(inspect(empty, sizeof empty - 1).unset_at, 0);
    CU_ASSERT_EQUAL(inspect(nothing, sizeof nothing - 1).unset_at, 0);
}

static void test_container__mp3_length_is_in_the_first_frame(void)
{
    unsigned char mp3[10 + 5 + 200] = "ID3\4\0\0\0\0\0\5";
    heed_container c;

    memcpy(mp3 + 15, "\377\373\220\300", 4);
    CU_ASSERT_EQUAL(inspect(mp3, sizeof mp3).promised_bytes, 0);
    memcpy(mp3 + 15 + 21, "Info\0\0\0\3\0\0\0\11\0\0\0\310", 16);
    c = inspect(mp3, sizeof mp3);
    CU_ASSERT_EQUAL(c.promised_bytes, 200);
    CU_ASSERT_EQUAL(c.missing_bytes, 0);
    CU_ASSERT_EQUAL(inspect(mp3, sizeof mp3 - 50).missing_bytes, 50);
}

static void test_container__other_bytes_say_nothing(void)
{
    static const char letter[] = "This is a letter, not a sound file.";
    const heed_container c = inspect(letter, sizeof letter);

    CU_ASSERT_EQUAL(c.promised_bytes, 0);
    CU_ASSERT_EQUAL(c.missing_bytes, 0);
    CU_ASSERT_FALSE(c.lacks_end);
    CU_ASSERT_EQUAL(inspect(letter, 0).promised_bytes, 0);
}

/* Whatever follows a known beginning, the walk ends within the file. */
static void test_container__noise_after_a_known_tag_is_survived(void)
{
    static const char *const tags[] = {"RIFF", "RIFX", "RF64", "FORM", "riff",
                                       ".snd", "dns.", "OggS", "ID3\4"};
    static unsigned char bytes[3000];
    uint32_t seed = 11;

    for (size_t i = 0; i < 20 * sizeof tags / sizeof tags[0]; i++) {
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] =
                (unsigned char)(128.0F * heed_test_noise(&seed) + 128.0F);
        memcpy(bytes, tags[i / 20], 4);
        (void)inspect(bytes, sizeof bytes);
    }
    CU_PASS("survived");
}

static CU_TestInfo tests[] = {
    {"wav_length_is_compared", test_container__wav_length_is_compared},
    {"rf64_length_comes_from_ds64",
     test_container__rf64_length_comes_from_ds64},
    {"length_that_was_never_set_is_found",
     test_container__length_that_was_never_set_is_found},
    {"mp3_length_is_in_the_first_frame",
     test_container__mp3_length_is_in_the_first_frame},
    {"other_bytes_say_nothing", test_container__other_bytes_say_nothing},
    {"noise_after_a_known_tag_is_survived",
     test_container__noise_after_a_known_tag_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"container", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
