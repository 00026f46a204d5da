/* run_lines.c - the lines of a run's files, by their index.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/run.h"

#include "tools/eval/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path_of(eval_text *path, const char *folder,
                           const char *name)
{
    eval_text_clear(path);
    eval_text_printf(path, "%s/%s", folder, name);
    return path->bytes;
}

bool eval_run_file_exists(const char *folder, const char *name)
{
    eval_text path = {0};
    bool exists;

    exists = access(path_of(&path, folder, name), F_OK) == 0;
    eval_text_deinit(&path);
    return exists;
}

/* Cuts off what follows the last end of a line: a kill may have torn it. */
static void cut_torn(const char *path)
{
    char bytes[16384];
    FILE *file = fopen(path, "rb");
    off_t whole = 0;
    off_t at = 0;
    size_t n;

    if (file == NULL)
        return;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        for (size_t i = 0; i < n; i++)
            if (bytes[i] == '\n')
                whole = at + (off_t)i + 1;
        at += (off_t)n;
    }
    (void)fclose(file);
    /* If it fails, reading the line says so. */
    if (whole < at && truncate(path, whole) != 0)
        errno = 0;
}

bool eval_run_lines_read(eval_run_lines *lines, const char *folder,
                         const char *name, bool torn, const heed_log *log)
{
    eval_text path = {0};
    eval_lines file;
    bool good;

    path_of(&path, folder, name);
    if (torn)
        cut_torn(path.bytes);
    good = eval_lines_open(&file, path.bytes, log);
    if (good) {
        while (eval_lines_next(&file)) {
            size_t index;

            if (!eval_record_index(file.line, &index)) {
                (void)eval_lines_fail(&file, "not a line of a run");
                break;
            }
            lines->lines = eval_grow(lines->lines, lines->n, &lines->capacity,
                                     sizeof *lines->lines);
            lines->lines[lines->n++] = (eval_run_line){
                index, eval_pool_copy(&lines->pool, file.line, file.length)};
        }
        good = eval_lines_close(&file);
    }
    eval_text_deinit(&path);
    return good;
}

static int compare_lines(const void *a, const void *b)
{
    const eval_run_line *left = a;
    const eval_run_line *right = b;

    return (left->index > right->index) - (left->index < right->index);
}

void eval_run_lines_sort(eval_run_lines *lines)
{
    if (lines->n > 0)
        qsort(lines->lines, lines->n, sizeof *lines->lines, compare_lines);
}

bool eval_run_file_write(const char *folder, const char *name, const char *text,
                         size_t n_bytes, const heed_log *log)
{
    eval_text path = {0};
    eval_text temporary = {0};
    FILE *file;
    bool good;

    path_of(&path, folder, name);
    eval_text_printf(&temporary, "%s.tmp", path.bytes);
    errno = 0;
    file = fopen(temporary.bytes, "wb");
    good = file != NULL &&
           (n_bytes == 0 || fwrite(text, 1, n_bytes, file) == n_bytes);
    if (file != NULL && (fflush(file) != 0 || fsync(fileno(file)) != 0))
        good = false;
    if (file != NULL && fclose(file) != 0)
        good = false;
    good = good && rename(temporary.bytes, path.bytes) == 0;
    if (!good)
        eval_error(log, "%s: %s", path.bytes,
                   strerror(errno != 0 ? errno : EIO));
    eval_text_deinit(&path);
    eval_text_deinit(&temporary);
    return good;
}

bool eval_run_lines_write(const eval_run_lines *lines, const char *folder,
                          const char *name, const heed_log *log)
{
    eval_text text = {0};
    bool good;

    for (size_t i = 0; i < lines->n; i++) {
        eval_text_puts(&text, lines->lines[i].text);
        eval_text_puts(&text, "\n");
    }
    good = eval_run_file_write(folder, name, eval_text_string(&text),
                               text.n_bytes, log);
    eval_text_deinit(&text);
    return good;
}

void eval_run_lines_deinit(eval_run_lines *lines)
{
    free(lines->lines);
    eval_pool_deinit(&lines->pool);
    *lines = (eval_run_lines){0};
}
