/* run_merge.c - runs read again, and several made one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/run.h"

#include "tools/eval/json.h"
#include "tools/eval/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct json_object json;

static bool check_version(json *info, const char *path, const heed_log *log)
{
    size_t version = 0;

    if (eval_json_get_count(info, "version", &version) && version > 0 &&
        version <= EVAL_RUN_VERSION)
        return true;
    return eval_error(log, "%s: not of a run that this program can read", path);
}

json *eval_run_info_read(const char *folder, const heed_log *log)
{
    eval_text path = {0};
    eval_text text = {0};
    eval_lines lines;
    json *info = NULL;

    eval_text_printf(&path, "%s/" EVAL_RUN_INFO, folder);
    if (eval_lines_open(&lines, path.bytes, log)) {
        const char *fault = NULL;

        while (eval_lines_next(&lines)) {
            eval_text_add(&text, lines.line, lines.length);
            eval_text_puts(&text, " ");
        }
        if (eval_lines_close(&lines)) {
            info = eval_json_parse(eval_text_string(&text), &fault);
            if (info == NULL)
                eval_error(log, "%s: %s", path.bytes, fault);
            else if (!check_version(info, path.bytes, log)) {
                json_object_put(info);
                info = NULL;
            }
        }
    }
    eval_text_deinit(&path);
    eval_text_deinit(&text);
    return info;
}

static bool is_complete(json *info)
{
    json *complete = NULL;

    return json_object_object_get_ex(info, "complete", &complete) &&
           json_object_get_boolean(complete);
}

/* Whether two runs agree in a member; `member` is in both or in none. */
bool eval_run_info_agree(json *a, json *b, const char *member)
{
    json *left = NULL;
    json *right = NULL;

    (void)json_object_object_get_ex(a, member, &left);
    (void)json_object_object_get_ex(b, member, &right);
    return json_object_equal(left, right) != 0;
}

/* What decides the result. */
static const char *const deciding[] = {"version",       "heed",
                                       "model_sha256",  "options",
                                       "corpus_sha256", "utterances"};
enum { N_DECIDING = sizeof deciding / sizeof deciding[0] };

/* Returns the first member in which the two differ, or NULL. */
const char *eval_run_info_difference(json *a, json *b)
{
    for (size_t i = 0; i < N_DECIDING; i++)
        if (!eval_run_info_agree(a, b, deciding[i]))
            return deciding[i];
    return NULL;
}

/* What the corpus was told of, and what could not be heard. */
static bool load_problems(eval_system *system, json *info)
{
    json *list = NULL;

    if (!eval_json_get_array(info, "problems", &list))
        return false;
    for (size_t i = 0; list != NULL && i < json_object_array_length(list);
         i++) {
        json *o = json_object_array_get_idx(list, i);
        const char *kind = "";
        const char *id = "";
        const char *detail = "";
        size_t k = 0;

        if (!json_object_is_type(o, json_type_object) ||
            !eval_json_get_string(o, "kind", &kind) ||
            !eval_json_get_string(o, "id", &id) ||
            !eval_json_get_string(o, "detail", &detail))
            return false;
        while (k < EVAL_N_PROBLEMS &&
               strcmp(eval_problem_name((eval_problem_kind)k), kind) != 0)
            k++;
        if (k == EVAL_N_PROBLEMS)
            return false;
        eval_system_note(system, (eval_problem_kind)k, id, detail);
    }
    return true;
}

static void note_errors(eval_system *system)
{
    for (size_t i = 0; i < system->n_items; i++) {
        const eval_item *item = &system->items[i];

        if (item->error != NULL)
            eval_system_note(system,
                             strcmp(item->error, "audio is missing") == 0
                                 ? EVAL_PROBLEM_MISSING
                                 : EVAL_PROBLEM_DECODE,
                             item->id, item->error);
    }
}

static bool read_lines(eval_system *system, const char *folder,
                       const char *name,
                       bool (*read)(eval_system *, eval_lines *),
                       const heed_log *log)
{
    eval_text path = {0};
    eval_lines lines;
    bool good;

    eval_text_printf(&path, "%s/%s", folder, name);
    good = eval_lines_open(&lines, path.bytes, log);
    if (good) {
        while (eval_lines_next(&lines))
            (void)read(system, &lines);
        good = eval_lines_close(&lines);
    }
    eval_text_deinit(&path);
    return good;
}

