/* hearing.c - see hearing.h. SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/hearing.h"

#include <ctype.h>
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/signal.h"

void heard_take(heard *to, heed_stream *stream)
{
    heed_result result;

    heed_stream_result(stream, &result);
    for (size_t i = 0; i < result.n_committed; i++) {
        const heed_word *from = &result.words[i];

        if (to->n_words == HEARD_WORDS || strlen(from->text) >= HEARD_BYTES)
            abort();

        heard_word *word = &to->words[to->n_words++];

        (void)snprintf(word->text, HEARD_BYTES, "%s", from->text);
        word->start_s = from->start_s;
        word->end_s = from->end_s;
        word->confidence = from->confidence;
        word->segment = from->segment;
    }
    heed_stream_take(stream, result.n_committed);
}

void heard_feed(heard *to, heed_stream *stream, unsigned rate_hz,
                const float *samples, size_t count, int piece)
{
    uint32_t seed = 7;

    while (count > 0) {
        size_t n = piece > 0 ? (size_t)piece : count;
        heed_result before;
        heed_result after;

        if (piece == HEARD_RANDOM)
            n = (size_t)(2000.0F * (heed_test_noise(&seed) + 1.0F));
        if (n > count)
            n = count;
        heed_stream_result(stream, &before);

        const heed_status status = heed_stream_feed(stream, samples, n);

        heed_stream_result(stream, &after);
        if (status == HEED_ERR_STATE) {
            /* Full: it says how far it got. */
            n = (size_t)llround((after.heard_s - before.heard_s) *
                                (double)rate_hz);
            CU_ASSERT_FATAL(after.n_committed > 0);
        } else {
            CU_ASSERT_EQUAL(status, after.revision != before.revision
                                        ? HEED_OK
                                        : HEED_AGAIN);
        }
        heard_take(to, stream);
        samples += n;
        count -= n;
    }
}

void heard_all(heard *out, const heed_model *model,
               const heed_stream_config *config, const float *samples,
               size_t count, int piece)
{
    const unsigned rate_hz = config != NULL && config->sample_rate_hz != 0
                                 ? config->sample_rate_hz
                                 : 16000;
    heed_stream *stream = NULL;

    out->n_words = 0;
    CU_ASSERT_EQUAL_FATAL(heed_stream_create(&stream, model, config, NULL),
                          HEED_OK);
    heard_feed(out, stream, rate_hz, samples, count, piece);
    CU_ASSERT_EQUAL(heed_stream_finish(stream), HEED_OK);
    heard_take(out, stream);
    heed_stream_destroy(stream);
}

/* The same bits; differences of NaNs count. */
static bool same_word(const heard_word *a, const heard_word *b)
{
    return strcmp(a->text, b->text) == 0 &&
           memcmp(&a->start_s, &b->start_s, sizeof(double)) == 0 &&
           memcmp(&a->end_s, &b->end_s, sizeof(double)) == 0 &&
           memcmp(&a->confidence, &b->confidence, sizeof(float)) == 0 &&
           a->segment == b->segment;
}

bool heard_same(const heard *a, const heard *b)
{
    const size_t n = a->n_words < b->n_words ? a->n_words : b->n_words;

    for (size_t i = 0; i < n; i++) {
        const heard_word *x = &a->words[i];
        const heard_word *y = &b->words[i];

        if (same_word(x, y))
            continue;
        printf("\n  word %zu is '%s' %.3f-%.3f %g, not '%s' %.3f-%.3f %g\n", i,
               x->text, x->start_s, x->end_s, (double)x->confidence, y->text,
               y->start_s, y->end_s, (double)y->confidence);
        return false;
    }
    if (a->n_words != b->n_words)
        printf("\n  %zu words, not %zu\n", a->n_words, b->n_words);
    return a->n_words == b->n_words;
}

bool heard_in_order(const heard *words, double seconds)
{
    double past = 0.0;
    size_t segment = 0;

    for (size_t i = 0; i < words->n_words; i++) {
        const heard_word *word = &words->words[i];

        if (word->text[0] == '\0' || !(word->start_s >= past) ||
            !(word->end_s >= word->start_s) || !(word->end_s <= seconds) ||
            !(word->confidence >= 0.0F) || !(word->confidence <= 1.0F) ||
            word->segment < segment) {
            printf("\n  word %zu: '%s' %.3f-%.3f s, confidence %g, segment "
                   "%zu, of %.3f s\n",
                   i, word->text, word->start_s, word->end_s,
                   (double)word->confidence, word->segment, seconds);
            return false;
        }
        past = word->end_s;
        segment = word->segment;
    }
    return true;
}

/* Copies letters, digits and apostrophes of one word in lower case. Returns
 * where the word ends. */
static const char *normalise(char *out, const char *text)
{
    size_t n = 0;

    while (*text != '\0' && isspace((unsigned char)*text))
        text++;
    for (; *text != '\0' && !isspace((unsigned char)*text); text++)
        if ((isalnum((unsigned char)*text) || *text == '\'') &&
            n + 1 < HEARD_BYTES)
            out[n++] = (char)tolower((unsigned char)*text);
    out[n] = '\0';
    return text;
}

size_t heard_errors(const heard *words, const char *text)
{
    static size_t costs[HEARD_WORDS + 1];
    char said[HEARD_BYTES];
    char heard_as[HEARD_BYTES];
    size_t n_said = 0;

    for (size_t i = 0; i <= words->n_words; i++)
        costs[i] = i;
    for (text = normalise(said, text); said[0] != '\0';
         text = normalise(said, text)) {
        size_t corner = costs[0];

        costs[0] = ++n_said;
        for (size_t i = 0; i < words->n_words; i++) {
            (void)normalise(heard_as, words->words[i].text);

            size_t best = corner + (strcmp(said, heard_as) != 0 ? 1 : 0);

            if (costs[i + 1] + 1 < best)
                best = costs[i + 1] + 1;
            if (costs[i] + 1 < best)
                best = costs[i] + 1;
            corner = costs[i + 1];
            costs[i + 1] = best;
        }
    }
    return costs[words->n_words];
}
