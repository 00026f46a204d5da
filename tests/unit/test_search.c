/* test_search.c - segments, cuts and commits with a network that knows.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The weights are made by hand, so that what is said is known exactly. A
 * memory frame is one-hot twice: which word is being said (or none), and which
 * letter. The CTC's posteriors are of that. The decoder's cross-attention
 * looks, after word k, for frames of word k + 1, and after the beginning for
 * the first word there is; where there is none it finds silence and ends. Words
 * are said in order, two letters each. The search then has to report every
 * word once, at its time, wherever segments were cut. */
#include "asr/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/cpu.h"
#include "tests/support/arena_twice.h"
#include "tests/support/gguf_writer.h"
#include "tests/support/signal.h"
#include "tests/support/slow.h"
#include "tests/support/suites.h"

enum {
    BOS = 1,
    EOS = 2, /* also the word of frames without one */
    FIRST_WORD = 3,
    N_WORDS = 60,
    N_TOKENS = FIRST_WORD + N_WORDS,
    LETTER = N_TOKENS, /* where the letter's one-hot begins */
    D = N_TOKENS + HEED_CTC_LABELS,
    MAX_FRAMES = 6000,
    N_REPEATS = HEED_TEST_SLOW ? 16 : 60
};

#define FRAME_S 0.024

static float wq[D * D], wk[D * D], wv[D * D], wo[D * D], zero[2 * D * D];
static float embed[N_TOKENS * D];
static float no_bias[2 * D];
static const float no_word[N_TOKENS] = {[EOS] = 1.0F};
static heed_decoder_weights decoder;
static heed_tokenizer *tokenizer;

static heed_linear linear(const float *weights, size_t n_out, size_t n_in)
{
    return (heed_linear){
        .n_in = n_in, .n_out = n_out, .f32 = weights, .bias = no_bias};
}

/* The letters of a word: different ones, of its number's tens and ones. */
static void spell(char letters[3], size_t word)
{
    letters[0] = (char)('a' + word / 10);
    letters[1] = (char)('k' + word % 10);
    letters[2] = '\0';
}

static void make_decoder(void)
{
    const float strength = 30.0F;

    for (size_t key = FIRST_WORD; key < N_TOKENS; key++) {
        float *row = wq + key * D;
        float sum = 0.0F;

        for (size_t token = BOS; token < N_TOKENS; token++) {
            row[token] = token + 1 == key ? strength : -strength;
            if (token == BOS)
                row[token] = strength * (float)(N_TOKENS - key);
            sum += row[token];
        }
        row[LETTER] = -sum; /* what the norm takes from every dimension */
    }
    for (size_t i = 0; i < N_TOKENS; i++) {
        wk[i * D + i] = 1.0F;
        wv[i * D + i] = 4.0F;
        wo[i * D + i] = 1.0F;
        embed[i * D + i] = 1.0F;
    }
    static const float whole = 1.0F;
    const heed_norm norm = {.n_values = D, .eps = 1e-5F};

    decoder = (heed_decoder_weights){
        .sizes = {.width = D,
                  .n_heads = 1,
                  .head_size = D,
                  .rope_base = 10000.0},
        .n_layers = 1,
        .n_hidden = 8,
        .norm = norm,
        .embed = {.n_in = D, .n_out = N_TOKENS, .f32 = embed},
        .alignment = &whole,
    };
    decoder.layers[0] = (heed_decoder_layer){
        .self_norm = norm,
        .self = {linear(zero, D, D), linear(zero, D, D), linear(zero, D, D),
                 linear(zero, D, D)},
        .cross_norm = norm,
        .cross = {linear(wq, D, D), linear(wk, D, D), linear(wv, D, D),
                  linear(wo, D, D)},
        .ffn_norm = norm,
        .up = linear(zero, 16, D),
        .down = linear(zero, D, 8),
    };
}

/* Makes the decoder begin anew with word `to` where word `from` is the last
 * one that it finds, or takes that back. */
