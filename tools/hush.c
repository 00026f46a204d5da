/* hush.c - keeps libraries from writing between our messages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tools/hush.h"

#include <fcntl.h>
#include <unistd.h>

FILE *cli_hush_libraries(void)
{
    const int ours = dup(STDERR_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);
    FILE *file = ours >= 0 ? fdopen(ours, "w") : NULL;

    if (file != NULL && nowhere >= 0 && dup2(nowhere, STDERR_FILENO) >= 0) {
        setvbuf(file, NULL, _IOLBF, 0);
        close(nowhere);
        return file;
    }
    if (file != NULL)
        fclose(file);
    else if (ours >= 0)
        close(ours);
    if (nowhere >= 0)
        close(nowhere);
    return stderr;
}
