/* search.c - see search.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/search.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Frames kept before the first letter of a segment: a spike comes later than
 * the sound it stands for. */
#define PREROLL_FRAMES 25
/* A letter is no further from the next one of its segment than a pause and
 * this. */
#define WORD_REACH_FRAMES 100
/* A live word of less confidence waits for so many frames (0.29 s) more, or for
 * twice as many: what follows may change it. */
#define SURE        0.85F
#define DOUBTFUL    0.7F
#define WAIT_FRAMES 12
/* A text of more rows (3.6 s) is written as it comes, like a live one: begun at
 * the end, a long one is often left off after a few words. */
#define LONG_TEXT_ROWS 150
/* Most tokens per second of audio: nobody speaks faster, loops do. */
#define TOKENS_PER_SECOND 8.0
/* From which probability on a frame counts as having a letter. */
#define MIN_LETTER_PROB 0.2F
/* Rows by which a word may come after the last frame with a letter. */
#define LATE_ROWS 12
/* Rows after that frame that the decoder hears at the end of a segment. */
#define SILENT_ROWS 24
/* So many frames with letters, so many rows after all that was attended to,
 * show that the decoder stopped too early. */
#define UNHEARD_LETTERS    10
#define UNHEARD_AFTER_ROWS 16
/* This part of the longest segment (4 s of 20) is left to the next one as
 * context, where speech goes on. */
#define CONTEXT_PART 5
/* A word whose letters the CTC hears worse than this (mean log posterior of
 * the best frame of each) is not in the audio. */
#define MIN_SUPPORT (-12.0F)
/* The same for the last word of a text: less is one that comes after a pause,
 * known from the look-ahead. */
#define MIN_LAST_SUPPORT (-5.0F)
/* The same for the best word of a text: less is noise. On dev the best of the
 * first three words has more in 37 of 38 texts; most texts that live makes of
 * noise have less. */
#define MIN_BEST_SUPPORT (-1.3F)
/* A text is noise if its words' frames and so many on both sides are, all in
 * all, more likely no speech: on dev no text is below 0.8, and no noise above
 * -0.9, by the mean log odds. */
#define BESIDE_ROWS 8

/* Most tokens that `n_rows` rows of audio can hold. */
static size_t token_limit(const heed_search_config *config, size_t n_rows)
{
    const double seconds = (double)n_rows * config->frame_s;
    const size_t limit = (size_t)(seconds * TOKENS_PER_SECOND) + 2;

    return limit < HEED_MAX_TOKENS ? limit : HEED_MAX_TOKENS;
}

void heed_search_init(heed_search *search, const heed_search_config *config,
                      const heed_search_parts *parts,
                      heed_transcript *transcript, heed_arena *arena)
{
    const size_t capacity =
        config->max_segment_frames + config->max_chunk_frames;
    /* A segment is cut at its longest before a text is made of more. */
    const size_t max_frames =
        config->max_segment_frames + config->max_ahead_frames;
    const size_t width = parts->decoder->sizes.width;
    const heed_decoder_limits limits = {
        .n_lanes = config->beam.n_texts,
        .max_rows = HEED_BEAM_ROWS,
        .max_tokens = token_limit(config, max_frames),
        .max_frames = max_frames,
    };
    const heed_beam_parts beam = {
        .tokenizer = parts->tokenizer,
        .lm = parts->lm,
        .phrases = parts->hotwords != NULL ? &parts->hotwords->trie : NULL,
    };

    *search = (heed_search){.config = *config,
                            .transcript = transcript,
                            .hotwords = parts->hotwords,
                            .width = width,
                            .capacity = capacity};
    heed_decoder_init(&search->decoder, parts->decoder, &limits, parts->kernels,
                      arena);
    heed_beam_init(&search->beam, &config->beam, &search->decoder, &beam,
                   config->pause_frames + WORD_REACH_FRAMES, arena);
    heed_prefix_score_init(&search->committed_letters, max_frames, arena);
    heed_endpoint_init(&search->endpoint, capacity, config->pause_frames,
                       arena);
    heed_hypothesis_init(&search->hypothesis, parts->tokenizer, max_frames,
                         arena);
    search->config.evidence.max_tokens = limits.max_tokens;
    search->config.evidence.max_frames = max_frames;
    heed_evidence_init(&search->evidence, &search->config.evidence, arena);
    search->before = heed_arena_take(arena, HEED_MAX_TOKENS, sizeof(uint32_t));
    search->memory = heed_arena_take(arena, capacity, width * sizeof(float));
    search->log_probs =
        heed_arena_take(arena, capacity, HEED_CTC_LABELS * sizeof(float));
    if (parts->voice == NULL || isinf(config->min_log_confidence))
        return;
    search->voice = parts->voice;
    search->log_odds = heed_arena_take(arena, capacity, sizeof(float));
}

