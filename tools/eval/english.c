/* english.c - English as it is spoken: numbers, signs and titles read out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The steps, in this order, are those of `normalise` in tools/train/text.py,
 * with which the model's training texts were made; a test compares the two.
 * Each step reads one text and writes the next. */
#include "tools/eval/normalise.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whether a word goes on at a byte; a letter beyond ASCII counts, the marks
 * that capitalise() has turned into '.' or ' ' do not. */
static bool is_word_byte(char c)
{
    return is_digit(c) || is_letter(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Capitals, a plain apostrophe, and beyond ASCII letters only. */
static void capitalise(const char *bytes, size_t n_bytes, eval_text *out)
{
    for (size_t i = 0; i < n_bytes;) {
        const char c = bytes[i];
        const unsigned char lead = (unsigned char)c;
        size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

        if (n > n_bytes - i)
            n = n_bytes - i;
        if (c >= 'a' && c <= 'z') {
            const char capital = (char)(c - 'a' + 'A');

            eval_text_add(out, &capital, 1);
        } else if (n == 3 && memcmp(bytes + i, "\xe2\x80\x99", 3) == 0) {
            eval_text_puts(out, "'");
        } else if (lead == 0xc2 || lead == 0xe2 || lead == 0xe3) {
            eval_text_puts(out, " "); /* dashes, quotes, other marks */
        } else if (c == '%') {
            eval_text_puts(out, " PERCENT ");
        } else if (c == '&') {
            eval_text_puts(out, " AND ");
        } else {
            eval_text_add(out, bytes + i, n);
        }
        i += n;
    }
}

/* Bytes of digits with `,ddd` groups at `at`. */
static size_t number_length(const char *at)
{
    size_t n = strspn(at, "0123456789");

    while (n > 0 && at[n] == ',' && strspn(at + n + 1, "0123456789") >= 3)
        n += 4;
    return n;
}

/* `$5` and `$1,000.50` say the currency after the number. */
static void move_dollars(const char *at, eval_text *out)
{
    while (*at != '\0') {
        size_t n = *at == '$' ? number_length(at + 1) : 0;

        if (n == 0) {
            eval_text_add(out, at++, 1);
            continue;
        }
        if (at[1 + n] == '.' && is_digit(at[2 + n]))
            n += 1 + strspn(at + 2 + n, "0123456789");
        eval_text_add(out, at + 1, n);
        eval_text_puts(out, " DOLLARS");
        at += 1 + n;
    }
}

typedef struct title {
    const char *short_form;
    const char *long_form;
    bool needs_stop; /* is a word of its own without a full stop */
} title;

static const title titles[] = {{"MRS", "MISSUS", false},
                               {"MR", "MISTER", false},
                               {"DR", "DOCTOR", false},
                               {"ST", "SAINT", true},
                               {"MS", "MISS", true}};
enum { N_TITLES = sizeof titles / sizeof titles[0] };

/* Reads out titles, either those with a full stop or those without. */
static void read_titles(const char *text, eval_text *out, bool stop)
{
    for (const char *at = text; *at != '\0';) {
        const bool begins = at == text || !is_word_byte(at[-1]);
        size_t n = 0;

        for (size_t i = 0; begins && i < N_TITLES && n == 0; i++) {
            const size_t length = strlen(titles[i].short_form);

            if (strncmp(at, titles[i].short_form, length) != 0 ||
                (stop ? at[length] != '.'
                      : titles[i].needs_stop || is_word_byte(at[length])))
                continue;
            eval_text_puts(out, titles[i].long_form);
            n = length + (stop ? 1 : 0);
        }
        if (n == 0)
            eval_text_add(out, at, 1);
        at += n > 0 ? n : 1;
    }
}

static void read_titles_with_stop(const char *at, eval_text *out)
{
    read_titles(at, out, true);
}

static void read_plain_titles(const char *at, eval_text *out)
{
    read_titles(at, out, false);
}

/* `3.14` becomes `3 POINT 1 4`. */
static void read_points(const char *at, eval_text *out)
{
    while (*at != '\0') {
        const size_t n = strspn(at, "0123456789");
        size_t n_decimals;

        if (n == 0) {
            eval_text_add(out, at++, 1);
            continue;
        }
        eval_text_add(out, at, n);
        at += n;
        n_decimals = *at == '.' ? strspn(at + 1, "0123456789") : 0;
        if (n_decimals == 0)
            continue;
        eval_text_puts(out, " POINT");
        for (at++; n_decimals > 0; n_decimals--) {
            eval_text_puts(out, " ");
            eval_text_add(out, at++, 1);
        }
    }
}

static const char *const ones[] = {
    "ZERO",    "ONE",     "TWO",       "THREE",    "FOUR",
    "FIVE",    "SIX",     "SEVEN",     "EIGHT",    "NINE",
    "TEN",     "ELEVEN",  "TWELVE",    "THIRTEEN", "FOURTEEN",
    "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN"};
static const char *const tens[] = {"",       "",      "TWENTY", "THIRTY",
                                   "FORTY",  "FIFTY", "SIXTY",  "SEVENTY",
                                   "EIGHTY", "NINETY"};

static void say(eval_text *out, const char *word)
{
    eval_text_puts(out, " ");
    eval_text_puts(out, word);
}

/* A number below 10^9 as people say it. */
static void say_number(eval_text *out, unsigned long n)
{
    static const struct {
        unsigned long size;
        const char *name;
    } units[] = {{1000000, "MILLION"}, {1000, "THOUSAND"}, {100, "HUNDRED"}};

    for (size_t i = 0; i < 3; i++) {
        if (n < units[i].size)
            continue;
        say_number(out, n / units[i].size);
        say(out, units[i].name);
        n %= units[i].size;
        if (n > 0 && n < 100)
            say(out, "AND");
        if (n == 0)
            return;
        say_number(out, n);
        return;
    }
    if (n < 20) {
        say(out, ones[n]);
        return;
    }
    say(out, tens[n / 10]);
    if (n % 10 > 0)
        say(out, ones[n % 10]);
}

/* 1100 to 1999 as years: nineteen oh five. */
static void say_year(eval_text *out, unsigned long n)
{
    say_number(out, n / 100);
    if (n % 100 == 0) {
        say(out, "HUNDRED");
    } else if (n % 100 < 10) {
        say(out, "OH");
        say(out, ones[n % 100]);
    } else {
        say_number(out, n % 100);
    }
}

/* Makes the last word of `out` an ordinal: three -> third. */
static void make_ordinal(eval_text *out)
{
    static const char *const irregular[][2] = {
        {"ONE", "FIRST"},     {"TWO", "SECOND"},   {"THREE", "THIRD"},
        {"FIVE", "FIFTH"},    {"EIGHT", "EIGHTH"}, {"NINE", "NINTH"},
        {"TWELVE", "TWELFTH"}};
    const char *last = strrchr(out->bytes, ' ') + 1;

    for (size_t i = 0; i < sizeof irregular / sizeof irregular[0]; i++)
        if (strcmp(last, irregular[i][0]) == 0) {
            out->n_bytes = (size_t)(last - out->bytes);
            eval_text_puts(out, irregular[i][1]);
            return;
        }
    if (out->bytes[out->n_bytes - 1] == 'Y') {
        out->n_bytes--;
        eval_text_puts(out, "IETH");
    } else {
        eval_text_puts(out, "TH");
    }
}

/* The digits, commas among them, at `at`. */
static void read_number(eval_text *out, const char *at, size_t n_bytes,
                        bool ordinal)
{
    char digits[16];
    size_t n_digits = 0;
    unsigned long n;

    for (size_t i = 0; i < n_bytes; i++)
        if (is_digit(at[i]) && n_digits++ < sizeof digits - 1)
            digits[n_digits - 1] = at[i];
    if (n_digits > 9 || (n_digits > 1 && digits[0] == '0')) {
        for (size_t i = 0; i < n_bytes; i++)
            if (is_digit(at[i]))
                say(out, ones[at[i] - '0']);
        return;
    }
    digits[n_digits] = '\0';
    n = strtoul(digits, NULL, 10);
    if (!ordinal && n >= 1100 && n <= 1999 && n_digits == n_bytes)
        say_year(out, n);
    else
        say_number(out, n);
    if (ordinal)
        make_ordinal(out);
}

static bool has_suffix(const char *at)
{
    return strncmp(at, "ST", 2) == 0 || strncmp(at, "ND", 2) == 0 ||
           strncmp(at, "RD", 2) == 0 || strncmp(at, "TH", 2) == 0;
}

/* Numbers with `,ddd` groups and ordinals; a group that a digit follows is
 * none. */
static void read_numbers(const char *at, eval_text *out)
{
    while (*at != '\0') {
        size_t n;

        if (!is_digit(*at)) {
            eval_text_add(out, at++, 1);
            continue;
        }
        n = number_length(at);
        if (is_digit(at[n]))
            n -= 4;
        const bool ordinal = has_suffix(at + n) && !is_digit(at[n + 2]);
        read_number(out, at, n, ordinal);
        eval_text_puts(out, " ");
        at += n + (ordinal ? 2 : 0);
    }
}

/* Letters and apostrophes stay; the latter inside words only. */
static void keep_words(const char *at, eval_text *out)
{
    const size_t start = out->n_bytes;

    while (*at != '\0') {
        const char *word = at;
        size_t n;

        while (is_letter(*at) || *at == '\'')
            at++;
        n = (size_t)(at - word);
        while (n > 0 && word[0] == '\'') {
            word++;
            n--;
        }
        while (n > 0 && word[n - 1] == '\'')
            n--;
        if (n > 0 && out->n_bytes > start)
            eval_text_puts(out, " ");
        eval_text_add(out, word, n);
        if (*at != '\0' && !is_letter(*at) && *at != '\'')
            at++;
    }
}

void eval_english_speak(const char *bytes, size_t n_bytes, eval_text *out)
{
    static void (*const steps[])(const char *, eval_text *) = {
        move_dollars, read_titles_with_stop, read_plain_titles, read_points,
        read_numbers};
    eval_text text = {0};
    eval_text next = {0};

    capitalise(bytes, n_bytes, &text);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const eval_text old = text;

        eval_text_clear(&next);
        steps[i](eval_text_string(&text), &next);
        text = next;
        next = old;
    }
    keep_words(eval_text_string(&text), out);
    eval_text_deinit(&text);
    eval_text_deinit(&next);
}

/* Adds a word, which may have become several, or none. */
static void add_word(eval_text *out, size_t start, const char *word,
                     size_t n_bytes)
{
    eval_text room = {0};
    const char *usual = eval_spelling_find(word, n_bytes, &room);
    const size_t n = usual != NULL ? strlen(usual) : n_bytes;

    if (n > 0 && out->n_bytes > start)
        eval_text_puts(out, " ");
    eval_text_add(out, usual != NULL ? usual : word, n);
    eval_text_deinit(&room);
}

void eval_english_apply(const char *bytes, size_t n_bytes, eval_text *out)
{
    const size_t start = out->n_bytes;
    eval_text folded = {0};
    eval_text spoken = {0};

    eval_accents_fold(bytes, n_bytes, &folded);
    eval_english_speak(eval_text_string(&folded), folded.n_bytes, &spoken);
    for (const char *at = eval_text_string(&spoken); *at != '\0';) {
        const size_t n = strcspn(at, " ");

        add_word(out, start, at, n);
        at += at[n] == ' ' ? n + 1 : n;
    }
    eval_text_deinit(&folded);
    eval_text_deinit(&spoken);
}
