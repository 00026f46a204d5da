/* capture.c - a microphone, by way of PortAudio. SPDX-License-Identifier:
 * Apache-2.0
 *
 *   PortAudio's thread -> heed_capture_callback -> queue -> heed_capture_read
 *
 * The device is opened at its own rate with one or two channels; the queue is
 * all that the two threads share. A device that goes away ends its stream, or
 * just falls silent, which only a clock notices. */
#include "audio/capture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "asr/base/log.h"
#include "audio/capture_queue.h"
#include "audio/device.h"
#include "audio/resample.h"

#define DEFAULT_BACKLOG_S 20.0
#define MIN_BACKLOG_S     1.0
#define MAX_BACKLOG_S     600.0
/* More would be the many slots of a mixer, not more microphones. */
#define USUAL_CHANNELS 2
/* No device is silent for so long that still works. Of the time between two
 * readings not more than a nap counts: it may be the program that was stopped,
 * and the device with it. */
#define PATIENCE_S 5.0
#define NAP_S      0.25
#define NAME_BYTES 256

struct heed_capture {
    heed_capture_config config; /* complete, without the device */
    heed_capture_queue *queue;
    PaStream *stream;
    heed_quiet quiet;
    bool initialized; /* PortAudio is */
    bool started;
    bool stopped;
    bool failed;   /* the device is gone, and it was said */
    size_t n_seen; /* blocks put when the clock was looked at */
    double looked_at_s;
    double silent_s; /* without a block */
    unsigned channels;
    char name[NAME_BYTES];
    const heed_log *log;
};

int heed_capture_callback(const void *input, void *output,
                          unsigned long n_frames,
                          const PaStreamCallbackTimeInfo *time,
                          PaStreamCallbackFlags flags, void *user)
{
    heed_capture_queue *queue = user;

    (void)output;
    (void)time;
    heed_capture_queue_put(queue, input, n_frames,
                           (flags & paInputOverflow) != 0);
    return paContinue;
}