static void forget_tokens(heed_search *search)
{
    search->hypothesis.n_tokens = 0;
    search->n_before = 0;
    search->n_committed = 0;
    search->committed_row = 0;
    heed_prefix_score_begin(&search->committed_letters);
    search->heard_again = false;
    heed_evidence_reset(&search->evidence);
    if (search->hotwords != NULL)
        heed_phrase_begin(&search->phrases, &search->hotwords->trie);
}

void heed_search_reset(heed_search *search)
{
    forget_tokens(search);
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
    if (search->voice != NULL)
        memmove(search->log_odds, search->log_odds + n, rest * sizeof(float));
    heed_endpoint_drop(&search->endpoint, n);
    search->n_rows -= n;
    search->n_set = 0;
    search->first_frame += n;
}

/* Gives the decoder the keys and values of rows it does not have yet, up to
 * `n_rows`; those of provisional rows are to be computed again. */
static void set_memory(heed_search *search, size_t n_rows)
{
    const size_t n_set = search->n_set < n_rows ? search->n_set : n_rows;

    heed_decoder_set_memory(&search->decoder, n_set,
                            search->memory + n_set * search->width,
                            n_rows - n_set);
    search->n_set = n_rows < search->n_rows ? n_rows : search->n_rows;
}

/* Makes a text that the beam found the hypothesis. */
static void take_text(heed_search *search, heed_beam_text *text, size_t n_rows,
                      bool is_last)
{
    heed_hypothesis *hypothesis = &search->hypothesis;

    hypothesis->n_tokens =
        heed_progress_end(&text->progress, text->n_tokens, is_last);
    for (size_t i = search->n_given; i < hypothesis->n_tokens; i++) {
        hypothesis->tokens[i] = text->tokens[i];
        hypothesis->log_probs[i] = text->log_probs[i];
        hypothesis->rows[i] = text->rows[i];
    }
    heed_hypothesis_align(hypothesis, search->n_given, search->given_row,
                          search->log_probs, n_rows);
}

/* Scores the letters of the committed text over the first `n_rows` rows, which
 * are others than before. */
static void score_letters(heed_search *search, size_t n_rows)
{
    heed_beam *beam = &search->beam;
    heed_prefix_score *letters = &search->committed_letters;

    heed_prefix_frames_set(&beam->frames, search->log_probs, n_rows);
    heed_prefix_score_begin(letters);
    heed_prefix_score_continue(letters, letters, &beam->frames);
    for (size_t i = 0; i < search->n_committed; i++)
        heed_beam_spell(beam, letters, search->hypothesis.tokens[i]);
    search->heard_again = false;
}

/* Searches on after the committed tokens, over the first `n_rows` rows; the
 * best text and its new words, timed, are left in the hypothesis. The
 * committed tokens' states are made anew, because there is more to hear now:
 * what follows is guessed better (6 % fewer errors). */
