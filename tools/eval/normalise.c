/* normalise.c - which differences of writing do not count.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/normalise.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return strchr(" \t\r\n\v\f", c) != NULL;
}

/* Adds one byte, a blank only between words. `start`: where `out` began. */
static void add_byte(eval_text *out, size_t start, char c)
{
    if (!is_blank(c))
        eval_text_add(out, &c, 1);
    else if (out->n_bytes > start && out->bytes[out->n_bytes - 1] != ' ')
        eval_text_add(out, " ", 1);
}

static void drop_last_blank(eval_text *out, size_t start)
{
    if (out->n_bytes > start && out->bytes[out->n_bytes - 1] == ' ')
        out->bytes[--out->n_bytes] = '\0';
}

static void apply_none(const char *bytes, size_t n_bytes, eval_text *out)
{
    const size_t start = out->n_bytes;

    for (size_t i = 0; i < n_bytes; i++)
        add_byte(out, start, bytes[i]);
    drop_last_blank(out, start);
}

static void apply_case(const char *bytes, size_t n_bytes, eval_text *out)
{
    const size_t start = out->n_bytes;

    for (size_t i = 0; i < n_bytes; i++) {
        const char c = bytes[i];

        add_byte(out, start, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    drop_last_blank(out, start);
}

/* Takes the apostrophes off the ends of each word, in place, and drops words
 * that were nothing else. */
static void trim_words(eval_text *out, size_t start)
{
    char *to;
    char *rest;

    if (out->n_bytes == start)
        return;
    to = out->bytes + start;
    rest = to;
    for (char *word = eval_word_cut(&rest); word != NULL;
         word = eval_word_cut(&rest)) {
        size_t n;

        word += strspn(word, "'");
        n = strlen(word);
        while (n > 0 && word[n - 1] == '\'')
            n--;
        if (n == 0)
            continue;
        if (to > out->bytes + start)
            *to++ = ' ';
        memmove(to, word, n);
        to += n;
    }
    *to = '\0';
    out->n_bytes = (size_t)(to - out->bytes);
}

static void apply_librispeech(const char *bytes, size_t n_bytes, eval_text *out)
{
    const size_t start = out->n_bytes;
    eval_text folded = {0};

    eval_accents_fold(bytes, n_bytes, &folded);
    for (size_t i = 0; i < folded.n_bytes; i++) {
        char c = folded.bytes[i];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        add_byte(out, start, (c >= 'A' && c <= 'Z') || c == '\'' ? c : ' ');
    }
    drop_last_blank(out, start);
    trim_words(out, start);
    eval_text_deinit(&folded);
}

const eval_normalisation eval_normalisations[] = {
    {"none", 1, "words as they are, told apart by blanks", apply_none},
    {"case", 1, "ASCII capitals made small, as sclite does", apply_case},
    {"librispeech", 1, "capitals A-Z and apostrophes only", apply_librispeech},
    {"spoken", 1, "librispeech, with numbers and signs read out",
     eval_english_speak},
    {"english", 1, "spoken, with contractions and spellings made one",
     eval_english_apply},
    {NULL, 0, NULL, NULL}};

const eval_normalisation *eval_normalisation_find(const char *name)
{
    const size_t n = strcspn(name, "@");

    for (const eval_normalisation *base = eval_normalisations;
         base->name != NULL; base++)
        if (strlen(base->name) == n && memcmp(base->name, name, n) == 0)
            return base;
    return NULL;
}

static bool find_base(eval_normaliser *normaliser, const char *name,
                      const heed_log *log)
{
    const char *version = strchr(name, '@');

    normaliser->base = eval_normalisation_find(name);
    if (normaliser->base == NULL)
        return eval_error(log, "normalisation %s: unknown", name);
    if (version != NULL &&
        strtoul(version + 1, NULL, 10) != normaliser->base->version)
        return eval_error(log,
                          "normalisation %s: this program has version %u of it",
                          name, normaliser->base->version);
    return true;
}

static size_t count_words(const char *text)
{
    size_t n = *text != '\0' ? 1 : 0;

    for (; *text != '\0'; text++)
        n += *text == ' ';
    return n;
}

/* One `LEFT => RIGHT`. */
static bool read_rule(eval_normaliser *normaliser, eval_lines *lines)
{
    char *arrow = strstr(lines->line, "=>");
    eval_text side = {0};
    size_t n_before = normaliser->from.n;
    uint32_t rule;

    if (arrow == NULL)
        return eval_lines_fail(lines, "not of the form `WORDS => WORDS`");
    normaliser->base->apply(lines->line, (size_t)(arrow - lines->line), &side);
    if (side.n_bytes == 0) {
        eval_text_deinit(&side);
        return eval_lines_fail(lines, "there is no word on the left side");
    }
    if (count_words(side.bytes) > normaliser->max_words)
        normaliser->max_words = count_words(side.bytes);
    rule = eval_table_add(&normaliser->from, side.bytes, side.n_bytes);
    eval_text_clear(&side);
    normaliser->base->apply(arrow + 2, strlen(arrow + 2), &side);
    if (rule < n_before) {
        eval_text_deinit(&side);
        return eval_lines_fail(lines, "a second rule for the same words");
    }
    normaliser->to = eval_grow(normaliser->to, rule, &normaliser->to_capacity,
                               sizeof *normaliser->to);
    normaliser->to[rule] = eval_pool_copy(
        &normaliser->pool, eval_text_string(&side), side.n_bytes);
    eval_text_deinit(&side);
    return true;
}

bool eval_normaliser_read_rules(eval_normaliser *normaliser, eval_lines *lines)
{
    while (eval_lines_next(lines))
        if (lines->line[0] != '#' && *eval_trim(lines->line) != '\0')
            (void)read_rule(normaliser, lines);
    return eval_lines_close(lines);
}

bool eval_normaliser_init(eval_normaliser *normaliser, const char *name,
                          const char *rules_path, const heed_log *log)
{
    eval_lines lines;

    *normaliser = (eval_normaliser){.rules_path = rules_path};
    if (!find_base(normaliser, name, log))
        return false;
    if (rules_path == NULL)
        return true;
    return eval_lines_open(&lines, rules_path, log) &&
           eval_normaliser_read_rules(normaliser, &lines);
}

void eval_normaliser_deinit(eval_normaliser *normaliser)
{
    eval_table_deinit(&normaliser->from);
    eval_pool_deinit(&normaliser->pool);
    free(normaliser->to);
    *normaliser = (eval_normaliser){0};
}

/* The rule for the most words from `at` on, which end at `*end`; NULL if
 * there is none. */
static const char *find_rule(const eval_normaliser *normaliser, const char *at,
                             const char **end)
{
    const char *found = NULL;
    const char *stop = at;

    for (size_t i = 0; i < normaliser->max_words && *stop != '\0'; i++) {
        uint32_t rule;

        stop += *stop == ' ' ? 1 : 0;
        stop += strcspn(stop, " ");
        rule = eval_table_find(&normaliser->from, at, (size_t)(stop - at));
        if (rule != EVAL_TABLE_NONE) {
            found = normaliser->to[rule];
            *end = stop;
        }
    }
    return found;
}

static void add_words(eval_text *out, size_t start, const char *words,
                      size_t n_bytes)
{
    if (n_bytes > 0 && out->n_bytes > start)
        eval_text_puts(out, " ");
    eval_text_add(out, words, n_bytes);
}

void eval_normalise(const void *user, const char *bytes, size_t n_bytes,
                    eval_text *out)
{
    const eval_normaliser *normaliser = user;
    const size_t start = out->n_bytes;
    eval_text plain = {0};

    if (normaliser->max_words == 0) {
        normaliser->base->apply(bytes, n_bytes, out);
        return;
    }
    normaliser->base->apply(bytes, n_bytes, &plain);
    for (const char *at = eval_text_string(&plain); *at != '\0';) {
        const char *end = at + strcspn(at, " ");
        const char *right = find_rule(normaliser, at, &end);

        if (right != NULL)
            add_words(out, start, right, strlen(right));
        else
            add_words(out, start, at, (size_t)(end - at));
        at = *end == ' ' ? end + 1 : end;
    }
    eval_text_deinit(&plain);
}
