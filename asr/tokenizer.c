/* tokenizer.c - what the decoder's tokens stand for.
 *
 * The texts of all tokens are written one after the other into one block when
 * the tokenizer is created, so that a look-up is two offsets.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"

/* Types of tokens in the file. */
enum token_type {
    TYPE_NORMAL = 1,
    TYPE_UNKNOWN = 2,
    TYPE_CONTROL = 3,
    TYPE_USER_DEFINED = 4,
    TYPE_UNUSED = 5,
    TYPE_BYTE = 6
};

static const char space_mark[] = "\xe2\x96\x81";  /* U+2581 */
static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
enum { MARK_BYTES = 3, REPLACEMENT_BYTES = 3 };

struct heed_tokenizer {
    size_t count;
    uint32_t bos, eos;
    size_t *begins;       /* [count + 1], into `texts` */
    unsigned char *types; /* [count] */
    char *texts;
};

/* --- UTF-8. --------------------------------------------------------------- */

/* Length of the character that begins with `lead`, and the range its second
 * byte must lie in (Unicode, table 3-7); 0 if none begins so. */
static size_t utf8_length(unsigned char lead, unsigned char *low,
                          unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    if (lead < 0xe0)
        return 2;
    if (lead == 0xe0)
        *low = 0xa0;
    else if (lead == 0xed)
        *high = 0x9f;
    else if (lead == 0xf0)
        *low = 0x90;
    else if (lead == 0xf4)
        *high = 0x8f;
    return lead < 0xf0 ? 3 : 4;
}

typedef enum utf8_state { UTF8_WHOLE, UTF8_BEGUN, UTF8_WRONG } utf8_state;

/* What the first `count` > 0 bytes are: one whole character, the beginning of
 * one, or neither. */
static utf8_state utf8_check(const unsigned char *bytes, size_t count)
{
    unsigned char low;
    unsigned char high;
    const size_t length = utf8_length(bytes[0], &low, &high);
    if (length == 0 || count > length)
        return UTF8_WRONG;
    for (size_t i = 1; i < count; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return UTF8_WRONG;
        low = 0x80;
        high = 0xbf;
    }
    return count == length ? UTF8_WHOLE : UTF8_BEGUN;
}

static bool utf8_is_valid(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char low;
    unsigned char high;
    for (size_t i = 0; i < length;) {
        const size_t step = utf8_length(bytes[i], &low, &high);
        if (step == 0 || step > length - i ||
            utf8_check(bytes + i, step) != UTF8_WHOLE)
            return false;
        i += step;
    }
    return true;
}

/* --- The vocabulary. ------------------------------------------------------ */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* The byte that "<0x0A>" stands for, or -1. */
static int byte_of(heed_gguf_string piece)
{
    if (piece.length != 6 || memcmp(piece.text, "<0x", 3) != 0 ||
        piece.text[5] != '>')
        return -1;
    const int high = hex_digit(piece.text[3]);
    const int low = hex_digit(piece.text[4]);
    return high < 0 || low < 0 ? -1 : 16 * high + low;
}

/* Copies with a space for every U+2581; returns the bytes written. */
static size_t copy_piece(char *out, heed_gguf_string piece)
{
    size_t n = 0;
    for (size_t i = 0; i < piece.length;) {
        if (piece.length - i >= MARK_BYTES &&
            memcmp(piece.text + i, space_mark, MARK_BYTES) == 0) {
            out[n++] = ' ';
            i += MARK_BYTES;
        } else {
            out[n++] = piece.text[i++];
        }
    }
    return n;
}

static heed_status fail(const heed_log *log, size_t id, const char *cause)
{
    heed_log_error(log, "vocabulary: token %zu: %s", id, cause);
    return HEED_ERR_FORMAT;
}