static void decode(heed_search *search, size_t n_rows, bool is_last)
{
    heed_hypothesis *hypothesis = &search->hypothesis;
    const heed_beam_task task = {
        .tokens = hypothesis->tokens,
        .n_tokens = search->n_committed,
        .row = search->committed_row,
        .letters = &search->committed_letters,
        .log_probs = search->log_probs,
        .n_frames = n_rows,
        .is_last = is_last,
        .max_tokens = token_limit(&search->config, n_rows),
        .n_wanted = is_last ? search->config.evidence.n_alternatives : 1,
    };
    heed_beam_text *best = &search->beam.ends[0];

    search->n_given = search->n_committed;
    search->given_row = search->committed_row;
    search->n_given_words = search->evidence.alternatives[0].n_words;
    set_memory(search, n_rows);
    if (search->heard_again)
        score_letters(search, n_rows);
    heed_beam_run(&search->beam, &task);
    take_text(search, best, n_rows, is_last);
    search->reached_row = best->progress.row;
}

/* Returns whether the audio supports `word`. */
static bool is_heard(const heed_hypothesis_word *word)
{
    return word->fits && word->support >= MIN_SUPPORT;
}

/* Appends a word's letters to those of the committed text. */
static void commit_letters(heed_search *search,
                           const heed_hypothesis_word *word)
{
    const heed_beam *beam = &search->beam;
    heed_prefix_score *letters = &search->committed_letters;

    heed_prefix_score_continue(letters, letters, &beam->frames);
    for (size_t i = 0; i < word->n_tokens; i++)
        heed_beam_spell(beam, letters,
                        search->hypothesis.tokens[word->first_token + i]);
}

/* Writes what is told of a word to `*out`, its text to `text`. Returns the
 * text's length, 0 if the word is refused. */
static size_t describe_word(const heed_search *search,
                            const heed_hypothesis_word *word, bool committed,
                            heed_word *out, char text[HEED_MAX_WORD_BYTES])
{
    const double frame_s = search->config.frame_s;

    *out = (heed_word){
        .start_s = (double)(search->first_frame + word->first_row) * frame_s,
        .end_s = (double)(search->first_frame + word->end_row) * frame_s,
        .confidence = word->confidence,
        .committed = committed,
        .segment = search->segment,
    };
    return is_heard(word)
               ? heed_hypothesis_text(&search->hypothesis, word, text)
               : 0;
}

/* Returns the hotword that ends with a committed word's text, or NULL. */
static const char *match_hotword(heed_search *search, const char *text,
                                 size_t length)
{
    heed_phrase_state ended;

    if (search->hotwords == NULL)
        return NULL;

    const heed_phrase_trie *trie = &search->hotwords->trie;

    heed_phrase_append(&search->phrases, trie, " ", 1);
    heed_phrase_append(&search->phrases, trie, text, length);
    ended = search->phrases;
    ended.match = 0;
    heed_phrase_end(&ended, trie);
    return ended.match > 0
               ? heed_hotwords_text(search->hotwords, ended.match - 1)
               : NULL;
}

/* Reports a word. A committed one becomes a part of the decoder's past. */
static void report(heed_search *search, const heed_hypothesis_word *word,
                   bool committed)
{
    heed_word out;
    char text[HEED_MAX_WORD_BYTES];
    const size_t length = describe_word(search, word, committed, &out, text);

    if (length > 0 && committed)
        out.hotword = match_hotword(search, text, length);
    if (length > 0)
        (void)heed_transcript_add(search->transcript, &out, text, length);
    if (!committed)
        return;
    if (length > 0)
        heed_evidence_add(&search->evidence, &out, text, length);
    heed_evidence_map(&search->evidence, word->first_token, word->n_tokens,
                      length > 0);
    search->n_committed = word->first_token + word->n_tokens;
    commit_letters(search, word);
    if (word->end_row > search->committed_row)
        search->committed_row = word->end_row;
}

/* Returns whether somebody may speak where the text's words lie, all in all. A
 * word alone may lie too early. */
