/* test_soundfile.c - mono samples out of a sound file. SPDX-License-Identifier:
 * Apache-2.0
 *
 * All files are written here, by libsndfile or by hand, into the folder that
 * the test runs in. */
#include "audio/soundfile.h"
#include "tests/support/logged.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PI        3.14159265358979323846
#define PATH      "test_soundfile.tmp"
#define FOLDER    "test_soundfile_folder.tmp"
#define N_SAMPLES 24000U
#define N_NOISE   96000U
#define MAX_READ  200000U

static float sine[N_SAMPLES];
static float got[MAX_READ];
static heed_test_logged logged;
static const heed_log test_log = {heed_test_logged_write, &logged};

static int setup(void)
{
    for (size_t i = 0; i < N_SAMPLES; i++)
        sine[i] = (float)(0.5 * sin(2.0 * PI * (double)i * 440.0 / 16000.0));
    return 0;
}

static int cleanup(void)
{
    (void)remove(PATH);
    return 0;
}

/* Writes `count` frames; returns 0 if libsndfile lacks the encoder. */
static int write_sound(int format, int rate_hz, int channels,
                       const float *frames, size_t count)
{
    SF_INFO info = {
        .samplerate = rate_hz, .channels = channels, .format = format};
    SNDFILE *file = sf_open(PATH, SFM_WRITE, &info);

    if (file == NULL)
        return 0;
    (void)sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    CU_ASSERT_EQUAL(sf_writef_float(file, frames, (sf_count_t)count),
                    (sf_count_t)count);
    (void)sf_close(file);
    return 1;
}

static void write_bytes(const void *bytes, size_t count)
{
    FILE *file = fopen(PATH, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, count, file), count);
    (void)fclose(file);
}

static size_t file_bytes(void)
{
    struct stat about = {0};

    CU_ASSERT_EQUAL(stat(PATH, &about), 0);
    return (size_t)about.st_size;
}

/* Writes `count` bytes over those at `offset`. */
static void patch(long offset, const void *bytes, size_t count)
{
    FILE *file = fopen(PATH, "r+b");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fseek(file, offset, SEEK_SET), 0);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, count, file), count);
    (void)fclose(file);
}

static heed_soundfile *open_ok(const char *path,
                               const heed_soundfile_options *options)
{
    heed_soundfile *s = NULL;

    logged = (heed_test_logged){0};
    CU_ASSERT_EQUAL_FATAL(heed_soundfile_open(&s, path, options, &test_log),
                          HEED_OK);
    return s;
}

/* Reads all into `got`, `capacity` at a time; returns how the file ended. */
static heed_status read_all(heed_soundfile *s, size_t capacity, size_t *total)
{
    heed_status status = HEED_OK;

    *total = 0;
    while (status == HEED_OK) {
        const size_t left = MAX_READ - *total;
        size_t count = 99;

        status = heed_soundfile_read(s, got + *total,
                                     left < capacity ? left : capacity, &count);
        CU_ASSERT_EQUAL(status == HEED_OK, count > 0);
        *total += count;
    }
    return status;
}

/* Opens, reads and closes PATH; expects the end of a whole file. */
static size_t read_whole(const heed_soundfile_options *options)
{
    heed_soundfile *s = open_ok(PATH, options);
    size_t total;

    CU_ASSERT_EQUAL(read_all(s, 1000, &total), HEED_END);
    CU_ASSERT_EQUAL(logged.lines, 0);
    heed_soundfile_close(s);
    return total;
}

static double snr_db(const float *want, const float *have, size_t count)
{
    double signal = 0.0;
    double noise = 0.0;

    for (size_t i = 0; i < count; i++) {
        const double error = (double)have[i] - (double)want[i];

        signal += (double)want[i] * (double)want[i];
        noise += error * error;
    }
    return 10.0 * log10(signal / (noise + 1e-30));
}

