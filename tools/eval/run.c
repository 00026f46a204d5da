/* run.c - what a run keeps on disk. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/run.h"

#include "tools/eval/json.h"
#include "tools/eval/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct json_object json;

static bool fail(const char *folder, const char *name, const heed_log *log)
{
    return eval_error(log, "%s/%s: %s", folder, name,
                      strerror(errno != 0 ? errno : EIO));
}

static FILE *open_file(const char *folder, const char *name, const char *mode)
{
    eval_text path = {0};
    FILE *file;

    eval_text_printf(&path, "%s/%s", folder, name);
    file = fopen(path.bytes, mode);
    eval_text_deinit(&path);
    return file;
}

/* Marks what both files have; keeps only that in them. */
static bool keep_done(const eval_run *run, bool *done, size_t n_done)
{
    eval_run_lines utterances = {0};
    eval_run_lines timing = {0};
    eval_run_lines *const both[] = {&utterances, &timing};
    bool *timed = eval_calloc(n_done, sizeof *timed);
    bool good = eval_run_lines_read(&utterances, run->folder,
                                    EVAL_RUN_UTTERANCES, true, run->log) &&
                eval_run_lines_read(&timing, run->folder, EVAL_RUN_TIMING, true,
                                    run->log);

    for (size_t i = 0; i < timing.n; i++)
        if (timing.lines[i].index < n_done)
            timed[timing.lines[i].index] = true;
    for (size_t i = 0; i < utterances.n; i++) {
        const size_t index = utterances.lines[i].index;

        if (index < n_done && timed[index])
            done[index] = true;
    }
    for (size_t k = 0; k < 2; k++) {
        size_t n = 0;

        for (size_t i = 0; i < both[k]->n; i++)
            if (both[k]->lines[i].index < n_done &&
                done[both[k]->lines[i].index])
                both[k]->lines[n++] = both[k]->lines[i];
        both[k]->n = n;
        good = good && eval_run_lines_write(both[k], run->folder,
                                            k == 0 ? EVAL_RUN_UTTERANCES
                                                   : EVAL_RUN_TIMING,
                                            run->log);
        eval_run_lines_deinit(both[k]);
    }
    free(timed);
    return good;
}

/* What has been spent already is part of the run. */
static void carry_over(json *info, json *old)
{
    static const char *const members[] = {"started", "wall_s", "compute_s",
                                          "peak_memory_bytes"};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json *value = NULL;

        if (json_object_object_get_ex(old, members[i], &value))
            eval_json_put(info, members[i], json_object_get(value));
    }
}

static bool resume_run(eval_run *run, bool *done, size_t n_done)
{
    json *old = eval_run_info_read(run->folder, run->log);
    const char *difference;
    bool good;

    if (old == NULL)
        return false;
    difference = eval_run_info_difference(old, run->info);
    if (difference == NULL && !eval_run_info_agree(old, run->info, "shard"))
        difference = "shard";
    if (difference == NULL)
        carry_over(run->info, old);
    json_object_put(old);
    if (difference != NULL)
        return eval_error(run->log, "%s: cannot go on: another %s", run->folder,
                          difference);
    good = !eval_run_file_exists(run->folder, EVAL_RUN_UTTERANCES) ||
           !eval_run_file_exists(run->folder, EVAL_RUN_TIMING) ||
           keep_done(run, done, n_done);
    return good;
}

bool eval_run_save_info(eval_run *run)
{
    eval_text text = {0};
    bool good;

    eval_json_write(json_object_get(run->info), true, &text);
    good = eval_run_file_write(run->folder, EVAL_RUN_INFO, text.bytes,
                               text.n_bytes, run->log);
    eval_text_deinit(&text);
    return good;
}

bool eval_run_begin(eval_run *run, const char *folder, struct json_object *info,
                    bool resume, bool *done, size_t n_done, const heed_log *log)
{
    *run = (eval_run){.folder = folder, .info = info, .log = log};
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return eval_error(log, "%s: %s", folder, strerror(errno));
    if (eval_run_file_exists(folder, EVAL_RUN_INFO)) {
        if (!resume)
            return eval_error(log,
                              "%s: there is a run already; --resume goes on "
                              "with it",
                              folder);
        if (!resume_run(run, done, n_done))
            return false;
    }
    eval_json_put(info, "complete", json_object_new_boolean(0));
    if (!eval_run_save_info(run))
        return false;
    errno = 0;
    run->utterances = open_file(folder, EVAL_RUN_UTTERANCES, "ab");
    run->timing = open_file(folder, EVAL_RUN_TIMING, "ab");
    return (run->utterances != NULL ||
            fail(folder, EVAL_RUN_UTTERANCES, log)) &&
           (run->timing != NULL || fail(folder, EVAL_RUN_TIMING, log));
}

bool eval_run_add(eval_run *run, const eval_item *item)
{
    eval_text text = {0};
    bool good;

    errno = 0;
    eval_record_write(item, &text);
    good =
        fwrite(text.bytes, 1, text.n_bytes, run->utterances) == text.n_bytes &&
        fflush(run->utterances) == 0;
    if (good) {
        eval_text_clear(&text);
        eval_timing_write(item, &text);
        good =
            fwrite(text.bytes, 1, text.n_bytes, run->timing) == text.n_bytes &&
            fflush(run->timing) == 0;
    }
    eval_text_deinit(&text);
    return good || fail(run->folder, EVAL_RUN_UTTERANCES, run->log);
}

static bool sort_file(const eval_run *run, const char *name)
{
    eval_run_lines lines = {0};
    bool good = eval_run_lines_read(&lines, run->folder, name, false, run->log);

    eval_run_lines_sort(&lines);
    good = good && eval_run_lines_write(&lines, run->folder, name, run->log);
    eval_run_lines_deinit(&lines);
    return good;
}

static bool close_file(const eval_run *run, FILE **file, const char *name)
{
    bool good = true;

    errno = 0;
    if (*file != NULL)
        good = fsync(fileno(*file)) == 0;
    if (*file != NULL && fclose(*file) != 0)
        good = false;
    *file = NULL;
    return good || fail(run->folder, name, run->log);
}

bool eval_run_finish(eval_run *run)
{
    if (!close_file(run, &run->utterances, EVAL_RUN_UTTERANCES) ||
        !close_file(run, &run->timing, EVAL_RUN_TIMING) ||
        !sort_file(run, EVAL_RUN_UTTERANCES) ||
        !sort_file(run, EVAL_RUN_TIMING))
        return false;
    eval_json_put(run->info, "complete", json_object_new_boolean(1));
    return eval_run_save_info(run);
}

void eval_run_deinit(eval_run *run)
{
    if (run->utterances != NULL)
        (void)fclose(run->utterances);
    if (run->timing != NULL)
        (void)fclose(run->timing);
    json_object_put(run->info);
    *run = (eval_run){0};
}
