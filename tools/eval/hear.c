/* hear.c - what the recogniser makes of one utterance.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/hear.h"

#include "audio/soundfile.h"
#include "tools/eval/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCKS_PER_S 50

typedef struct hearing_state {
    const eval_hearing *hearing;
    eval_item *item;
    eval_pool *pool;
    heed_log log;
    char last[512]; /* what the library said last */
    heed_soundfile *sound;
    heed_stream *stream;
    uint32_t rate_hz;
    uint64_t first;  /* sample of the file */
    uint64_t n_left; /* samples to be heard, UINT64_MAX: to the end */
    float *block;    /* [rate_hz / BLOCKS_PER_S] */
    double audio_s;  /* fed so far */
    double ready_s;  /* when the listener was done with it */
    eval_text text;
    size_t words_capacity;
    eval_word *words; /* [item->n_words] */
} hearing_state;

static void keep_message(void *user, heed_log_level level, const char *message)
{
    hearing_state *h = user;

    if (level != HEED_LOG_INFO)
        snprintf(h->last, sizeof h->last, "%s", message);
}

/* Seconds of work of this thread. */
static double work_s(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Runs the command `audio`, `... |`, into a new temporary file. False, with
 * the cause in `h->last`, if it failed. */
static bool run_command(hearing_state *h, char path[], const char *audio)
{
    const size_t n = strlen(audio) - 1;
    char *command = eval_pool_copy(h->pool, audio, n);
    const int fd = mkstemp(path);
    char bytes[4096];
    FILE *to = fd >= 0 ? fdopen(fd, "wb") : NULL;
    FILE *from = to != NULL ? popen(command, "r") : NULL;
    bool good = from != NULL;
    size_t count;

    while (good && (count = fread(bytes, 1, sizeof bytes, from)) > 0)
        good = fwrite(bytes, 1, count, to) == count;
    if (from != NULL && pclose(from) != 0)
        good = false;
    if (to != NULL && fclose(to) != 0)
        good = false;
    if (!good)
        snprintf(h->last, sizeof h->last, "%s: command failed", command);
    return good;
}

static heed_status open_sound(hearing_state *h)
{
    const heed_soundfile_options options = {.channel = h->item->channel};
    char path[EVAL_NAME_BYTES];
    heed_status status;

    if (!h->item->is_command)
        return heed_soundfile_open(&h->sound, h->item->path, &options, &h->log);
    eval_temporary_name(path);
    if (run_command(h, path, h->item->path))
        status = heed_soundfile_open(&h->sound, path, &options, &h->log);
    else
        status = HEED_ERR_IO;
    (void)unlink(path);
    return status;
}

static heed_status start(hearing_state *h)
{
    heed_stream_config config = h->hearing->config;
    heed_soundfile_info info;
    heed_status status = open_sound(h);

    if (status != HEED_OK)
        return status;
    heed_soundfile_describe(h->sound, &info);
    h->rate_hz = info.rate_hz;
    h->n_left = UINT64_MAX;
    if (h->item->start_s >= 0.0)
        h->first = (uint64_t)(h->item->start_s * info.rate_hz + 0.5);
    if (h->item->end_s >= 0.0)
        h->n_left = (uint64_t)(h->item->end_s * info.rate_hz + 0.5) - h->first;
    h->block = eval_calloc(h->rate_hz / BLOCKS_PER_S, sizeof *h->block);
    config.sample_rate_hz = info.rate_hz;
    return heed_stream_create(&h->stream, h->hearing->model, &config, &h->log);
}

/* Notes the words committed since the last time. */
static void take_words(hearing_state *h)
{
    heed_result result;

    heed_stream_result(h->stream, &result);
    for (size_t i = 0; i < result.n_committed; i++) {
        const heed_word *word = &result.words[i];

        h->words = eval_grow(h->words, h->item->n_words, &h->words_capacity,
                             sizeof *h->words);
        h->words[h->item->n_words++] =
            (eval_word){eval_pool_string(h->pool, word->text),
                        word->start_s,
                        word->end_s,
                        (double)word->confidence,
                        h->audio_s,
                        h->ready_s - word->end_s};
        if (h->text.n_bytes > 0)
            eval_text_puts(&h->text, " ");
        eval_text_puts(&h->text, word->text);
    }
    heed_stream_take(h->stream, result.n_committed);
}

/* Feeds the stream, or with `count` 0 finishes it; both clocks go on. */
static heed_status step(hearing_state *h, size_t count)
{
    const double before_s = work_s();
    const heed_status status =
        count > 0 ? heed_stream_feed(h->stream, h->block, count)
                  : heed_stream_finish(h->stream);
    const double spent_s = work_s() - before_s;

    h->audio_s += (double)count / h->rate_hz;
    h->ready_s = (h->ready_s > h->audio_s ? h->ready_s : h->audio_s) + spent_s;
    h->item->compute_s += spent_s;
    take_words(h);
    return status;
}

/* Reads past the samples before the utterance. */
static heed_status skip(hearing_state *h)
{
    while (h->first > 0) {
        const size_t room = h->rate_hz / BLOCKS_PER_S;
        size_t count;
        const heed_status status = heed_soundfile_read(
            h->sound, h->block, h->first < room ? (size_t)h->first : room,
            &count);

        if (status != HEED_OK)
            return status;
        h->first -= count;
    }
    return HEED_OK;
}

/* Hears all of it. HEED_OK: the end; HEED_END: the file ends before the
 * utterance does; HEED_AGAIN: stopped. */
static heed_status hear_all(hearing_state *h)
{
    heed_status status = skip(h);

    while (status == HEED_OK && h->n_left > 0) {
        const size_t room = h->rate_hz / BLOCKS_PER_S;
        size_t count;

        if (atomic_load_explicit(h->hearing->stop, memory_order_relaxed))
            return HEED_AGAIN;
        status = heed_soundfile_read(
            h->sound, h->block, h->n_left < room ? (size_t)h->n_left : room,
            &count);
        if (status != HEED_OK)
            break;
        if (h->n_left != UINT64_MAX)
            h->n_left -= count;
        status = step(h, count);
        status = status == HEED_AGAIN ? HEED_OK : status;
    }
    if (status == HEED_END && h->n_left == UINT64_MAX && h->first == 0)
        status = HEED_OK;
    if (status == HEED_OK && step(h, 0) < HEED_OK)
        status = HEED_ERR_STATE;
    return status;
}

static void settle(hearing_state *h, heed_status status)
{
    eval_item *item = h->item;
    /* An end that is a few milliseconds late is rounding. */
    const bool is_rounding = status == HEED_END && h->first == 0 &&
                             h->n_left < h->rate_hz / BLOCKS_PER_S;

    if (is_rounding && step(h, 0) >= HEED_OK)
        status = HEED_OK;
    item->words =
        eval_pool_take(h->pool, (item->n_words + 1) * sizeof *item->words);
    if (item->n_words > 0)
        memcpy(item->words, h->words, item->n_words * sizeof *item->words);
    item->hypothesis =
        eval_pool_copy(h->pool, eval_text_string(&h->text), h->text.n_bytes);
    item->duration_s = h->audio_s;
    if (status == HEED_OK)
        return;
    if (h->last[0] == '\0')
        snprintf(h->last, sizeof h->last, "%s: %s", item->path,
                 status == HEED_END ? "ends before the utterance"
                                    : heed_status_text(status));
    item->error = eval_pool_string(h->pool, h->last);
    if (h->sound == NULL)
        item->hypothesis = NULL;
}

bool eval_hear(const eval_hearing *hearing, eval_item *item, eval_pool *pool)
{
    hearing_state h = {.hearing = hearing, .item = item, .pool = pool};
    heed_status status;

    h.log = (heed_log){keep_message, &h};
    item->compute_s = 0.0;
    item->n_words = 0;
    status = start(&h);
    if (status == HEED_OK)
        status = hear_all(&h);
    if (status != HEED_AGAIN)
        settle(&h, status);
    heed_stream_destroy(h.stream);
    heed_soundfile_close(h.sound);
    free(h.block);
    free(h.words);
    eval_text_deinit(&h.text);
    return status != HEED_AGAIN;
}