static const struct {
    const char *name;
    int format;
    double floor_db;
} formats[] = {
    {"wav u8", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 35.0},
    {"wav 16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 85.0},
    {"wav 24", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 120.0},
    {"wav 32", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 140.0},
    {"wav float", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 200.0},
    {"wav double", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 200.0},
    {"wav a-law", SF_FORMAT_WAV | SF_FORMAT_ALAW, 35.0},
    {"wav mu-law", SF_FORMAT_WAV | SF_FORMAT_ULAW, 35.0},
    {"wav big-endian", SF_FORMAT_WAV | SF_ENDIAN_BIG | SF_FORMAT_PCM_16, 85.0},
    {"wav extensible 24", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 120.0},
    {"rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 85.0},
    {"w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 85.0},
    {"aiff 16", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 85.0},
    {"aiff float", SF_FORMAT_AIFF | SF_FORMAT_FLOAT, 200.0},
    {"au 16", SF_FORMAT_AU | SF_FORMAT_PCM_16, 85.0},
    {"au little-endian", SF_FORMAT_AU | SF_ENDIAN_LITTLE | SF_FORMAT_PCM_16,
     85.0},
    {"au mu-law", SF_FORMAT_AU | SF_FORMAT_ULAW, 35.0},
    {"flac 16", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 85.0},
    {"flac 24", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 120.0},
    {"ogg vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 15.0},
    {"ogg opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 15.0},
    {"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 15.0},
};
#define N_FORMATS (sizeof formats / sizeof formats[0])

static void test_soundfile__every_format_gives_its_samples(void)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        size_t n;
        double db;

        if (!write_sound(formats[i].format, 16000, 1, sine, N_SAMPLES)) {
            fprintf(stderr, "%s cannot be written here\n", formats[i].name);
            continue;
        }
        n = read_whole(NULL);
        db = snr_db(sine, got, n < N_SAMPLES ? n : N_SAMPLES);
        if (n != N_SAMPLES || db < formats[i].floor_db)
            fprintf(stderr, "%s: %zu samples, %.1f dB\n", formats[i].name, n,
                    db);
        CU_ASSERT_EQUAL(n, N_SAMPLES);
        CU_ASSERT_TRUE(db >= formats[i].floor_db);
    }
}

static void test_soundfile__info_says_what_the_file_is(void)
{
    heed_soundfile_info info;
    heed_soundfile *s;

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 22050, 2, sine, 500);
    s = open_ok(PATH, NULL);
    heed_soundfile_describe(s, &info);
    CU_ASSERT_EQUAL(info.rate_hz, 22050);
    CU_ASSERT_EQUAL(info.channels, 2);
    CU_ASSERT_EQUAL(info.n_samples, 500);
    CU_ASSERT_EQUAL(info.n_nonfinite, 0);
    CU_ASSERT_STRING_EQUAL(info.format, "WAV (Microsoft), Signed 16 bit PCM");
    heed_soundfile_close(s);
}

static void test_soundfile__rates_from_8_to_192_khz(void)
{
    static const int good_hz[] = {8000,  11025, 16000, 22050,
                                  44100, 48000, 96000, 192000};
    static const int bad_hz[] = {1, 7999, 192001, 384000};
    heed_soundfile *s = NULL;

    for (size_t i = 0; i < sizeof good_hz / sizeof good_hz[0]; i++) {
        (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, good_hz[i], 1, sine,
                          100);
        CU_ASSERT_EQUAL(read_whole(NULL), 100);
    }
    for (size_t i = 0; i < sizeof bad_hz / sizeof bad_hz[0]; i++) {
        (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, bad_hz[i], 1, sine,
                          100);
        logged = (heed_test_logged){0};
        CU_ASSERT_EQUAL(heed_soundfile_open(&s, PATH, NULL, &test_log),
                        HEED_ERR_UNSUPPORTED);
        CU_ASSERT_PTR_NULL(s);
        CU_ASSERT_EQUAL(logged.lines, 1);
    }
}

static void test_soundfile__channels_are_averaged_unclipped(void)
{
    static const float frames[3][3] = {
        {0.5F, -0.25F, 0.5F}, {3.0F, 3.0F, 3.0F}, {-9.0F, 0.0F, 0.0F}};
    static const float want[3] = {0.25F, 3.0F, -3.0F};

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 3, frames[0], 3);
    CU_ASSERT_EQUAL(read_whole(NULL), 3);
    CU_ASSERT_EQUAL(memcmp(got, want, sizeof want), 0);
}

static void test_soundfile__one_channel_can_be_chosen(void)
{
    static const float frames[2][3] = {{0.5F, -0.25F, 1.5F},
                                       {0.0F, 0.125F, -1.0F}};
    heed_soundfile_options options = {0};
    heed_soundfile *s = NULL;

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 3, frames[0], 2);
    for (uint32_t c = 1; c <= 3; c++) {
        options.channel = c;
        CU_ASSERT_EQUAL(read_whole(&options), 2);
        CU_ASSERT_DOUBLE_EQUAL((double)got[0], (double)frames[0][c - 1], 0.0);
        CU_ASSERT_DOUBLE_EQUAL((double)got[1], (double)frames[1][c - 1], 0.0);
    }
    options.channel = 4;
    logged = (heed_test_logged){0};
    CU_ASSERT_EQUAL(heed_soundfile_open(&s, PATH, &options, &test_log),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(logged.lines, 1);
}

static void test_soundfile__many_channels_fit(void)
{
    static float frames[50][300];

    for (size_t t = 0; t < 50; t++) {
        for (size_t c = 0; c < 300; c++)
            frames[t][c] = (float)t / 64.0F;
    }
    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 300, frames[0],
                      50);
    CU_ASSERT_EQUAL(read_whole(NULL), 50);
    for (size_t t = 0; t < 50; t++)
        CU_ASSERT_DOUBLE_EQUAL((double)got[t], (double)t / 64.0, 0.0);
}

static void test_soundfile__nonfinite_samples_are_zero_and_counted(void)
{
    static const float frames[] = {0.5F, NAN, INFINITY, -INFINITY, 0.25F};
    heed_soundfile_info info;
    heed_soundfile *s;
    size_t n;

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1, frames, 5);
    s = open_ok(PATH, NULL);
    CU_ASSERT_EQUAL(read_all(s, 100, &n), HEED_END);
    CU_ASSERT_EQUAL(n, 5);
    for (size_t i = 1; i < 4; i++)
        CU_ASSERT_DOUBLE_EQUAL((double)got[i], 0.0, 0.0);
    CU_ASSERT_DOUBLE_EQUAL((double)got[4], 0.25, 0.0);
    heed_soundfile_describe(s, &info);
    CU_ASSERT_EQUAL(info.n_nonfinite, 3);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(logged.level, HEED_LOG_WARNING);
    heed_soundfile_close(s);
}

