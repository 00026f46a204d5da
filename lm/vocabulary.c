/* vocabulary.c - sorted words in little room. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/vocabulary.h"

#include <string.h>

enum { MOST_SHARED = 15, LONG = 15 };

size_t heed_vocabulary_blocks(uint32_t n_words)
{
    return ((size_t)n_words + HEED_VOCABULARY_BLOCK_WORDS - 1) /
           HEED_VOCABULARY_BLOCK_WORDS;
}

static void put(unsigned char *text, size_t *at, size_t byte)
{
    if (text)
        text[*at] = (unsigned char)byte;
    ++*at;
}

size_t heed_vocabulary_store(uint32_t *blocks, unsigned char *text,
                             const char *const *words, uint32_t n_words)
{
    size_t at = 0;
    for (uint32_t i = 0; i < n_words; i++) {
        const bool whole = i % HEED_VOCABULARY_BLOCK_WORDS == 0;
        size_t shared = 0;
        if (whole && blocks)
            blocks[i / HEED_VOCABULARY_BLOCK_WORDS] = (uint32_t)at;
        while (!whole && shared < MOST_SHARED && words[i][shared] != '\0' &&
               words[i][shared] == words[i - 1][shared])
            shared++;
        const size_t length = strlen(words[i]) - shared;
        put(text, &at, 16 * shared + (length < LONG ? length : LONG));
        if (length >= LONG)
            put(text, &at, length);
        for (size_t k = 0; k < length; k++)
            put(text, &at, (unsigned char)words[i][shared + k]);
    }
    return at;
}

/* A word being read, the next one at `at`. */
typedef struct reader {
    char word[HEED_LM_MAX_WORD_BYTES + 1];
    size_t length;
    size_t at;
} reader;

/* Reads the next word over the one before it. */
static void next(const heed_vocabulary *v, reader *r)
{
    const unsigned control = v->text[r->at++];
    const size_t shared = control / 16;
    size_t length = control % 16;
    if (length == LONG)
        length = v->text[r->at++];
    memcpy(r->word + shared, v->text + r->at, length);
    r->at += length;
    r->length = shared + length;
}

static int compare(const char *a, size_t a_length, const char *b,
                   size_t b_length)
{
    const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order != 0)
        return order;
    return (a_length > b_length) - (a_length < b_length);
}

/* Whether the next word can be read without leaving the text or the room for
 * a word. */
static bool can_read(const heed_vocabulary *v, const reader *r, bool whole)
{
    size_t at = r->at;
    if (at >= v->text_bytes)
        return false;
    const size_t shared = v->text[at] / 16;
    size_t length = v->text[at++] % 16;
    if (length == LONG) {
        if (at >= v->text_bytes)
            return false;
        length = v->text[at++];
    }
    return shared <= (whole ? 0 : r->length) && shared + length > 0 &&
           shared + length <= HEED_LM_MAX_WORD_BYTES &&
           length <= v->text_bytes - at;
}

/* 1 to 26 for a letter, less or more for what comes before or after them. */
static unsigned letter_number(char c)
{
    const unsigned char byte = (unsigned char)c;
    if (byte < 'A')
        return 0;
    return byte > 'Z' ? 27 : byte - 'A' + 1U;
}

/* The number of what a word of two bytes or more begins with, which never falls
 * from word to word. */
static unsigned initials(const char *text)
{
    const unsigned first = letter_number(text[0]);
    return first * 28 +
           (first == 0 || first == 27 ? 0 : letter_number(text[1]));
}

