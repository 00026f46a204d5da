/* player.c - a sound file in place of a microphone. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/player.h"

#include "audio/capture_queue.h"
#include "tools/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define BLOCKS_PER_S 100

struct cli_player {
    heed_soundfile *sound;
    heed_soundfile_info info;
    heed_capture_queue *queue;
    pthread_t thread;
    bool joined;
    atomic_bool stop; /* stored by the reader */
    atomic_int ended; /* stored by the thread, after its last put: why */
    float samples[HEED_CAPTURE_BLOCK_SAMPLES];
};

/* Waits until `time_s` on cli_clock_s(). */
static void sleep_until(double time_s)
{
    const double left_s = time_s - cli_clock_s();
    struct timespec left;

    if (left_s <= 0.0)
        return;
    left.tv_sec = (time_t)left_s;
    left.tv_nsec = (long)((left_s - (double)left.tv_sec) * 1e9);
    nanosleep(&left, NULL);
}

static void *play(void *user)
{
    cli_player *player = user;
    const double start_s = cli_clock_s();
    const size_t n_wanted = player->info.rate_hz / BLOCKS_PER_S;
    double played = 0.0; /* samples */
    heed_status status = HEED_END;

    while (!atomic_load_explicit(&player->stop, memory_order_relaxed)) {
        size_t n;

        status =
            heed_soundfile_read(player->sound, player->samples, n_wanted, &n);
        if (status != HEED_OK)
            break;
        played += (double)n;
        sleep_until(start_s + played / (double)player->info.rate_hz);
        heed_capture_queue_put(player->queue, player->samples, n, false);
        status = HEED_END;
    }
    /* Release, with the acquire in cli_player_read(): the last block is in. */
    atomic_store_explicit(&player->ended, (int)status, memory_order_release);
    return NULL;
}

heed_status cli_player_create(cli_player **out, heed_soundfile *sound,
                              double backlog_s)
{
    cli_player *player = calloc(1, sizeof *player);
    heed_status status;

    *out = NULL;
    if (player == NULL)
        return HEED_ERR_MEMORY;
    player->sound = sound;
    heed_soundfile_describe(sound, &player->info);
    atomic_init(&player->stop, false);
    atomic_init(&player->ended, HEED_AGAIN);
    status = heed_capture_queue_create(
        &player->queue,
        &(heed_capture_queue_config){
            .channels = 1,
            .room_samples =
                (size_t)(backlog_s * (double)player->info.rate_hz)});
    if (status == HEED_OK &&
        pthread_create(&player->thread, NULL, play, player) != 0)
        status = HEED_ERR_MEMORY;
    if (status != HEED_OK) {
        heed_capture_queue_destroy(player->queue);
        free(player);
        return status;
    }
    *out = player;
    return HEED_OK;
}

void cli_player_stop(cli_player *player)
{
    atomic_store_explicit(&player->stop, true, memory_order_relaxed);
}

void cli_player_destroy(cli_player *player)
{
    if (player == NULL)
        return;
    cli_player_stop(player);
    if (!player->joined)
        pthread_join(player->thread, NULL);
    heed_capture_queue_destroy(player->queue);
    free(player);
}

heed_status cli_player_read(cli_player *player, float *samples,
                            heed_capture_block *block)
{
    /* Acquire, with the release in play(). Asked before the queue, so that
     * what came last is not missed. */
    const heed_status ended =
        (heed_status)atomic_load_explicit(&player->ended, memory_order_acquire);
    const heed_status status =
        heed_capture_queue_take(player->queue, samples, block);

    if (status != HEED_AGAIN || ended == HEED_AGAIN)
        return status;
    if (!player->joined)
        pthread_join(player->thread, NULL);
    player->joined = true;
    if (heed_capture_queue_drain(player->queue, block) == HEED_OK)
        return HEED_OK;
    return ended;
}
