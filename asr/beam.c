/* beam.c - see beam.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/beam.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "asr/ctc.h"

/* A token so much less likely than the decoder's first choice is none. */
#define NEGLIGIBLE 8.0F
/* Nothing that is written on gets so much better than it is. */
#define HOPE 1.0F
/* A text so much worse than the best one of as many tokens is not written on.
 * What phrases and a language model know tells later. */
#define BEHIND         3.0F
#define BEHIND_KNOWING 4.0F
/* A letter of a phrase that the decoder does not think of is in the audio if
 * it costs the CTC at most so much, ... */
#define HEARD_BADLY 2.5F
/* ... and the decoder not so much more than what it would think of. */
#define UNLIKELY 12.0F
/* What is so much worse than the best text is not worth being told. */
#define WORSE 16.0F
/* From which probability on a frame has a letter, and frames (0.15 s) by which
 * a token may come after the last one that has. */
#define MIN_LETTER_PROB 0.2F
#define LATE_FRAMES     6
/* A token that looks at the silence after those at most so many times as much
 * only glances there. */
#define GLANCE 10.0F
/* Tokens that are passed over together. */
#define AT_ONCE 32

/* ---- Creation ------------------------------------------------------- */

void heed_beam_init(heed_beam *beam, const heed_beam_config *config,
                    heed_decoder *decoder, const heed_beam_parts *parts,
                    size_t reach_frames, heed_arena *arena)
{
    const size_t n = config->n_texts;
    const size_t n_letters = 2 * n + 1;
    const size_t max_frames = decoder->limits.max_frames;
    heed_prefix_score *letters;

    *beam = (heed_beam){.config = *config,
                        .decoder = decoder,
                        .tokenizer = parts->tokenizer,
                        .lm = parts->lm,
                        .phrases = parts->phrases};
    heed_prefix_frames_init(&beam->frames, max_frames, reach_frames, arena);
    beam->texts = heed_arena_take(arena, n, sizeof(*beam->texts));
    beam->next = heed_arena_take(arena, n, sizeof(*beam->next));
    beam->ends = heed_arena_take(arena, config->max_ends, sizeof(*beam->ends));
    beam->candidates = heed_arena_take(arena, n, sizeof(*beam->candidates));
    beam->lanes = heed_arena_take(arena, n, sizeof(*beam->lanes));
    beam->logits = heed_arena_take(
        arena, n, decoder->weights->embed.n_out * sizeof(float));
    beam->spare = heed_arena_take(arena, n_letters, sizeof(*beam->spare));
    letters = heed_arena_take(arena, n_letters, sizeof(*letters));
    for (size_t i = 0; i < n_letters; i++) {
        heed_prefix_score one;

        heed_prefix_score_init(&one, max_frames, arena);
        if (letters != NULL && beam->spare != NULL) {
            letters[i] = one;
            beam->spare[i] = &letters[i];
        }
    }
    beam->n_spare = n_letters;
}

/* ---- Scores --------------------------------------------------------- */

/* What the phrases in a text, complete or begun, add to its score. */
static float phrase_bonus(const heed_beam *beam, const heed_phrase_state *state)
{
    return beam->phrases != NULL ? beam->config.phrase_weight *
                                       heed_phrase_worth(state, beam->phrases)
                                 : 0.0F;
}

static float total(const heed_beam *beam, float attention, float letters,
                   const heed_word_score *words,
                   const heed_phrase_state *phrases)
{
    const heed_beam_config *config = &beam->config;

    return phrase_bonus(beam, phrases) +
           (1.0F - config->letter_weight) * attention +
           config->letter_weight * letters +
           config->lm_weight * (words->complete + words->begun) +
           config->word_bonus * (float)words->n_words;
}

/* Both of them take the token's text as it is. */
static void append_token(const heed_beam *beam, heed_word_score *words,
                         heed_phrase_state *phrases, uint32_t token)
{
    size_t length = 0;
    const char *text = heed_tokenizer_text(beam->tokenizer, token, &length);

    heed_word_score_append(words, beam->lm, text, length);
    if (beam->phrases != NULL)
        heed_phrase_append(phrases, beam->phrases, text, length);
}