static void test_soundfile__capacity_changes_no_sample(void)
{
    static const size_t capacities[] = {1, 7, 4096, 100000};
    static float first[N_SAMPLES];

    (void)write_sound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 1, sine,
                      N_SAMPLES);
    CU_ASSERT_EQUAL(read_whole(NULL), N_SAMPLES);
    memcpy(first, got, sizeof first);
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
        heed_soundfile *s = open_ok(PATH, NULL);
        size_t n;

        CU_ASSERT_EQUAL(read_all(s, capacities[i], &n), HEED_END);
        CU_ASSERT_EQUAL(n, N_SAMPLES);
        CU_ASSERT_EQUAL(memcmp(first, got, sizeof first), 0);
        heed_soundfile_close(s);
    }
}

/* Noise, unlike a sine, takes up space in every format, so that half of the
 * bytes is about half of the sound; Ogg can lose a page of a second or so. */
static void expect_truncated(size_t i, const float *whole)
{
    heed_soundfile *s = open_ok(PATH, NULL);
    size_t n;
    size_t count = 1;

    if (read_all(s, 1000, &n) != HEED_ERR_TRUNCATED || n < N_NOISE * 4 / 10 ||
        n > N_NOISE * 65 / 100 || memcmp(got, whole, n * sizeof(float)) != 0) {
        fprintf(stderr, "%s: %zu samples of the cut file\n", formats[i].name,
                n);
        CU_FAIL("cut file");
    }
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(logged.level, HEED_LOG_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, PATH));
    CU_ASSERT_EQUAL(heed_soundfile_read(s, got, 10, &count), HEED_END);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_EQUAL(logged.lines, 1);
    heed_soundfile_close(s);
}

