/* log.c - one line of detail to the caller. SPDX-License-Identifier: Apache-2.0
 */
#include "asr/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ends a line that did not fit in "...", not within a UTF-8 character. */
static void cut_line(char *line)
{
    static const char dots[] = "...";
    size_t end = HEED_LOG_LINE_BYTES - sizeof dots;

    while (end > 0 && ((unsigned char)line[end] & 0xC0U) == 0x80U)
        end--;
    memcpy(line + end, dots, sizeof dots);
}

static void write_line(const heed_log *log, heed_log_level level,
                       const char *format, va_list args) HEED_LOG_PRINTF(3, 0);

static void write_line(const heed_log *log, heed_log_level level,
                       const char *format, va_list args)
{
    char line[HEED_LOG_LINE_BYTES];
    int length;

    if (log == NULL || log->write == NULL)
        return;
    /* Every caller has started `args`, which the analyser does not follow.
     * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    length = vsnprintf(line, sizeof line, format, args);
    if (length < 0)
        memcpy(line, "?", sizeof "?");
    else if ((size_t)length >= sizeof line)
        cut_line(line);
    for (char *c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20U || *c == 0x7F)
            *c = '?';
    }
    log->write(log->user, level, line);
}

void heed_log_error(const heed_log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(log, HEED_LOG_ERROR, format, args);
    va_end(args);
}

void heed_log_warning(const heed_log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(log, HEED_LOG_WARNING, format, args);
    va_end(args);
}

void heed_log_info(const heed_log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(log, HEED_LOG_INFO, format, args);
    va_end(args);
}