bool eval_run_load(eval_system *system, struct json_object **info,
                   const char *folder, const heed_log *log)
{
    *info = eval_run_info_read(folder, log);
    if (*info == NULL)
        return false;
    if (!is_complete(*info))
        return eval_error(log,
                          "%s: the run is not complete; --resume goes on "
                          "with it",
                          folder);
    if (!load_problems(system, *info))
        return eval_error(log, "%s/" EVAL_RUN_INFO ": not of a run", folder);
    if (!read_lines(system, folder, EVAL_RUN_UTTERANCES, eval_record_read,
                    log) ||
        !read_lines(system, folder, EVAL_RUN_TIMING, eval_timing_read, log))
        return false;
    note_errors(system);
    return true;
}

/* Adds numbers of one part to those of all. */
static void add_part(json *all, json *part)
{
    static const char *const sums[] = {"wall_s", "compute_s"};
    double peak = 0.0;
    double part_peak = 0.0;

    for (size_t i = 0; i < 2; i++) {
        double sum = 0.0;
        double more = 0.0;

        (void)eval_json_get_number(all, sums[i], &sum);
        (void)eval_json_get_number(part, sums[i], &more);
        eval_json_put_number(all, sums[i], sum + more, 3);
    }
    (void)eval_json_get_number(all, "peak_memory_bytes", &peak);
    (void)eval_json_get_number(part, "peak_memory_bytes", &part_peak);
    eval_json_put_count(all, "peak_memory_bytes",
                        (size_t)(part_peak > peak ? part_peak : peak));
}

/* Reads what all parts say; NULL, and why, if they do not belong together. */
static json *merge_info(const char *const *parts, size_t n_parts,
                        const heed_log *log)
{
    json *all = NULL;

    for (size_t i = 0; i < n_parts; i++) {
        json *part = eval_run_info_read(parts[i], log);
        const char *difference =
            part != NULL && i > 0 ? eval_run_info_difference(all, part) : NULL;
        bool good = part != NULL;

        if (good && !is_complete(part))
            good = eval_error(log, "%s: the run is not complete", parts[i]);
        else if (difference != NULL)
            good = eval_error(log, "%s: another %s than %s", parts[i],
                              difference, parts[0]);
        if (good && i > 0)
            add_part(all, part);
        if (good && i == 0)
            all = json_object_get(part);
        json_object_put(part);
        if (!good) {
            json_object_put(all);
            return NULL;
        }
    }
    return all;
}

/* Whether every utterance is there once. */
static bool check_merged(const eval_run_lines *lines, json *info,
                         const heed_log *log)
{
    size_t wanted = 0;

    (void)eval_json_get_count(info, "utterances", &wanted);
    for (size_t i = 0; i < lines->n; i++)
        if (lines->lines[i].index != i)
            return eval_error(
                log, "utterance %zu is %s",
                i < lines->lines[i].index ? i : lines->lines[i].index,
                i < lines->lines[i].index ? "in none of the parts"
                                          : "in more than one part");
    if (lines->n != wanted)
        return eval_error(log, "%zu of %zu utterances are there", lines->n,
                          wanted);
    return true;
}

bool eval_run_merge(const char *folder, const char *const *parts,
                    size_t n_parts, const heed_log *log)
{
    eval_run_lines lines[2] = {{0}, {0}};
    static const char *const names[2] = {EVAL_RUN_UTTERANCES, EVAL_RUN_TIMING};
    eval_run run = {.folder = folder, .log = log};
    bool good;

    run.info = merge_info(parts, n_parts, log);
    good = run.info != NULL;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; good && i < n_parts; i++)
            good =
                eval_run_lines_read(&lines[k], parts[i], names[k], false, log);
        eval_run_lines_sort(&lines[k]);
        good = good && check_merged(&lines[k], run.info, log);
    }
    if (good && mkdir(folder, 0777) != 0 && errno != EEXIST)
        good = eval_error(log, "%s: %s", folder, strerror(errno));
    if (good && eval_run_file_exists(folder, EVAL_RUN_INFO))
        good = eval_error(log, "%s: there is a run already", folder);
    for (size_t k = 0; k < 2; k++) {
        good = good && eval_run_lines_write(&lines[k], folder, names[k], log);
        eval_run_lines_deinit(&lines[k]);
    }
    if (good) {
        eval_json_put_string(run.info, "shard", "1/1");
        eval_json_put_count(run.info, "merged", n_parts);
        good = eval_run_save_info(&run);
    }
    eval_run_deinit(&run);
    return good;
}
