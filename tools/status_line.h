/* status_line.h - how a live session is, in one row. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TOOLS_STATUS_LINE_H
#define HEED_TOOLS_STATUS_LINE_H

#include "tools/view.h"

enum { CLI_STATUS_LINE_BYTES = 256 };

typedef struct cli_status_line {
    char text[CLI_STATUS_LINE_BYTES]; /* one column a byte */
    size_t columns;                   /* that the text may take */
    double silent_since_s;            /* < 0: it is not silent */
} cli_status_line;

void cli_status_line_init(cli_status_line *line);

/* Writes `status` into at most `columns` columns. What matters most comes
 * first; what has no room is left out. */
void cli_status_line_update(cli_status_line *line,
                            const cli_live_status *status, size_t columns);

#endif /* HEED_TOOLS_STATUS_LINE_H */
