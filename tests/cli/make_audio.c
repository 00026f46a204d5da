/* make_audio.c - sound files for the tests. SPDX-License-Identifier: Apache-2.0
 *
 * make_audio convert IN OUT RATE CHANNELS   other rate, channels, container
 * make_audio silence OUT SECONDS            digital silence, 16 kHz mono
 * make_audio noise OUT SECONDS AMPLITUDE    white noise, 16 kHz mono
 *
 * OUT ends in .wav, .flac, .ogg or .raw (16-bit samples without a header). */
#include <samplerate.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ 16000

static int format_of(const char *path)
{
    const char *end = strrchr(path, '.');

    if (end != NULL && strcmp(end, ".flac") == 0)
        return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    if (end != NULL && strcmp(end, ".ogg") == 0)
        return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    if (end != NULL && strcmp(end, ".raw") == 0)
        return SF_FORMAT_RAW | SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE;
    return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
}

/* Writes `count` mono samples to all of `channels`. */
static int write_file(const char *path, const float *mono, long count,
                      int rate_hz, int channels)
{
    SF_INFO info = {
        .samplerate = rate_hz, .channels = channels, .format = format_of(path)};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    float frame[16];
    int status = EXIT_SUCCESS;

    if (file == NULL || channels > 16) {
        fprintf(stderr, "make_audio: %s: %s\n", path, sf_strerror(file));
        return EXIT_FAILURE;
    }
    sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    if (channels == 1 && sf_write_float(file, mono, count) != count)
        status = EXIT_FAILURE;
    for (long i = 0; channels > 1 && i < count; i++) {
        for (int c = 0; c < channels; c++)
            frame[c] = mono[i];
        if (sf_writef_float(file, frame, 1) != 1)
            status = EXIT_FAILURE;
    }
    return sf_close(file) == 0 ? status : EXIT_FAILURE;
}

static int convert(const char *in, const char *out, int rate_hz, int channels)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(in, SFM_READ, &info);
    int status = EXIT_FAILURE;
    SRC_DATA src = {0};

    if (file == NULL || info.channels != 1) {
        fprintf(stderr, "make_audio: %s: not a mono sound file\n", in);
        sf_close(file);
        return EXIT_FAILURE;
    }
    const double ratio = (double)rate_hz / info.samplerate;
    const size_t room = (size_t)((double)info.frames * ratio) + 16;
    float *samples = calloc((size_t)info.frames + 1, sizeof *samples);
    float *converted = calloc(room, sizeof *converted);

    if (samples != NULL && converted != NULL &&
        sf_readf_float(file, samples, info.frames) == info.frames) {
        src = (SRC_DATA){.data_in = samples,
                         .data_out = converted,
                         .input_frames = (long)info.frames,
                         .output_frames = (long)room,
                         .src_ratio = ratio};
        if (src_simple(&src, SRC_SINC_MEDIUM_QUALITY, 1) == 0)
            status = write_file(out, converted, src.output_frames_gen, rate_hz,
                                channels);
    }
    free(samples);
    free(converted);
    sf_close(file);
    return status;
}

static int make_noise(const char *out, double seconds, double amplitude)
{
    const long count = (long)(seconds * RATE_HZ);
    float *samples = calloc((size_t)count + 1, sizeof *samples);
    uint32_t state = 1;
    int status;

    if (samples == NULL)
        return EXIT_FAILURE;
    for (long i = 0; i < count; i++) {
        state = state * 1664525U + 1013904223U;
        samples[i] = (float)(amplitude * ((double)state / 2147483648.0 - 1.0));
    }
    status = write_file(out, samples, count, RATE_HZ, 1);
    free(samples);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "convert") == 0)
        return convert(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
    if (argc == 4 && strcmp(argv[1], "silence") == 0)
        return make_noise(argv[2], atof(argv[3]), 0.0);
    if (argc == 5 && strcmp(argv[1], "noise") == 0)
        return make_noise(argv[2], atof(argv[3]), atof(argv[4]));
    fputs("make_audio: see the top of make_audio.c\n", stderr);
    return EXIT_FAILURE;
}
