/* arpa.c - reader of language models in ARPA format. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/arpa.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"

enum { BLOCK_BYTES = 1 << 16, MAX_LINE_BYTES = 4096 };
/* Probability, words, back-off, and one too many. */
enum { MAX_FIELDS = HEED_LM_MAX_ORDER + 3 };

struct heed_arpa {
    FILE *file;
    const char *name;
    const heed_log *log;
    uint64_t line_number;
    unsigned order;
    unsigned section; /* order of the n-grams being read, 0: none yet */
    uint64_t counts[HEED_LM_MAX_ORDER];
    uint64_t n_read; /* of the section */
    size_t block_at;
    size_t block_end;
    char block[BLOCK_BYTES];
    char line[MAX_LINE_BYTES]; /* terminated, without its newline */
};

heed_status heed_arpa_reject(const heed_arpa *arpa, uint64_t line,
                             const char *cause)
{
    heed_log_error(arpa->log, "%s: line %llu: %s", arpa->name,
                   (unsigned long long)(line ? line : arpa->line_number),
                   cause);
    return HEED_ERR_FORMAT;
}

static heed_status reject(const heed_arpa *arpa, const char *cause)
{
    return heed_arpa_reject(arpa, 0, cause);
}

static heed_status reject_end(const heed_arpa *arpa, const char *missing)
{
    heed_log_error(arpa->log, "%s: line %llu: file ends before %s", arpa->name,
                   (unsigned long long)arpa->line_number, missing);
    return HEED_ERR_TRUNCATED;
}

/* --- Lines. --------------------------------------------------------------- */

/* Makes sure that there is a byte; HEED_END at the file's end. */
static heed_status fill(heed_arpa *arpa)
{
    if (arpa->block_at < arpa->block_end)
        return HEED_OK;
    arpa->block_at = 0;
    arpa->block_end = fread(arpa->block, 1, sizeof arpa->block, arpa->file);
    if (arpa->block_end > 0)
        return HEED_OK;
    if (!ferror(arpa->file))
        return HEED_END;
    heed_log_error(arpa->log, "%s: cannot be read", arpa->name);
    return HEED_ERR_IO;
}

/* Reads a line; HEED_END if there is none. What is longer than `line` is cut,
 * `*cut` tells. */