static bool is_spoken(const heed_search *search)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    const size_t n_rows = search->n_rows + search->n_ahead;
    float sum = 0.0F;
    size_t t = 0; /* the next row */

    if (search->voice == NULL || search->n_committed > 0)
        return true;
    for (size_t i = 0; i < hypothesis->n_words; i++) {
        const heed_hypothesis_word *word = &hypothesis->words[i];

        if (word->first_row > t + BESIDE_ROWS)
            t = word->first_row - BESIDE_ROWS;
        while (t < word->end_row + BESIDE_ROWS && t < n_rows)
            sum += search->log_odds[t++];
    }
    return sum >= 0.0F;
}

/* Returns whether the text is more than what a decoder makes of noise: speech,
 * of whose words it is sure, and one of which the CTC hears well. */
static bool is_believed(const heed_search *search)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    const float least = search->config.min_log_confidence;
    float best = -INFINITY;
    float sum = 0.0F;

    if (search->n_committed > 0 || isinf(least))
        return true;
    for (size_t i = 0; i < hypothesis->n_words; i++) {
        const heed_hypothesis_word *word = &hypothesis->words[i];

        sum += logf(word->confidence);
        if (word->fits && word->support > best)
            best = word->support;
    }
    return is_spoken(search) && best >= MIN_BEST_SUPPORT &&
           sum >= (float)hypothesis->n_words * least;
}

/* Returns whether there is a word number `i`, which ends before `end_row`. */
static bool ends_before(const heed_hypothesis *hypothesis, size_t i,
                        size_t end_row)
{
    return i < hypothesis->n_words && hypothesis->words[i].peak_row < end_row &&
           hypothesis->words[i].end_row <= end_row;
}

/* Returns how many words of a text that has ended are believed. */
static size_t n_believed(const heed_search *search)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    size_t n = is_believed(search) ? hypothesis->n_words : 0;

    if (isinf(search->config.min_log_confidence))
        return n;
    while (n > 0 && hypothesis->words[n - 1].support < MIN_LAST_SUPPORT)
        n--;
    return n;
}

/* Commits the words that end at or before `end_row`. */
static void commit_words(heed_search *search, size_t end_row)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    const size_t n = n_believed(search);

    heed_transcript_drop_tentative(search->transcript);
    for (size_t i = 0; i < n && ends_before(hypothesis, i, end_row); i++)
        report(search, &hypothesis->words[i], true);
}

/* ---- What is told of a finished segment ------------------------------- */

/* Sums up the scores of a text that the beam found, `given` being the log
 * probability of the tokens that it began with. */
static void copy_scores(heed_alternative *out, const heed_search *search,
                        const heed_beam_text *text, float given)
{
    const float letter_weight = search->config.beam.letter_weight;

    out->score = (double)(text->score + (1.0F - letter_weight) * given);
    out->attention = (double)(text->attention + given);
    out->letters = (double)text->spelling;
    out->language = (double)text->words.complete;
}

/* Adds a text to the alternatives, as far as it was said before `end_row`. */
static void add_alternative(heed_search *search, heed_beam_text *text,
                            size_t end_row, size_t n_rows)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;

    take_text(search, text, n_rows, true);
    heed_evidence_begin(&search->evidence, search->n_given_words);
    for (size_t i = 0; ends_before(hypothesis, i, end_row); i++) {
        heed_word word;
        char spelled[HEED_MAX_WORD_BYTES];
        const size_t length =
            describe_word(search, &hypothesis->words[i], false, &word, spelled);

        if (length > 0)
            heed_evidence_add(&search->evidence, &word, spelled, length);
    }
    heed_evidence_end(&search->evidence);
}

/* Tells what the committed text, decoded from `n_rows` rows and complete up to
 * `end_row`, rests on. The hypothesis is lost. */
