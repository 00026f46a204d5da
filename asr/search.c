/* search.c - see search.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/search.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Frames kept before the first letter of a segment: a spike comes later than
 * the sound it stands for. */
#define PREROLL_FRAMES 25
/* Most tokens per second of audio: nobody speaks faster, loops do. */
#define TOKENS_PER_SECOND 8.0
/* From which probability on a frame counts as having a letter. */
#define MIN_LETTER_PROB 0.2F
/* Tokens without the attention advancing that make a loop, ... */
#define STUCK_TOKENS 10
/* ... and with it so many rows (0.3 s) back: a text begun anew. Fewer at its
 * end are already not believed. */
#define BACK_TOKENS        4
#define BACK_TOKENS_AT_END 2
#define BACK_ROWS          12
/* Rows by which a word may come after the last frame with a letter. */
#define LATE_ROWS 12
/* So many frames with letters, so many rows after all that was attended to,
 * show that the decoder stopped too early. */
#define UNHEARD_LETTERS    10
#define UNHEARD_AFTER_ROWS 16
/* A word whose letters the CTC hears worse than this (mean log posterior of
 * the best frame of each) is not in the audio. */
#define MIN_SUPPORT (-12.0F)

void heed_search_init(heed_search *search, const heed_search_config *config,
                      const heed_search_parts *parts,
                      heed_transcript *transcript, heed_arena *arena)
{
    const size_t capacity =
        config->max_segment_frames + config->max_chunk_frames;
    const size_t width = parts->decoder->sizes.width;

    *search = (heed_search){.config = *config,
                            .transcript = transcript,
                            .width = width,
                            .capacity = capacity};
    heed_ctc_init(&search->ctc, parts->ctc, config->max_chunk_frames,
                  parts->kernels, arena);
    heed_decoder_init(&search->decoder, parts->decoder, HEED_MAX_TOKENS + 1,
                      capacity, parts->kernels, arena);
    heed_endpoint_init(&search->endpoint, capacity, config->pause_frames,
                       arena);
    heed_hypothesis_init(&search->hypothesis, parts->tokenizer, capacity,
                         arena);
    search->memory = heed_arena_take(arena, capacity, width * sizeof(float));
    search->log_probs =
        heed_arena_take(arena, capacity, HEED_CTC_LABELS * sizeof(float));
    search->logits =
        heed_arena_take(arena, parts->decoder->embed.n_out, sizeof(float));
}

static void forget_tokens(heed_search *search)
{
    search->hypothesis.n_tokens = 0;
    search->n_committed = 0;
    search->committed_row = 0;
    heed_decoder_rewind(&search->decoder, 0);
}

void heed_search_reset(heed_search *search)
{
    forget_tokens(search);
    heed_ctc_reset(&search->ctc);
    heed_endpoint_drop(&search->endpoint, search->endpoint.n_frames);
    search->n_rows = 0;
    search->n_ahead = 0;
    search->n_set = 0;
    search->first_frame = 0;
    search->segment = 0;
}

/* Forgets the segment's first `n` rows. */
static void drop_rows(heed_search *search, size_t n)
{
    const size_t rest = search->n_rows + search->n_ahead - n;
    const size_t row = search->width;

    memmove(search->memory, search->memory + n * row,
            rest * row * sizeof(float));
    memmove(search->log_probs, search->log_probs + n * HEED_CTC_LABELS,
            rest * HEED_CTC_LABELS * sizeof(float));
    heed_endpoint_drop(&search->endpoint, n);
    search->n_rows -= n;
    search->n_set = 0;
    search->first_frame += n;
}

/* Gives the decoder the keys and values of rows it does not have yet, up to
 * `n_rows`; those of provisional rows are to be computed again. */
static void set_memory(heed_search *search, size_t n_rows)
{
    heed_decoder_set_memory(&search->decoder, search->n_set,
                            search->memory + search->n_set * search->width,
                            n_rows - search->n_set);
    search->n_set = n_rows < search->n_rows ? n_rows : search->n_rows;
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

/* Most tokens that `n_rows` rows of audio can hold. */
static size_t token_limit(const heed_search *search, size_t n_rows)
{
    const double seconds = (double)n_rows * search->config.frame_s;
    const size_t limit = (size_t)(seconds * TOKENS_PER_SECOND) + 2;

    return limit < HEED_MAX_TOKENS ? limit : HEED_MAX_TOKENS;
}

/* Runs the committed tokens, all but the last, over the memory as it is now:
 * their states were made when there was less to hear, and what follows is
 * guessed better from new ones (6 % fewer errors). */
static void renew_committed(heed_search *search, size_t n_rows)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    uint32_t token = heed_tokenizer_bos(hypothesis->tokenizer);

    heed_decoder_rewind(&search->decoder, 0);
    for (size_t i = 0; i < search->n_committed; i++) {
        heed_decoder_step(&search->decoder, NULL, token, n_rows);
        token = hypothesis->tokens[i];
    }
}

