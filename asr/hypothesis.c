/* hypothesis.c - see hypothesis.h. SPDX-License-Identifier: Apache-2.0
 *
 * Where a token was said is seen twice: the decoder's cross-attention looks
 * there when it writes the token, and the CTC hears its letters there. The
 * attention is robust, the CTC exact: a word's times are those of its letters'
 * spikes if they lie near where the attention looked, else the attention's. */
#include "asr/hypothesis.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Rows (0.3 s) by which the CTC may differ from the attention. */
#define ANCHOR_ROWS 12
/* So many rows (2 s) ahead of what comes next is no place of a token. */
#define FAR_ROWS 80
/* The decoder is righter than it is sure: so flattened, its posteriors are how
 * often words are right (chosen on dev, recordings and live together). */
#define CONFIDENCE_POWER 0.52F

void heed_hypothesis_init(heed_hypothesis *hypothesis,
                          const heed_tokenizer *tokenizer, size_t max_frames,
                          heed_arena *arena)
{
    *hypothesis = (heed_hypothesis){.tokenizer = tokenizer};
    hypothesis->tokens =
        heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(uint32_t));
    hypothesis->log_probs =
        heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(float));
    hypothesis->rows = heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(size_t));
    hypothesis->words =
        heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(heed_hypothesis_word));
    hypothesis->letters = heed_arena_take(arena, HEED_MAX_LETTERS, 1);
    hypothesis->spans =
        heed_arena_take(arena, HEED_MAX_LETTERS, sizeof(heed_ctc_span));
    heed_ctc_aligner_init(&hypothesis->aligner, HEED_MAX_LETTERS, max_frames,
                          arena);
}

bool heed_hypothesis_is_spelled(const heed_tokenizer *tokenizer, uint32_t token)
{
    size_t length = 0;
    const char *text = heed_tokenizer_text(tokenizer, token, &length);

    for (size_t i = 0; i < length; i++)
        if (heed_ctc_label((unsigned char)text[i]) >= HEED_CTC_A)
            return true;
    return false;
}

/* A token of the word that has letters looks at `row`. */
static void look(heed_hypothesis_word *word, size_t row)
{
    if (word->end_row == 0)
        word->first_row = row;
    if (row > word->peak_row)
        word->peak_row = row;
    word->end_row = word->peak_row + 1;
}

static size_t median(size_t a, size_t b, size_t c)
{
    const size_t low = a < b ? a : b;
    const size_t high = a < b ? b : a;

    return c < low ? low : c > high ? high : c;
}

/* Takes glances far ahead, of a few tokens one after the other, as at the end
 * of the memory when a text begins, out of the rows of the spelled tokens from
 * `first_token` on: each becomes that of the next token, if the next two are
 * far before it. */
static void pull_back(heed_hypothesis *hypothesis, size_t first_token)
{
    size_t next = SIZE_MAX;
    size_t after = SIZE_MAX;

    for (size_t i = hypothesis->n_tokens; i-- > first_token;) {
        size_t *row = &hypothesis->rows[i];

        if (!heed_hypothesis_is_spelled(hypothesis->tokenizer,
                                        hypothesis->tokens[i]))
            continue;
        if (after != SIZE_MAX && *row > next + FAR_ROWS &&
            *row > after + FAR_ROWS)
            *row = next;
        after = next;
        next = *row;
    }
}

/* Takes a single glance far ahead or back, as at the end of the memory when a
 * text begins, out of the rows of the spelled tokens from `first_token` on:
 * each becomes the median of itself and its neighbours. */
static void steady_rows(heed_hypothesis *hypothesis, size_t first_token,
                        size_t first_row, size_t n_rows)
{
    size_t before = first_row;
    size_t *held = NULL; /* the last one, which waits for the next */

    for (size_t i = first_token; i < hypothesis->n_tokens; i++) {
        if (!heed_hypothesis_is_spelled(hypothesis->tokenizer,
                                        hypothesis->tokens[i]))
            continue;
        if (held != NULL) {
            const size_t seen = *held;

            *held = median(before, seen, hypothesis->rows[i]);
            before = seen;
        }
        held = &hypothesis->rows[i];
    }
    if (held != NULL)
        *held = median(before, *held, n_rows);
}