static void test_soundfile__cut_file_gives_its_rest_then_truncated(void)
{
    static float whole[N_NOISE];

    for (size_t i = 0; i < N_FORMATS; i++) {
        heed_test_fill_noise(whole, N_NOISE, 0.5F, 1);
        if (!write_sound(formats[i].format, 16000, 1, whole, N_NOISE))
            continue;
        CU_ASSERT_EQUAL(read_whole(NULL), N_NOISE);
        memcpy(whole, got, sizeof whole);
        CU_ASSERT_EQUAL(truncate(PATH, (off_t)(file_bytes() * 6 / 10)), 0);
        expect_truncated(i, whole);
    }
}

/* The page with the end is there, but its own end is not. */
static void test_soundfile__ogg_without_its_last_byte_is_truncated(void)
{
    heed_soundfile *s;
    size_t n;

    (void)write_sound(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 16000, 1, sine,
                      N_SAMPLES);
    CU_ASSERT_EQUAL(truncate(PATH, (off_t)file_bytes() - 1), 0);
    s = open_ok(PATH, NULL);
    CU_ASSERT_EQUAL(read_all(s, 1000, &n), HEED_ERR_TRUNCATED);
    heed_soundfile_close(s);
}

static void test_soundfile__missing_bytes_are_told(void)
{
    heed_soundfile *s;
    size_t n;

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine, 1000);
    CU_ASSERT_EQUAL(truncate(PATH, (off_t)file_bytes() - 301), 0);
    s = open_ok(PATH, NULL);
    CU_ASSERT_EQUAL(read_all(s, 1000, &n), HEED_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(n, 849);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           PATH ": ends early: 301 of 2000 bytes of sound "
                                "are missing");
    heed_soundfile_close(s);
}

static void test_soundfile__header_without_any_sound_is_truncated(void)
{
    heed_soundfile *s;
    size_t n;

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine, 1000);
    CU_ASSERT_EQUAL(truncate(PATH, (off_t)file_bytes() - 2000), 0);
    s = open_ok(PATH, NULL);
    CU_ASSERT_EQUAL(read_all(s, 1000, &n), HEED_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(n, 0);
    heed_soundfile_close(s);
}

/* Recorders that write to a pipe leave such lengths behind. */
static void test_soundfile__placeholder_lengths_are_no_loss(void)
{
    static const unsigned char lengths[][4] = {{0xFF, 0xFF, 0xFF, 0xFF},
                                               {0x00, 0x00, 0x00, 0x80},
                                               {0x00, 0xF0, 0xFF, 0x7F},
                                               {0x00, 0x00, 0x00, 0x00}};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine,
                          1000);
        patch(40, lengths[i], 4);
        if (read_whole(NULL) != 1000) {
            fprintf(stderr, "length %zu\n", i);
            CU_FAIL("placeholder");
        }
    }
}

static void test_soundfile__damage_within_flac_is_told(void)
{
    static const unsigned char zeros[2000] = {0};
    heed_soundfile *s;
    heed_status status;
    size_t n;

    heed_test_fill_noise(got, N_SAMPLES, 0.5F, 1);
    (void)write_sound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 1, got,
                      N_SAMPLES);
    patch((long)file_bytes() / 2, zeros, sizeof zeros);
    s = open_ok(PATH, NULL);
    status = read_all(s, 1000, &n);
    CU_ASSERT_EQUAL(status, HEED_ERR_TRUNCATED);
    CU_ASSERT_TRUE(n >= N_SAMPLES / 3);
    CU_ASSERT_EQUAL(logged.lines, 1);
    heed_soundfile_close(s);
}

