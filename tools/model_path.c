/* model_path.c - which model is the default. SPDX-License-Identifier:
 * Apache-2.0
 *
 * An installed command looks beside itself first, so that a moved or staged
 * installation finds its own model. HEED_BUILD_FOLDER tells the command that
 * has not been installed: it takes the model of its source tree. */
#include "tools/cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder this program lies in, without a slash at its end; false if the
 * system does not tell. */
static bool find_program_folder(char folder[PATH_MAX])
{
    const ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (n <= 0)
        return false;
    folder[n] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

/* Writes the default path to `path`; where nothing is found it is the place
 * of the installed model, for the message. */
static void find_default(char path[PATH_MAX])
{
    char folder[PATH_MAX];
    const bool known = find_program_folder(folder);

    if (known && strcmp(folder, HEED_BUILD_FOLDER) == 0) {
        snprintf(path, PATH_MAX, "%s", HEED_SOURCE_MODEL);
        return;
    }
    if (known) {
        const int n =
            snprintf(path, PATH_MAX, "%s/%s", folder, HEED_RELATIVE_MODEL);

        if (n > 0 && n < PATH_MAX && access(path, R_OK) == 0)
            return;
    }
    snprintf(path, PATH_MAX, "%s", HEED_INSTALLED_MODEL);
}

void cli_model_find(char found[PATH_MAX], const char *path)
{
    if (path == NULL)
        path = getenv("HEED_MODEL");
    if (path != NULL && path[0] != '\0')
        snprintf(found, PATH_MAX, "%s", path);
    else
        find_default(found);
}

cli_exit cli_model_open(heed_model **out, const char *path,
                        cli_messages *messages, const heed_log *log)
{
    char wanted[PATH_MAX];
    const unsigned n_errors = messages->n_errors;

    cli_model_find(wanted, path);
    const heed_status status = heed_model_open(out, wanted, log);
    if (status == HEED_OK)
        return CLI_EXIT_OK;
    if (messages->n_errors == n_errors)
        cli_messages_error(messages, "%s: %s", wanted,
                           heed_status_text(status));
    return CLI_EXIT_MODEL;
}