static void loop(size_t from, size_t to, bool on)
{
    float *row = wq + (FIRST_WORD + to) * D;
    const float change = on ? 90.0F : -90.0F;

    row[FIRST_WORD + from] += change;
    row[LETTER] -= change;
}

/* Makes the decoder find nothing but the first word of all after the beginning,
 * or takes that back. */
static void begin_with_the_first(bool on)
{
    for (size_t word = 1; word < N_WORDS; word++) {
        float *row = wq + (FIRST_WORD + word) * D;
        const float change = on ? -4000.0F : 4000.0F;

        row[BOS] += change;
        row[LETTER] -= change;
    }
}

/* Lets the beginning look at silence, too: a tenth less than at the first word.
 * Takes that back. */
static void begin_with_silence(bool on)
{
    float *row = wq + (size_t)EOS * D;
    const float change = (on ? 0.9F : -0.9F) * wq[(size_t)FIRST_WORD * D + BOS];

    row[BOS] += change;
    row[LETTER] -= change;
}

static int make_tokenizer(void)
{
    static char texts[N_WORDS][8];
    const char *pieces[N_TOKENS] = {"<unk>", "<s>", "</s>"};
    int32_t types[N_TOKENS] = {2, 3, 3};
    gguf_writer writer;
    heed_gguf *gguf = NULL;
    size_t n_bytes = 0;

    for (size_t i = 0; i < N_WORDS; i++) {
        char letters[3];

        spell(letters, i);
        (void)snprintf(texts[i], sizeof(texts[i]), "\xe2\x96\x81%s", letters);
        pieces[FIRST_WORD + i] = texts[i];
        types[FIRST_WORD + i] = 1;
    }
    gguf_writer_init(&writer);
    gguf_writer_string_array(&writer, "tokenizer.ggml.tokens", pieces,
                             N_TOKENS);
    gguf_writer_i32_array(&writer, "tokenizer.ggml.token_type", types,
                          N_TOKENS);
    gguf_writer_u32(&writer, "tokenizer.ggml.bos_token_id", BOS);
    gguf_writer_u32(&writer, "tokenizer.ggml.eos_token_id", EOS);

    const unsigned char *file = gguf_writer_finish(&writer, &n_bytes);
    heed_status status = heed_gguf_open_memory(&gguf, file, n_bytes, NULL);

    if (status == HEED_OK)
        status = heed_tokenizer_create(&tokenizer, gguf, NULL);
    heed_gguf_close(gguf);
    gguf_writer_deinit(&writer);
    return status == HEED_OK ? 0 : -1;
}

static int setup(void)
{
    make_decoder();
    return make_tokenizer();
}

static int teardown(void)
{
    heed_tokenizer_destroy(tokenizer);
    return 0;
}

/* ---- What is said --------------------------------------------------- */

/* Frames and, per word, where its letters lie. */
static struct {
    size_t n_frames, n_words;
    size_t first[N_WORDS], last[N_WORDS];
    bool mute[N_WORDS]; /* the decoder sees it, the CTC does not */
    float memory[MAX_FRAMES * D];
} script;

static void say_frame(size_t word, int label)
{
    float *row = script.memory + script.n_frames * D;

    if (script.n_frames == MAX_FRAMES)
        abort();
    memset(row, 0, D * sizeof(float));
    row[word] = 1.0F;
    row[LETTER + label] = 1.0F;
    script.n_frames++;
}

static void say_nothing(size_t n_frames)
{
    for (size_t i = 0; i < n_frames; i++)
        say_frame(EOS, HEED_CTC_BLANK);
}

/* Says the next word, `inside` frames between its letters. */
static void say_word(size_t inside, bool mute)
{
    const size_t i = script.n_words++;
    char letters[3];

    spell(letters, i);
    script.mute[i] = mute;
    script.first[i] = script.n_frames;
    say_frame(FIRST_WORD + i,
              mute ? 0 : heed_ctc_label((unsigned char)letters[0]));
    for (size_t k = 0; k < inside; k++)
        say_frame(FIRST_WORD + i, HEED_CTC_BLANK);
    script.last[i] = script.n_frames;
    say_frame(FIRST_WORD + i,
              mute ? 0 : heed_ctc_label((unsigned char)letters[1]));
}