/* Writes the text of token `id` at `out`, `*length` bytes. */
static heed_status write_text(char *out, size_t *length, size_t id,
                              heed_gguf_string piece, int32_t type,
                              const heed_log *log)
{
    *length = 0;
    switch (type) {
    case TYPE_UNKNOWN:
    case TYPE_CONTROL:
    case TYPE_UNUSED:
        return HEED_OK;
    case TYPE_BYTE: {
        const int byte = byte_of(piece);
        if (byte < 0)
            return fail(log, id, "a byte token is not of the form <0x0A>");
        out[0] = (char)(unsigned char)byte;
        *length = 1;
        return HEED_OK;
    }
    case TYPE_NORMAL:
    case TYPE_USER_DEFINED:
        if (!utf8_is_valid(piece.text, piece.length) ||
            memchr(piece.text, 0, piece.length))
            return fail(log, id, "text is not valid UTF-8");
        *length = copy_piece(out, piece);
        return HEED_OK;
    default:
        return fail(log, id, "unknown token type");
    }
}

static heed_status fill(heed_tokenizer *t, const heed_gguf_string *pieces,
                        const int32_t *types, const heed_log *log)
{
    size_t total = 1;
    for (size_t id = 0; id < t->count; id++)
        total += pieces[id].length;
    t->begins = calloc(t->count + 1, sizeof *t->begins);
    t->types = malloc(t->count);
    t->texts = malloc(total);
    if (!t->begins || !t->types || !t->texts) {
        heed_log_error(log, "vocabulary: out of memory");
        return HEED_ERR_MEMORY;
    }
    size_t at = 0;
    for (size_t id = 0; id < t->count; id++) {
        size_t length = 0;
        const heed_status status =
            write_text(t->texts + at, &length, id, pieces[id], types[id], log);
        if (status != HEED_OK)
            return status;
        t->begins[id] = at;
        t->types[id] = (unsigned char)types[id];
        at += length;
    }
    t->begins[t->count] = at;
    return HEED_OK;
}

static heed_status load(heed_tokenizer *t, const heed_gguf *gguf,
                        const heed_log *log)
{
    const heed_gguf_string *pieces = NULL;
    const int32_t *types = NULL;
    size_t n_types = 0;
    heed_status status = heed_gguf_get_string_array(gguf, &pieces, &t->count,
                                                    "tokenizer.ggml.tokens");
    if (status == HEED_OK)
        status = heed_gguf_get_i32_array(gguf, &types, &n_types,
                                         "tokenizer.ggml.token_type");
    if (status == HEED_OK)
        status =
            heed_gguf_get_u32(gguf, &t->bos, "tokenizer.ggml.bos_token_id");
    if (status == HEED_OK)
        status =
            heed_gguf_get_u32(gguf, &t->eos, "tokenizer.ggml.eos_token_id");
    if (status != HEED_OK)
        return status;
    if (t->count == 0 || n_types != t->count) {
        heed_log_error(log, "vocabulary: %zu tokens but %zu types", t->count,
                       n_types);
        return HEED_ERR_FORMAT;
    }
    if (t->bos >= t->count || t->eos >= t->count) {
        heed_log_error(log, "vocabulary: the token that begins or ends a text "
                            "is out of range");
        return HEED_ERR_FORMAT;
    }
    return fill(t, pieces, types, log);
}

heed_status heed_tokenizer_create(heed_tokenizer **out, const heed_gguf *gguf,
                                  const heed_log *log)
{
    *out = NULL;
    heed_tokenizer *t = calloc(1, sizeof *t);
    if (!t) {
        heed_log_error(log, "vocabulary: out of memory");
        return HEED_ERR_MEMORY;
    }
    const heed_status status = load(t, gguf, log);
    if (status == HEED_OK)
        *out = t;
    else
        heed_tokenizer_destroy(t);
    return status;
}

void heed_tokenizer_destroy(heed_tokenizer *tokenizer)
{
    if (!tokenizer)
        return;
    free(tokenizer->begins);
    free(tokenizer->types);
    free(tokenizer->texts);
    free(tokenizer);
}

