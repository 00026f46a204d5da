/* hotwords.c - see hotwords.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/hotwords.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "asr/base/mapping.h"
#include "asr/ctc.h"
#include "asr/model.h"

#define MAX_BYTES        (1024 * 1024)
#define MAX_PHRASES      10000
#define MAX_PHRASE_BYTES 128
#define MIN_WEIGHT       0.1F
#define MAX_WEIGHT       10.0F

/* A line being read. */
typedef struct reader {
    const char *name; /* in messages */
    size_t number;    /* of the line, from 1 */
    const heed_log *log;
} reader;

static heed_status refuse(const reader *at, const char *cause)
{
    heed_log_error(at->log, "%s: line %zu: %s", at->name, at->number, cause);
    return HEED_ERR_FORMAT;
}

/* Reads "12.5" without regard to the locale. */
static bool parse_weight(const char *text, size_t length, float *out)
{
    float value = 0.0F;
    float place = 0.0F;
    size_t n_digits = 0;

    if (length > 16)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && !(place > 0.0F)) {
            place = 1.0F;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10.0F + (float)(text[i] - '0');
        place *= 10.0F;
        n_digits++;
    }
    *out = place > 1.0F ? value / place : value;
    return n_digits > 0 && *out >= MIN_WEIGHT && *out <= MAX_WEIGHT;
}

/* Writes the labels of a phrase's words to `labels`, a space between two.
 * Returns their number, or 0 after a line in the log. */
static size_t spell(const reader *at, const char *text, size_t length,
                    uint8_t labels[MAX_PHRASE_BYTES])
{
    size_t n = 0;
    bool gap = false;

    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        const int label = heed_ctc_label(byte);

        if (byte >= 0x80 || (byte >= '0' && byte <= '9')) {
            (void)refuse(at, byte >= 0x80
                                 ? "only the letters A to Z can be heard"
                                 : "digits cannot be heard: write words");
            return 0;
        }
        if (label >= 0 && gap && n > 0)
            labels[n++] = HEED_CTC_SPACE;
        if (label >= 0)
            labels[n++] = (uint8_t)label;
        gap = label < 0;
    }
    if (n == 0)
        (void)refuse(at, "no letters");
    return n;
}

