/* files.c - many sound files to one output. SPDX-License-Identifier: Apache-2.0
 *
 * The calling thread tells of the files in their order. The one that is due it
 * hears itself, straight to the output, unless a helper has begun it; while it
 * waits for a helper it hears a later one. What is heard out of turn, text and
 * messages, is kept in memory until its turn comes. */
#include "tools/files.h"

#include "tools/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What was heard of one file out of turn. */
typedef struct part {
    enum { PART_WAITS, PART_TAKEN, PART_HEARD } state; /* under the mutex */
    cli_output output;
    cli_sink sink; /* writes to `text` */
    char *text;    /* [n_text] */
    size_t n_text;
    char *told; /* [n_told] messages, whole lines */
    size_t n_told;
    cli_exit code;
} part;

typedef struct shared {
    cli_job *job; /* of the calling thread */
    char *const *paths;
    size_t n_paths;
    part *parts; /* [n_paths] */
    size_t next; /* none before it waits but for the standard input; under the
                    mutex */
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t heard; /* signalled when a part is */
} shared;

/* Who hears out of turn. */
typedef struct hearer {
    shared *shared;
    pthread_t thread;
    cli_messages messages;
    heed_log log;
    cli_job job;
} hearer;

static void hearer_init(hearer *h, shared *s)
{
    *h = (hearer){.shared = s,
                  .messages = {.quiet = s->job->messages->quiet,
                               .verbose = s->job->messages->verbose},
                  .job = *s->job};
    h->log = cli_messages_log(&h->messages);
    h->job.messages = &h->messages;
    h->job.log = &h->log;
    h->job.stream = NULL;
    h->job.stop = &s->stop;
}

/* Takes the first part that waits, or returns false. The standard input is not
 * for those who cannot be interrupted in a read. */
static bool take(shared *s, size_t *out)
{
    bool found = false;

    if (cli_interrupt_wanted() ||
        atomic_load_explicit(&s->stop, memory_order_relaxed))
        return false;
    pthread_mutex_lock(&s->mutex);
    while (!found && s->next < s->n_paths) {
        const size_t i = s->next++;

        found =
            s->parts[i].state == PART_WAITS && strcmp(s->paths[i], "-") != 0;
        if (found) {
            s->parts[i].state = PART_TAKEN;
            *out = i;
        }
    }
    pthread_mutex_unlock(&s->mutex);
    return found;
}

/* Hears a part that was taken. */
static void hear(hearer *h, size_t number)
{
    shared *s = h->shared;
    part *p = &s->parts[number];
    const cli_output *output = s->job->output;

    p->code = CLI_EXIT_OUTPUT;
    p->sink.file = open_memstream(&p->text, &p->n_text);
    h->messages.file = open_memstream(&p->told, &p->n_told);
    h->job.output = &p->output;
    if (p->sink.file != NULL && h->messages.file != NULL &&
        cli_output_init(&p->output, output->format, &p->sink, output->model,
                        output->several))
        p->code = cli_job_run(&h->job, s->paths[number]);
    cli_output_deinit(&p->output);
    if (p->sink.file != NULL && fclose(p->sink.file) != 0)
        p->code = CLI_EXIT_OUTPUT;
    if (h->messages.file != NULL)
        fclose(h->messages.file);
    pthread_mutex_lock(&s->mutex);
    p->state = PART_HEARD;
    pthread_cond_signal(&s->heard);
    pthread_mutex_unlock(&s->mutex);
}

static void *help(void *user)
{
    hearer *h = user;
    size_t number;

    while (take(h->shared, &number))
        hear(h, number);
    cli_job_deinit(&h->job);
    return NULL;
}

/* ---- In turn ---------------------------------------------------------- */