static void tell_segment(heed_search *search, size_t end_row, size_t n_rows)
{
    heed_evidence *evidence = &search->evidence;
    heed_hypothesis *hypothesis = &search->hypothesis;
    heed_beam *beam = &search->beam;
    const double frame_s = search->config.frame_s;
    heed_segment segment = {
        .number = search->segment,
        .start_s = (double)search->first_frame * frame_s,
        .frame_s = frame_s,
        .n_frames = n_rows,
    };
    float given = 0.0F;

    if (!heed_evidence_is_wanted(evidence))
        return;
    if (evidence->config.with_details) {
        heed_beam_look(beam, evidence->attention, hypothesis->tokens,
                       search->n_committed, n_rows);
        heed_evidence_detail(evidence, &segment, hypothesis->tokenizer,
                             hypothesis->tokens, hypothesis->log_probs,
                             search->n_committed, search->log_probs);
    }
    for (size_t i = 0; i < search->n_given; i++)
        given += hypothesis->log_probs[i];
    copy_scores(&evidence->alternatives[0], search, &beam->ends[0], given);
    for (size_t i = 1; i < beam->n_ends && evidence->n_alternatives <
                                               evidence->config.n_alternatives;
         i++) {
        const size_t place = evidence->n_alternatives;

        add_alternative(search, &beam->ends[i], end_row, n_rows);
        if (evidence->n_alternatives > place)
            copy_scores(&evidence->alternatives[place], search, &beam->ends[i],
                        given);
    }
    heed_evidence_tell(evidence, &segment);
}

/* Commits what was said before `end_row` in a text decoded from `n_rows` rows,
 * which ends there, and tells what it rests on. */
static void end_text(heed_search *search, size_t end_row, size_t n_rows)
{
    commit_words(search, end_row);
    tell_segment(search, end_row, n_rows);
}

/* Returns up to which token the hypothesis is what it was a chunk before, and
 * notes what it is now. */
static size_t settled_tokens(heed_search *search)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    size_t n = search->n_committed;

    while (n < search->n_before && n < hypothesis->n_tokens &&
           search->before[n] == hypothesis->tokens[n])
        n++;
    search->n_before = hypothesis->n_tokens;
    memcpy(search->before, hypothesis->tokens,
           hypothesis->n_tokens * sizeof(uint32_t));
    return n;
}

/* Returns how many frames more a word waits for. */
static size_t n_to_wait(const heed_search *search,
                        const heed_hypothesis_word *word)
{
    if (!search->config.incremental || word->confidence >= SURE)
        return 0;
    return word->confidence < DOUBTFUL ? 2 * WAIT_FRAMES : WAIT_FRAMES;
}

/* Returns whether a word's frames are final, and have been since the last
 * chunk if its tokens are new, and for longer if it is not sure. */
static bool is_final(const heed_search *search,
                     const heed_hypothesis_word *word, size_t n_settled,
                     size_t n_main)
{
    const bool settled = word->first_token + word->n_tokens <= n_settled;
    const size_t end =
        word->end_row + (settled ? 0 : n_main) + n_to_wait(search, word);

    return word->peak_row < search->n_rows && end <= search->n_rows;
}

/* Commits the words that are final, all but the last one; reports the others
 * as tentative. */
static void report_words(heed_search *search, size_t n_main)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    const size_t n_settled = settled_tokens(search);
    const bool believed = is_believed(search);
    size_t i = 0;

    heed_transcript_drop_tentative(search->transcript);
    while (believed && i + 1 < hypothesis->n_words &&
           is_final(search, &hypothesis->words[i], n_settled, n_main))
        report(search, &hypothesis->words[i++], true);
    while (i < hypothesis->n_words && is_spoken(search))
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

/* Returns how many of `n_rows` rows the decoder is to hear at the end of a
 * segment: after a long silence it would say the words once more. */
