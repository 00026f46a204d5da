/* lines.c - text files line by line, and what is wrong with them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/lines.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES 512
#define MAX_SECONDS   1e9

static void say(const heed_log *log, heed_log_level level, const char *line)
{
    if (log != NULL && log->write != NULL)
        log->write(log->user, level, line);
}

bool eval_error(const heed_log *log, const char *format, ...)
{
    char line[MESSAGE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say(log, HEED_LOG_ERROR, line);
    return false;
}

void eval_warn(const heed_log *log, const char *format, ...)
{
    char line[MESSAGE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say(log, HEED_LOG_WARNING, line);
}

bool eval_lines_open(eval_lines *lines, const char *path, const heed_log *log)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");

    *lines = (eval_lines){.path = path, .log = log};
    if (file == NULL)
        return eval_error(log, "%s: %s", path, strerror(errno));
    lines->file = file;
    return true;
}

void eval_lines_init(eval_lines *lines, FILE *file, const char *path,
                     const heed_log *log)
{
    *lines = (eval_lines){.file = file, .path = path, .log = log};
}

size_t eval_utf8_length(const char *text)
{
    const unsigned char *b = (const unsigned char *)text;
    const size_t length = b[0] < 0x80                   ? 1
                          : b[0] >= 0xc2 && b[0] < 0xe0 ? 2
                          : b[0] >= 0xe0 && b[0] < 0xf0 ? 3
                          : b[0] >= 0xf0 && b[0] < 0xf5 ? 4
                                                        : 0;

    for (size_t i = 1; i < length; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    /* Too long for what they say, surrogates, beyond the last character. */
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
        (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
        return 0;
    return length;
}

static bool check_line(eval_lines *lines)
{
    if (strlen(lines->line) != lines->length)
        return eval_lines_fail(lines, "zero byte: not a text file");
    for (const char *at = lines->line; *at != '\0';) {
        const size_t n = eval_utf8_length(at);

        if (n == 0)
            return eval_lines_fail(lines, "byte %zu is not UTF-8",
                                   (size_t)(at - lines->line) + 1);
        at += n;
    }
    return true;
}

bool eval_lines_next(eval_lines *lines)
{
    ssize_t n;

    if (lines->failed)
        return false;
    errno = 0;
    n = getline(&lines->line, &lines->capacity, lines->file);
    if (n < 0) {
        if (ferror(lines->file)) {
            eval_error(lines->log, "%s: %s", lines->path,
                       strerror(errno != 0 ? errno : EIO));
            lines->failed = true;
        }
        return false;
    }
    lines->number++;
    lines->length = (size_t)n;
    while (lines->length > 0 && (lines->line[lines->length - 1] == '\n' ||
                                 lines->line[lines->length - 1] == '\r'))
        lines->line[--lines->length] = '\0';
    if (lines->number == 1 && strncmp(lines->line, "\xef\xbb\xbf", 3) == 0) {
        lines->length -= 3;
        memmove(lines->line, lines->line + 3, lines->length + 1);
    }
    return check_line(lines);
}

bool eval_lines_fail(eval_lines *lines, const char *format, ...)
{
    char cause[MESSAGE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(cause, sizeof cause, format, arguments);
    va_end(arguments);
    lines->failed = true;
    return eval_error(lines->log, "%s: line %zu: %s", lines->path,
                      lines->number, cause);
}

bool eval_lines_close(eval_lines *lines)
{
    if (lines->file != NULL && lines->file != stdin)
        (void)fclose(lines->file);
    lines->file = NULL;
    free(lines->line);
    lines->line = NULL;
    return !lines->failed;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' ||
           c == '\f';
}

char *eval_word_cut(char **rest)
{
    char *word = *rest;
    char *end;

    while (is_blank(*word))
        word++;
    for (end = word; *end != '\0' && !is_blank(*end);)
        end++;
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word < end ? word : NULL;
}

char *eval_trim(char *text)
{
    size_t n;

    while (is_blank(*text))
        text++;
    n = strlen(text);
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    text[n] = '\0';
    return text;
}

bool eval_seconds_parse(const char *text, double *out)
{
    char *end = NULL;

    if (text[0] == '\0' || strchr("0123456789.", text[0]) == NULL)
        return false;
    const double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value > MAX_SECONDS)
        return false;
    *out = value;
    return true;
}

void eval_temporary_name(char name[EVAL_NAME_BYTES])
{
    const char *folder = getenv("TMPDIR");

    snprintf(name, EVAL_NAME_BYTES, "%s/heed-eval-XXXXXX",
             folder != NULL && folder[0] != '\0' ? folder : "/tmp");
}