/* Keeps the phrase's text. */
static bool keep_text(heed_hotwords *hotwords, const char *text, size_t length)
{
    if (hotwords->n_phrases == hotwords->phrase_capacity) {
        const size_t capacity = 2 * hotwords->phrase_capacity + 16;
        size_t *begins = realloc(hotwords->begins, capacity * sizeof(*begins));

        if (begins == NULL)
            return false;
        hotwords->begins = begins;
        hotwords->phrase_capacity = capacity;
    }
    hotwords->begins[hotwords->n_phrases++] = hotwords->n_text_bytes;
    memcpy(hotwords->texts + hotwords->n_text_bytes, text, length);
    hotwords->texts[hotwords->n_text_bytes + length] = '\0';
    hotwords->n_text_bytes += length + 1;
    return true;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Leaves blanks at both ends out. */
static void trim(const char **text, size_t *length)
{
    while (*length > 0 && is_blank((*text)[*length - 1]))
        --*length;
    while (*length > 0 && is_blank((*text)[0])) {
        ++*text;
        --*length;
    }
}

/* Adds the phrase of a line that is no comment. */
static heed_status add_phrase(heed_hotwords *hotwords, const reader *at,
                              const char *text, size_t length)
{
    const char *tab = memchr(text, '\t', length);
    uint8_t labels[MAX_PHRASE_BYTES];
    float weight = 1.0F;

    if (tab != NULL) {
        const char *number = tab + 1;
        size_t n = length - (size_t)(number - text);

        trim(&number, &n);
        if (!parse_weight(number, n, &weight))
            return refuse(at, "the weight is not a number from 0.1 to 10");
        length = (size_t)(tab - text);
        trim(&text, &length);
    }
    if (length >= MAX_PHRASE_BYTES)
        return refuse(at, "a phrase of more than 127 bytes");
    if (memchr(text, '\0', length) != NULL)
        return refuse(at, "a zero byte");
    if (hotwords->n_phrases == MAX_PHRASES)
        return refuse(at, "more than 10000 phrases");

    const size_t n_labels = spell(at, text, length, labels);

    if (n_labels == 0)
        return HEED_ERR_FORMAT;
    if (!keep_text(hotwords, text, length))
        return HEED_ERR_MEMORY;
    return heed_phrase_trie_add(&hotwords->trie, labels, n_labels, weight,
                                (uint32_t)(hotwords->n_phrases - 1));
}

/* Reads all lines. */
static heed_status read_text(heed_hotwords *hotwords, const char *text,
                             size_t n_bytes, reader *at)
{
    static const char mark[] = "\xef\xbb\xbf";
    heed_status status = HEED_OK;

    if (n_bytes >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        n_bytes -= 3;
    }
    while (n_bytes > 0 && status == HEED_OK) {
        const char *end = memchr(text, '\n', n_bytes);
        const size_t taken = end != NULL ? (size_t)(end - text) + 1 : n_bytes;
        const char *line = text;
        size_t length = end != NULL ? taken - 1 : taken;

        at->number++;
        text += taken;
        n_bytes -= taken;
        trim(&line, &length);
        if (length > 0 && line[0] != '#')
            status = add_phrase(hotwords, at, line, length);
    }
    return status;
}

static heed_status build(heed_hotwords *hotwords, const char *text,
                         size_t n_bytes, reader *at)
{
    heed_status status = heed_phrase_trie_init(&hotwords->trie);

    /* A phrase's end takes the place of its line's. */
    hotwords->texts = malloc(n_bytes + 1);
    if (hotwords->texts == NULL)
        status = HEED_ERR_MEMORY;
    if (status == HEED_OK)
        status = read_text(hotwords, text, n_bytes, at);
    if (status == HEED_OK && hotwords->n_phrases == 0) {
        heed_log_error(at->log, "%s: no phrase", at->name);
        status = HEED_ERR_FORMAT;
    }
    if (status == HEED_OK)
        status = heed_phrase_trie_finish(&hotwords->trie,
                                         hotwords->model->tokenizer);
    return status;
}

static heed_status create(heed_hotwords **out, const heed_model *model,
                          const char *text, size_t n_bytes, reader *at)
{
    heed_hotwords *hotwords;
    heed_status status;

    if (n_bytes > MAX_BYTES) {
        heed_log_error(at->log, "%s: more than a mebibyte", at->name);
        return HEED_ERR_FORMAT;
    }
    hotwords = calloc(1, sizeof(*hotwords));
    if (hotwords == NULL)
        return HEED_ERR_MEMORY;
    hotwords->model = model;
    status = build(hotwords, text, n_bytes, at);
    if (status == HEED_OK)
        *out = hotwords;
    else
        heed_hotwords_close(hotwords);
    return status;
}

heed_status heed_hotwords_open(heed_hotwords **out, const heed_model *model,
                               const char *path, const heed_log *log)
{
    heed_mapping file;
    reader at = {.name = path, .log = log};
    heed_status status;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (model == NULL || path == NULL)
        return HEED_ERR_ARG;
    status = heed_mapping_open(&file, path, log);
    if (status != HEED_OK)
        return status;
    status = create(out, model, file.n_bytes > 0 ? file.data : "", file.n_bytes,
                    &at);
    heed_mapping_close(&file);
    return status;
}

heed_status heed_hotwords_create(heed_hotwords **out, const heed_model *model,
                                 const char *text, size_t n_bytes,
                                 const heed_log *log)
{
    reader at = {.name = "hotwords", .log = log};

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (model == NULL || (text == NULL && n_bytes > 0))
        return HEED_ERR_ARG;
    return create(out, model, n_bytes > 0 ? text : "", n_bytes, &at);
}

void heed_hotwords_close(heed_hotwords *hotwords)
{
    if (hotwords == NULL)
        return;
    heed_phrase_trie_deinit(&hotwords->trie);
    free(hotwords->begins);
    free(hotwords->texts);
    free(hotwords);
}

const char *heed_hotwords_text(const heed_hotwords *hotwords, size_t i)
{
    return hotwords->texts + hotwords->begins[i];
}
