/* eval_measure.c - a corpus through the recogniser. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval_measure.h"

#include "tools/eval/json.h"
#include "tools/eval/runner.h"
#include "tools/eval/sha256.h"
#include "tools/eval_machine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Set by the signal, read by all threads. */
static atomic_bool stopped;

static void note_interrupt(int number)
{
    (void)number;
    atomic_store(&stopped, true);
}

static void catch_interrupt(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = note_interrupt;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* All that a run needs while it lasts. */
typedef struct measure {
    const cli_eval_run *wanted;
    cli_messages *messages;
    heed_log log;
    cli_hearing hearing;
    eval_system corpus;
    eval_table attention; /* ids */
    eval_run run;
    bool *done; /* [corpus.n_items] */
    size_t n_to_do;
    size_t n_heard;
    double start_s;
    double compute_s;
    eval_normaliser normaliser; /* for the WER so far */
    eval_scorer scorer;
    eval_system shown;
    eval_sum so_far;
} measure;

static struct json_object *options_of(const cli_eval_run *wanted)
{
    const heed_stream_config *config = &wanted->hearing.config;
    struct json_object *o = eval_json_object();
    char hash[65] = "none";

    eval_json_put_string(
        o, "latency", config->latency == HEED_LATENCY_LIVE ? "live" : "file");
    eval_json_put_count(o, "chunk", config->chunk_frames);
    eval_json_put_count(o, "lookahead", config->lookahead_frames);
    eval_json_put_number(o, "endpoint", config->endpoint_s, 3);
    eval_json_put_number(o, "max_segment", config->max_segment_s, 3);
    eval_json_put_count(o, "beam", config->n_texts);
    if (wanted->hearing.lm_path != NULL)
        (void)eval_sha256_file(wanted->hearing.lm_path, hash);
    eval_json_put_string(o, "lm_sha256", hash);
    eval_json_put_number(o, "lm_weight", config->lm_weight, 4);
    (void)snprintf(hash, sizeof hash, "none");
    if (wanted->hearing.hotwords_path != NULL)
        (void)eval_sha256_file(wanted->hearing.hotwords_path, hash);
    eval_json_put_string(o, "hotwords_sha256", hash);
    eval_json_put_number(o, "hotword_weight", config->hotword_weight, 4);
    eval_json_put_number(o, "min_confidence", config->min_confidence, 4);
    eval_json_put_count(o, "nbest", config->n_alternatives);
    eval_json_put_string(
        o, "attention", wanted->attention != NULL ? wanted->attention : "none");
    return o;
}

static void put_command(struct json_object *info, const cli_eval_run *wanted)
{
    eval_text text = {0};

    eval_text_puts(&text, "heed");
    for (int i = 0; i < wanted->argc; i++)
        eval_text_printf(
            &text, strpbrk(wanted->argv[i], " '\"\\") != NULL ? " '%s'" : " %s",
            wanted->argv[i]);
    eval_json_put_string(info, "command", text.bytes);
    eval_text_deinit(&text);
}

static void put_problems(struct json_object *info, const eval_system *corpus)
{
    struct json_object *list = eval_json_array();

    for (size_t i = 0; i < corpus->n_problems; i++) {
        const eval_problem *problem = &corpus->problems[i];
        struct json_object *o;

        /* Missing audio is an error of its utterance. */
        if (problem->kind == EVAL_PROBLEM_MISSING)
            continue;
        o = eval_json_object();
        eval_json_put_string(o, "kind", eval_problem_name(problem->kind));
        eval_json_put_string(o, "id", problem->id);
        eval_json_put_string(o, "detail", problem->detail);
        eval_json_push(list, o);
    }
    eval_json_put(info, "problems", list);
}

/* What run.json says. */
static struct json_object *describe(const measure *m)
{
    const cli_eval_run *wanted = m->wanted;
    struct json_object *info = eval_json_object();
    heed_model_info model;
    char path[PATH_MAX];
    char hash[65] = "";
    char shard[64];
    char now[32];
    const time_t seconds = time(NULL);

    heed_model_describe(m->hearing.model, &model);
    cli_model_find(path, wanted->hearing.model_path);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    snprintf(shard, sizeof shard, "%zu/%zu", wanted->shard + 1,
             wanted->n_shards);
    eval_json_put_string(info, "format", "heed-eval-run");
    eval_json_put_count(info, "version", EVAL_RUN_VERSION);
    put_command(info, wanted);
    eval_json_put_string(info, "heed", heed_version());
    eval_json_put_string(info, "model", path);
    eval_json_put_string(info, "model_name", model.name);
    (void)eval_sha256_file(path, hash);
    eval_json_put_string(info, "model_sha256", hash);
    eval_json_put(info, "options", options_of(wanted));
    eval_json_put_string(info, "corpus", wanted->corpus);
    eval_corpus_hash(&m->corpus, hash);
    eval_json_put_string(info, "corpus_sha256", hash);
    eval_json_put_count(info, "utterances", m->corpus.n_items);
    eval_json_put_string(info, "shard", shard);
    eval_json_put_count(info, "jobs", wanted->n_jobs);
    cli_machine_describe(info);
    eval_json_put_string(info, "started", now);
    put_problems(info, &m->corpus);
    return info;
}

/* Shows how far it is, with the WER so far and the time that is left. */
static void note_heard(void *user, const eval_item *item)
{
    measure *m = user;
    const double passed_s = cli_clock_s() - m->start_s;
    char line[64];
    eval_item copy = *item;
    double left_s;

    m->n_heard++;
    if (item->compute_s > 0.0)
        m->compute_s += item->compute_s;
    if (m->messages->progress == NULL || !m->messages->progress->enabled)
        return;
    copy.alignment = (eval_alignment){0};
    copy.n_words = 0;
    copy.n_nbest = 0;
    if (eval_score_item(&m->scorer, &m->shown, &copy, NULL))
        eval_sum_add(&m->so_far, &copy);
    eval_alignment_deinit(&copy.alignment);
    left_s = passed_s / (double)m->n_heard * (double)(m->n_to_do - m->n_heard);
    snprintf(line, sizeof line, "WER %.1f %%, %.0f:%02.0f left",
             100.0 * eval_sum_wer(&m->so_far), (double)((long)left_s / 60),
             (double)((long)left_s % 60));
    cli_progress_update(m->messages->progress, line, (double)m->n_heard,
                        (double)m->n_to_do);
}

/* Adds to what earlier attempts have spent. */
static void note_figures(measure *m)
{
    struct json_object *info = m->run.info;
    double wall_s = 0.0;
    double compute_s = 0.0;
    size_t peak = 0;
    struct rusage usage;

    (void)eval_json_get_number(info, "wall_s", &wall_s);
    (void)eval_json_get_number(info, "compute_s", &compute_s);
    (void)eval_json_get_count(info, "peak_memory_bytes", &peak);
    if (getrusage(RUSAGE_SELF, &usage) == 0 &&
        (size_t)usage.ru_maxrss * 1024 > peak)
        peak = (size_t)usage.ru_maxrss * 1024;
    eval_json_put_number(info, "wall_s", wall_s + cli_clock_s() - m->start_s,
                         3);
    eval_json_put_number(info, "compute_s", compute_s + m->compute_s, 3);
    eval_json_put_count(info, "peak_memory_bytes", peak);
}

/* Hears what is left to be heard. */
static cli_exit hear(measure *m)
{
    const cli_eval_run *wanted = m->wanted;
    const eval_runner runner = {.corpus = &m->corpus,
                                .done = m->done,
                                .hearing = {m->hearing.model, m->hearing.config,
                                            &m->attention, &stopped},
                                .n_jobs = wanted->n_jobs,
                                .run = &m->run,
                                .heard = note_heard,
                                .user = m};
    bool good;

    for (size_t i = 0; i < m->corpus.n_items; i++) {
        if (i % wanted->n_shards != wanted->shard)
            m->done[i] = true;
        m->n_to_do += m->done[i] ? 0 : 1;
    }
    catch_interrupt();
    m->start_s = cli_clock_s();
    if (m->messages->progress != NULL)
        cli_progress_start(m->messages->progress);
    good = eval_runner_run(&runner);
    if (m->messages->progress != NULL)
        cli_progress_erase(m->messages->progress);
    note_figures(m);
    if (good)
        return eval_run_finish(&m->run) ? CLI_EXIT_OK : CLI_EXIT_OUTPUT;
    if (!atomic_load(&stopped) || !eval_run_save_info(&m->run))
        return CLI_EXIT_OUTPUT;
    cli_messages_error(m->messages, wanted->folder != NULL
                                        ? "interrupted; --resume goes on"
                                        : "interrupted");
    return CLI_EXIT_INTERRUPTED;
}

/* Removes a folder that nobody asked to keep. */
static void remove_run(const char *folder)
{
    static const char *const names[] = {"run.json", "utterances.jsonl",
                                        "timing.jsonl"};
    char path[EVAL_NAME_BYTES + 32];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static cli_exit measure_into(measure *m, const char *folder)
{
    const cli_eval_run *wanted = m->wanted;
    cli_exit code = CLI_EXIT_OUTPUT;

    m->done = eval_calloc(m->corpus.n_items, sizeof *m->done);
    if (eval_run_begin(&m->run, folder, describe(m), wanted->resume, m->done,
                       m->corpus.n_items, &m->log))
        code = hear(m);
    eval_run_deinit(&m->run);
    free(m->done);
    return code;
}

static cli_exit measure_and_report(measure *m, const cli_eval_choices *choices)
{
    char temporary[EVAL_NAME_BYTES];
    const char *kept = m->wanted->folder;
    cli_exit code = CLI_EXIT_OUTPUT;
    char *folder = temporary;

    eval_temporary_name(temporary);
    if (kept != NULL) {
        folder = eval_pool_string(&m->corpus.pool, kept);
    } else if (mkdtemp(temporary) == NULL) {
        cli_messages_error(m->messages, "%s: %s", temporary, strerror(errno));
        return CLI_EXIT_OUTPUT;
    }
    code = measure_into(m, folder);
    if (code == CLI_EXIT_OK)
        code = cli_eval_report_runs(&folder, 1,
                                    kept == NULL ? m->wanted->corpus : NULL,
                                    choices, m->messages);
    if (kept == NULL)
        remove_run(temporary);
    return code;
}

/* Finds the utterances whose attention is kept; tells which is not there. */
static bool choose_attention(measure *m)
{
    const char *at = m->wanted->attention;

    while (at != NULL && *at != '\0') {
        const size_t n = strcspn(at, ",");

        if (eval_table_find(&m->corpus.ids, at, n) == EVAL_TABLE_NONE) {
            cli_messages_error(m->messages, "%s: there is no utterance '%.*s'",
                               m->wanted->corpus, (int)n, at);
            return false;
        }
        eval_table_add(&m->attention, at, n);
        at += n + (at[n] == ',' ? 1 : 0);
    }
    return true;
}

cli_exit cli_eval_measure(const cli_eval_run *wanted,
                          const cli_eval_choices *choices,
                          cli_messages *messages)
{
    measure m = {.wanted = wanted,
                 .hearing = wanted->hearing,
                 .messages = messages,
                 .log = cli_messages_log(messages)};
    cli_exit code = CLI_EXIT_INPUT;

    eval_system_init(&m.corpus, wanted->corpus);
    eval_system_init(&m.shown, "");
    if (eval_normaliser_init(&m.normaliser, choices->normalisation,
                             choices->rules, &m.log) &&
        eval_corpus_read(&m.corpus, wanted->corpus, &wanted->corpus_options,
                         &m.log) &&
        choose_attention(&m))
        code = cli_hearing_open(&m.hearing, messages, &m.log);
    eval_scorer_init(&m.scorer, &m.normaliser);
    if (code == CLI_EXIT_OK)
        code = measure_and_report(&m, choices);
    cli_hearing_close(&m.hearing);
    eval_scorer_deinit(&m.scorer);
    eval_normaliser_deinit(&m.normaliser);
    eval_system_deinit(&m.shown);
    eval_table_deinit(&m.attention);
    eval_system_deinit(&m.corpus);
    return code;
}