/* Splits the tokens from `first_token` on into words. */
static void group_words(heed_hypothesis *hypothesis, size_t first_token)
{
    heed_hypothesis_word *word = NULL;

    hypothesis->n_words = 0;
    for (size_t i = first_token; i < hypothesis->n_tokens; i++) {
        if (word == NULL || heed_tokenizer_is_word_start(
                                hypothesis->tokenizer, hypothesis->tokens[i])) {
            word = &hypothesis->words[hypothesis->n_words++];
            *word = (heed_hypothesis_word){.first_token = i};
        }
        word->n_tokens++;
        word->confidence += hypothesis->log_probs[i];
        if (heed_hypothesis_is_spelled(hypothesis->tokenizer,
                                       hypothesis->tokens[i]))
            look(word, hypothesis->rows[i]);
    }
    for (size_t i = 0; i < hypothesis->n_words; i++) {
        word = &hypothesis->words[i];
        word->confidence =
            expf(CONFIDENCE_POWER * word->confidence / (float)word->n_tokens);
    }
}

size_t heed_hypothesis_text(const heed_hypothesis *hypothesis,
                            const heed_hypothesis_word *word, char *bytes)
{
    heed_token_text text;

    heed_token_text_init(&text, bytes, HEED_MAX_WORD_BYTES);
    for (size_t i = 0; i < word->n_tokens; i++)
        if (heed_token_text_append(&text, hypothesis->tokenizer,
                                   hypothesis->tokens[word->first_token + i]) !=
            HEED_OK)
            break; /* the word is longer than any word: cut it */
    heed_token_text_finish(&text);

    const size_t space = text.length > 0 && bytes[0] == ' ' ? 1 : 0;

    memmove(bytes, bytes + space, text.length - space + 1);
    return text.length - space;
}

/* Appends the word's letters, after a space if others stand before it.
 * Returns the new number of labels. */
static size_t spell(heed_hypothesis *hypothesis,
                    const heed_hypothesis_word *word, size_t n_labels)
{
    char text[HEED_MAX_WORD_BYTES];
    const size_t length = heed_hypothesis_text(hypothesis, word, text);
    bool first = true;

    for (size_t i = 0; i < length; i++) {
        const int label = heed_ctc_label((unsigned char)text[i]);

        if (label < 0 || n_labels + 2 > HEED_MAX_LETTERS)
            continue;
        if (first && n_labels > 0)
            hypothesis->letters[n_labels++] = HEED_CTC_SPACE;
        hypothesis->letters[n_labels++] = (uint8_t)label;
        first = false;
    }
    return n_labels;
}

static bool is_near(size_t a, size_t b)
{
    return a <= b + ANCHOR_ROWS && b <= a + ANCHOR_ROWS;
}

/* Refines `word` by the `n_spans` spans of its letters, which count from
 * `first_row`. */
static void refine_word(heed_hypothesis_word *word, const heed_ctc_span *spans,
                        size_t n_spans, size_t first_row)
{
    const size_t first = first_row + spans[0].first;
    const size_t last = first_row + spans[n_spans - 1].last;
    float sum = 0.0F;

    for (size_t i = 0; i < n_spans; i++)
        sum += spans[i].log_prob;
    word->support = sum / (float)n_spans;
    if (is_near(first, word->first_row) && is_near(last, word->peak_row)) {
        word->first_row = first;
        word->end_row = last + 1;
    }
}

/* Makes `word` begin at or after row `from`. */
static void order_word(heed_hypothesis_word *word, size_t from)
{
    if (word->first_row < from)
        word->first_row = from;
    if (word->end_row < word->first_row)
        word->end_row = word->first_row;
}

void heed_hypothesis_align(heed_hypothesis *hypothesis, size_t first_token,
                           size_t first_row, const float *log_probs,
                           size_t n_rows)
{
    size_t ends[HEED_MAX_TOKENS];
    size_t n_labels = 0;
    size_t row = first_row;

    pull_back(hypothesis, first_token);
    steady_rows(hypothesis, first_token, first_row, n_rows);
    group_words(hypothesis, first_token);
    for (size_t i = 0; i < hypothesis->n_words; i++) {
        n_labels = spell(hypothesis, &hypothesis->words[i], n_labels);
        ends[i] = n_labels;
    }
    const size_t n_aligned = heed_ctc_align(
        &hypothesis->aligner, hypothesis->spans, hypothesis->letters, n_labels,
        log_probs + first_row * HEED_CTC_LABELS, n_rows - first_row);

    for (size_t i = 0; i < hypothesis->n_words; i++) {
        heed_hypothesis_word *word = &hypothesis->words[i];
        size_t first = i > 0 ? ends[i - 1] : 0;

        if (first < ends[i] && hypothesis->letters[first] == HEED_CTC_SPACE)
            first++;
        word->fits = ends[i] <= n_aligned;
        if (word->fits && first < ends[i])
            refine_word(word, hypothesis->spans + first, ends[i] - first,
                        first_row);
        order_word(word, row);
        row = word->end_row;
    }
}
