/* test_capture.c - the microphone's callback, called by a test.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audio/capture.h"

#include "audio/capture_queue.h"
#include "tests/support/alloc.h"
#include "tests/support/suites.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#define ROOM HEED_CAPTURE_BLOCK_SAMPLES
#define STEP (1.0F / 65536.0F) /* between samples that count up */

static heed_capture_queue *create_queue(size_t channels, size_t channel)
{
    const heed_capture_queue_config config = {
        .channels = channels, .channel = channel, .room_samples = ROOM};
    heed_capture_queue *queue;

    CU_ASSERT_EQUAL_FATAL(heed_capture_queue_create(&queue, &config), HEED_OK);
    return queue;
}

/* As PortAudio calls it. */
static void call(heed_capture_queue *queue, const float *samples, size_t count,
                 PaStreamCallbackFlags flags)
{
    CU_ASSERT_EQUAL(
        heed_capture_callback(samples, NULL, count, NULL, flags, queue),
        paContinue);
}

static void test_capture__refuses_bad_arguments(void)
{
    const heed_capture_queue_config good = {
        .channels = 2, .channel = 0, .room_samples = ROOM};
    heed_capture_queue_config config;
    heed_capture_queue *queue;

    CU_ASSERT_EQUAL(heed_capture_queue_create(NULL, &good), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_capture_queue_create(&queue, NULL), HEED_ERR_ARG);
    config = good;
    config.channels = 0;
    CU_ASSERT_EQUAL(heed_capture_queue_create(&queue, &config), HEED_ERR_ARG);
    config = good;
    config.channel = 3;
    CU_ASSERT_EQUAL(heed_capture_queue_create(&queue, &config), HEED_ERR_ARG);
    config = good;
    config.room_samples = ROOM - 1;
    CU_ASSERT_EQUAL(heed_capture_queue_create(&queue, &config), HEED_ERR_ARG);
    CU_ASSERT_PTR_NULL(queue);
    heed_capture_queue_destroy(NULL);
}

static void test_capture__leaks_nothing_where_memory_is_short(void)
{
    const heed_capture_queue_config config = {
        .channels = 2, .channel = 0, .room_samples = ROOM};
    heed_capture_queue *queue = NULL;

    if (!heed_test_alloc_works())
        return;
    for (size_t n = 1; queue == NULL && n < 100; n++) {
        heed_test_alloc_watch(n);
        const heed_status status = heed_capture_queue_create(&queue, &config);
        heed_test_alloc_stop();
        if (status != HEED_OK) {
            CU_ASSERT_EQUAL(status, HEED_ERR_MEMORY);
            CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
        }
    }
    CU_ASSERT_PTR_NOT_NULL(queue);
    heed_capture_queue_destroy(queue);
}

static void test_capture__mixes_or_picks_channels(void)
{
    const float stereo[] = {0.5F, -0.25F, 0.75F, 0.25F, -1.0F, 0.5F};
    const float expected[3][3] = {
        {0.125F, 0.5F, -0.25F}, {0.5F, 0.75F, -1.0F}, {-0.25F, 0.25F, 0.5F}};
    float mono[ROOM];
    heed_capture_block block;

    for (size_t channel = 0; channel < 3; channel++) {
        heed_capture_queue *queue = create_queue(2, channel);

        CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block),
                        HEED_AGAIN);
        call(queue, stereo, 3, 0);
        CU_ASSERT_EQUAL(heed_capture_queue_count(queue), 1);
        CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_OK);
        CU_ASSERT_EQUAL(block.n_samples, 3);
        CU_ASSERT_EQUAL(block.n_lost, 0);
        CU_ASSERT_FALSE(block.overflowed);
        CU_ASSERT_EQUAL(memcmp(mono, expected[channel], sizeof expected[0]), 0);
        heed_capture_queue_destroy(queue);
    }
}

