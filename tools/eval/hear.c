/* hear.c - what the recogniser makes of one utterance.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/hear.h"

#include "tools/eval/evidence.h"
#include "tools/eval/said.h"
#include "tools/eval/sound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct hearing_state {
    const eval_hearing *hearing;
    eval_item *item;
    eval_pool *pool;
    heed_log log;
    char last[512]; /* what the library said last */
    eval_sound sound;
    eval_evidence evidence;
    heed_stream *stream;
    double audio_s; /* fed so far */
    double ready_s; /* when the listener was done with it */
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

static heed_status start(hearing_state *h)
{
    heed_stream_config config = h->hearing->config;
    const heed_status status = eval_sound_open(&h->sound, h->item, &h->log);

    if (status != HEED_OK)
        return status;
    config.sample_rate_hz = h->sound.rate_hz;
    config.with_details = h->evidence.with_attention;
    if (h->evidence.with_nbest || h->evidence.with_attention)
        config.segment_ended = eval_evidence_note;
    config.segment_user = &h->evidence;
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
                        h->ready_s - word->end_s,
                        EVAL_UNKNOWN};
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
        count > 0 ? heed_stream_feed(h->stream, h->sound.block, count)
                  : heed_stream_finish(h->stream);
    const double spent_s = work_s() - before_s;

    h->audio_s += (double)count / h->sound.rate_hz;
    h->ready_s = (h->ready_s > h->audio_s ? h->ready_s : h->audio_s) + spent_s;
    h->item->compute_s += spent_s;
    take_words(h);
    return status;
}

/* Hears all of it. HEED_OK: to the end; HEED_AGAIN: stopped. */
static heed_status hear_all(hearing_state *h)
{
    heed_status status = HEED_OK;

    while (status >= HEED_OK) {
        size_t count;

        if (atomic_load_explicit(h->hearing->stop, memory_order_relaxed))
            return HEED_AGAIN;
        status = eval_sound_next(&h->sound, &count);
        if (status == HEED_OK)
            status = step(h, count);
        else if (status == HEED_END)
            return step(h, 0);
    }
    return status;
}

static void settle(hearing_state *h, heed_status status)
{
    eval_item *item = h->item;

    item->words =
        eval_pool_take(h->pool, (item->n_words + 1) * sizeof *item->words);
    if (item->n_words > 0)
        memcpy(item->words, h->words, item->n_words * sizeof *item->words);
    item->hypothesis =
        eval_pool_copy(h->pool, eval_text_string(&h->text), h->text.n_bytes);
    item->duration_s = h->audio_s;
    eval_evidence_settle(&h->evidence, item);
    if (status == HEED_OK)
        return;
    if (h->last[0] == '\0')
        snprintf(h->last, sizeof h->last, "%s: %s", item->path,
                 heed_status_text(status));
    item->error = eval_pool_string(h->pool, h->last);
    if (h->sound.file == NULL)
        item->hypothesis = NULL;
}

bool eval_hear(const eval_hearing *hearing, eval_item *item, eval_pool *pool)
{
    hearing_state h = {.hearing = hearing, .item = item, .pool = pool};
    heed_status status;

    h.log = (heed_log){keep_message, &h};
    eval_evidence_init(&h.evidence, pool, hearing->config.n_alternatives > 0,
                       eval_table_find(hearing->attention, item->id,
                                       strlen(item->id)) != EVAL_TABLE_NONE);
    item->compute_s = 0.0;
    item->n_words = 0;
    status = start(&h);
    if (status == HEED_OK)
        status = hear_all(&h);
    if (status != HEED_AGAIN)
        settle(&h, status);
    heed_stream_destroy(h.stream);
    eval_sound_close(&h.sound);
    eval_evidence_deinit(&h.evidence);
    free(h.words);
    eval_text_deinit(&h.text);
    /* After the stream is gone: the two never need memory at a time. */
    return status == HEED_OK ? eval_said_find(hearing, item, pool)
                             : status != HEED_AGAIN;
}