bool heed_vocabulary_check(heed_vocabulary *v)
{
    reader r = {.at = 0};
    char before[HEED_LM_MAX_WORD_BYTES];
    size_t before_length = 0;
    unsigned n_initials = 0; /* that n_before is known of */
    for (uint32_t i = 0; i < v->n_words; i++) {
        const bool whole = i % HEED_VOCABULARY_BLOCK_WORDS == 0;
        if (whole && v->blocks[i / HEED_VOCABULARY_BLOCK_WORDS] != r.at)
            return false;
        if (!can_read(v, &r, whole))
            return false;
        next(v, &r);
        if (memchr(r.word, '\0', r.length) ||
            compare(before, before_length, r.word, r.length) >= 0)
            return false;
        /* The end of a word of one letter comes before any second one. */
        r.word[r.length] = '\0';
        while (whole && n_initials <= initials(r.word))
            v->n_before[n_initials++] = i / HEED_VOCABULARY_BLOCK_WORDS;
        memcpy(before, r.word, r.length);
        before_length = r.length;
    }
    while (n_initials <= HEED_VOCABULARY_N_INITIALS)
        v->n_before[n_initials++] =
            (uint32_t)heed_vocabulary_blocks(v->n_words);
    return r.at == v->text_bytes;
}

/* What a word does not share with the one before it. */
typedef struct suffix {
    size_t shared;
    size_t length;
    const char *bytes;
} suffix;

/* Reads the suffix at `*at` and goes to the one after it. */
static suffix read_suffix(const heed_vocabulary *v, size_t *at)
{
    const unsigned control = v->text[(*at)++];
    suffix s = {.shared = control / 16, .length = control % 16};
    if (s.length == LONG)
        s.length = v->text[(*at)++];
    s.bytes = (const char *)v->text + *at;
    *at += s.length;
    return s;
}

/* The place in the order of words that is looked for: of the first word from
 * `text` on or, `past`, of the one after all that begin with it. */
typedef struct place {
    const char *text;
    size_t length;
    bool past;
} place;

/* Whether a word comes before the place; all but suffix `s` of it agrees with
 * the text. Sets `*matched` to how many of its bytes agree. */
static bool is_before(const place *p, const suffix *s, size_t *matched)
{
    const char *text = p->text + s->shared;
    const size_t length = p->length - s->shared;
    size_t n = 0;
    while (n < length && n < s->length && s->bytes[n] == text[n])
        n++;
    *matched = s->shared + n;
    if (n == length)
        return p->past;
    return n == s->length ||
           (unsigned char)s->bytes[n] < (unsigned char)text[n];
}

static uint32_t find(const heed_vocabulary *v, const place *p, bool *equal)
{
    const unsigned pair = p->length > 1 ? initials(p->text) : 0;
    size_t low = v->n_before[pair];
    size_t high =
        v->n_before[p->length > 1 ? pair + 1 : HEED_VOCABULARY_N_INITIALS];
    size_t matched = 0;
    *equal = false;
    /* Blocks below `low` begin before the place, those from `high` on after
     * it. */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        size_t at = v->blocks[middle];
        const suffix word = read_suffix(v, &at);
        if (is_before(p, &word, &matched))
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t index =
        low > 0 ? (uint32_t)(low - 1) * HEED_VOCABULARY_BLOCK_WORDS : 0;
    size_t at = low > 0 ? v->blocks[low - 1] : 0;
    matched = 0;
    for (; index < v->n_words; index++) {
        const suffix word = read_suffix(v, &at);
        /* The word before differs from the text at `matched`, and so does one
         * that shares more with it. */
        if (word.shared > matched)
            continue;
        if (!is_before(p, &word, &matched)) {
            *equal = !p->past && matched == p->length &&
                     word.shared + word.length == matched;
            break;
        }
    }
    return index;
}

uint32_t heed_vocabulary_find(const heed_vocabulary *v, const char *text,
                              size_t length, bool *equal)
{
    bool found = false;
    return find(v, &(place){.text = text, .length = length},
                equal ? equal : &found);
}

uint32_t heed_vocabulary_find_end(const heed_vocabulary *v, const char *text,
                                  size_t length)
{
    bool unused = false;
    return find(v, &(place){.text = text, .length = length, .past = true},
                &unused);
}

void heed_vocabulary_text(const heed_vocabulary *v,
                          char text[HEED_LM_MAX_WORD_BYTES + 1], uint32_t index)
{
    reader r;
    r.at = v->blocks[index / HEED_VOCABULARY_BLOCK_WORDS];
    for (uint32_t i = 0; i <= index % HEED_VOCABULARY_BLOCK_WORDS; i++)
        next(v, &r);
    memcpy(text, r.word, r.length);
    text[r.length] = '\0';
}