/* How far the attention has come. */
typedef struct progress {
    size_t row;     /* that it reached and did not leave at once */
    size_t n_firm;  /* tokens up to the one that looked there, ... */
    size_t n_kept;  /* ... and up to a last one that only glanced ahead */
    size_t last;    /* row that it looked at last, ... */
    size_t n_last;  /* ... and tokens up to that one */
    size_t n_stuck; /* tokens since it advanced, ... */
    size_t n_back;  /* ... of which looked well before it */
} progress;

static bool goes_round(const progress *seen)
{
    return seen->n_stuck >= STUCK_TOKENS || seen->n_back >= BACK_TOKENS;
}

/* Token number `n`, which has letters, looks at `row`. A single glance ahead,
 * as at the end of the memory when a sentence begins, does not count. */
static void follow(progress *seen, size_t n, size_t row)
{
    const bool onward = row >= seen->last;
    const size_t firm = onward ? seen->last : row;

    if (!onward && seen->last > seen->row)
        seen->n_kept = seen->n_last;
    if (firm > seen->row) {
        seen->row = firm;
        seen->n_firm = onward ? seen->n_last : n + 1;
        seen->n_kept = seen->n_firm;
        seen->n_stuck = 0;
        seen->n_back = 0;
    } else if (row + BACK_ROWS < seen->row) {
        seen->n_back++;
    }
    seen->last = row;
    seen->n_last = n + 1;
}

/* Greedy decoding after the committed tokens, over the first `n_rows` rows;
 * the new tokens and their words, timed, are left in the hypothesis. */
static void decode(heed_search *search, size_t n_rows, bool is_last)
{
    heed_hypothesis *hypothesis = &search->hypothesis;
    heed_decoder *decoder = &search->decoder;
    const size_t n_vocabulary = decoder->weights->embed.n_out;
    const size_t limit = token_limit(search, n_rows);
    const uint32_t eos = heed_tokenizer_eos(hypothesis->tokenizer);
    size_t n = search->n_committed;
    progress seen = {.row = search->committed_row,
                     .n_firm = n,
                     .n_kept = n,
                     .last = search->committed_row,
                     .n_last = n};
    uint32_t token = n > 0 ? hypothesis->tokens[n - 1]
                           : heed_tokenizer_bos(hypothesis->tokenizer);

    set_memory(search, n_rows);
    renew_committed(search, n_rows);
    while (n < limit && !goes_round(&seen)) {
        heed_decoder_step(decoder, search->logits, token, n_rows);
        token = (uint32_t)peak(search->logits, n_vocabulary);
        if (token == eos)
            break;
        decoder->kernels->log_softmax(search->logits, search->logits,
                                      n_vocabulary);
        hypothesis->log_probs[n] = search->logits[token];
        hypothesis->tokens[n] = token;
        hypothesis->rows[n] = peak(decoder->attention, n_rows);
        seen.n_stuck++;
        if (heed_hypothesis_is_spelled(hypothesis->tokenizer, token))
            follow(&seen, n, hypothesis->rows[n]);
        n++;
    }
    if (goes_round(&seen) || seen.n_back >= BACK_TOKENS_AT_END)
        n = is_last ? seen.n_kept : seen.n_firm;
    else if (seen.last > seen.row)
        seen.row = seen.last;
    search->reached_row = seen.row;
    hypothesis->n_tokens = n;
    heed_hypothesis_align(hypothesis, search->n_committed,
                          search->committed_row, search->log_probs, n_rows);
}

/* Returns whether the audio supports `word`. */
static bool is_heard(const heed_hypothesis_word *word)
{
    return word->fits && word->support >= MIN_SUPPORT;
}

/* Reports a word. A committed one becomes a part of the decoder's past. */
static void report(heed_search *search, const heed_hypothesis_word *word,
                   bool committed)
{
    const double frame_s = search->config.frame_s;
    char text[HEED_MAX_WORD_BYTES];
    const size_t length = heed_hypothesis_text(&search->hypothesis, word, text);
    const heed_word out = {
        .start_s = (double)(search->first_frame + word->first_row) * frame_s,
        .end_s = (double)(search->first_frame + word->end_row) * frame_s,
        .confidence = word->confidence,
        .committed = committed,
        .segment = search->segment,
    };

    if (length > 0 && is_heard(word))
        (void)heed_transcript_add(search->transcript, &out, text, length);
    if (committed) {
        search->n_committed = word->first_token + word->n_tokens;
        if (word->end_row > search->committed_row)
            search->committed_row = word->end_row;
    }
}

/* Commits the words that end at or before `end_row`, all but the last
 * `n_held`; reports the others as tentative if asked. */