static void test_capture__gives_what_flac_keeps(void)
{
    const float bit = 1.0F / 8388608.0F;
    const float samples[] = {0.3F * bit, 0.6F * bit, -0.6F * bit, 1.0F, -3.0F};
    const float expected[] = {0.0F, bit, -bit, 1.0F - bit, -1.0F};
    heed_capture_queue *queue = create_queue(1, 0);
    float mono[ROOM];
    heed_capture_block block;

    call(queue, samples, 5, 0);
    CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_OK);
    CU_ASSERT_EQUAL(block.n_samples, 5);
    CU_ASSERT_EQUAL(memcmp(mono, expected, sizeof expected), 0);
    heed_capture_queue_destroy(queue);
}

static void test_capture__passes_on_an_overflow_of_the_system(void)
{
    heed_capture_queue *queue = create_queue(1, 0);
    float mono[ROOM] = {0.0F};
    heed_capture_block block;

    call(queue, mono, 10, 0);
    call(queue, mono, 20, paInputOverflow);
    call(queue, mono, 30, 0);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_OK);
        CU_ASSERT_EQUAL(block.n_samples, 10 * (size_t)(i + 1));
        CU_ASSERT_EQUAL(block.overflowed, i == 1);
        CU_ASSERT_EQUAL(block.n_lost, 0);
    }
    CU_ASSERT_EQUAL(heed_capture_queue_drain(queue, &block), HEED_END);
    heed_capture_queue_destroy(queue);
}

static void test_capture__counts_what_finds_no_room(void)
{
    heed_capture_queue *queue = create_queue(1, 0);
    float mono[ROOM] = {0.0F};
    heed_capture_block block;

    call(queue, mono, ROOM - 10, 0);
    call(queue, mono, 11, 0);  /* lost: it does not fit */
    call(queue, NULL, 100, 0); /* lost: there is nothing to copy */
    call(queue, mono, 10, 0);  /* lost: there is no room to go on with */
    CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_OK);
    CU_ASSERT_EQUAL(block.n_samples, ROOM - 10);
    CU_ASSERT_EQUAL(block.n_lost, 0);
    CU_ASSERT_EQUAL(block.n_waiting, 0);
    call(queue, mono, 10, 0); /* fits, and tells of all three */
    CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_OK);
    CU_ASSERT_EQUAL(block.n_samples, 10);
    CU_ASSERT_EQUAL(block.n_lost, 121);
    CU_ASSERT_FALSE(block.overflowed);
    call(queue, mono, ROOM, 0);
    call(queue, mono, 7, paInputOverflow); /* lost */
    CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_OK);
    CU_ASSERT_EQUAL(block.n_lost, 0);
    CU_ASSERT_EQUAL(heed_capture_queue_take(queue, mono, &block), HEED_AGAIN);
    CU_ASSERT_EQUAL(heed_capture_queue_drain(queue, &block), HEED_OK);
    CU_ASSERT_EQUAL(block.n_samples, 0);
    CU_ASSERT_EQUAL(block.n_lost, 7);
    CU_ASSERT_TRUE(block.overflowed);
    CU_ASSERT_EQUAL(heed_capture_queue_drain(queue, &block), HEED_END);
    heed_capture_queue_destroy(queue);
}

static void test_capture__cuts_big_blocks(void)
{
    const heed_capture_queue_config config = {
        .channels = 1, .channel = 0, .room_samples = 4 * ROOM};
    static float samples[3 * ROOM];
    static float mono[ROOM];
    heed_capture_queue *queue;
    heed_capture_block block;
    size_t n_heard = 0;

    for (size_t i = 0; i < 3 * ROOM; i++)
        samples[i] = (float)i * STEP;
    CU_ASSERT_EQUAL_FATAL(heed_capture_queue_create(&queue, &config), HEED_OK);
    call(queue, samples, 3 * ROOM - 5, 0);
    while (heed_capture_queue_take(queue, mono, &block) == HEED_OK) {
        CU_ASSERT_TRUE(block.n_samples <= ROOM);
        CU_ASSERT_EQUAL(
            memcmp(mono, samples + n_heard, block.n_samples * sizeof *mono), 0);
        n_heard += block.n_samples;
    }
    CU_ASSERT_EQUAL(n_heard, 3 * ROOM - 5);
    heed_capture_queue_destroy(queue);
}

