/* microphone.c - prints what is said. SPDX-License-Identifier: Apache-2.0
 * usage: microphone MODEL [DEVICE]; Enter ends it. */
#define _POSIX_C_SOURCE 200809L
#include <heed.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static void complain(void *user, heed_log_level level, const char *message)
{
    fprintf(user, "%s%s\n", level > HEED_LOG_ERROR ? "note: " : "", message);
}

static void print_words(heed_stream *stream)
{
    heed_result result;

    heed_stream_result(stream, &result);
    for (size_t i = 0; i < result.n_committed; i++)
        printf("%s ", result.words[i].text);
    fflush(stdout);
    heed_stream_take(stream, result.n_committed);
}

int main(int argc, char **argv)
{
    const heed_log log = {complain, stderr};
    const heed_capture_config wanted = {.device = argc > 2 ? argv[2] : NULL};
    heed_stream_config config = {.latency = HEED_LATENCY_LIVE};
    struct pollfd keys = {.fd = 0, .events = POLLIN};
    heed_model *model = NULL;
    heed_stream *stream = NULL;
    heed_capture *capture = NULL;
    heed_capture_info info;
    heed_capture_block block;
    float samples[HEED_CAPTURE_BLOCK_SAMPLES];
    heed_status status = HEED_ERR_ARG;

    if (argc > 1 && heed_model_open(&model, argv[1], &log) == HEED_OK &&
        heed_capture_open(&capture, &wanted, &log) == HEED_OK) {
        heed_capture_describe(capture, &info);
        config.sample_rate_hz = info.sample_rate_hz;
        if (heed_stream_create(&stream, model, &config, &log) == HEED_OK)
            status = heed_capture_start(capture);
    }
    while (status == HEED_OK || status == HEED_AGAIN) {
        if (poll(&keys, 1, status == HEED_OK ? 0 : 20) > 0)
            heed_capture_stop(capture); /* what waits can still be read */
        status = heed_capture_read(capture, samples, &block);
        if (status == HEED_OK &&
            heed_stream_feed(stream, samples, block.n_samples) == HEED_OK)
            print_words(stream);
    }
    if (stream != NULL && heed_stream_finish(stream) == HEED_OK)
        print_words(stream);
    heed_stream_destroy(stream);
    heed_capture_close(capture);
    heed_model_close(model);
    return status == HEED_END ? EXIT_SUCCESS : EXIT_FAILURE;
}