/* Says the next word so that the CTC rather hears nothing: each of its letters
 * has a log posterior of about -8. `kept`: it is to be reported. */
static void say_faint_word(bool kept)
{
    const size_t first = script.n_frames;

    say_word(2, false);
    script.mute[script.n_words - 1] = !kept;
    for (size_t t = first; t < script.n_frames; t++) {
        float *letters = script.memory + t * D + LETTER;

        for (size_t l = 0; l < HEED_CTC_LABELS; l++)
            letters[l] *= l == HEED_CTC_BLANK ? 1.0F : 0.5F;
        letters[HEED_CTC_BLANK] = 1.0F;
    }
}

/* Says the next word so that the decoder rather hears it than the last of all,
 * but is the less sure the larger `other` is. */
static void say_unclear_word(float other)
{
    const size_t first = script.n_frames;

    say_word(2, false);
    for (size_t t = first; t < script.n_frames; t++)
        script.memory[t * D + N_TOKENS - 1] = other;
}

static size_t pick(uint32_t *seed, size_t low, size_t high)
{
    const float x = 0.5F * (heed_test_noise(seed) + 1.0F);

    return low + (size_t)(x * (float)(high - low + 1));
}

/* ---- What is heard -------------------------------------------------- */

static heed_arena arena;
static heed_search search;
static heed_transcript transcript;
static heed_search_config config;
static const heed_voice_weights *voice; /* of the next one, or NULL */
static bool all_said; /* of the chunks fed: the audio has ended */
static size_t again;  /* frames fed twice; at first empty if none is ahead */

static void lay_out(void *user, heed_arena *at)
{
    const heed_search_parts parts = {
        .decoder = &decoder,
        .voice = voice,
        .tokenizer = tokenizer,
        .kernels = heed_kernels_get(heed_cpu_flags()),
    };

    (void)user;
    heed_search_init(&search, &config, &parts, &transcript, at);
    heed_transcript_init(&transcript, at);
}

static void begin(size_t max_segment, size_t pause, bool incremental)
{
    config = (heed_search_config){
        .max_segment_frames = max_segment,
        .max_chunk_frames = 80,
        .max_ahead_frames = 40,
        .pause_frames = pause,
        .incremental = incremental,
        .beam = {.n_texts = 4,
                 .max_ends = 4,
                 .letter_weight = 0.02F,
                 .word_bonus = 0.3F},
        .min_log_confidence = voice != NULL ? -1e9F : -INFINITY,
        .frame_s = FRAME_S,
    };
    arena_twice(&arena, lay_out, NULL);
    heed_search_reset(&search);
    script.n_frames = 0;
    script.n_words = 0;
}

static void end(void)
{
    heed_arena_deinit(&arena);
    again = 0;
}

/* Returns how many of the words from the first one on are as said; mute words
 * are to be left out. */
static size_t n_right(size_t n_heard)
{
    size_t at = 0;

    for (size_t i = 0; i < script.n_words && at < n_heard; i++) {
        const heed_word *word = &transcript.words[at];
        char letters[3];

        spell(letters, i);
        if (script.mute[i])
            continue;
        if (strcmp(word->text, letters) != 0 ||
            word->start_s < (double)script.first[i] * FRAME_S - 1e-9 ||
            word->start_s > (double)script.first[i] * FRAME_S + 1e-9 ||
            word->end_s < (double)(script.last[i] + 1) * FRAME_S - 1e-9 ||
            word->end_s > (double)(script.last[i] + 1) * FRAME_S + 1e-9)
            return at;
        at++;
    }
    return at;
}