static void test_soundfile__no_sound_is_the_end(void)
{
    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine, 0);
    CU_ASSERT_EQUAL(read_whole(NULL), 0);
}

static void expect_failure(const char *path,
                           const heed_soundfile_options *options,
                           heed_status status, const char *words)
{
    heed_soundfile *s = (heed_soundfile *)got;

    logged = (heed_test_logged){0};
    CU_ASSERT_EQUAL(heed_soundfile_open(&s, path, options, &test_log), status);
    CU_ASSERT_PTR_NULL(s);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(logged.level, HEED_LOG_ERROR);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, path));
    if (strstr(logged.last, words) == NULL)
        fprintf(stderr, "said: %s\n", logged.last);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, words));
}

static void test_soundfile__what_is_no_sound_file_is_named(void)
{
    static const char text[] = "This is a letter, and not a sound.\n"
                               "It goes on for some more lines.\n";

    expect_failure("no/such/file.wav", NULL, HEED_ERR_IO, "cannot open");
    (void)mkdir(FOLDER, 0700);
    expect_failure(FOLDER, NULL, HEED_ERR_IO, "folder");
    (void)rmdir(FOLDER);
    write_bytes(text, 0);
    expect_failure(PATH, NULL, HEED_ERR_FORMAT, "empty");
    write_bytes(text, sizeof text);
    expect_failure(PATH, NULL, HEED_ERR_FORMAT, "not a sound file");
    write_bytes("RI", 2);
    expect_failure(PATH, NULL, HEED_ERR_FORMAT, "");
}

static void test_soundfile__cut_headers_fail_or_are_truncated(void)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        /* What remains of an MP3 file is a shorter MP3 file. */
        if ((formats[i].format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG ||
            !write_sound(formats[i].format, 16000, 1, sine, 2000))
            continue;
        for (size_t bytes = 130; bytes-- > 1;) {
            heed_soundfile *s = NULL;
            heed_status status;
            size_t n = 0;

            if (bytes >= file_bytes())
                continue;
            CU_ASSERT_EQUAL(truncate(PATH, (off_t)bytes), 0);
            logged = (heed_test_logged){0};
            status = heed_soundfile_open(&s, PATH, NULL, &test_log);
            if (status == HEED_OK)
                status = read_all(s, 1000, &n);
            heed_soundfile_close(s);
            if (status == HEED_END)
                fprintf(stderr, "%s cut to %zu bytes: %zu samples\n",
                        formats[i].name, bytes, n);
            CU_ASSERT_TRUE(status < 0);
            CU_ASSERT_EQUAL(logged.lines, 1);
        }
    }
}

static void test_soundfile__raw_encodings(void)
{
    static const struct {
        const char *name;
        int format;
        double floor_db;
    } raw[] = {
        {"u8", SF_FORMAT_PCM_U8, 35.0},     {"s16le", SF_FORMAT_PCM_16, 85.0},
        {"s24le", SF_FORMAT_PCM_24, 120.0}, {"s32le", SF_FORMAT_PCM_32, 140.0},
        {"f32le", SF_FORMAT_FLOAT, 200.0},  {"alaw", SF_FORMAT_ALAW, 35.0},
        {"ulaw", SF_FORMAT_ULAW, 35.0},
    };

    for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++) {
        heed_soundfile_options options = {.raw_rate_hz = 16000,
                                          .raw_channels = 1};

        CU_ASSERT_EQUAL(
            heed_soundfile_encoding_parse(&options.raw_encoding, raw[i].name),
            HEED_OK);
        (void)write_sound(SF_FORMAT_RAW | SF_ENDIAN_LITTLE | raw[i].format,
                          16000, 1, sine, N_SAMPLES);
        CU_ASSERT_EQUAL(read_whole(&options), N_SAMPLES);
        CU_ASSERT_TRUE(snr_db(sine, got, N_SAMPLES) >= raw[i].floor_db);
    }
}

