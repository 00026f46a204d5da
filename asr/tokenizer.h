/* tokenizer.h - what the decoder's tokens stand for.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A SentencePiece vocabulary: a token is a piece of UTF-8 text in which U+2581
 * stands for a space, or a single byte of a character that has no piece, or
 * control (begin, end), which has no text. */
#ifndef HEED_ASR_TOKENIZER_H
#define HEED_ASR_TOKENIZER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "asr/gguf.h"

/* Read-only after create; any thread. */
typedef struct heed_tokenizer heed_tokenizer;

/* Reads the vocabulary of a model file into `*out` (NULL on failure); release:
 * heed_tokenizer_destroy(). `gguf` is not needed afterwards.
 * Returns HEED_OK; HEED_ERR_FORMAT after a line in the log if a key is missing
 * or wrong; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_tokenizer_create(heed_tokenizer **out,
                                                 const heed_gguf *gguf,
                                                 const heed_log *log);

/* Releases; NULL is allowed. */
void heed_tokenizer_destroy(heed_tokenizer *tokenizer);

/* Returns the number of tokens; ids are below it. */
size_t heed_tokenizer_count(const heed_tokenizer *tokenizer);

/* Return the ids of the tokens that begin and end every text. */
uint32_t heed_tokenizer_bos(const heed_tokenizer *tokenizer);
uint32_t heed_tokenizer_eos(const heed_tokenizer *tokenizer);

/* Returns the text of a token with spaces for U+2581, and its `*length`; not
 * terminated, lives as long as the tokenizer. The text is valid UTF-8, except
 * that a byte token's text is its byte. Control tokens and ids out of range
 * have the empty text. */
const char *heed_tokenizer_text(const heed_tokenizer *tokenizer, uint32_t id,
                                size_t *length);

/* Returns whether the token begins with a space. */
bool heed_tokenizer_is_word_start(const heed_tokenizer *tokenizer, uint32_t id);

/* Returns whether the token is a single byte of a character. */
bool heed_tokenizer_is_byte(const heed_tokenizer *tokenizer, uint32_t id);

/* Text put together from tokens in the caller's buffer: always valid UTF-8,
 * always terminated. Bytes of a character wait until it is complete. */
typedef struct heed_token_text {
    char *text;
    size_t capacity_bytes;
    size_t length;
    unsigned char pending[4];
    size_t n_pending;
} heed_token_text;

/* Begins with an empty text in `buffer`, which is borrowed;
 * `capacity_bytes` > 0 includes the terminator. */
void heed_token_text_init(heed_token_text *text, char *buffer,
                          size_t capacity_bytes);

/* Appends the text of a token. Bytes that make no character become U+FFFD.
 * Returns HEED_OK; HEED_ERR_ARG for an id out of range; HEED_ERR_MEMORY if the
 * buffer has no room. On failure nothing is appended. */
HEED_NODISCARD heed_status heed_token_text_append(
    heed_token_text *text, const heed_tokenizer *tokenizer, uint32_t id);

/* Turns an unfinished character at the end into U+FFFD; there is always room
 * for it. */
void heed_token_text_finish(heed_token_text *text);

#endif /* HEED_ASR_TOKENIZER_H */
