/* said.c - when the words of the reference were said.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/said.h"

#include "asr/forced.h"
#include "tools/eval/normalise.h"
#include "tools/eval/sound.h"

#include <stdlib.h>
#include <string.h>

/* The posteriors of an utterance. */
typedef struct posteriors {
    float *log_probs; /* [n_frames][HEED_CTC_LABELS] */
    size_t n_frames;
    size_t capacity; /* frames */
} posteriors;

static void keep_posteriors(void *user, const float *log_probs, size_t n_frames)
{
    static const size_t row = HEED_CTC_LABELS * sizeof(float);
    posteriors *p = user;

    for (size_t i = 0; i < n_frames; i++) {
        p->log_probs = eval_grow(p->log_probs, p->n_frames, &p->capacity, row);
        memcpy(p->log_probs + p->n_frames * HEED_CTC_LABELS,
               log_probs + i * HEED_CTC_LABELS, row);
        p->n_frames++;
    }
}

/* Spells all of the utterance. HEED_AGAIN: stopped. */
static heed_status spell(const eval_hearing *hearing, const eval_item *item,
                         posteriors *p)
{
    heed_stream_config config = {.latency = HEED_LATENCY_FILE};
    heed_stream *stream = NULL;
    eval_sound sound;
    heed_status status = eval_sound_open(&sound, item, NULL);

    config.sample_rate_hz = sound.rate_hz;
    if (status == HEED_OK)
        status = heed_stream_create(&stream, hearing->model, &config, NULL);
    if (status == HEED_OK)
        heed_stream_spell(stream, keep_posteriors, p);
    while (status >= HEED_OK && status != HEED_END) {
        size_t count;

        if (atomic_load_explicit(hearing->stop, memory_order_relaxed)) {
            status = HEED_AGAIN;
            break;
        }
        status = eval_sound_next(&sound, &count);
        if (status == HEED_OK)
            status = heed_stream_feed(stream, sound.block, count);
    }
    if (status == HEED_END)
        status = heed_stream_finish(stream);
    heed_stream_destroy(stream);
    eval_sound_close(&sound);
    return status;
}

/* The words of `text`, letters with one blank between, and their times. */
static void fill_words(eval_item *item, eval_pool *pool, const char *text,
                       const heed_ctc_span *spans, double frame_s)
{
    size_t at = 0;

    item->said = eval_pool_take(pool, strlen(text) * sizeof *item->said);
    while (text[at] != '\0') {
        const size_t n = strcspn(text + at, " ");

        item->said[item->n_said++] =
            (eval_said){eval_pool_copy(pool, text + at, n),
                        (double)spans[at].first * frame_s,
                        (double)(spans[at + n - 1].last + 1) * frame_s};
        at += text[at + n] == ' ' ? n + 1 : n;
    }
}

static void align(const eval_hearing *hearing, eval_item *item, eval_pool *pool,
                  const char *text, const posteriors *p)
{
    const size_t n_labels = strlen(text);
    heed_ctc_span *spans = eval_calloc(n_labels, sizeof *spans);
    uint8_t *labels = eval_calloc(n_labels, sizeof *labels);
    heed_model_info info;
    heed_status status;

    for (size_t i = 0; i < n_labels; i++)
        labels[i] = text[i] == ' '
                        ? HEED_CTC_SPACE
                        : (uint8_t)heed_ctc_label((unsigned char)text[i]);
    heed_model_describe(hearing->model, &info);
    status =
        heed_forced_align(spans, labels, n_labels, p->log_probs, p->n_frames);
    if (status == HEED_OK)
        fill_words(item, pool, text, spans, info.frame_s);
    else
        item->unsaid =
            status == HEED_ERR_ARG ? "more letters than the audio has room for"
            : status == HEED_ERR_UNSUPPORTED ? "too long"
                                             : heed_status_text(status);
    free(labels);
    free(spans);
}

bool eval_said_find(const eval_hearing *hearing, eval_item *item,
                    eval_pool *pool)
{
    eval_text folded = {0};
    eval_text text = {0};
    posteriors p = {0};
    heed_status status = HEED_OK;

    item->n_said = 0;
    eval_accents_fold(item->reference, strlen(item->reference), &folded);
    eval_english_speak(eval_text_string(&folded), folded.n_bytes, &text);
    if (text.n_bytes > 0) {
        status = spell(hearing, item, &p);
        if (status == HEED_OK)
            align(hearing, item, pool, text.bytes, &p);
        else if (status < HEED_OK)
            item->unsaid = heed_status_text(status);
    }
    free(p.log_probs);
    eval_text_deinit(&folded);
    eval_text_deinit(&text);
    return status != HEED_AGAIN;
}
