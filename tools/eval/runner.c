/* runner.c - many utterances at a time. SPDX-License-Identifier: Apache-2.0
 *
 * Every thread takes the next utterance, hears it with a stream of its own and
 * hands it in. Nothing but their order depends on the number of threads. */
#include "tools/eval/runner.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct shared {
    const eval_runner *runner;
    atomic_size_t next; /* item; relaxed: it orders nothing else */
    pthread_mutex_t mutex;
    bool failed; /* under the mutex */
} shared;

/* Writes one utterance down. Returns false if that is no use any more. */
static bool hand_in(shared *s, const eval_item *item)
{
    bool good;

    pthread_mutex_lock(&s->mutex);
    good = !s->failed && eval_run_add(s->runner->run, item);
    s->failed = !good;
    if (good && s->runner->heard != NULL)
        s->runner->heard(s->runner->user, item);
    pthread_mutex_unlock(&s->mutex);
    return good;
}

static void *work(void *user)
{
    shared *s = user;
    const eval_system *corpus = s->runner->corpus;
    bool good = true;

    while (good) {
        const size_t i =
            atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
        eval_pool pool = {0};
        eval_item item;

        if (i >= corpus->n_items)
            break;
        if (s->runner->done[i])
            continue;
        item = corpus->items[i];
        if (item.error == NULL)
            good = eval_hear(&s->runner->hearing, &item, &pool);
        good = good && hand_in(s, &item);
        eval_pool_deinit(&pool);
    }
    return NULL;
}

bool eval_runner_run(const eval_runner *runner)
{
    shared s = {.runner = runner};
    pthread_t *threads = eval_calloc(runner->n_jobs, sizeof *threads);
    size_t n = 0;
    bool good;

    atomic_init(&s.next, 0);
    pthread_mutex_init(&s.mutex, NULL);
    /* This thread is one of them. */
    while (n + 1 < runner->n_jobs &&
           pthread_create(&threads[n], NULL, work, &s) == 0)
        n++;
    (void)work(&s);
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&s.mutex);
    free(threads);
    good = !s.failed && !atomic_load(runner->hearing.stop);
    return good;
}