/* Feeds frames from `first` on. Returns how many were taken. */
static size_t feed(size_t first, size_t n_main, size_t n_ahead)
{
    static float rows[MAX_FRAMES * D];
    static float log_probs[MAX_FRAMES * HEED_CTC_LABELS];
    const heed_search_chunk chunk = {
        .memory = rows,
        .log_probs = log_probs,
        .n_again = again < first ? again : first,
        .n_main = n_main,
        .n_ahead = n_ahead,
        .is_end = all_said,
    };
    const size_t n_rows = chunk.n_again + n_main + n_ahead;
    bool paused = false;

    memcpy(rows, script.memory + (first - chunk.n_again) * D,
           n_rows * D * sizeof(float));
    for (size_t t = 0; t < n_rows; t++) {
        float *row = log_probs + t * HEED_CTC_LABELS;

        for (size_t l = 0; l < HEED_CTC_LABELS; l++)
            row[l] = 16.0F * rows[t * D + LETTER + l];
        search.decoder.kernels->log_softmax(row, row, HEED_CTC_LABELS);
        if (again > 0 && n_ahead == 0 && !all_said && t >= chunk.n_again)
            memcpy(rows + t * D, no_word, sizeof(no_word));
    }

    const size_t n = heed_search_feed(&search, &chunk, &paused);

    CU_ASSERT_TRUE(n == n_main || (paused && n < n_main));
    CU_ASSERT_TRUE(!paused || search.n_rows == 0);
    return n;
}

/* Feeds all that was said; `ahead` provisional frames with every `chunk`.
 * Committed words must be right at once, in order, and never change. */
static bool hear(size_t chunk, size_t ahead)
{
    uint64_t committed = 0;
    size_t n_before = 0;
    size_t n_said = 0;
    bool right = true;

    for (size_t t = 0; t < script.n_frames;) {
        const size_t rest = script.n_frames - t;
        const size_t n_main = rest < chunk ? rest : chunk;
        const size_t n_ahead = rest - n_main < ahead ? rest - n_main : ahead;

        all_said = rest < chunk + ahead;
        t += feed(t, n_main, n_ahead);
        right = right && transcript.n_committed >= n_before &&
                n_right(transcript.n_committed) == transcript.n_committed &&
                search.first_frame + search.committed_row >= committed &&
                search.first_frame + search.n_rows == t;
        n_before = transcript.n_committed;
        committed = search.first_frame + search.committed_row;
    }
    heed_search_finish(&search);
    all_said = false;
    for (size_t i = 0; i < script.n_words; i++)
        n_said += script.mute[i] ? 0 : 1;
    return right && transcript.n_words == n_said &&
           transcript.n_committed == n_said && n_right(n_said) == n_said;
}

/* Returns 0 if hear() does, else 1, and prints what was heard. */
static size_t hear_wrong(size_t chunk, size_t ahead)
{
    if (hear(chunk, ahead))
        return 0;
    printf("\n  segment %zu, pause %zu, chunk %zu + %zu, live %d:",
           config.max_segment_frames, config.pause_frames, chunk, ahead,
           config.incremental);
    for (size_t i = 0; i < transcript.n_words; i++)
        printf(" %s@%.0f", transcript.words[i].text,
               transcript.words[i].start_s / FRAME_S);
    printf("\n");
    return 1;
}

/* ---- The facts ------------------------------------------------------ */

static void test_search__words_are_heard_once_at_their_times(void)
{
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(800, 33, incremental);
        say_nothing(40);
        for (size_t i = 0; i < 20; i++) {
            say_word(1, false);
            say_nothing(6);
        }
        CU_ASSERT_TRUE(hear(12, 27));
        CU_ASSERT_EQUAL(transcript.words[19].segment, 0);
        end();
    }
}

static void test_search__frames_that_come_again_count_as_they_are_then(void)
{
    begin(800, 60, true);
    for (size_t i = 0; i < 20; i++) {
        say_word(1, false);
        say_nothing(6);
    }
    say_nothing(24);
    again = 12;
    CU_ASSERT_TRUE(hear(12, 0));
    end();
}

static void test_search__pauses_end_segments(void)
{
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(800, 33, incremental);
        for (size_t i = 0; i < 12; i++) {
            say_word(1, false);
            say_nothing(i % 4 == 3 ? 60 : 8);
        }
        CU_ASSERT_TRUE(hear(12, 27));
        for (size_t i = 0; i < transcript.n_words; i++)
            CU_ASSERT_EQUAL(transcript.words[i].segment, i / 4);
        end();
    }
}

