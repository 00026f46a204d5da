/* memory.h - blocks, strings and lists that grow. SPDX-License-Identifier:
 * Apache-2.0
 *
 * An evaluation that gets no memory cannot go on, and has nothing to lose:
 * what it has finished is on the disk already. So these functions never
 * return NULL; they say `heed: out of memory` and end the program with 1. */
#ifndef HEED_TOOLS_EVAL_MEMORY_H
#define HEED_TOOLS_EVAL_MEMORY_H

#include <stddef.h>

/* `count` elements of `size` bytes, all zero; release: free(). */
void *eval_calloc(size_t count, size_t size);

/* Makes room for one element after the first `n` of a list of `*capacity`
 * elements of `size` bytes; returns the list, which may have moved. */
void *eval_grow(void *list, size_t n, size_t *capacity, size_t size);

/* Strings that live and go together. Zero is an empty pool. */
typedef struct eval_pool {
    struct eval_pool_block *last;
} eval_pool;

/* Returns a copy of the `n_bytes` at `bytes`, terminated; it lives as long as
 * the pool. */
char *eval_pool_copy(eval_pool *pool, const char *bytes, size_t n_bytes);

/* The same for a string; NULL gives NULL. */
char *eval_pool_string(eval_pool *pool, const char *text);

/* Room for `n_bytes` in the pool, for any type. */
void *eval_pool_take(eval_pool *pool, size_t n_bytes);

void eval_pool_deinit(eval_pool *pool);

/* Text that grows, always terminated once anything was added. Zero is empty.
 */
typedef struct eval_text {
    char *bytes;
    size_t n_bytes;
    size_t capacity;
} eval_text;

void eval_text_add(eval_text *text, const char *bytes, size_t n_bytes);
void eval_text_puts(eval_text *text, const char *string);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void eval_text_printf(eval_text *text, const char *format, ...);
void eval_text_clear(eval_text *text); /* keeps the room */
void eval_text_deinit(eval_text *text);

/* The string so far; never NULL. */
const char *eval_text_string(const eval_text *text);

#endif /* HEED_TOOLS_EVAL_MEMORY_H */