static double clock_s(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- Opening -------------------------------------------------------- */

/* Replaces zeros by defaults. Returns HEED_OK or HEED_ERR_ARG. */
static heed_status complete_config(heed_capture_config *config,
                                   const heed_log *log)
{
    if (config->backlog_s == 0.0)
        config->backlog_s = DEFAULT_BACKLOG_S;
    if (!(config->backlog_s >= MIN_BACKLOG_S &&
          config->backlog_s <= MAX_BACKLOG_S)) {
        heed_log_error(log, "a backlog of %g s is not within %g-%g s",
                       config->backlog_s, MIN_BACKLOG_S, MAX_BACKLOG_S);
        return HEED_ERR_ARG;
    }
    if (config->sample_rate_hz != 0 &&
        (config->sample_rate_hz < HEED_RESAMPLE_MIN_HZ ||
         config->sample_rate_hz > HEED_RESAMPLE_MAX_HZ)) {
        heed_log_error(log, "sample rate %u Hz is not within %u-%u Hz",
                       config->sample_rate_hz, HEED_RESAMPLE_MIN_HZ,
                       HEED_RESAMPLE_MAX_HZ);
        return HEED_ERR_ARG;
    }
    return HEED_OK;
}

/* Decides on channels and rate. Returns HEED_OK or HEED_ERR_DEVICE. */
static heed_status choose_format(heed_capture *capture,
                                 const PaDeviceInfo *info)
{
    const unsigned most = (unsigned)info->maxInputChannels;
    const unsigned wanted = capture->config.channel;

    capture->channels = most < USUAL_CHANNELS ? most : USUAL_CHANNELS;
    if (wanted > capture->channels)
        capture->channels = wanted;
    if (wanted > most) {
        heed_log_error(capture->log, "%s: has %u channel%s, not %u",
                       capture->name, most, most == 1 ? "" : "s", wanted);
        return HEED_ERR_DEVICE;
    }
    if (capture->config.sample_rate_hz == 0)
        capture->config.sample_rate_hz = (unsigned)info->defaultSampleRate;
    return complete_config(&capture->config, capture->log) == HEED_OK
               ? HEED_OK
               : HEED_ERR_DEVICE;
}

static heed_status create_queue(heed_capture *capture)
{
    const heed_capture_config *config = &capture->config;
    const heed_capture_queue_config queue = {
        .channels = capture->channels,
        .channel = config->channel,
        .room_samples =
            (size_t)(config->backlog_s * (double)config->sample_rate_hz)};

    return heed_capture_queue_create(&capture->queue, &queue);
}

static PaError open_stream(heed_capture *capture, PaDeviceIndex device)
{
    const PaStreamParameters parameters = {
        .device = device,
        .channelCount = (int)capture->channels,
        .sampleFormat = paFloat32,
        .suggestedLatency = Pa_GetDeviceInfo(device)->defaultHighInputLatency};

    return Pa_OpenStream(&capture->stream, &parameters, NULL,
                         (double)capture->config.sample_rate_hz,
                         paFramesPerBufferUnspecified, paClipOff,
                         heed_capture_callback, capture->queue);
}

static heed_status open_device(heed_capture *capture, const char *wanted)
{
    PaDeviceIndex device;
    PaError error;
    heed_status status = heed_device_find(&device, wanted, capture->log);

    if (status != HEED_OK)
        return status;

    const PaDeviceInfo *info = Pa_GetDeviceInfo(device);

    strncpy(capture->name, info->name, NAME_BYTES - 1);
    status = choose_format(capture, info);
    if (status == HEED_OK)
        status = create_queue(capture);
    if (status != HEED_OK)
        return status;
    error = open_stream(capture, device);
    if (error == paNoError)
        return HEED_OK;
    capture->stream = NULL;
    heed_log_error(capture->log, "%s: cannot be opened at %u Hz: %s",
                   capture->name, capture->config.sample_rate_hz,
                   heed_device_error_text(error));
    return HEED_ERR_DEVICE;
}

heed_status heed_capture_open(heed_capture **out,
                              const heed_capture_config *config,
                              const heed_log *log)
{
    heed_status status;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;

    heed_capture *capture = calloc(1, sizeof *capture);
    const char *wanted = config != NULL ? config->device : NULL;

    if (capture == NULL)
        return HEED_ERR_MEMORY;
    if (config != NULL)
        capture->config = *config;
    capture->config.device = NULL;
    capture->log = log;
    status = complete_config(&capture->config, log);
    if (status == HEED_OK)
        status = heed_device_initialize(&capture->quiet, log);
    if (status == HEED_OK) {
        capture->initialized = true;
        status = open_device(capture, wanted);
    }
    if (status != HEED_OK) {
        heed_capture_close(capture);
        return status;
    }
    *out = capture;
    return HEED_OK;
}

void heed_capture_close(heed_capture *capture)
{
    if (capture == NULL)
        return;
    heed_capture_stop(capture);
    if (capture->stream != NULL)
        (void)Pa_CloseStream(capture->stream);
    if (capture->initialized)
        heed_device_terminate(&capture->quiet);
    heed_capture_queue_destroy(capture->queue);
    free(capture);
}

void heed_capture_describe(const heed_capture *capture, heed_capture_info *info)
{
    const PaStreamInfo *stream = Pa_GetStreamInfo(capture->stream);

    *info = (heed_capture_info){
        .device = capture->name,
        .sample_rate_hz = capture->config.sample_rate_hz,
        .channels = capture->channels,
        .latency_s = stream != NULL ? stream->inputLatency : 0.0};
}

/* ---- Hearing -------------------------------------------------------- */

heed_status heed_capture_start(heed_capture *capture)
{
    PaError error;

    if (capture == NULL)
        return HEED_ERR_ARG;
    if (capture->started)
        return HEED_ERR_STATE;
    capture->looked_at_s = clock_s();
    error = Pa_StartStream(capture->stream);
    if (error != paNoError) {
        heed_log_error(capture->log, "%s: cannot be started: %s", capture->name,
                       heed_device_error_text(error));
        return HEED_ERR_DEVICE;
    }
    capture->started = true;
    return HEED_OK;
}

void heed_capture_stop(heed_capture *capture)
{
    if (!capture->started || capture->stopped)
        return;
    /* Pa_AbortStream() would cancel PortAudio's thread wherever it is, as
     * while it holds a lock of the sound server's library, for ever. */
    (void)Pa_StopStream(capture->stream);
    capture->stopped = true;
}

/* Whether the device still delivers. */
static bool is_alive(heed_capture *capture)
{
    const size_t n_put = heed_capture_queue_count(capture->queue);
    const double now_s = clock_s();
    const double passed_s = now_s - capture->looked_at_s;

    capture->looked_at_s = now_s;
    capture->silent_s += passed_s < NAP_S ? passed_s : NAP_S;
    if (n_put != capture->n_seen)
        capture->silent_s = 0.0;
    capture->n_seen = n_put;
    return Pa_IsStreamActive(capture->stream) == 1 &&
           capture->silent_s < PATIENCE_S;
}

static heed_status fail(heed_capture *capture)
{
    if (!capture->failed && capture->silent_s >= PATIENCE_S)
        heed_log_error(capture->log, "%s: it has delivered nothing for %.0f s",
                       capture->name, PATIENCE_S);
    else if (!capture->failed)
        heed_log_error(capture->log, "%s: the device is gone", capture->name);
    capture->failed = true;
    heed_capture_stop(capture);
    return HEED_ERR_DEVICE;
}

heed_status heed_capture_read(heed_capture *capture, float *samples,
                              heed_capture_block *block)
{
    /* Asked before the queue: what the device delivered last is not missed. */
    const bool delivers =
        capture->started && !capture->stopped && is_alive(capture);
    heed_status status;

    *block = (heed_capture_block){0};
    if (!capture->started)
        return HEED_AGAIN;
    status = heed_capture_queue_take(capture->queue, samples, block);
    if (status != HEED_AGAIN || delivers)
        return status;
    if (!capture->stopped)
        return fail(capture);
    status = heed_capture_queue_drain(capture->queue, block);
    return status == HEED_END && capture->failed ? HEED_ERR_DEVICE : status;
}
