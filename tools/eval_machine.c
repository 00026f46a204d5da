/* eval_machine.c - on what it ran. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval_machine.h"

#include "tools/eval/json.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first "model name" of /proc/cpuinfo, where there is one. */
static void find_processor(char *name, size_t n_bytes)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');

        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(name, n_bytes, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (file != NULL)
        (void)fclose(file);
}

void cli_machine_describe(struct json_object *object)
{
    struct utsname system;
    char processor[256] = "";
    char name[3 * sizeof system.sysname + 8] = "";
    const long n_cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (uname(&system) == 0) {
        snprintf(name, sizeof name, "%s %s %s", system.sysname, system.release,
                 system.machine);
        snprintf(processor, sizeof processor, "%s", system.machine);
    }
    find_processor(processor, sizeof processor);
    eval_json_put_string(object, "processor", processor);
    eval_json_put_count(object, "cores", n_cores > 0 ? (size_t)n_cores : 1);
    eval_json_put_string(object, "system", name);
}