static void test_capture__callback_allocates_nothing(void)
{
    heed_capture_queue *queue = create_queue(2, 0);
    static float samples[2 * ROOM];
    static float mono[ROOM];
    heed_capture_block block;

    heed_test_alloc_watch(0);
    for (size_t n = 0; n < 3 * ROOM; n += 97) {
        (void)heed_capture_callback(samples, NULL, n % ROOM, NULL,
                                    n % 2 == 0 ? paInputOverflow : 0, queue);
        if (n % 5 == 0)
            (void)!heed_capture_queue_take(queue, mono, &block);
    }
    CU_ASSERT_EQUAL(heed_test_alloc_stop(), 0);
    heed_capture_queue_destroy(queue);
}

/* ---- Two threads ------------------------------------------------------ */

#define N_BLOCKS 20000

typedef struct speaker {
    heed_capture_queue *queue;
    atomic_bool done;
} speaker;

/* Sends 0, 1, 2, ... times STEP in blocks of changing sizes, without ever
 * waiting. */
static void *speak(void *user)
{
    speaker *s = user;
    float samples[256];
    size_t next = 0;

    for (size_t b = 0; b < N_BLOCKS; b++) {
        const size_t n = 1 + b % 256;

        for (size_t i = 0; i < n; i++)
            samples[i] = (float)((next + i) % 65536) * STEP;
        (void)heed_capture_callback(samples, NULL, n, NULL, 0, s->queue);
        next += n;
        if (b % 16 == 0)
            sched_yield();
    }
    atomic_store(&s->done, true);
    return NULL;
}

static void test_capture__every_sample_is_heard_or_counted(void)
{
    speaker s = {.queue = create_queue(1, 0)};
    pthread_t thread;
    static float mono[ROOM];
    heed_capture_block block;
    size_t position = 0;
    size_t n_wrong = 0;
    size_t n_sent = 0;

    for (size_t b = 0; b < N_BLOCKS; b++)
        n_sent += 1 + b % 256;
    atomic_init(&s.done, false);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, speak, &s), 0);
    for (;;) {
        const bool done = atomic_load(&s.done);

        if (heed_capture_queue_take(s.queue, mono, &block) != HEED_OK) {
            if (done)
                break;
            sched_yield();
            continue;
        }
        position += block.n_lost;
        for (size_t i = 0; i < block.n_samples; i++, position++)
            n_wrong += mono[i] != (float)(position % 65536) * STEP;
    }
    pthread_join(thread, NULL);
    if (heed_capture_queue_drain(s.queue, &block) == HEED_OK)
        position += block.n_lost;
    CU_ASSERT_EQUAL(n_wrong, 0);
    CU_ASSERT_EQUAL(position, n_sent);
    heed_capture_queue_destroy(s.queue);
}

static CU_TestInfo tests[] = {
    {"refuses_bad_arguments", test_capture__refuses_bad_arguments},
    {"leaks_nothing_where_memory_is_short",
     test_capture__leaks_nothing_where_memory_is_short},
    {"mixes_or_picks_channels", test_capture__mixes_or_picks_channels},
    {"gives_what_flac_keeps", test_capture__gives_what_flac_keeps},
    {"passes_on_an_overflow_of_the_system",
     test_capture__passes_on_an_overflow_of_the_system},
    {"counts_what_finds_no_room", test_capture__counts_what_finds_no_room},
    {"cuts_big_blocks", test_capture__cuts_big_blocks},
    {"callback_allocates_nothing", test_capture__callback_allocates_nothing},
    {"every_sample_is_heard_or_counted",
     test_capture__every_sample_is_heard_or_counted},
    CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {{"capture", NULL, NULL, NULL, NULL, tests},
                              CU_SUITE_INFO_NULL};