static heed_status read_line(heed_arpa *arpa, bool *cut)
{
    size_t length = 0;
    heed_status status = fill(arpa);
    if (status != HEED_OK)
        return status;
    *cut = false;
    arpa->line_number++;
    while (status == HEED_OK) {
        const char *begin = arpa->block + arpa->block_at;
        const size_t left = arpa->block_end - arpa->block_at;
        const char *newline = memchr(begin, '\n', left);
        const size_t n = newline ? (size_t)(newline - begin) : left;
        const size_t room = sizeof arpa->line - 1 - length;
        *cut |= n > room;
        memcpy(arpa->line + length, begin, n < room ? n : room);
        length += n < room ? n : room;
        arpa->block_at += n;
        if (newline) {
            arpa->block_at++;
            break;
        }
        status = fill(arpa);
    }
    if (length > 0 && arpa->line[length - 1] == '\r')
        length--;
    arpa->line[length] = '\0';
    if (status < HEED_OK)
        return status;
    *cut |= memchr(arpa->line, '\0', length) != NULL;
    return HEED_OK;
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

/* Reads the next line that is not blank; HEED_END if there is none. */
static heed_status read_text(heed_arpa *arpa)
{
    heed_status status = HEED_OK;
    do {
        bool cut = false;
        status = read_line(arpa, &cut);
        if (status == HEED_OK && cut)
            return reject(arpa, "line is too long or has a zero byte");
    } while (status == HEED_OK && is_blank(arpa->line));
    return status;
}

/* Whether the line is `keyword`, but for blanks after it. */
static bool is_keyword(const char *line, const char *keyword)
{
    const size_t length = strlen(keyword);
    return strncmp(line, keyword, length) == 0 && is_blank(line + length);
}

/* --- Numbers: those of C, but never of a locale. ------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits, whose count is added to `*n_digits`, onto `value`. */
static const char *read_digits(const char *text, double *value, int *n_digits)
{
    for (; is_digit(*text); text++) {
        *value = *value * 10.0 + (double)(*text - '0');
        ++*n_digits;
    }
    return text;
}

/* The whole of `text` must be a decimal number, finite as a float. */
static bool parse_number(const char *text, float *out)
{
    const bool negative = *text == '-';
    double value = 0.0;
    double exponent = 0.0;
    int n_digits = 0;
    int n_decimals = 0;
    int n_exponent = 1;
    if (*text == '-' || *text == '+')
        text++;
    text = read_digits(text, &value, &n_digits);
    if (*text == '.')
        text = read_digits(text + 1, &value, &n_decimals);
    if (*text == 'e' || *text == 'E') {
        const bool down = text[1] == '-';
        n_exponent = 0;
        text += text[1] == '-' || text[1] == '+' ? 2 : 1;
        text = read_digits(text, &exponent, &n_exponent);
        exponent = down ? -exponent : exponent;
    }
    if (*text != '\0' || n_digits + n_decimals == 0 || n_exponent == 0)
        return false;
    exponent -= (double)n_decimals;
    if (exponent < 0.0)
        value /= pow(10.0, -exponent);
    else if (exponent > 0.0 && value > 0.0)
        value *= pow(10.0, exponent);
    if (!(value < 1e30))
        return false;
    *out = (float)(negative ? -value : value);
    return true;
}

/* --- Header. -------------------------------------------------------------- */

/* Reads "ngram N=COUNT". */
static heed_status read_count(heed_arpa *arpa)
{
    const char *text = arpa->line + strlen("ngram");
    uint64_t numbers[2] = {0, 0};
    text += strspn(text, " \t");
    for (int i = 0; i < 2; i++) {
        if (!is_digit(*text))
            return reject(arpa, "not of the form `ngram ORDER=COUNT`");
        for (; is_digit(*text); text++) {
            if (numbers[i] > UINT64_MAX / 10 - 1)
                return reject(arpa, "number is too large");
            numbers[i] = numbers[i] * 10 + (uint64_t)(*text - '0');
        }
        text += strspn(text, " \t");
        if (i == 0 && *text == '=')
            text += 1 + strspn(text + 1, " \t");
        else if (i == 0 || *text != '\0')
            return reject(arpa, "not of the form `ngram ORDER=COUNT`");
    }
    if (numbers[0] != (uint64_t)arpa->order + 1)
        return reject(arpa, "orders do not count up from 1");
    if (arpa->order == HEED_LM_MAX_ORDER) {
        (void)reject(arpa, "orders above 6 are not supported");
        return HEED_ERR_UNSUPPORTED;
    }
    arpa->counts[arpa->order++] = numbers[1];
    return HEED_OK;
}

static heed_status skip_to_data(heed_arpa *arpa)
{
    for (;;) {
        bool cut = false;
        const heed_status status = read_line(arpa, &cut);
        if (status == HEED_END)
            return reject_end(arpa, "\\data\\: not an ARPA file");
        if (status != HEED_OK)
            return status;
        if (!cut && is_keyword(arpa->line, "\\data\\"))
            return HEED_OK;
    }
}

/* Goes into the section whose heading has been read. */
static heed_status enter_section(heed_arpa *arpa)
{
    char heading[24];
    (void)snprintf(heading, sizeof heading, "\\%u-grams:", arpa->section + 1);
    if (!is_keyword(arpa->line, heading)) {
        heed_log_error(arpa->log, "%s: line %llu: `%s` is expected", arpa->name,
                       (unsigned long long)arpa->line_number, heading);
        return HEED_ERR_FORMAT;
    }
    arpa->section++;
    arpa->n_read = 0;
    return HEED_OK;
}

static heed_status read_header(heed_arpa *arpa)
{
    heed_status status = skip_to_data(arpa);
    while (status == HEED_OK) {
        status = read_text(arpa);
        if (status == HEED_END)
            return reject_end(arpa, "\\1-grams:");
        if (status != HEED_OK || strncmp(arpa->line, "ngram", 5) != 0)
            break;
        status = read_count(arpa);
    }
    if (status != HEED_OK)
        return status;
    if (arpa->order == 0)
        return reject(arpa, "`ngram 1=COUNT` is expected");
    return enter_section(arpa);
}

heed_status heed_arpa_open(heed_arpa **out, FILE *file, const char *name,
                           const heed_log *log)
{
    *out = NULL;
    heed_arpa *arpa = malloc(sizeof *arpa);
    if (!arpa) {
        heed_log_error(log, "%s: out of memory", name);
        return HEED_ERR_MEMORY;
    }
    memset(arpa, 0, sizeof *arpa);
    arpa->file = file;
    arpa->name = name;
    arpa->log = log;
    const heed_status status = read_header(arpa);
    if (status != HEED_OK) {
        heed_arpa_close(arpa);
        return status;
    }
    *out = arpa;
    return HEED_OK;
}

void heed_arpa_close(heed_arpa *arpa)
{
    free(arpa);
}

unsigned heed_arpa_order(const heed_arpa *arpa)
{
    return arpa->order;
}

uint64_t heed_arpa_count(const heed_arpa *arpa, unsigned order)
{
    return arpa->counts[order - 1];
}

uint64_t heed_arpa_line(const heed_arpa *arpa)
{
    return arpa->line_number;
}

/* --- N-grams. ------------------------------------------------------------- */

/* Cuts the line at its blanks. Returns the number of fields, MAX_FIELDS at
 * most. */
static size_t split(char *line, char *fields[MAX_FIELDS])
{
    size_t n = 0;
    while (n < MAX_FIELDS) {
        line += strspn(line, " \t");
        if (*line == '\0')
            break;
        fields[n++] = line;
        line += strcspn(line, " \t");
        if (*line != '\0')
            *line++ = '\0';
    }
    return n;
}

static heed_status parse_ngram(heed_arpa *arpa, heed_arpa_ngram *out)
{
    char *fields[MAX_FIELDS] = {NULL};
    const unsigned order = arpa->section;
    const size_t n_fields = split(arpa->line, fields);
    *out = (heed_arpa_ngram){.order = order};
    if (n_fields < order + 1)
        return reject(arpa, "n-gram has too few words");
    if (n_fields > order + 2 || (n_fields > order + 1 && order == arpa->order))
        return reject(arpa, "n-gram has too many words or numbers");
    if (!parse_number(fields[0], &out->log10_prob))
        return reject(arpa, "log probability is not a finite number");
    if (out->log10_prob > 0.0F)
        return reject(arpa, "log probability is above 0");
    if (n_fields > order + 1 &&
        !parse_number(fields[order + 1], &out->log10_backoff))
        return reject(arpa, "back-off is not a finite number");
    for (unsigned i = 0; i < order; i++) {
        out->words[i] = (heed_arpa_word){fields[i + 1], strlen(fields[i + 1])};
        if (out->words[i].length > HEED_LM_MAX_WORD_BYTES)
            return reject(arpa, "word is longer than 255 bytes");
    }
    return HEED_OK;
}

/* At a line that begins a section or ends the file: were all n-grams there? */
static heed_status end_section(heed_arpa *arpa)
{
    const uint64_t promised = arpa->counts[arpa->section - 1];
    if (arpa->n_read != promised) {
        heed_log_error(arpa->log,
                       "%s: line %llu: %llu %u-grams instead of %llu",
                       arpa->name, (unsigned long long)arpa->line_number,
                       (unsigned long long)arpa->n_read, arpa->section,
                       (unsigned long long)promised);
        return HEED_ERR_FORMAT;
    }
    if (is_keyword(arpa->line, "\\end\\")) {
        if (arpa->section < arpa->order)
            return reject(arpa, "\\end\\ comes before the last order");
        return HEED_END;
    }
    if (arpa->section == arpa->order)
        return reject(arpa, "\\end\\ is expected");
    return enter_section(arpa);
}

heed_status heed_arpa_next(heed_arpa *arpa, heed_arpa_ngram *out)
{
    for (;;) {
        heed_status status = read_text(arpa);
        if (status == HEED_END)
            return reject_end(arpa, "\\end\\");
        if (status != HEED_OK)
            return status;
        if (arpa->line[0] != '\\') {
            if (arpa->n_read == arpa->counts[arpa->section - 1])
                return reject(arpa, "more n-grams than promised");
            arpa->n_read++;
            return parse_ngram(arpa, out);
        }
        status = end_section(arpa);
        if (status != HEED_OK)
            return status;
    }
}
