/* hypothesis.c - see hypothesis.h. SPDX-License-Identifier: Apache-2.0
 *
 * The decoder's tokens have no times of their own. Their spelling does: it is
 * aligned with the CTC's letter posteriors, and a word lasts from its first
 * letter's spike to its last one's. */
#include "asr/hypothesis.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void heed_hypothesis_init(heed_hypothesis *hypothesis,
                          const heed_tokenizer *tokenizer, size_t max_frames,
                          heed_arena *arena)
{
    *hypothesis = (heed_hypothesis){.tokenizer = tokenizer};
    hypothesis->tokens =
        heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(uint32_t));
    hypothesis->log_probs =
        heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(float));
    hypothesis->words =
        heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(heed_hypothesis_word));
    hypothesis->letters = heed_arena_take(arena, HEED_MAX_LETTERS, 1);
    hypothesis->spans =
        heed_arena_take(arena, HEED_MAX_LETTERS, sizeof(heed_ctc_span));
    heed_ctc_aligner_init(&hypothesis->aligner, HEED_MAX_LETTERS, max_frames,
                          arena);
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
    }
    for (size_t i = 0; i < hypothesis->n_words; i++) {
        word = &hypothesis->words[i];
        word->confidence = expf(word->confidence / (float)word->n_tokens);
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

/* Times `word` from the spans of its letters [first, end) of `n_aligned`. */
static void time_word(const heed_hypothesis *hypothesis,
                      heed_hypothesis_word *word, size_t first, size_t end,
                      size_t n_aligned)
{
    const heed_ctc_span *spans = hypothesis->spans;
    float sum = 0.0F;

    word->timed = end <= n_aligned;
    if (!word->timed || first == end)
        return;
    for (size_t i = first; i < end; i++)
        sum += spans[i].log_prob;
    word->support = sum / (float)(end - first);
    word->first_row += spans[first].first;
    word->end_row += spans[end - 1].last + 1;
}

void heed_hypothesis_align(heed_hypothesis *hypothesis, size_t first_token,
                           size_t first_row, const float *log_probs,
                           size_t n_rows)
{
    size_t ends[HEED_MAX_TOKENS];
    size_t n_labels = 0;
    size_t row = first_row;

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
        if (first < ends[i] && ends[i] <= n_aligned) {
            word->first_row = first_row;
            word->end_row = first_row;
        } else {
            word->first_row = row;
            word->end_row = row;
        }
        time_word(hypothesis, word, first, ends[i], n_aligned);
        row = word->end_row;
    }
}