/* Tells of a part that was heard. */
static cli_exit tell(shared *s, part *p)
{
    const cli_messages *messages = s->job->messages;
    FILE *file = messages->file != NULL ? messages->file : stderr;

    if (messages->progress != NULL)
        cli_progress_erase(messages->progress);
    if (p->n_told > 0)
        (void)fwrite(p->told, 1, p->n_told, file);
    cli_output_append(s->job->output, &p->output, p->text, p->n_text);
    free(p->told);
    free(p->text);
    p->told = NULL;
    p->text = NULL;
    return cli_sink_step(s->job->output->sink) ? p->code : CLI_EXIT_OUTPUT;
}

/* Returns whether the part was heard; waits for it if `wait`. */
static bool was_heard(shared *s, const part *p, bool wait)
{
    bool heard;

    pthread_mutex_lock(&s->mutex);
    while (wait && p->state != PART_HEARD)
        pthread_cond_wait(&s->heard, &s->mutex);
    heard = p->state == PART_HEARD;
    pthread_mutex_unlock(&s->mutex);
    return heard;
}

/* Hears the part that is due or, if somebody else does, what comes after it
 * until that is done. */
static cli_exit run_part(shared *s, hearer *spare, size_t number)
{
    part *p = &s->parts[number];
    bool mine;
    size_t other;

    pthread_mutex_lock(&s->mutex);
    mine = p->state == PART_WAITS;
    if (mine)
        p->state = PART_TAKEN;
    pthread_mutex_unlock(&s->mutex);
    if (mine && cli_interrupt_wanted())
        return CLI_EXIT_INTERRUPTED;
    if (mine)
        return cli_job_run(s->job, s->paths[number]);
    while (!was_heard(s, p, false) && take(s, &other))
        hear(spare, other);
    (void)was_heard(s, p, true);
    return tell(s, p);
}

static cli_exit run_all(shared *s, hearer *spare)
{
    cli_exit worst = CLI_EXIT_OK;

    for (size_t i = 0; i < s->n_paths; i++) {
        const cli_exit code = run_part(s, spare, i);

        if (code == CLI_EXIT_OUTPUT)
            return code;
        if (code != CLI_EXIT_OK && worst != CLI_EXIT_INTERRUPTED)
            worst = code;
    }
    if (worst == CLI_EXIT_INTERRUPTED)
        cli_messages_error(s->job->messages, "interrupted");
    return worst;
}

/* Signals are for the calling thread. Returns how many helpers there are. */
static size_t start_helpers(hearer *helpers, size_t n_wanted)
{
    sigset_t all;
    sigset_t before;
    size_t n = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n < n_wanted &&
           pthread_create(&helpers[n].thread, NULL, help, &helpers[n]) == 0)
        n++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n;
}

cli_exit cli_files_run(cli_job *job, char *const *paths, size_t n_paths,
                       size_t n_jobs)
{
    const size_t n_hearers = n_jobs < n_paths ? n_jobs : n_paths;
    shared s = {.job = job, .paths = paths, .n_paths = n_paths};
    /* The first is the calling thread's own. */
    hearer *hearers = calloc(n_hearers, sizeof *hearers);
    cli_exit code = CLI_EXIT_OUTPUT;
    size_t n_helpers;

    s.parts = calloc(n_paths, sizeof *s.parts);
    if (hearers == NULL || s.parts == NULL)
        goto out;
    cli_interrupt_catch();
    atomic_init(&s.stop, false);
    pthread_mutex_init(&s.mutex, NULL);
    pthread_cond_init(&s.heard, NULL);
    for (size_t i = 0; i < n_hearers; i++)
        hearer_init(&hearers[i], &s);
    n_helpers = start_helpers(hearers + 1, n_hearers - 1);
    code = run_all(&s, &hearers[0]);
    atomic_store(&s.stop, true);
    for (size_t i = 0; i < n_helpers; i++)
        pthread_join(hearers[i + 1].thread, NULL);
    cli_job_deinit(&hearers[0].job);
    pthread_cond_destroy(&s.heard);
    pthread_mutex_destroy(&s.mutex);
    for (size_t i = 0; i < n_paths; i++) {
        free(s.parts[i].text);
        free(s.parts[i].told);
    }
out:
    free(s.parts);
    free(hearers);
    return code;
}
