/* fuzz_tokenizer.c - any vocabulary and any tokens.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is a model file; its bytes, once more, are the tokens put
 * together. The text must stay valid, terminated and within its buffer. */
#include <stdlib.h>
#include <string.h>

#include "asr/tokenizer.h"
#include "tests/fuzz/fuzz.h"

/* A slow check, written apart from the one under test. */
static int is_utf8(const unsigned char *s, size_t n)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < n;) {
        size_t length = 1;
        uint32_t code = s[i];
        if (code >= 0xf8 || (code & 0xc0) == 0x80)
            return 0;
        if (code >= 0x80)
            length = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
        if (length > n - i)
            return 0;
        if (length > 1)
            code &= 0xffu >> (length + 1);
        for (size_t k = 1; k < length; k++) {
            if ((s[i + k] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (s[i + k] & 0x3f);
        }
        if (code < least[length] || code > 0x10ffff ||
            (code >= 0xd800 && code < 0xe000))
            return 0;
        i += length;
    }
    return 1;
}

static void put_together(const heed_tokenizer *tokenizer, const uint8_t *ids,
                         size_t count)
{
    char *buffer = malloc(100);
    heed_token_text text;
    if (!buffer)
        return;
    heed_token_text_init(&text, buffer, 100);
    for (size_t i = 0; i < count; i++) {
        if (heed_token_text_append(&text, tokenizer, ids[i]) == HEED_ERR_MEMORY)
            heed_token_text_init(&text, buffer, 100);
        if (i % 7 == 6)
            heed_token_text_finish(&text);
        if (text.length != strlen(buffer) ||
            !is_utf8((const unsigned char *)buffer, text.length))
            abort();
    }
    heed_token_text_finish(&text);
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    heed_gguf *gguf = NULL;
    heed_tokenizer *tokenizer = NULL;
    if (heed_gguf_open_memory(&gguf, data, n_bytes, NULL) == HEED_OK &&
        heed_tokenizer_create(&tokenizer, gguf, NULL) == HEED_OK)
        put_together(tokenizer, data, n_bytes);
    heed_tokenizer_destroy(tokenizer);
    heed_gguf_close(gguf);
    return 0;
}