static void test_soundfile__raw_may_end_within_a_sample(void)
{
    const heed_soundfile_options options = {HEED_SOUNDFILE_S16LE, 16000, 2, 0};
    heed_soundfile *s;
    size_t n;

    write_bytes("\0\0\0\0\1\0\1\0\2\0\2", 11);
    s = open_ok(PATH, &options);
    CU_ASSERT_EQUAL(read_all(s, 1000, &n), HEED_ERR_TRUNCATED);
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_EQUAL(logged.lines, 1);
    heed_soundfile_close(s);
    write_bytes("", 0);
    CU_ASSERT_EQUAL(read_whole(&options), 0);
}

static void test_soundfile__wrong_options_are_refused(void)
{
    const heed_soundfile_options wrong[] = {
        {HEED_SOUNDFILE_S16LE, 0, 1, 0},
        {HEED_SOUNDFILE_S16LE, 16000, 0, 0},
        {HEED_SOUNDFILE_S16LE, 16000, 1025, 0},
        {HEED_SOUNDFILE_S16LE, 192001, 1, 0},
        {(heed_soundfile_encoding)99, 16000, 1, 0},
    };
    heed_soundfile_encoding encoding = HEED_SOUNDFILE_U8;
    heed_soundfile *s = (heed_soundfile *)got;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_EQUAL(heed_soundfile_open(&s, PATH, &wrong[i], NULL),
                        HEED_ERR_ARG);
        CU_ASSERT_PTR_NULL(s);
    }
    CU_ASSERT_EQUAL(heed_soundfile_open(NULL, PATH, NULL, NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_soundfile_open(&s, NULL, NULL, NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_soundfile_encoding_parse(&encoding, "s16be"),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_soundfile_encoding_parse(&encoding, NULL),
                    HEED_ERR_ARG);
    heed_soundfile_close(NULL);
}

/* Makes standard input read PATH, or what PATH holds through a pipe. */
static void redirect_stdin(int through_pipe)
{
    static unsigned char bytes[60000];
    int ends[2];
    size_t n;
    FILE *file;

    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(PATH, "rb", stdin));
    if (!through_pipe)
        return;
    file = fopen(PATH, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    n = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], bytes, n), (ssize_t)n);
    (void)close(ends[1]);
    CU_ASSERT_TRUE(dup2(ends[0], fileno(stdin)) >= 0);
    (void)close(ends[0]);
}

static void test_soundfile__standard_input_is_a_file_or_a_pipe(void)
{
    static const int kinds[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16,
                                SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                                SF_FORMAT_OGG | SF_FORMAT_VORBIS};

    for (size_t i = 0; i < 2 * sizeof kinds / sizeof kinds[0]; i++) {
        heed_soundfile *s;
        heed_soundfile_info info;
        size_t n;

        (void)write_sound(kinds[i / 2], 16000, 1, sine, N_SAMPLES);
        redirect_stdin(i % 2 != 0);
        s = open_ok("-", NULL);
        heed_soundfile_describe(s, &info);
        CU_ASSERT_EQUAL(info.n_samples, N_SAMPLES);
        CU_ASSERT_EQUAL(read_all(s, 1000, &n), HEED_END);
        CU_ASSERT_EQUAL(n, N_SAMPLES);
        CU_ASSERT_TRUE(snr_db(sine, got, N_SAMPLES) > 15.0);
        heed_soundfile_close(s);
    }
}

