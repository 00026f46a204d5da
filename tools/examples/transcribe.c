/* transcribe.c - the smallest user of heed.h. SPDX-License-Identifier:
 * Apache-2.0
 *
 * usage: transcribe MODEL < SAMPLES, which are 16 kHz, mono, 16 bits signed in
 * the byte order of this machine. */
#include <heed.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void complain(void *user, heed_log_level level, const char *message)
{
    (void)user;
    (void)level;
    fprintf(stderr, "%s\n", message);
}

/* Prints the words that will not change any more, and lets go of them. */
static void print_words(heed_stream *stream)
{
    heed_result result;

    heed_stream_result(stream, &result);
    for (size_t i = 0; i < result.n_committed; i++)
        printf("%7.2f  %s\n", result.words[i].start_s, result.words[i].text);
    fflush(stdout);
    heed_stream_take(stream, result.n_committed);
}

int main(int argc, char **argv)
{
    const heed_log log = {complain, NULL};
    heed_model *model = NULL;
    heed_stream *stream = NULL;
    int16_t pcm[1600]; /* a tenth of a second */
    float samples[1600];
    size_t count;
    int status = EXIT_FAILURE;

    if (argc != 2 || heed_model_open(&model, argv[1], &log) != HEED_OK ||
        heed_stream_create(&stream, model, NULL, &log) != HEED_OK)
        goto out;
    while ((count = fread(pcm, sizeof *pcm, 1600, stdin)) > 0) {
        for (size_t i = 0; i < count; i++)
            samples[i] = (float)pcm[i] / 32768.0F;
        if (heed_stream_feed(stream, samples, count) < HEED_OK)
            goto out;
        print_words(stream);
    }
    if (heed_stream_finish(stream) != HEED_OK)
        goto out;
    print_words(stream);
    status = EXIT_SUCCESS;
out:
    heed_stream_destroy(stream);
    heed_model_close(model);
    return status;
}