static void test_search__file_commits_at_the_end_of_a_segment(void)
{
    begin(800, 33, false);
    say_word(1, false);
    say_nothing(8);
    say_word(1, false);
    (void)feed(0, script.n_frames, 0);
    CU_ASSERT_EQUAL(transcript.n_words, 0);
    heed_search_finish(&search);
    CU_ASSERT_EQUAL(transcript.n_committed, 2);
    end();
}

static void test_search__live_shows_words_before_it_commits_them(void)
{
    for (int ended = 0; ended < 2; ended++) {
        begin(800, 33, true);
        say_nothing(10);
        say_word(1, false);
        say_nothing(5);
        say_word(1, false);
        say_nothing(30);

        const size_t half = script.last[0] + 2;

        all_said = ended; /* then it waits for all of what is left */
        (void)feed(0, half, script.last[1] + 1 - half);
        /* What is new waits for a second chunk to agree. */
        CU_ASSERT_EQUAL(transcript.n_words, ended ? 0 : 2);
        CU_ASSERT_EQUAL(transcript.n_committed, 0);
        (void)feed(half, script.n_frames - half, 0);
        /* The last word is always held back, even when it is over. */
        CU_ASSERT_EQUAL(transcript.n_words, ended ? 0 : 2);
        CU_ASSERT_EQUAL(transcript.n_committed, ended ? 0 : 1);
        CU_ASSERT_TRUE(ended || !transcript.words[1].committed);
        all_said = false;
        heed_search_finish(&search);
        CU_ASSERT_EQUAL(transcript.n_committed, 2);
        CU_ASSERT_EQUAL(n_right(2), 2);
        end();
    }
}

static void test_search__an_unclear_live_word_waits_for_more(void)
{
    static const float others[] = {0.0F, 0.88F, 0.99F};
    const size_t chunk = 12;
    size_t n_chunks[3]; /* until the word is committed */

    for (size_t i = 0; i < 3; i++) {
        size_t t = 0;

        begin(800, 100, true);
        say_nothing(10);
        say_unclear_word(others[i]);
        say_nothing(5);
        say_word(2, false);
        say_nothing(60);
        for (; transcript.n_committed == 0 && t + chunk < script.n_frames;
             t += chunk)
            (void)feed(t, chunk, 0);
        n_chunks[i] = t / chunk;
        CU_ASSERT_EQUAL(transcript.n_committed, 1);
        CU_ASSERT_EQUAL(transcript.words[0].confidence<0.85F, i> 0);
        CU_ASSERT_EQUAL(n_right(1), 1);
        end();
    }
    CU_ASSERT_EQUAL(n_chunks[1], n_chunks[0] + 1);
    CU_ASSERT_EQUAL(n_chunks[2], n_chunks[0] + 2);
}

static void test_search__a_text_begun_anew_is_cut_off(void)
{
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(800, 33, incremental);
        loop(9, 3, true);
        for (size_t i = 0; i < 10; i++) {
            say_word(1, false);
            say_nothing(8);
        }
        CU_ASSERT_TRUE(hear(12, 27));
        loop(9, 3, false);
        end();
    }
}

static void test_search__words_without_ctc_support_are_refused(void)
{
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(800, 33, incremental);
        for (size_t i = 0; i < 12; i++) {
            say_word(2, i % 3 == 1);
            say_nothing(8);
        }
        CU_ASSERT_TRUE(hear(12, 27));
        CU_ASSERT_EQUAL(transcript.n_words, 8);
        end();
    }
}

/* As one that follows the pause, of which the look-ahead tells. */
static void test_search__a_faint_last_word_is_refused(void)
{
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(800, 33, incremental);
        search.config.min_log_confidence = -1e9F; /* what is sure or not */
        for (size_t i = 0; i < 12; i++) {
            if (i % 4 == 1 || i % 4 == 3)
                say_faint_word(i % 4 == 1);
            else
                say_word(2, false);
            say_nothing(i % 4 == 3 ? 60 : 3);
        }
        CU_ASSERT_TRUE(hear(12, 27));
        CU_ASSERT_EQUAL(transcript.n_words, 9);
        end();
    }
}