void heed_beam_spell(const heed_beam *beam, heed_prefix_score *letters,
                     uint32_t token)
{
    size_t length = 0;
    const char *text = heed_tokenizer_text(beam->tokenizer, token, &length);
    bool space = length > 0 && text[0] == ' ';

    for (size_t i = 0; i < length; i++) {
        const int label = heed_ctc_label((unsigned char)text[i]);

        if (label < 0)
            continue;
        if (space && letters->last != HEED_CTC_BLANK)
            heed_prefix_score_extend(letters, letters, &beam->frames,
                                     HEED_CTC_SPACE);
        heed_prefix_score_extend(letters, letters, &beam->frames,
                                 (uint8_t)label);
        space = false;
    }
}

/* ---- Candidates ----------------------------------------------------- */

static bool is_full(const heed_beam *beam)
{
    return beam->n_candidates == beam->config.n_texts;
}

/* Returns whether a candidate of at most this score need not be looked at. */
static bool is_hopeless(const heed_beam *beam, float score)
{
    return is_full(beam) &&
           !(score > beam->candidates[beam->n_candidates - 1].score);
}

/* Gives the candidate a place among the best so far, whose worst one has to
 * go if there are too many. */
static void keep(heed_beam *beam, const heed_beam_candidate *candidate)
{
    size_t i = beam->n_candidates;

    if (is_full(beam)) {
        heed_prefix_score *letters = beam->candidates[--i].letters;

        if (letters != NULL)
            beam->spare[beam->n_spare++] = letters;
    } else {
        beam->n_candidates++;
    }
    while (i > 0 && beam->candidates[i - 1].score < candidate->score) {
        beam->candidates[i] = beam->candidates[i - 1];
        i--;
    }
    beam->candidates[i] = *candidate;
}

/* The text ends here. */
static void consider_end(heed_beam *beam, heed_beam_candidate *candidate)
{
    const heed_beam_text *parent = candidate->parent;

    heed_word_score_end(&candidate->words, beam->lm);
    if (beam->phrases != NULL)
        heed_phrase_end(&candidate->phrases, beam->phrases);
    candidate->spelling =
        heed_prefix_score_whole(parent->letters, &beam->frames);
    candidate->score =
        total(beam, parent->attention + candidate->log_prob,
              candidate->spelling, &candidate->words, &candidate->phrases);
    if (!is_hopeless(beam, candidate->score))
        keep(beam, candidate);
}

/* A token that a text may go on with. */
typedef struct heed_beam_step {
    uint32_t token;
    float log_prob;
    size_t row; /* where the decoder looks */
} heed_beam_step;

/* Digits have no letters that could be heard: numbers are written in words. */
static bool has_digit(const heed_beam *beam, uint32_t token)
{
    size_t length = 0;
    const char *text = heed_tokenizer_text(beam->tokenizer, token, &length);

    for (size_t i = 0; i < length; i++)
        if (text[i] >= '0' && text[i] <= '9')
            return true;
    return false;
}

