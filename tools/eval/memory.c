/* memory.c - blocks, strings and lists that grow. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 65536

struct eval_pool_block {
    struct eval_pool_block *before;
    size_t n_used;
    size_t n_bytes; /* of `bytes` */
    alignas(max_align_t) unsigned char bytes[];
};

static void *need(void *block)
{
    if (block != NULL)
        return block;
    fputs("heed: out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

void *eval_calloc(size_t count, size_t size)
{
    return need(calloc(count > 0 ? count : 1, size));
}

void *eval_grow(void *list, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return list;
    if (*capacity > SIZE_MAX / 4 / size)
        need(NULL);
    *capacity = *capacity > 0 ? 2 * *capacity : 8;
    return need(realloc(list, *capacity * size));
}

static void add_block(eval_pool *pool, size_t n_bytes)
{
    const size_t room = n_bytes > BLOCK_BYTES / 4 ? n_bytes : BLOCK_BYTES;
    struct eval_pool_block *block;

    if (room > SIZE_MAX / 2)
        need(NULL);
    block = need(malloc(sizeof *block + room));
    block->before = pool->last;
    block->n_used = 0;
    block->n_bytes = room;
    pool->last = block;
}

/* Room at a multiple of `alignment` bytes. */
static void *take(eval_pool *pool, size_t n_bytes, size_t alignment)
{
    size_t at = 0;

    if (pool->last != NULL)
        at = (pool->last->n_used + alignment - 1) / alignment * alignment;
    if (pool->last == NULL || at > pool->last->n_bytes ||
        n_bytes > pool->last->n_bytes - at) {
        add_block(pool, n_bytes);
        at = 0;
    }
    pool->last->n_used = at + n_bytes;
    return pool->last->bytes + at;
}

void *eval_pool_take(eval_pool *pool, size_t n_bytes)
{
    return take(pool, n_bytes, alignof(max_align_t));
}

char *eval_pool_copy(eval_pool *pool, const char *bytes, size_t n_bytes)
{
    char *copy = take(pool, n_bytes + 1, 1);

    if (n_bytes > 0)
        memcpy(copy, bytes, n_bytes);
    copy[n_bytes] = '\0';
    return copy;
}

char *eval_pool_string(eval_pool *pool, const char *text)
{
    return text != NULL ? eval_pool_copy(pool, text, strlen(text)) : NULL;
}

void eval_pool_deinit(eval_pool *pool)
{
    while (pool->last != NULL) {
        struct eval_pool_block *block = pool->last;

        pool->last = block->before;
        free(block);
    }
}

void eval_text_add(eval_text *text, const char *bytes, size_t n_bytes)
{
    if (n_bytes >= text->capacity - text->n_bytes) {
        if (n_bytes > SIZE_MAX / 4 - text->n_bytes)
            need(NULL);
        text->capacity = 2 * (text->n_bytes + n_bytes) + 32;
        text->bytes = need(realloc(text->bytes, text->capacity));
    }
    if (n_bytes > 0)
        memcpy(text->bytes + text->n_bytes, bytes, n_bytes);
    text->n_bytes += n_bytes;
    text->bytes[text->n_bytes] = '\0';
}

void eval_text_puts(eval_text *text, const char *string)
{
    eval_text_add(text, string, strlen(string));
}

void eval_text_printf(eval_text *text, const char *format, ...)
{
    va_list arguments;
    va_list again;
    int n;

    va_start(arguments, format);
    va_copy(again, arguments);
    n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n > 0) {
        char *line = need(malloc((size_t)n + 1));

        vsnprintf(line, (size_t)n + 1, format, again);
        eval_text_add(text, line, (size_t)n);
        free(line);
    }
    va_end(again);
}

void eval_text_clear(eval_text *text)
{
    text->n_bytes = 0;
    if (text->bytes != NULL)
        text->bytes[0] = '\0';
}

void eval_text_deinit(eval_text *text)
{
    free(text->bytes);
    *text = (eval_text){0};
}

const char *eval_text_string(const eval_text *text)
{
    return text->bytes != NULL ? text->bytes : "";
}