/* The first word's attention is drawn to a frame of the silence at the end,
 * twice as much as to each of its own. */
static void test_search__a_glance_at_the_end_moves_no_word(void)
{
    begin(800, 33, false);
    for (size_t i = 0; i < 4; i++) {
        say_word(4, false);
        say_nothing(8);
    }
    say_nothing(10);
    script.memory[(script.n_frames - 2) * D + EOS] = 1.1111F * 1.0004F;
    begin_with_silence(true);
    CU_ASSERT_TRUE(hear(12, 27));
    begin_with_silence(false);
    end();
}

static void test_search__text_of_little_confidence_is_noise(void)
{
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(800, 33, incremental);
        for (size_t i = 0; i < 12; i++) {
            say_word(2, false);
            say_nothing(8);
        }
        search.config.min_log_confidence = 0.1F; /* nothing is as sure */
        for (size_t t = 0; t < script.n_frames;)
            t +=
                feed(t, 12 < script.n_frames - t ? 12 : script.n_frames - t, 0);
        heed_search_finish(&search);
        CU_ASSERT_EQUAL(transcript.n_committed, 0);
        CU_ASSERT_EQUAL(transcript.n_words, 0);
        end();
    }
}

static void test_search__text_where_nobody_speaks_is_refused(void)
{
    static float weight[D];
    static const float bias = -1.5F;
    static const heed_voice_weights weights = {D, weight, &bias};

    /* Of the first text's words only one sounds like speech, of the second
     * one's all but one; silence is neither. */
    weight[EOS] = 1.5F;
    for (size_t i = 0; i < 8; i++)
        weight[FIRST_WORD + i] = i > 4 ? 3.0F : i == 1 ? 1.0F : -1.0F;
    for (int incremental = 0; incremental < 2; incremental++) {
        size_t n_noise;

        voice = &weights;
        begin(800, 33, incremental);
        voice = NULL;
        for (size_t i = 0; i < 8; i++) {
            say_word(2, false);
            say_nothing(i == 3 ? 60 : 8);
        }
        n_noise = script.first[4];
        for (size_t t = 0; t < script.n_frames;) {
            t +=
                feed(t, 12 < script.n_frames - t ? 12 : script.n_frames - t, 0);
            CU_ASSERT(t > n_noise || transcript.n_words == 0);
        }
        heed_search_finish(&search);
        CU_ASSERT_EQUAL(transcript.n_committed, 4);
        CU_ASSERT_EQUAL(transcript.n_words, 4);
        for (size_t i = 0; i < transcript.n_words; i++) {
            char letters[3];

            spell(letters, 4 + i);
            CU_ASSERT_STRING_EQUAL(transcript.words[i].text, letters);
            CU_ASSERT_EQUAL(transcript.words[i].segment, 0);
        }
        end();
    }
}

static void test_search__silence_gives_nothing_for_ever(void)
{
    begin(170, 33, true);
    say_nothing(MAX_FRAMES);
    CU_ASSERT_TRUE(hear(40, 40));
    CU_ASSERT_EQUAL(transcript.revision, 0);
    CU_ASSERT_EQUAL(search.segment, 0);
    CU_ASSERT(search.n_rows < 170);
    end();
}

