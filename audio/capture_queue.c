/* capture_queue.c - what the audio callback leaves for the recogniser.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two rings: one of samples, one of marks that say how many belong to a block
 * and what was lost before it. The samples are written before their mark and
 * room is made sure of before either, so a mark is never without them.
 *
 * Once there was no room, nothing is stored until there is some for a while:
 * one long gap leaves more words whole than many short ones. */
#include "audio/capture_queue.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "audio/ring.h"

/* A device that delivers less at a time than this fills the marks first. */
#define SMALLEST_BLOCK_SAMPLES 16
#define MAX_CHANNELS           64
/* The part of all room that must be free after a loss. */
#define ROOM_AGAIN 8

typedef struct mark {
    size_t n_frames;
    size_t n_lost;
    bool overflowed;
} mark;

struct heed_capture_queue {
    heed_capture_queue_config config;
    heed_ring *samples; /* floats, interleaved */
    heed_ring *marks;
    mark lost;           /* the writer's: since the last block stored */
    atomic_size_t n_put; /* blocks; stored by the writer */
    float *frames;       /* the reader's: [BLOCK_SAMPLES][channels] */
};

heed_status heed_capture_queue_create(heed_capture_queue **out,
                                      const heed_capture_queue_config *config)
{
    heed_status status;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (config == NULL || config->channels == 0 ||
        config->channels > MAX_CHANNELS || config->channel > config->channels ||
        config->room_samples < HEED_CAPTURE_BLOCK_SAMPLES)
        return HEED_ERR_ARG;

    heed_capture_queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL)
        return HEED_ERR_MEMORY;
    queue->config = *config;
    atomic_init(&queue->n_put, 0);
    status = heed_ring_create(&queue->samples, config->channels * sizeof(float),
                              config->room_samples);
    if (status == HEED_OK)
        status =
            heed_ring_create(&queue->marks, sizeof(mark),
                             config->room_samples / SMALLEST_BLOCK_SAMPLES);
    queue->frames = malloc(HEED_CAPTURE_BLOCK_SAMPLES * config->channels *
                           sizeof *queue->frames);
    if (status == HEED_OK && queue->frames == NULL)
        status = HEED_ERR_MEMORY;
    if (status != HEED_OK) {
        heed_capture_queue_destroy(queue);
        return status;
    }
    *out = queue;
    return HEED_OK;
}

void heed_capture_queue_destroy(heed_capture_queue *queue)
{
    if (queue == NULL)
        return;
    heed_ring_destroy(queue->samples);
    heed_ring_destroy(queue->marks);
    free(queue->frames);
    free(queue);
}

static bool has_room(const heed_capture_queue *queue, size_t n_frames)
{
    const size_t wanted = queue->lost.n_lost > 0
                              ? queue->config.room_samples / ROOM_AGAIN
                              : n_frames;
    const size_t room = heed_ring_writable(queue->samples);

    return room >= n_frames && room >= wanted &&
           heed_ring_writable(queue->marks) > 0;
}

/* Stores a block that fits into the reader's buffer, or counts it. */
static void put_block(heed_capture_queue *queue, const float *interleaved,
                      size_t n_frames)
{
    mark next = queue->lost;

    if (interleaved == NULL || !has_room(queue, n_frames)) {
        queue->lost.n_lost += n_frames;
        return;
    }
    next.n_frames = n_frames;
    (void)heed_ring_write(queue->samples, interleaved, n_frames);
    (void)heed_ring_write(queue->marks, &next, 1);
    queue->lost = (mark){0};
}

void heed_capture_queue_put(heed_capture_queue *queue, const float *interleaved,
                            size_t n_frames, bool overflowed)
{
    const size_t n_put =
        atomic_load_explicit(&queue->n_put, memory_order_relaxed);

    if (overflowed)
        queue->lost.overflowed = true;
    while (n_frames > 0) {
        const size_t n = n_frames < HEED_CAPTURE_BLOCK_SAMPLES
                             ? n_frames
                             : HEED_CAPTURE_BLOCK_SAMPLES;

        put_block(queue, interleaved, n);
        if (interleaved != NULL)
            interleaved += n * queue->config.channels;
        n_frames -= n;
    }
    /* Relaxed: it says that the device lives and orders nothing. */
    atomic_store_explicit(&queue->n_put, n_put + 1, memory_order_relaxed);
}

/* Rounds to 24 bits, more than a microphone has. What comes through a mixer can
 * have bits below, which FLAC does not keep: what is heard in the sound that
 * was kept would not be what was heard. */
static float to_24_bits(float sample)
{
    const float scale = 8388608.0F;
    const float top = (scale - 1.0F) / scale;

    if (sample >= top)
        return top;
    return sample <= -1.0F ? -1.0F : rintf(sample * scale) / scale;
}

/* The channel that was asked for, or the mean of all. */
static void mix_down(const heed_capture_queue *queue, float *mono,
                     size_t n_frames)
{
    const size_t channels = queue->config.channels;
    const float *frame = queue->frames;

    for (size_t i = 0; i < n_frames; i++, frame += channels) {
        float sum = 0.0F;

        if (queue->config.channel > 0) {
            mono[i] = to_24_bits(frame[queue->config.channel - 1]);
            continue;
        }
        for (size_t c = 0; c < channels; c++)
            sum += frame[c];
        mono[i] = to_24_bits(sum / (float)channels);
    }
}

heed_status heed_capture_queue_take(heed_capture_queue *queue, float *mono,
                                    heed_capture_block *block)
{
    mark next;

    *block = (heed_capture_block){0};
    if (heed_ring_read(queue->marks, &next, 1) == 0)
        return HEED_AGAIN;
    (void)heed_ring_read(queue->samples, queue->frames, next.n_frames);
    mix_down(queue, mono, next.n_frames);
    block->n_samples = next.n_frames;
    block->n_lost = next.n_lost;
    block->overflowed = next.overflowed;
    block->n_waiting = heed_ring_readable(queue->samples);
    return HEED_OK;
}

heed_status heed_capture_queue_drain(heed_capture_queue *queue,
                                     heed_capture_block *block)
{
    *block = (heed_capture_block){.n_lost = queue->lost.n_lost,
                                  .overflowed = queue->lost.overflowed};
    if (block->n_lost == 0 && !block->overflowed)
        return HEED_END;
    queue->lost = (mark){0};
    return HEED_OK;
}

size_t heed_capture_queue_count(const heed_capture_queue *queue)
{
    return atomic_load_explicit(&queue->n_put, memory_order_relaxed);
}
