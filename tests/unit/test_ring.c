/* test_ring.c - the queue without a lock. SPDX-License-Identifier: Apache-2.0
 */
#include "audio/ring.h"
#include "tests/support/alloc.h"
#include "tests/support/suites.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>

static void test_ring__refuses_bad_sizes(void)
{
    heed_ring *ring = (heed_ring *)&ring;

    CU_ASSERT_EQUAL(heed_ring_create(NULL, 4, 4), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_ring_create(&ring, 0, 4), HEED_ERR_ARG);
    CU_ASSERT_PTR_NULL(ring);
    CU_ASSERT_EQUAL(heed_ring_create(&ring, 4, 0), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_ring_create(&ring, 4, SIZE_MAX / 4), HEED_ERR_ARG);
    heed_ring_destroy(NULL);
}

static void test_ring__leaks_nothing_where_memory_is_short(void)
{
    heed_ring *ring = NULL;

    if (!heed_test_alloc_works())
        return;
    for (size_t n = 1; ring == NULL && n < 100; n++) {
        heed_test_alloc_watch(n);
        const heed_status status = heed_ring_create(&ring, 4, 64);
        heed_test_alloc_stop();
        if (status != HEED_OK) {
            CU_ASSERT_EQUAL(status, HEED_ERR_MEMORY);
            CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
        }
    }
    CU_ASSERT_PTR_NOT_NULL(ring);
    heed_ring_destroy(ring);
}

static void test_ring__gives_back_what_went_in(void)
{
    heed_ring *ring;
    uint32_t in[5];
    uint32_t out[5];
    uint32_t next_in = 0;
    uint32_t next_out = 0;

    CU_ASSERT_EQUAL_FATAL(heed_ring_create(&ring, sizeof *in, 6), HEED_OK);
    CU_ASSERT_EQUAL(heed_ring_writable(ring), 8);
    for (uint32_t turn = 0; turn < 1000; turn++) {
        const size_t n = turn % 6;

        for (size_t i = 0; i < n; i++)
            in[i] = next_in + (uint32_t)i;
        next_in += (uint32_t)heed_ring_write(ring, in, n);
        const size_t n_out = heed_ring_read(ring, out, (turn * 7) % 6);
        for (size_t i = 0; i < n_out; i++)
            CU_ASSERT_EQUAL(out[i], next_out++);
        CU_ASSERT_EQUAL(heed_ring_readable(ring), next_in - next_out);
    }
    heed_ring_destroy(ring);
}

static void test_ring__takes_no_more_than_it_holds(void)
{
    heed_ring *ring;
    const unsigned char bytes[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    unsigned char out[20];

    CU_ASSERT_EQUAL_FATAL(heed_ring_create(&ring, 1, 8), HEED_OK);
    CU_ASSERT_EQUAL(heed_ring_read(ring, out, 20), 0);
    CU_ASSERT_EQUAL(heed_ring_write(ring, bytes, 20), 8);
    CU_ASSERT_EQUAL(heed_ring_write(ring, bytes, 1), 0);
    CU_ASSERT_EQUAL(heed_ring_read(ring, out, 3), 3);
    CU_ASSERT_EQUAL(heed_ring_write(ring, bytes, 20), 3);
    CU_ASSERT_EQUAL(heed_ring_read(ring, out, 20), 8);
    CU_ASSERT_EQUAL(out[4], 8);
    CU_ASSERT_EQUAL(out[5], 1);
    heed_ring_destroy(ring);
}

/* ---- Two threads ------------------------------------------------------ */

#define N_SENT 200000U

static void *send(void *user)
{
    heed_ring *ring = user;
    uint32_t numbers[37];
    uint32_t next = 0;

    while (next < N_SENT) {
        uint32_t n = 1 + next % 37;

        if (n > N_SENT - next)
            n = N_SENT - next;
        for (uint32_t i = 0; i < n; i++)
            numbers[i] = next + i;
        const uint32_t taken = (uint32_t)heed_ring_write(ring, numbers, n);

        if (taken == 0)
            sched_yield();
        next += taken;
    }
    return NULL;
}

static void test_ring__joins_two_threads(void)
{
    heed_ring *ring;
    pthread_t writer;
    uint32_t numbers[53];
    uint32_t expected = 0;
    size_t n_wrong = 0;

    CU_ASSERT_EQUAL_FATAL(heed_ring_create(&ring, sizeof *numbers, 256),
                          HEED_OK);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, send, ring), 0);
    while (expected < N_SENT) {
        const size_t n = heed_ring_read(ring, numbers, 53);

        if (n == 0)
            sched_yield();
        for (size_t i = 0; i < n; i++)
            n_wrong += numbers[i] != expected++;
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
    CU_ASSERT_EQUAL(heed_ring_readable(ring), 0);
    pthread_join(writer, NULL);
    heed_ring_destroy(ring);
}

static CU_TestInfo tests[] = {
    {"refuses_bad_sizes", test_ring__refuses_bad_sizes},
    {"leaks_nothing_where_memory_is_short",
     test_ring__leaks_nothing_where_memory_is_short},
    {"gives_back_what_went_in", test_ring__gives_back_what_went_in},
    {"takes_no_more_than_it_holds", test_ring__takes_no_more_than_it_holds},
    {"joins_two_threads", test_ring__joins_two_threads},
    CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {{"ring", NULL, NULL, NULL, NULL, tests},
                              CU_SUITE_INFO_NULL};