static void test_soundfile__raw_comes_through_a_pipe_as_it_is_written(void)
{
    const heed_soundfile_options options = {HEED_SOUNDFILE_S16LE, 16000, 1, 0};
    static const unsigned char piece[4] = {0x00, 0x40, 0x00, 0xC0};
    heed_soundfile *s;
    heed_soundfile_info info;
    int ends[2];
    size_t n = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(PATH, "rb", stdin));
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_TRUE(dup2(ends[0], fileno(stdin)) >= 0);
    (void)close(ends[0]);
    s = open_ok("-", &options);
    heed_soundfile_describe(s, &info);
    CU_ASSERT_EQUAL(info.n_samples, HEED_SOUNDFILE_UNKNOWN);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(write(ends[1], piece, 4), 4);
        CU_ASSERT_EQUAL(heed_soundfile_read(s, got, 2, &n), HEED_OK);
        CU_ASSERT_EQUAL(n, 2);
        CU_ASSERT_DOUBLE_EQUAL((double)got[0], 0.5, 0.0);
        CU_ASSERT_DOUBLE_EQUAL((double)got[1], -0.5, 0.0);
    }
    (void)close(ends[1]);
    CU_ASSERT_EQUAL(heed_soundfile_read(s, got, 2, &n), HEED_END);
    CU_ASSERT_EQUAL(logged.lines, 0);
    heed_soundfile_close(s);
}

/* Standard input that is open for writing only cannot be read. */
static void test_soundfile__failed_read_is_an_io_error(void)
{
    const heed_soundfile_options options = {HEED_SOUNDFILE_S16LE, 16000, 1, 0};
    heed_soundfile *s = NULL;
    size_t n;

    (void)write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine, 1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(PATH, "ab", stdin));
    s = open_ok("-", &options);
    CU_ASSERT_EQUAL(read_all(s, 100, &n), HEED_ERR_IO);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, "standard input"));
    heed_soundfile_close(s);

    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(PATH, "ab", stdin));
    logged = (heed_test_logged){0};
    CU_ASSERT_EQUAL(heed_soundfile_open(&s, "-", NULL, &test_log), HEED_ERR_IO);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(PATH, "rb", stdin));
}

static CU_TestInfo tests[] = {
    {"every_format_gives_its_samples",
     test_soundfile__every_format_gives_its_samples},
    {"info_says_what_the_file_is", test_soundfile__info_says_what_the_file_is},
    {"rates_from_8_to_192_khz", test_soundfile__rates_from_8_to_192_khz},
    {"channels_are_averaged_unclipped",
     test_soundfile__channels_are_averaged_unclipped},
    {"one_channel_can_be_chosen", test_soundfile__one_channel_can_be_chosen},
    {"many_channels_fit", test_soundfile__many_channels_fit},
    {"nonfinite_samples_are_zero_and_counted",
     test_soundfile__nonfinite_samples_are_zero_and_counted},
    {"capacity_changes_no_sample", test_soundfile__capacity_changes_no_sample},
    {"cut_file_gives_its_rest_then_truncated",
     test_soundfile__cut_file_gives_its_rest_then_truncated},
    {"ogg_without_its_last_byte_is_truncated",
     test_soundfile__ogg_without_its_last_byte_is_truncated},
    {"missing_bytes_are_told", test_soundfile__missing_bytes_are_told},
    {"header_without_any_sound_is_truncated",
     test_soundfile__header_without_any_sound_is_truncated},
    {"placeholder_lengths_are_no_loss",
     test_soundfile__placeholder_lengths_are_no_loss},
    {"damage_within_flac_is_told", test_soundfile__damage_within_flac_is_told},
    {"no_sound_is_the_end", test_soundfile__no_sound_is_the_end},
    {"what_is_no_sound_file_is_named",
     test_soundfile__what_is_no_sound_file_is_named},
    {"cut_headers_fail_or_are_truncated",
     test_soundfile__cut_headers_fail_or_are_truncated},
    {"raw_encodings", test_soundfile__raw_encodings},
    {"raw_may_end_within_a_sample",
     test_soundfile__raw_may_end_within_a_sample},
    {"wrong_options_are_refused", test_soundfile__wrong_options_are_refused},
    {"standard_input_is_a_file_or_a_pipe",
     test_soundfile__standard_input_is_a_file_or_a_pipe},
    {"raw_comes_through_a_pipe_as_it_is_written",
     test_soundfile__raw_comes_through_a_pipe_as_it_is_written},
    {"failed_read_is_an_io_error", test_soundfile__failed_read_is_an_io_error},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"soundfile", setup, cleanup, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