static size_t end_of_speech(const heed_search *search, size_t n_rows)
{
    const size_t end = search->endpoint.last_letter + SILENT_ROWS;

    return end < n_rows ? end : n_rows;
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
        n_rows = end_of_speech(search, n_rows);
        decode(search, n_rows, true);
        cut = gave_up_at(search);
        if (cut == 0 || cut >= end)
            break;
        end_text(search, cut, n_rows);
        begin_text(search, cut);
        end -= cut;
        n_rows -= cut;
    }
    if (search->endpoint.n_letters > 0) {
        const size_t last = search->endpoint.last_letter + LATE_ROWS;

        end_text(search, end < last && end < n_rows ? end : last, n_rows);
    }
    if (had_words || search->transcript->n_committed > n_before)
        search->segment++;
    begin_text(search, end);
}

/* Returns the first token of the committed words that are left to the next
 * segment, n_committed if there are none, and where it begins. */
static size_t context_begin(const heed_search *search, size_t *row)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    const size_t n_rows = search->config.max_segment_frames / CONTEXT_PART;
    size_t first = search->n_committed;

    for (size_t i = search->n_committed; i-- > 1;) {
        if (hypothesis->rows[i] + n_rows < search->committed_row)
            break;
        if (heed_hypothesis_is_spelled(hypothesis->tokenizer,
                                       hypothesis->tokens[i]) &&
            heed_tokenizer_is_word_start(hypothesis->tokenizer,
                                         hypothesis->tokens[i]) &&
            hypothesis->rows[i] > hypothesis->rows[i - 1]) {
            first = i;
            *row = heed_endpoint_best_cut(&search->endpoint,
                                          hypothesis->rows[i - 1],
                                          hypothesis->rows[i]);
        }
    }
    return first;
}

/* Forgets the first `n` tokens, which were said in the first `n_rows` rows. */
static void forget_past(heed_search *search, size_t n, size_t n_rows)
{
    heed_hypothesis *hypothesis = &search->hypothesis;
    const size_t rest = hypothesis->n_tokens - n;

    memmove(hypothesis->tokens, hypothesis->tokens + n,
            rest * sizeof(uint32_t));
    memmove(hypothesis->log_probs, hypothesis->log_probs + n,
            rest * sizeof(float));
    memmove(hypothesis->rows, hypothesis->rows + n, rest * sizeof(size_t));
    hypothesis->n_tokens = rest;
    for (size_t i = 0; i < rest; i++)
        hypothesis->rows[i] -=
            hypothesis->rows[i] < n_rows ? hypothesis->rows[i] : n_rows;
    memmove(search->before, search->before + n,
            (search->n_before - n) * sizeof(uint32_t));
    search->n_before -= n;
    search->n_committed -= n;
    search->committed_row -= n_rows;
    drop_rows(search, n_rows);
    score_letters(search, search->n_rows + search->n_ahead);
}

/* Returns whether the committed text ends with a punctuation mark. */
static bool ends_clause(const heed_search *search)
{
    const heed_hypothesis *hypothesis = &search->hypothesis;
    size_t length = 0;
    const char *text =
        search->n_committed > 0
            ? heed_tokenizer_text(hypothesis->tokenizer,
                                  hypothesis->tokens[search->n_committed - 1],
                                  &length)
            : "";

    return length > 0 && strchr(".,;:?!", text[length - 1]) != NULL;
}

/* Returns whether a segment is to be ended before the next chunk of `n_main`
 * frames is: in its last quarter best after a clause. */
static bool is_long(const heed_search *search, size_t n_main)
{
    const size_t max_rows = search->config.max_segment_frames;

    return search->n_rows + n_main >= max_rows ||
           (search->n_rows >= max_rows - max_rows / 4 && ends_clause(search));
}

/* Ends a segment with what is committed of it, if that is enough, decoded from
 * `n_rows` rows; the next one goes on with its last words as context. A text
 * begun in the middle of a sentence would leave out the rest of that. */