size_t heed_tokenizer_count(const heed_tokenizer *tokenizer)
{
    return tokenizer->count;
}

uint32_t heed_tokenizer_bos(const heed_tokenizer *tokenizer)
{
    return tokenizer->bos;
}

uint32_t heed_tokenizer_eos(const heed_tokenizer *tokenizer)
{
    return tokenizer->eos;
}

const char *heed_tokenizer_text(const heed_tokenizer *tokenizer, uint32_t id,
                                size_t *length)
{
    *length = 0;
    if (id >= tokenizer->count)
        return "";
    *length = tokenizer->begins[id + 1] - tokenizer->begins[id];
    return tokenizer->texts + tokenizer->begins[id];
}

bool heed_tokenizer_is_byte(const heed_tokenizer *tokenizer, uint32_t id)
{
    return id < tokenizer->count && tokenizer->types[id] == TYPE_BYTE;
}

bool heed_tokenizer_is_word_start(const heed_tokenizer *tokenizer, uint32_t id)
{
    size_t length = 0;
    const char *text = heed_tokenizer_text(tokenizer, id, &length);
    return length > 0 && text[0] == ' ' &&
           !heed_tokenizer_is_byte(tokenizer, id);
}

/* --- Text from tokens. ---------------------------------------------------- */

void heed_token_text_init(heed_token_text *text, char *buffer,
                          size_t capacity_bytes)
{
    *text = (heed_token_text){.text = buffer, .capacity_bytes = capacity_bytes};
    buffer[0] = '\0';
}

/* Whether `count` bytes and the terminator fit. */
static bool has_room(const heed_token_text *t, size_t count)
{
    return count < t->capacity_bytes - t->length;
}

static bool put(heed_token_text *t, const void *bytes, size_t count)
{
    if (!has_room(t, count))
        return false;
    memcpy(t->text + t->length, bytes, count);
    t->length += count;
    return true;
}

static bool put_replacement(heed_token_text *t)
{
    t->n_pending = 0;
    return put(t, replacement, REPLACEMENT_BYTES);
}

static bool put_byte(heed_token_text *t, unsigned char byte)
{
    t->pending[t->n_pending++] = byte;
    utf8_state state = utf8_check(t->pending, t->n_pending);
    if (state == UTF8_WRONG && t->n_pending > 1) {
        /* The bytes before this one make no character; it may begin one. */
        if (!put_replacement(t))
            return false;
        t->pending[t->n_pending++] = byte;
        state = utf8_check(t->pending, t->n_pending);
    }
    if (state == UTF8_WRONG || byte == 0)
        return put_replacement(t);
    /* Room is kept for what heed_token_text_finish() may have to write. */
    if (state == UTF8_BEGUN)
        return has_room(t, REPLACEMENT_BYTES);
    const size_t count = t->n_pending;
    t->n_pending = 0;
    return put(t, t->pending, count);
}

heed_status heed_token_text_append(heed_token_text *text,
                                   const heed_tokenizer *tokenizer, uint32_t id)
{
    if (id >= tokenizer->count)
        return HEED_ERR_ARG;
    const heed_token_text before = *text;
    size_t length = 0;
    const char *piece = heed_tokenizer_text(tokenizer, id, &length);
    bool fits = true;
    if (heed_tokenizer_is_byte(tokenizer, id)) {
        fits = put_byte(text, (unsigned char)piece[0]);
    } else if (length > 0) {
        if (text->n_pending > 0)
            fits = put_replacement(text);
        fits = fits && put(text, piece, length);
    }
    if (!fits)
        *text = before;
    text->text[text->length] = '\0';
    return fits ? HEED_OK : HEED_ERR_MEMORY;
}

void heed_token_text_finish(heed_token_text *text)
{
    if (text->n_pending > 0)
        (void)put_replacement(text);
    text->text[text->length] = '\0';
}
