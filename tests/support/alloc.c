/* alloc.c - see alloc.h. SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/alloc.h"

#ifndef HEED_TEST_WRAPS

bool heed_test_alloc_works(void)
{
    return false;
}

void heed_test_alloc_watch(size_t fail_at)
{
    (void)fail_at;
}

size_t heed_test_alloc_stop(void)
{
    return 0;
}

size_t heed_test_alloc_bytes(void)
{
    return 0;
}

long heed_test_alloc_live(void)
{
    return 0;
}

#else

#include <samplerate.h>
#include <stdlib.h>

/* The linker's names: calls of `f` go to __wrap_f, and __real_f is `f`. They
 * are reserved, and have to be. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
SRC_STATE *__real_src_new(int type, int channels, int *error);
SRC_STATE *__real_src_delete(SRC_STATE *state);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);
SRC_STATE *__wrap_src_new(int type, int channels, int *error);
SRC_STATE *__wrap_src_delete(SRC_STATE *state);

static bool watching;
static size_t n_asked;
static size_t n_bytes;
static size_t failing;
static long n_live;

bool heed_test_alloc_works(void)
{
    return true;
}

void heed_test_alloc_watch(size_t fail_at)
{
    n_asked = 0;
    n_bytes = 0;
    n_live = 0;
    failing = fail_at;
    watching = true;
}

size_t heed_test_alloc_stop(void)
{
    watching = false;
    return n_asked;
}

size_t heed_test_alloc_bytes(void)
{
    return n_bytes;
}

long heed_test_alloc_live(void)
{
    return n_live;
}

/* Counts a request; returns whether it is to be refused. */
static bool refuses(size_t size)
{
    if (watching)
        n_bytes += size;
    return watching && ++n_asked == failing;
}

static void *note(void *block)
{
    if (watching && block != NULL)
        n_live++;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return refuses(size) ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuses(count * size) ? NULL : note(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (refuses(size))
        return NULL;
    if (block == NULL)
        return note(__real_realloc(block, size));
    return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return refuses(size) ? NULL : note(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    if (watching && block != NULL)
        n_live--;
    __real_free(block);
}

SRC_STATE *__wrap_src_new(int type, int channels, int *error)
{
    SRC_STATE *state = NULL;

    if (!refuses(0))
        state = __real_src_new(type, channels, error);
    (void)note(state);
    return state;
}

SRC_STATE *__wrap_src_delete(SRC_STATE *state)
{
    if (watching && state != NULL)
        n_live--;
    return __real_src_delete(state);
}

#endif