/* Speech without a pause, in segments of all lengths. */
static void test_search__cuts_lose_and_repeat_no_word(void)
{
    uint32_t seed = 1;
    size_t n_wrong = 0;

    for (int repeat = 0; repeat < N_REPEATS && n_wrong < 3; repeat++) {
        const size_t max_segment = pick(&seed, 60, 300);
        const size_t pause = pick(&seed, 16, 60);
        const size_t chunk = pick(&seed, 3, 40);
        const size_t ahead = pick(&seed, 0, 40);
        const bool incremental = repeat % 2 == 1;

        begin(max_segment, pause, incremental);
        again = ahead > 0 ? pick(&seed, 0, 20) : 0;
        say_nothing(pick(&seed, 0, 80));
        for (size_t i = 0; i < N_WORDS; i++) {
            say_word(pick(&seed, 0, 2), false);
            say_nothing(pick(&seed, 4, 15));
        }
        n_wrong += hear_wrong(chunk, ahead);
        end();
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

/* A decoder that cannot begin in the middle of a sentence need not. */
static void test_search__long_speech_goes_on_after_a_cut(void)
{
    begin_with_the_first(true);
    for (int incremental = 0; incremental < 2; incremental++) {
        begin(300, 33, incremental);
        for (size_t i = 0; i < N_WORDS; i++) {
            say_word(1, false);
            say_nothing(8);
        }
        CU_ASSERT_TRUE(hear(12, 27));
        CU_ASSERT(transcript.words[N_WORDS - 1].segment > 1);
        end();
    }
    begin_with_the_first(false);
}

static void test_search__any_pauses_and_chunks_give_the_words(void)
{
    uint32_t seed = 99;
    size_t n_wrong = 0;

    for (int repeat = 0; repeat < N_REPEATS && n_wrong < 3; repeat++) {
        const size_t pause = pick(&seed, 12, 420);
        const size_t max_segment = pick(&seed, 167, 400);
        const size_t chunk = pick(&seed, 3, 40);
        const size_t ahead = pick(&seed, 0, 40);
        const bool incremental = repeat % 2 == 1;

        begin(max_segment, pause, incremental);
        again = ahead > 0 ? pick(&seed, 0, 20) : 0;
        for (size_t i = 0; i < N_WORDS; i++) {
            say_nothing(pick(&seed, 0, 9) == 0 ? pick(&seed, 20, 100)
                                               : pick(&seed, 4, 12));
            say_word(pick(&seed, 0, 2), pick(&seed, 0, 9) == 0);
        }
        n_wrong += hear_wrong(chunk, ahead);
        end();
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
}

static void test_search__reset_equals_new(void)
{
    begin(170, 33, true);
    for (size_t i = 0; i < 30; i++) {
        say_word(1, false);
        say_nothing(7);
    }
    for (size_t t = 0; t + 40 < 300; t += 12)
        (void)feed(t, 12, 27);
    heed_search_reset(&search);
    heed_transcript_reset(&transcript);
    CU_ASSERT_TRUE(hear(12, 27));
    CU_ASSERT_EQUAL(transcript.words[0].segment, 0);
    end();
}

static CU_TestInfo tests[] = {
    {"words are heard once at their times",
     test_search__words_are_heard_once_at_their_times},
    {"frames that come again count as they are then",
     test_search__frames_that_come_again_count_as_they_are_then},
    {"pauses end segments", test_search__pauses_end_segments},
    {"file commits at the end of a segment",
     test_search__file_commits_at_the_end_of_a_segment},
    {"live shows words before it commits them",
     test_search__live_shows_words_before_it_commits_them},
    {"an unclear live word waits for more",
     test_search__an_unclear_live_word_waits_for_more},
    {"a text begun anew is cut off", test_search__a_text_begun_anew_is_cut_off},
    {"words without CTC support are refused",
     test_search__words_without_ctc_support_are_refused},
    {"a faint last word is refused", test_search__a_faint_last_word_is_refused},
    {"a glance at the end moves no word",
     test_search__a_glance_at_the_end_moves_no_word},
    {"text of little confidence is noise",
     test_search__text_of_little_confidence_is_noise},
    {"text where nobody speaks is refused",
     test_search__text_where_nobody_speaks_is_refused},
    {"silence gives nothing for ever",
     test_search__silence_gives_nothing_for_ever},
    {"cuts lose and repeat no word", test_search__cuts_lose_and_repeat_no_word},
    {"long speech goes on after a cut",
     test_search__long_speech_goes_on_after_a_cut},
    {"any pauses and chunks give the words",
     test_search__any_pauses_and_chunks_give_the_words},
    {"reset equals new", test_search__reset_equals_new},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"search", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