/* `parent` goes on with `token`, whose letters may cost so much. */
static void consider(heed_beam *beam, const heed_beam_text *parent,
                     const heed_beam_step *step, float max_cost)
{
    heed_beam_candidate candidate = {.parent = parent,
                                     .token = step->token,
                                     .log_prob = step->log_prob,
                                     .row = step->row,
                                     .words = parent->words,
                                     .phrases = parent->phrases};
    const float attention = parent->attention + step->log_prob;
    heed_stage before;

    if (step->token == heed_tokenizer_eos(beam->tokenizer)) {
        consider_end(beam, &candidate);
        return;
    }
    if (has_digit(beam, step->token))
        return;
    before = heed_profile_enter(beam->decoder->profile, HEED_STAGE_LM);
    append_token(beam, &candidate.words, &candidate.phrases, step->token);
    heed_profile_leave(beam->decoder->profile, before);
    if (is_hopeless(beam, total(beam, attention, parent->letters->log_prob,
                                &candidate.words, &candidate.phrases)))
        return;
    candidate.letters = beam->spare[--beam->n_spare];
    heed_prefix_score_continue(candidate.letters, parent->letters,
                               &beam->frames);
    heed_beam_spell(beam, candidate.letters, step->token);
    candidate.spelling = candidate.letters->log_prob;
    candidate.score = total(beam, attention, candidate.spelling,
                            &candidate.words, &candidate.phrases);
    if (is_hopeless(beam, candidate.score) ||
        candidate.spelling < parent->letters->log_prob - max_cost)
        beam->spare[beam->n_spare++] = candidate.letters;
    else
        keep(beam, &candidate);
}

/* Returns whether one of AT_ONCE values is larger than `limit`: a loop for
 * vectors, which one that ends early is not. */
static bool any_above(const float *values, float limit)
{
    int n = 0;

    for (size_t i = 0; i < AT_ONCE; i++)
        n |= values[i] > limit;
    return n != 0;
}

/* The `n` <= HEED_MAX_BEAM + 1 likeliest tokens, the likeliest first. */
static void pick_tokens(const float *log_probs, size_t n_vocabulary,
                        uint32_t *tokens, size_t n)
{
    size_t n_picked = 0;

    for (size_t v = 0; v < n_vocabulary; v++) {
        size_t i = n_picked;

        while (n_picked == n && v + AT_ONCE <= n_vocabulary &&
               !any_above(log_probs + v, log_probs[tokens[n - 1]]))
            v += AT_ONCE;
        if (v == n_vocabulary)
            break;
        if (n_picked == n && !(log_probs[v] > log_probs[tokens[n - 1]]))
            continue;
        if (n_picked < n)
            n_picked++;
        else
            i--;
        while (i > 0 && log_probs[tokens[i - 1]] < log_probs[v]) {
            tokens[i] = tokens[i - 1];
            i--;
        }
        tokens[i] = (uint32_t)v;
    }
}

