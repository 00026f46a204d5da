/* evidence.c - see evidence.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/evidence.h"

#include <math.h>
#include <string.h>

#include "asr/ctc.h"
#include "asr/hypothesis.h"

/* Bytes of a text for each of its tokens, ends of words included: more than
 * any language's tokens have. */
#define TOKEN_BYTES 24

_Static_assert((int)HEED_N_LABELS == (int)HEED_CTC_LABELS, "labels");

static size_t text_bytes(const heed_evidence_config *config)
{
    return config->max_tokens * TOKEN_BYTES + HEED_MAX_WORD_BYTES;
}

void heed_evidence_init(heed_evidence *evidence,
                        const heed_evidence_config *config, heed_arena *arena)
{
    const size_t n_texts = config->n_alternatives;
    const size_t n_tokens = config->max_tokens;
    const size_t n_frames = config->max_frames;

    *evidence = (heed_evidence){.config = *config};
    if (config->listener == NULL)
        return;
    evidence->words =
        heed_arena_take(arena, n_texts, n_tokens * sizeof(heed_word));
    evidence->bytes = heed_arena_take(arena, n_texts, text_bytes(config));
    evidence->token_words = heed_arena_take(arena, n_tokens, sizeof(size_t));
    if (!config->with_details)
        return;
    evidence->tokens = heed_arena_take(arena, n_tokens, sizeof(heed_token));
    evidence->attention =
        heed_arena_take(arena, n_tokens, n_frames * sizeof(float));
    evidence->spikes = heed_arena_take(arena, n_frames, sizeof(heed_spike));
}

/* ---- Texts ---------------------------------------------------------- */

static heed_word *words_of(const heed_evidence *evidence, size_t alternative)
{
    return evidence->words + alternative * evidence->config.max_tokens;
}

void heed_evidence_reset(heed_evidence *evidence)
{
    evidence->n_alternatives = 0;
    if (evidence->config.listener != NULL)
        heed_evidence_begin(evidence, 0);
}

bool heed_evidence_is_wanted(const heed_evidence *evidence)
{
    return evidence->n_alternatives > 0 &&
           evidence->alternatives[0].n_words > 0;
}

void heed_evidence_begin(heed_evidence *evidence, size_t n_shared)
{
    const size_t i = evidence->n_alternatives++;

    if (i > 0)
        memcpy(words_of(evidence, i), words_of(evidence, 0),
               n_shared * sizeof(heed_word));
    evidence->alternatives[i] =
        (heed_alternative){.words = words_of(evidence, i), .n_words = n_shared};
    evidence->n_bytes = 0;
}

void heed_evidence_add(heed_evidence *evidence, const heed_word *word,
                       const char *text, size_t length)
{
    if (evidence->n_alternatives == 0)
        return;

    const size_t i = evidence->n_alternatives - 1;
    const size_t capacity = text_bytes(&evidence->config);
    heed_alternative *alternative = &evidence->alternatives[i];
    char *copy = evidence->bytes + i * capacity + evidence->n_bytes;

    if (alternative->n_words == evidence->config.max_tokens ||
        evidence->n_bytes + length + 1 > capacity)
        return;
    memcpy(copy, text, length);
    copy[length] = '\0';
    evidence->n_bytes += length + 1;

    heed_word *last = &words_of(evidence, i)[alternative->n_words++];

    *last = *word;
    last->text = copy;
}

void heed_evidence_map(heed_evidence *evidence, size_t first, size_t n_tokens,
                       bool heard)
{
    const size_t n_words = evidence->alternatives[0].n_words;

    for (size_t i = 0; evidence->n_alternatives > 0 && i < n_tokens; i++)
        evidence->token_words[first + i] =
            heard && n_words > 0 ? n_words - 1 : HEED_NO_WORD;
}

/* Returns the next letter's label, a space's after a word, or the blank's at
 * the end. What has no label makes no difference. */
static int next_label(const heed_alternative *text, size_t *word, size_t *byte)
{
    while (*word < text->n_words) {
        const char c = text->words[*word].text[*byte];
        const int label = heed_ctc_label((unsigned char)c);

        if (c == '\0') {
            ++*word;
            *byte = 0;
            return HEED_CTC_SPACE;
        }
        ++*byte;
        if (label >= 0)
            return label;
    }
    return HEED_CTC_BLANK;
}

static bool same_words(const heed_alternative *a, const heed_alternative *b)
{
    size_t a_word = 0;
    size_t a_byte = 0;
    size_t b_word = 0;
    size_t b_byte = 0;
    int label;

    do {
        label = next_label(a, &a_word, &a_byte);
        if (label != next_label(b, &b_word, &b_byte))
            return false;
    } while (label != HEED_CTC_BLANK);
    return true;
}

void heed_evidence_end(heed_evidence *evidence)
{
    const size_t last = evidence->n_alternatives - 1;

    for (size_t i = 0; i < last; i++) {
        if (same_words(&evidence->alternatives[i],
                       &evidence->alternatives[last])) {
            evidence->n_alternatives--;
            return;
        }
    }
}

/* ---- Details -------------------------------------------------------- */

static size_t likeliest(const float *log_probs)
{
    size_t best = 0;

    for (size_t i = 1; i < HEED_CTC_LABELS; i++)
        if (log_probs[i] > log_probs[best])
            best = i;
    return best;
}

static char letter_of(size_t label)
{
    if (label == HEED_CTC_SPACE)
        return ' ';
    return label == HEED_CTC_APOSTROPHE
               ? '\''
               : (char)('A' + (int)label - (int)HEED_CTC_A);
}

/* A run of frames whose likeliest label is the same letter is a spike where
 * that is likeliest. */
static void find_spikes(heed_spike *spikes, heed_segment *segment)
{
    size_t before = HEED_CTC_BLANK;

    segment->spikes = spikes;
    for (size_t t = 0; t < segment->n_frames; t++) {
        const float *row = segment->posteriors + t * HEED_CTC_LABELS;
        const size_t label = likeliest(row);
        const double probability = exp((double)row[label]);
        const bool is_new = label != before;

        before = label;
        if (label == HEED_CTC_BLANK)
            continue;
        if (is_new)
            spikes[segment->n_spikes++] =
                (heed_spike){.letter = letter_of(label)};

        heed_spike *spike = &spikes[segment->n_spikes - 1];

        if (probability <= spike->probability)
            continue;
        spike->probability = probability;
        spike->frame = t;
        spike->time_s = segment->start_s + ((double)t + 0.5) * segment->frame_s;
    }
}

void heed_evidence_detail(heed_evidence *evidence, heed_segment *segment,
                          const heed_tokenizer *tokenizer,
                          const uint32_t *tokens, const float *log_probs,
                          size_t n_tokens, const float *posteriors)
{
    for (size_t i = 0; i < n_tokens; i++) {
        heed_token *token = &evidence->tokens[i];

        token->text =
            heed_tokenizer_text(tokenizer, tokens[i], &token->n_bytes);
        token->log_prob = (double)log_probs[i];
        token->word = evidence->token_words[i];
    }
    segment->tokens = evidence->tokens;
    segment->n_tokens = n_tokens;
    segment->attention = evidence->attention;
    segment->posteriors = posteriors;
    find_spikes(evidence->spikes, segment);
}

void heed_evidence_tell(heed_evidence *evidence, heed_segment *segment)
{
    segment->alternatives = evidence->alternatives;
    segment->n_alternatives = evidence->n_alternatives;
    evidence->config.listener(evidence->config.user, segment);
}
