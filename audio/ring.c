/* ring.c - a queue between two threads without a lock.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two counters that only grow (and wrap around): items written, items read.
 * Each is stored by one thread alone. A thread stores its counter with
 * release after it has touched the items, the other loads it with acquire
 * before it touches them; its own counter it may load relaxed. */
#include "audio/ring.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct heed_ring {
    atomic_size_t n_written; /* stored by the writer */
    atomic_size_t n_read;    /* stored by the reader */
    size_t item_bytes;
    size_t n_items; /* a power of two, so that wrapping counters stay right */
    unsigned char *items;
};

heed_status heed_ring_create(heed_ring **out, size_t item_bytes, size_t n_items)
{
    size_t rounded = 1;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (item_bytes == 0 || n_items == 0 || n_items > SIZE_MAX / 4 / item_bytes)
        return HEED_ERR_ARG;
    while (rounded < n_items)
        rounded *= 2;

    heed_ring *ring = calloc(1, sizeof *ring);

    if (ring == NULL)
        return HEED_ERR_MEMORY;
    ring->item_bytes = item_bytes;
    ring->n_items = rounded;
    ring->items = malloc(rounded * item_bytes);
    if (ring->items == NULL) {
        free(ring);
        return HEED_ERR_MEMORY;
    }
    /* Touched now: the callback must not wait for pages, and a session takes
     * the same memory from its beginning to its end. With zeros a compiler
     * would make calloc() of it, which touches nothing. */
    memset(ring->items, 0xff, rounded * item_bytes);
    atomic_init(&ring->n_written, 0);
    atomic_init(&ring->n_read, 0);
    *out = ring;
    return HEED_OK;
}

void heed_ring_destroy(heed_ring *ring)
{
    if (ring == NULL)
        return;
    free(ring->items);
    free(ring);
}

size_t heed_ring_writable(const heed_ring *ring)
{
    const size_t n_written =
        atomic_load_explicit(&ring->n_written, memory_order_relaxed);
    /* Acquire, with the release in heed_ring_read(): the items that make room
     * have been copied out. */
    const size_t n_read =
        atomic_load_explicit(&ring->n_read, memory_order_acquire);

    return ring->n_items - (n_written - n_read);
}

size_t heed_ring_readable(const heed_ring *ring)
{
    const size_t n_read =
        atomic_load_explicit(&ring->n_read, memory_order_relaxed);
    /* Acquire, with the release in heed_ring_write(): the items are there. */
    const size_t n_written =
        atomic_load_explicit(&ring->n_written, memory_order_acquire);

    return n_written - n_read;
}

/* Where item number `n` lies. */
static unsigned char *item(const heed_ring *ring, size_t n)
{
    return ring->items + (n & (ring->n_items - 1)) * ring->item_bytes;
}

/* Items from number `n` up to the end of the memory, at most `count`. */
static size_t in_one_piece(const heed_ring *ring, size_t n, size_t count)
{
    const size_t rest = ring->n_items - (n & (ring->n_items - 1));

    return count < rest ? count : rest;
}

size_t heed_ring_write(heed_ring *ring, const void *items, size_t n_items)
{
    const size_t room = heed_ring_writable(ring);
    const size_t count = n_items < room ? n_items : room;
    const size_t n_written =
        atomic_load_explicit(&ring->n_written, memory_order_relaxed);
    const size_t first = in_one_piece(ring, n_written, count);

    if (count == 0)
        return 0;
    memcpy(item(ring, n_written), items, first * ring->item_bytes);
    memcpy(ring->items, (const unsigned char *)items + first * ring->item_bytes,
           (count - first) * ring->item_bytes);
    /* Release, with the acquire in heed_ring_readable(). */
    atomic_store_explicit(&ring->n_written, n_written + count,
                          memory_order_release);
    return count;
}

size_t heed_ring_read(heed_ring *ring, void *items, size_t n_items)
{
    const size_t waiting = heed_ring_readable(ring);
    const size_t count = n_items < waiting ? n_items : waiting;
    const size_t n_read =
        atomic_load_explicit(&ring->n_read, memory_order_relaxed);
    const size_t first = in_one_piece(ring, n_read, count);

    if (count == 0)
        return 0;
    memcpy(items, item(ring, n_read), first * ring->item_bytes);
    memcpy((unsigned char *)items + first * ring->item_bytes, ring->items,
           (count - first) * ring->item_bytes);
    /* Release, with the acquire in heed_ring_writable(). */
    atomic_store_explicit(&ring->n_read, n_read + count, memory_order_release);
    return count;
}