static void pass_on(heed_search *search, size_t n_rows)
{
    size_t row = 0;
    const size_t first = context_begin(search, &row);

    if (first == search->n_committed || row < search->n_rows / 4 ||
        row > search->committed_row)
        return;
    tell_segment(search, search->committed_row, n_rows);
    take_text(search, &search->beam.ends[0], n_rows, false);
    heed_evidence_reset(&search->evidence);
    forget_past(search, first, row);
    heed_evidence_map(&search->evidence, 0, search->n_committed, false);
    search->segment++;
}

/* Tells what has been said so far, after a chunk of `n_main` frames. */
static void report_progress(heed_search *search, size_t n_main)
{
    const size_t n_rows = search->n_rows + search->n_ahead;

    decode(search, n_rows, false);

    const size_t cut = gave_up_at(search);

    if (cut > 0 && cut < search->n_rows) {
        end_text(search, cut, n_rows);
        begin_text(search, cut);
    } else {
        report_words(search, n_main);
        if (is_long(search, n_main))
            pass_on(search, n_rows);
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

/* Takes one final frame that lies at row n_rows already. Returns whether a
 * pause ended the segment with it. */
static bool take_row(heed_search *search)
{
    const size_t row = search->n_rows++;
    const float letter_prob =
        heed_ctc_letter_prob(search->log_probs + row * HEED_CTC_LABELS);

    search->n_ahead--;
    if (heed_endpoint_feed(&search->endpoint, letter_prob >= MIN_LETTER_PROB)) {
        end_segment(search, search->n_rows, search->n_rows);
        return true;
    }
    if (search->endpoint.n_letters == 0 && row >= PREROLL_FRAMES)
        drop_rows(search, 1);
    if (search->n_rows >= search->config.max_segment_frames)
        end_segment(search, best_cut(search), search->n_rows);
    return false;
}

/* Returns whether to tell what has been said so far before a segment ends: as
 * `live`, and of a long one. At the end of the audio it does only if the
 * segment gets too long: else it is decoded once more at once. */
static bool tells_progress(const heed_search *search,
                           const heed_search_chunk *chunk)
{
    if (search->endpoint.n_letters == 0)
        return false;
    if (chunk->is_end)
        return is_long(search, chunk->n_main);
    return search->config.incremental || search->n_rows > LONG_TEXT_ROWS;
}

/* Writes a chunk's frames behind the rows taken, those of them that come again
 * over what they were. */
static void place_rows(heed_search *search, const heed_search_chunk *chunk)
{
    const size_t n_again =
        chunk->n_again < search->n_rows ? chunk->n_again : search->n_rows;
    const size_t first = chunk->n_again - n_again; /* not forgotten yet */
    const size_t row = search->n_rows - n_again;
    const size_t n = n_again + chunk->n_main + chunk->n_ahead;
    float *memory = search->memory + row * search->width;

    assert(n - n_again <= search->config.max_chunk_frames);
    assert(row + n <= search->capacity);
    memcpy(memory, chunk->memory + first * search->width,
           n * search->width * sizeof(float));
    memcpy(search->log_probs + row * HEED_CTC_LABELS,
           chunk->log_probs + first * HEED_CTC_LABELS,
           n * HEED_CTC_LABELS * sizeof(float));
    if (search->voice != NULL)
        heed_voice_forward(search->voice, search->log_odds + row, memory, n,
                           search->decoder.kernels);
    search->n_ahead = n - n_again;
    if (search->n_set > row)
        search->n_set = row;
    search->heard_again =
        search->n_committed > 0 && (search->heard_again || n_again > 0);
}

size_t heed_search_feed(heed_search *search, const heed_search_chunk *chunk,
                        bool *paused)
{
    size_t n_taken = 0;

    place_rows(search, chunk);
    *paused = false;
    while (n_taken < chunk->n_main && !*paused) {
        *paused = take_row(search);
        n_taken++;
    }
    if (!*paused && tells_progress(search, chunk))
        report_progress(search, chunk->n_main);
    search->n_ahead = 0;
    return n_taken;
}

void heed_search_finish(heed_search *search)
{
    end_segment(search, search->n_rows, search->n_rows);
}
