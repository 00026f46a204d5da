/* status_line.c - how a live session is, in one row. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/status_line.h"

#include "tools/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* So quiet for so long, a microphone is muted. */
#define SILENT_DB   (-70.0)
#define SILENT_S    3.0
#define METER_DB    60.0
#define METER_CELLS 10

void cli_status_line_init(cli_status_line *line)
{
    *line = (cli_status_line){.text = " 0:00:00", .silent_since_s = -1.0};
}

/* Adds to the status as printf() does, or nothing if it does not fit. */
static void add_status(cli_status_line *line, const char *format, ...)
    CLI_PRINTF(2, 3);

static void add_status(cli_status_line *line, const char *format, ...)
{
    const size_t length = strlen(line->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line->text + length, sizeof line->text - length, format,
              arguments);
    va_end(arguments);
    if (strlen(line->text) > line->columns)
        line->text[length] = '\0';
}

static void add_meter(cli_status_line *line, const cli_live_status *status)
{
    const double part = 1.0 + status->level_db / METER_DB;
    const int full = part <= 0.0   ? 0
                     : part >= 1.0 ? METER_CELLS
                                   : (int)(part * METER_CELLS);
    const bool silent = status->level_db < SILENT_DB;
    char cells[METER_CELLS + 1];

    for (int i = 0; i < METER_CELLS; i++)
        cells[i] = i < full ? '#' : '.';
    cells[METER_CELLS] = '\0';
    if (!silent)
        line->silent_since_s = -1.0;
    else if (line->silent_since_s < 0.0)
        line->silent_since_s = status->at_s;
    if (silent && status->at_s - line->silent_since_s >= SILENT_S)
        add_status(line, "  [%s] muted?", cells);
    else if (silent)
        add_status(line, "  [%s]  quiet", cells);
    else
        add_status(line, "  [%s] %3.0f dB", cells, status->level_db);
}

void cli_status_line_update(cli_status_line *line,
                            const cli_live_status *status, size_t columns)
{
    const unsigned long passed = (unsigned long)status->at_s;

    line->columns = columns;
    line->text[0] = '\0';
    add_status(line, " %lu:%02lu:%02lu", passed / 3600, passed / 60 % 60,
               passed % 60);
    if (status->n_gaps > 0)
        add_status(line, "  LOST %.1f s", status->lost_s);
    if (status->backlog_s >= 0.5)
        add_status(line, "  BEHIND %.1f s", status->backlog_s);
    add_meter(line, status);
    if (status->delay_s >= 0.0)
        add_status(line, "  delay %.1f s", status->delay_s);
    add_status(line, "  load %.0f %%", 100.0 * status->load);
    if (status->n_gaps == 0)
        add_status(line, "  lost 0 s");
}