static void report_words(heed_search *search, size_t end_row, size_t n_held,
                         bool tentative)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    size_t i = 0;

    heed_transcript_drop_tentative(search->transcript);
    while (i + n_held < hypothesis->n_words &&
           hypothesis->words[i].peak_row < end_row &&
           hypothesis->words[i].end_row <= end_row)
        report(search, &hypothesis->words[i++], true);
    while (tentative && i < hypothesis->n_words)
        report(search, &hypothesis->words[i++], false);
}

/* Forgets the first `n` rows and all tokens: a new text begins there. */
static void begin_text(heed_search *search, size_t n)
{
    forget_tokens(search);
    drop_rows(search, n);
}

/* Returns where the decoder gave up: a row after all that its attention
 * reached, if it ended its text, or went round in a loop, while letters are
 * still heard well after it; else 0. */
static size_t gave_up_at(const heed_search *search)
{
    const size_t first = search->reached_row + 1;
    const size_t last = first + UNHEARD_AFTER_ROWS;

    if (search->hypothesis.n_tokens == 0 ||
        heed_endpoint_letters_from(&search->endpoint, last) < UNHEARD_LETTERS)
        return 0;
    return heed_endpoint_best_cut(&search->endpoint, first, last);
}

/* Decodes the first `n_rows` rows to their end, in several texts if need be,
 * commits what was said before row `end` and goes on with a new segment
 * there. */
static void end_segment(heed_search *search, size_t end, size_t n_rows)
{
    const size_t n_before = search->transcript->n_committed;
    const bool had_words = search->n_committed > 0;
    size_t cut = end;

    while (search->endpoint.n_letters > 0) {
        decode(search, n_rows, true);
        cut = gave_up_at(search);
        if (cut == 0 || cut >= end)
            break;
        report_words(search, cut, 0, false);
        begin_text(search, cut);
        end -= cut;
        n_rows -= cut;
    }
    if (search->endpoint.n_letters > 0) {
        const size_t last = search->endpoint.last_letter + LATE_ROWS;

        report_words(search, end < last && end < n_rows ? end : last, 0, false);
    }
    if (had_words || search->transcript->n_committed > n_before)
        search->segment++;
    begin_text(search, end);
}

/* Tells what has been said so far: commits words whose frames are final,
 * reports those after them as tentative. */
static void report_progress(heed_search *search)
{
    decode(search, search->n_rows + search->n_ahead, false);

    const size_t cut = gave_up_at(search);

    if (cut > 0 && cut < search->n_rows) {
        report_words(search, cut, 0, false);
        begin_text(search, cut);
    } else {
        report_words(search, search->n_rows, 1, true);
    }
}

/* Returns where to cut a segment that got too long: in its second half, not
 * too near its end, where what follows is not known yet, and never before the
 * end of what is committed, which would be heard twice. */
static size_t best_cut(const heed_search *search)
{
    const size_t n_rows = search->n_rows;
    const size_t half_pause = search->config.pause_frames / 2;
    const size_t margin = half_pause < n_rows / 4 ? half_pause : n_rows / 4;
    const size_t first =
        n_rows / 2 > search->committed_row ? n_rows / 2 : search->committed_row;
    const size_t last = first < n_rows - margin ? n_rows - margin : n_rows;

    return heed_endpoint_best_cut(&search->endpoint, first, last);
}

/* Takes one final frame that lies at row n_rows already. */
static void take_row(heed_search *search)
{
    const size_t row = search->n_rows++;
    const float letter_prob =
        heed_ctc_letter_prob(search->log_probs + row * HEED_CTC_LABELS);

    search->n_ahead--;
    if (heed_endpoint_feed(&search->endpoint, letter_prob >= MIN_LETTER_PROB)) {
        end_segment(search, search->n_rows, search->n_rows);
        return;
    }
    if (search->endpoint.n_letters == 0 && row >= PREROLL_FRAMES)
        drop_rows(search, 1);
    if (search->n_rows >= search->config.max_segment_frames)
        end_segment(search, best_cut(search), search->n_rows);
}

void heed_search_feed(heed_search *search, const float *memory,
                      const float *spelling, size_t n_main, size_t n_ahead)
{
    const size_t n = n_main + n_ahead;

    assert(n <= search->config.max_chunk_frames);
    assert(search->n_rows + n <= search->capacity);
    memcpy(search->memory + search->n_rows * search->width, memory,
           n * search->width * sizeof(float));
    heed_ctc_forward(&search->ctc,
                     search->log_probs + search->n_rows * HEED_CTC_LABELS,
                     spelling, n_main, n_ahead);
    search->n_ahead = n;
    for (size_t i = 0; i < n_main; i++)
        take_row(search);
    if (search->config.incremental && search->endpoint.n_letters > 0) {
        report_progress(search);
    }
    search->n_ahead = 0;
}

void heed_search_finish(heed_search *search)
{
    end_segment(search, search->n_rows, search->n_rows);
}