/* Index of the largest of `n` > 0 values. */
static size_t peak(const float *values, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

/* Returns where text number `i` looks most, its row of the decoder being the
 * `i`th: but for a glance at the silence at the end, which the attention also
 * rests on, above all when a text begins. */
static size_t place(const heed_beam *beam, size_t i, size_t n_frames)
{
    const heed_decoder *decoder = beam->decoder;
    const float *attention =
        decoder->attention + i * decoder->limits.max_frames;
    const size_t row = peak(attention, n_frames);
    const size_t spoken = peak(attention, beam->n_spoken);

    return attention[row] <= GLANCE * attention[spoken] ? spoken : row;
}

/* Considers the tokens that spell on what a phrase begins with, from `node`
 * down, though the decoder would not pick them, if their letters are heard:
 * those not less likely than `least` once their letters' worth is added. */
static void consider_phrases(heed_beam *beam, const heed_beam_text *text,
                             uint32_t node, float *log_probs, float least,
                             size_t row)
{
    const heed_phrase_trie *trie = beam->phrases;
    const heed_phrase_node *from = &trie->nodes[node];
    const float before = phrase_bonus(beam, &text->phrases);

    for (size_t i = 0; i < from->n_tokens; i++) {
        const uint32_t token = trie->tokens[from->first_token + i];
        const heed_beam_step step = {
            .token = token, .log_prob = log_probs[token], .row = row};
        heed_phrase_state state = text->phrases;
        size_t length = 0;
        const char *spelled =
            heed_tokenizer_text(beam->tokenizer, token, &length);

        if (step.log_prob < least - UNLIKELY)
            continue;
        heed_phrase_append(&state, trie, spelled, length);
        if (step.log_prob + phrase_bonus(beam, &state) - before < least)
            continue;
        consider(beam, text, &step, HEARD_BADLY * (float)length);
        log_probs[token] = -INFINITY; /* it may lead on from elsewhere, too */
    }
}

/* Considers what may follow text number `i`, whose row of the decoder is the
 * `i`th. */
static void go_on(heed_beam *beam, size_t i, size_t n_frames)
{
    const heed_decoder *decoder = beam->decoder;
    const heed_beam_text *text = &beam->texts[i];
    const size_t n_vocabulary = decoder->weights->embed.n_out;
    const size_t n_picked = beam->config.n_texts + 1;
    float *log_probs = beam->logits + i * n_vocabulary;
    const size_t row = place(beam, i, n_frames);
    uint32_t tokens[HEED_MAX_BEAM + 1] = {0};

    decoder->kernels->log_softmax(log_probs, log_probs, n_vocabulary);
    pick_tokens(log_probs, n_vocabulary, tokens,
                n_picked < n_vocabulary ? n_picked : n_vocabulary);

    const float least = log_probs[tokens[0]] - NEGLIGIBLE;

    for (size_t k = 0; k < n_picked && k < n_vocabulary; k++) {
        const heed_beam_step step = {
            .token = tokens[k], .log_prob = log_probs[tokens[k]], .row = row};

        if (step.log_prob < least)
            break;
        consider(beam, text, &step, INFINITY);
        log_probs[tokens[k]] = -INFINITY; /* not to be considered again */
    }
    if (beam->phrases == NULL)
        return;
    consider_phrases(beam, text, 0, log_probs, least, row);
    if (text->phrases.node != 0 && !text->phrases.gap)
        consider_phrases(beam, text, text->phrases.node, log_probs, least, row);
}

/* ---- Texts ---------------------------------------------------------- */

/* `*text` = the candidate's parent with its token. */
static void write_text(const heed_beam *beam, heed_beam_text *text,
                       const heed_beam_candidate *candidate)
{
    const size_t n = candidate->parent->n_tokens;

    *text = *candidate->parent;
    text->score = candidate->score;
    text->attention += candidate->log_prob;
    text->spelling = candidate->spelling;
    text->words = candidate->words;
    text->phrases = candidate->phrases;
    text->letters = candidate->letters;
    if (candidate->token == heed_tokenizer_eos(beam->tokenizer))
        return;
    text->tokens[n] = candidate->token;
    text->log_probs[n] = candidate->log_prob;
    text->rows[n] = (uint16_t)candidate->row;
    text->n_tokens = n + 1;
    if (heed_hypothesis_is_spelled(beam->tokenizer, candidate->token))
        heed_progress_follow(&text->progress, n, candidate->row);
    else
        heed_progress_skip(&text->progress);
}

/* A place in a text's letters. */
typedef struct spelling_cursor {
    const heed_beam_text *text;
    size_t token;
    size_t byte; /* of the token */
    bool gap;    /* something that is no letter lies before it ... */
    bool begun;  /* ... and a letter does */
} spelling_cursor;

/* Returns the next label of the text's words, a space between two of them, or
 * HEED_CTC_BLANK at its end. */
static int next_label(const heed_tokenizer *tokenizer, spelling_cursor *at)
{
    while (at->token < at->text->n_tokens) {
        size_t length = 0;
        const char *text = heed_tokenizer_text(
            tokenizer, at->text->tokens[at->token], &length);
        const int label = at->byte < length
                              ? heed_ctc_label((unsigned char)text[at->byte])
                              : -1;

        if (label >= 0 && at->gap && at->begun) {
            at->gap = false;
            return HEED_CTC_SPACE;
        }
        if (at->byte < length) {
            at->byte++;
            at->gap = label < 0;
        } else {
            at->token++;
            at->byte = 0;
        }
        if (label >= 0) {
            at->begun = true;
            return label;
        }
    }
    return HEED_CTC_BLANK;
}

/* Returns whether two texts differ in nothing but case and punctuation. */
static bool same_words(const heed_beam *beam, const heed_beam_text *a,
                       const heed_beam_text *b)
{
    spelling_cursor at = {.text = a};
    spelling_cursor bt = {.text = b};
    int label;

    do {
        label = next_label(beam->tokenizer, &at);
        if (label != next_label(beam->tokenizer, &bt))
            return false;
    } while (label != HEED_CTC_BLANK);
    return true;
}

/* Makes room for a complete text that is better than one of the same words.
 * Returns false if there is a better one, or if the other is `fixed`: among
 * the first so many. */
static bool replace_same(heed_beam *beam, const heed_beam_text *text,
                         size_t fixed)
{
    for (size_t i = 0; i < beam->n_ends; i++) {
        if (!same_words(beam, &beam->ends[i], text))
            continue;
        if (i < fixed || beam->ends[i].score >= text->score)
            return false;
        beam->n_ends--;
        memmove(&beam->ends[i], &beam->ends[i + 1],
                (beam->n_ends - i) * sizeof(beam->ends[0]));
        break;
    }
    return true;
}

/* Gives a complete text its place among the others, if it is good enough;
 * after the first `fixed` ones. */
static void end_text(heed_beam *beam, const heed_beam_text *text, size_t fixed)
{
    if (!replace_same(beam, text, fixed))
        return;

    size_t i = beam->n_ends;

    if (beam->n_ends < beam->config.max_ends)
        beam->n_ends++;
    else if (beam->ends[--i].score >= text->score || i < fixed)
        return;
    while (i > fixed && beam->ends[i - 1].score < text->score) {
        beam->ends[i] = beam->ends[i - 1];
        i--;
    }
    beam->ends[i] = *text;
    beam->ends[i].letters = NULL;
}

/* Returns whether a text of this score is given up. Ends are, too: one that is
 * far behind texts of as many tokens would win by being short. */
static bool is_behind(const heed_beam *beam, float score)
{
    return score < beam->candidates[0].score - beam->behind ||
           (beam->n_ends > 0 && score + beam->hope <= beam->ends[0].score);
}

/* Makes the candidates the texts to go on with, or complete ones, which come
 * after the first `fixed` ones, but for those far behind. A loop is neither;
 * `*fallback` gets the best of those. */
static void select_texts(heed_beam *beam, heed_beam_text *fallback,
                         size_t fixed)
{
    heed_beam_text *old = beam->texts;
    const size_t n_old = beam->n_texts;
    size_t n = 0;

    for (size_t i = 0; i < beam->n_candidates; i++) {
        const heed_beam_candidate *candidate = &beam->candidates[i];
        heed_beam_text *text = &beam->next[n];

        if (is_behind(beam, candidate->score)) {
            if (candidate->letters != NULL)
                beam->spare[beam->n_spare++] = candidate->letters;
            continue;
        }
        write_text(beam, text, candidate);
        if (candidate->token == heed_tokenizer_eos(beam->tokenizer)) {
            end_text(beam, text, fixed);
        } else if (heed_progress_is_loop(&text->progress)) {
            if (text->score > fallback->score)
                *fallback = *text;
            beam->spare[beam->n_spare++] = text->letters;
        } else {
            n++;
        }
    }
    for (size_t i = 0; i < n_old; i++)
        beam->spare[beam->n_spare++] = old[i].letters;
    beam->n_candidates = 0;
    beam->texts = beam->next;
    beam->n_texts = n;
    beam->next = old;
}

/* ---- Lanes ---------------------------------------------------------- */

/* Rows that the lane has in common with the text. */
static size_t common_rows(const heed_beam_lane *lane,
                          const heed_beam_text *text)
{
    size_t n = 0;

    while (n + 1 < lane->n_rows && n < text->n_tokens &&
           lane->tokens[n] == text->tokens[n])
        n++;
    return lane->n_rows > 0 ? n + 1 : 0;
}

/* Moves the text, which has one token more than its lane, to `lane`. */
static void move_text(heed_beam *beam, heed_beam_text *text, size_t lane)
{
    heed_beam_lane *to = &beam->lanes[lane];
    const size_t n_rows = text->n_tokens;

    heed_decoder_copy(beam->decoder, lane, text->lane, common_rows(to, text),
                      n_rows);
    memcpy(to->tokens, text->tokens, text->n_tokens * sizeof(uint32_t));
    to->n_rows = n_rows;
    text->lane = lane;
}

/* Gives each text a lane of its own: the first child stays in its parent's,
 * the others move to lanes that nobody is in. */
static void assign_lanes(heed_beam *beam)
{
    size_t owners[HEED_MAX_BEAM] = {0}; /* 1 + text, or 0 */
    size_t lane = 0;

    for (size_t i = 0; i < beam->n_texts; i++)
        if (owners[beam->texts[i].lane] == 0)
            owners[beam->texts[i].lane] = i + 1;
    for (size_t i = 0; i < beam->n_texts; i++) {
        if (owners[beam->texts[i].lane] == i + 1)
            continue;
        while (owners[lane] != 0)
            lane++;
        move_text(beam, &beam->texts[i], lane);
        owners[lane] = i + 1;
    }
}

/* Runs the decoder over the last token of each text. */
static void step(heed_beam *beam, size_t n_frames)
{
    heed_decoder_row rows[HEED_MAX_BEAM];

    for (size_t i = 0; i < beam->n_texts; i++) {
        const heed_beam_text *text = &beam->texts[i];
        const size_t n = text->n_tokens;
        heed_beam_lane *lane = &beam->lanes[text->lane];

        rows[i] = (heed_decoder_row){
            .lane = text->lane,
            .position = n,
            .token = n > 0 ? text->tokens[n - 1]
                           : heed_tokenizer_bos(beam->tokenizer)};
        if (n > 0)
            lane->tokens[n - 1] = text->tokens[n - 1];
        lane->n_rows = n + 1;
    }
    heed_decoder_run(beam->decoder, beam->logits, rows, beam->n_texts,
                     n_frames);
}

/* ---- The search ----------------------------------------------------- */

/* Runs the decoder over all but the last of the tokens, in lane 0: over what
 * each of them follows. `attention` is that of heed_beam_look(), or NULL. */
static void fill_lane(heed_beam *beam, float *attention, const uint32_t *tokens,
                      size_t n_tokens, size_t n_frames)
{
    const heed_decoder *decoder = beam->decoder;
    heed_decoder_row rows[HEED_BEAM_ROWS];
    size_t n = 0;

    for (size_t i = 0; i < n_tokens; i++) {
        rows[n++] = (heed_decoder_row){
            .position = i,
            .token =
                i > 0 ? tokens[i - 1] : heed_tokenizer_bos(beam->tokenizer)};
        if (n < HEED_BEAM_ROWS && i + 1 < n_tokens)
            continue;
        heed_decoder_run(beam->decoder, NULL, rows, n, n_frames);
        for (size_t r = 0; attention != NULL && r < n; r++)
            memcpy(attention + (i + 1 - n + r) * n_frames,
                   decoder->attention + r * decoder->limits.max_frames,
                   n_frames * sizeof(float));
        n = 0;
    }
    memcpy(beam->lanes[0].tokens, tokens, n_tokens * sizeof(uint32_t));
    beam->lanes[0].n_rows = n_tokens;
}

void heed_beam_look(heed_beam *beam, float *attention, const uint32_t *tokens,
                    size_t n_tokens, size_t n_frames)
{
    fill_lane(beam, attention, tokens, n_tokens, n_frames);
}

/* Returns up to which frame anything is said: a little after the last
 * letter. */
static size_t spoken_frames(const heed_beam_task *task)
{
    size_t n = task->n_frames;

    while (n > 0 &&
           heed_ctc_letter_prob(task->log_probs + (n - 1) * HEED_CTC_LABELS) <
               MIN_LETTER_PROB)
        n--;
    return n > 0 && n + LATE_FRAMES < task->n_frames ? n + LATE_FRAMES
                                                     : task->n_frames;
}

/* The only text is the task's. */
static void begin(heed_beam *beam, const heed_beam_task *task)
{
    heed_beam_text *text = &beam->texts[0];

    for (size_t i = 0; i < beam->config.n_texts; i++)
        beam->lanes[i].n_rows = 0;
    heed_prefix_frames_set(&beam->frames, task->log_probs, task->n_frames);
    beam->n_spoken = task->is_last ? spoken_frames(task) : task->n_frames;
    beam->n_texts = 1;
    *text = (heed_beam_text){.n_tokens = task->n_tokens};
    memcpy(text->tokens, task->tokens, task->n_tokens * sizeof(uint32_t));
    heed_progress_begin(&text->progress, task->n_tokens, task->row);
    text->letters = beam->spare[--beam->n_spare];
    heed_prefix_score_continue(text->letters, task->letters, &beam->frames);
    heed_word_score_begin(&text->words, beam->lm);
    if (beam->phrases != NULL)
        heed_phrase_begin(&text->phrases, beam->phrases);
    for (size_t i = 0; i < task->n_tokens; i++)
        append_token(beam, &text->words, &text->phrases, task->tokens[i]);
    text->phrases.reward = 0.0F;
    fill_lane(beam, NULL, text->tokens, text->n_tokens, task->n_frames);
}

/* Returns whether the best text that is not complete may still be written on
 * and comes near enough to the best complete one. */
static bool goes_on(const heed_beam *beam, size_t max_tokens, float hope)
{
    return beam->n_texts > 0 && beam->texts[0].n_tokens < max_tokens &&
           (beam->n_ends == 0 ||
            beam->texts[0].score + hope > beam->ends[0].score);
}

/* Writes on all texts by a token. */
static void write_on(heed_beam *beam, size_t n_frames, heed_beam_text *fallback,
                     size_t fixed)
{
    step(beam, n_frames);
    for (size_t i = 0; i < beam->n_texts; i++)
        go_on(beam, i, n_frames);
    select_texts(beam, fallback, fixed);
    assign_lanes(beam);
}

/* Forgets what is not complete. */
static void drop_texts(heed_beam *beam)
{
    for (size_t i = 0; i < beam->n_texts; i++)
        beam->spare[beam->n_spare++] = beam->texts[i].letters;
    beam->n_texts = 0;
}

/* Leaves the best text, and maybe others, in `ends`. */
static void find_best(heed_beam *beam, const heed_beam_task *task)
{
    heed_beam_text fallback;

    beam->n_ends = 0;
    beam->hope = HOPE;
    beam->behind =
        beam->phrases != NULL || beam->lm != NULL ? BEHIND_KNOWING : BEHIND;
    begin(beam, task);
    fallback = beam->texts[0];
    fallback.score = -INFINITY;
    while (goes_on(beam, task->max_tokens, HOPE))
        write_on(beam, task->n_frames, &fallback, 0);
    if (beam->n_ends == 0)
        end_text(beam, beam->n_texts > 0 ? &beam->texts[0] : &fallback, 0);
    drop_texts(beam);
}

/* Searches once more for what comes after the best text, far behind it. */
static void find_others(heed_beam *beam, const heed_beam_task *task)
{
    heed_beam_text loop = {.score = INFINITY}; /* not asked for */

    beam->hope = beam->behind = WORSE;
    begin(beam, task);
    while (goes_on(beam, task->max_tokens,
                   beam->n_ends < task->n_wanted ? WORSE : HOPE))
        write_on(beam, task->n_frames, &loop, 1);
    drop_texts(beam);
}

void heed_beam_run(heed_beam *beam, const heed_beam_task *task)
{
    find_best(beam, task);
    if (task->n_wanted > 1)
        find_others(beam, task);
}
