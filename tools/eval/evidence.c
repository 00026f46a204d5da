/* evidence.c - what else the recogniser tells of an utterance.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The picture of an utterance has one axis of time: a segment's rows begin
 * where it begins and are zero elsewhere. */
#include "tools/eval/evidence.h"

#include "tools/eval/lines.h"
#include "tools/eval/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A token and the frames of its segment. */
typedef struct eval_evidence_row {
    const char *token;
    size_t first_frame; /* in the utterance */
    size_t n_frames;
    float *weights; /* [n_frames] */
} row;

void eval_evidence_init(eval_evidence *evidence, eval_pool *pool,
                        bool with_nbest, bool with_attention)
{
    *evidence = (eval_evidence){.pool = pool,
                                .with_nbest = with_nbest,
                                .with_attention = with_attention};
}

void eval_evidence_deinit(eval_evidence *evidence)
{
    free(evidence->nbest);
    free(evidence->rows);
    free(evidence->spikes);
    *evidence = (eval_evidence){0};
}

static const char *text_of(eval_pool *pool, const heed_alternative *alternative)
{
    eval_text text = {0};
    const char *kept;

    for (size_t i = 0; i < alternative->n_words; i++) {
        if (i > 0)
            eval_text_puts(&text, " ");
        eval_text_puts(&text, alternative->words[i].text);
    }
    kept = eval_pool_string(pool, eval_text_string(&text));
    eval_text_deinit(&text);
    return kept;
}

static void note_nbest(eval_evidence *e, const heed_segment *segment)
{
    eval_choice *choice;

    e->nbest =
        eval_grow(e->nbest, e->n_nbest, &e->nbest_capacity, sizeof *e->nbest);
    choice = &e->nbest[e->n_nbest++];
    choice->n_texts = segment->n_alternatives;
    choice->texts =
        eval_pool_take(e->pool, choice->n_texts * sizeof *choice->texts);
    for (size_t i = 0; i < choice->n_texts; i++)
        choice->texts[i] = text_of(e->pool, &segment->alternatives[i]);
}

/* A token without the blank that begins a word; a byte of a character that has
 * no token is shown as its number. */
static const char *show_token(eval_pool *pool, const heed_token *token)
{
    const size_t blank = token->n_bytes > 1 && token->text[0] == ' ' ? 1 : 0;
    char *text =
        eval_pool_copy(pool, token->text + blank, token->n_bytes - blank);
    eval_text shown = {0};

    for (size_t i = 0; text[i] != '\0';) {
        const size_t n = eval_utf8_length(text + i);

        if (n > 0)
            eval_text_add(&shown, text + i, n);
        else
            eval_text_printf(&shown, "<%02X>", (unsigned char)text[i]);
        i += n > 0 ? n : 1;
    }
    text = eval_pool_string(pool, eval_text_string(&shown));
    eval_text_deinit(&shown);
    return text;
}

static void note_attention(eval_evidence *e, const heed_segment *segment)
{
    const size_t first = (size_t)lround(segment->start_s / segment->frame_s);
    const size_t n = segment->n_frames;

    for (size_t i = 0; i < segment->n_tokens; i++) {
        float *weights = eval_pool_take(e->pool, (n + 1) * sizeof *weights);

        memcpy(weights, segment->attention + i * n, n * sizeof *weights);
        e->rows =
            eval_grow(e->rows, e->n_rows, &e->rows_capacity, sizeof *e->rows);
        e->rows[e->n_rows++] =
            (row){show_token(e->pool, &segment->tokens[i]), first, n, weights};
    }
    for (size_t i = 0; i < segment->n_spikes; i++) {
        const size_t frame = first + segment->spikes[i].frame;

        /* The parts of a long segment may overlap. */
        if (segment->spikes[i].letter == ' ' ||
            (e->n_spikes > 0 && frame <= e->spikes[e->n_spikes - 1].frame))
            continue;
        e->spikes = eval_grow(e->spikes, e->n_spikes, &e->spikes_capacity,
                              sizeof *e->spikes);
        e->spikes[e->n_spikes++] = (struct eval_spike){
            frame, eval_pool_copy(e->pool, &segment->spikes[i].letter, 1)};
    }
    e->frame_s = segment->frame_s;
    if (first + n > e->n_frames)
        e->n_frames = first + n;
}

void eval_evidence_note(void *evidence, const heed_segment *segment)
{
    eval_evidence *e = evidence;

    if (e->with_nbest)
        note_nbest(e, segment);
    if (e->with_attention)
        note_attention(e, segment);
}

/* All rows on one axis. */
static eval_attention *draw_attention(const eval_evidence *e)
{
    eval_attention *a = eval_pool_take(e->pool, sizeof *a);
    const size_t n_weights = e->n_rows * e->n_frames;

    *a = (eval_attention){.frame_s = e->frame_s,
                          .n_tokens = e->n_rows,
                          .n_frames = e->n_frames,
                          .n_spikes = e->n_spikes};
    a->tokens = eval_pool_take(e->pool, (e->n_rows + 1) * sizeof *a->tokens);
    a->weights = eval_pool_take(e->pool, (n_weights + 1) * sizeof *a->weights);
    a->spikes = eval_pool_take(e->pool, (e->n_spikes + 1) * sizeof *a->spikes);
    for (size_t i = 0; i < n_weights; i++)
        a->weights[i] = 0.0F;
    for (size_t i = 0; i < e->n_rows; i++) {
        a->tokens[i] = e->rows[i].token;
        memcpy(a->weights + i * e->n_frames + e->rows[i].first_frame,
               e->rows[i].weights, e->rows[i].n_frames * sizeof *a->weights);
    }
    if (e->n_spikes > 0)
        memcpy(a->spikes, e->spikes, e->n_spikes * sizeof *a->spikes);
    return a;
}

void eval_evidence_settle(eval_evidence *evidence, eval_item *item)
{
    item->n_nbest = evidence->n_nbest;
    item->nbest = eval_pool_take(evidence->pool,
                                 (evidence->n_nbest + 1) * sizeof *item->nbest);
    if (evidence->n_nbest > 0)
        memcpy(item->nbest, evidence->nbest,
               evidence->n_nbest * sizeof *item->nbest);
    if (evidence->n_rows > 0 && evidence->n_rows <= EVAL_ATTENTION_MAX_TOKENS &&
        evidence->n_frames <= EVAL_ATTENTION_MAX_FRAMES &&
        evidence->n_rows * evidence->n_frames <= EVAL_ATTENTION_MAX_WEIGHTS)
        item->attention = draw_attention(evidence);
}
