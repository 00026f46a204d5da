/* lines.h - text files line by line, and what is wrong with them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_LINES_H
#define HEED_TOOLS_EVAL_LINES_H

#include "asr/heed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#if defined(__GNUC__)
#define EVAL_PRINTF(string, first) \
    __attribute__((format(printf, string, first)))
#else
#define EVAL_PRINTF(string, first)
#endif

#define EVAL_NAME_BYTES 4096

/* Says one line; always returns false, as what failed does. */
bool eval_error(const heed_log *log, const char *format, ...) EVAL_PRINTF(2, 3);
void eval_warn(const heed_log *log, const char *format, ...) EVAL_PRINTF(2, 3);

/* A file being read. The names of its fields are its interface. */
typedef struct eval_lines {
    FILE *file;
    const char *path; /* as in messages; borrowed */
    const heed_log *log;
    char *line; /* without its end; changes are allowed */
    size_t length;
    size_t capacity;
    size_t number; /* from 1 on */
    bool failed;   /* something was told */
} eval_lines;

/* Opens `path`, "-" being the standard input. Says why it cannot and returns
 * false. */
bool eval_lines_open(eval_lines *lines, const char *path, const heed_log *log);

/* Reads from an open file, which eval_lines_close() will close. */
void eval_lines_init(eval_lines *lines, FILE *file, const char *path,
                     const heed_log *log);

/* Goes to the next line: true if there is one. A zero byte or a line that is
 * not UTF-8 is an error. */
bool eval_lines_next(eval_lines *lines);

/* Says `PATH: line N: ...` and remembers that it failed. Returns false. */
bool eval_lines_fail(eval_lines *lines, const char *format, ...)
    EVAL_PRINTF(2, 3);

/* Returns true if everything was read and nothing failed. */
bool eval_lines_close(eval_lines *lines);

/* Cuts the next word off `*rest`: returns it, terminated, or NULL if only
 * blanks are left. */
char *eval_word_cut(char **rest);

/* Without the blanks at both ends, in place. */
char *eval_trim(char *text);

/* Whether all of `text` is a finite number of seconds, 0 or more. */
bool eval_seconds_parse(const char *text, double *out);

/* Length of the UTF-8 character at `text`; 0 if it is none. */
size_t eval_utf8_length(const char *text);

/* Writes the pattern of a temporary name, for mkstemp() and the like, in
 * $TMPDIR or /tmp. */
void eval_temporary_name(char name[EVAL_NAME_BYTES]);

#endif /* HEED_TOOLS_EVAL_LINES_H */
