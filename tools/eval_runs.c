/* eval_runs.c - reports on runs that are there. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/json.h"
#include "tools/eval/run.h"
#include "tools/eval_measure.h"

#include <stdlib.h>
#include <string.h>

/* The runs of a report. */
typedef struct runs {
    eval_system *systems;       /* [n] */
    struct json_object **infos; /* [n] or NULL */
    cli_eval_facts *facts;      /* [n] */
    size_t n;
} runs;

/* A value for people: an object as `name=value` one after the other. */
static const char *show(eval_pool *pool, struct json_object *value)
{
    eval_text text = {0};
    const char *shown;

    if (!json_object_is_type(value, json_type_object))
        return eval_pool_string(pool, json_object_get_string(value));
    json_object_object_foreach(value, name, member)
    {
        eval_text_printf(&text, "%s%s=%s", text.n_bytes > 0 ? " " : "", name,
                         json_object_get_string(member));
    }
    shown = eval_pool_string(pool, eval_text_string(&text));
    eval_text_deinit(&text);
    return shown;
}

/* What run.json says, but for what is shown elsewhere. */
static void list_facts(cli_eval_facts *facts, eval_pool *pool,
                       struct json_object *info)
{
    static const char *const hidden[] = {"format", "version", "problems",
                                         "complete"};
    const size_t n_hidden = sizeof hidden / sizeof hidden[0];
    eval_fact *list = eval_pool_take(
        pool, (size_t)(json_object_object_length(info) + 1) * sizeof *list);

    *facts = (cli_eval_facts){list, 0};
    json_object_object_foreach(info, name, value)
    {
        size_t i = 0;

        while (i < n_hidden && strcmp(hidden[i], name) != 0)
            i++;
        if (i < n_hidden || value == NULL)
            continue;
        list[facts->n++] =
            (eval_fact){eval_pool_string(pool, name), show(pool, value)};
    }
}

/* The last part of a path, without slashes at its end. */
static const char *name_of(eval_pool *pool, const char *path)
{
    char *name = eval_pool_string(pool, path);
    size_t n = strlen(name);

    while (n > 1 && name[n - 1] == '/')
        name[--n] = '\0';
    return strrchr(name, '/') != NULL && n > 1 ? strrchr(name, '/') + 1 : name;
}

static bool load(runs *r, char *const *folders, const char *name,
                 const heed_log *log)
{
    for (size_t i = 0; i < r->n; i++) {
        eval_system *system = &r->systems[i];

        eval_system_init(system, "");
        system->name = name_of(&system->pool, name != NULL ? name : folders[i]);
        if (!eval_run_load(system, &r->infos[i], folders[i], log))
            return false;
        list_facts(&r->facts[i], &system->pool, r->infos[i]);
    }
    return true;
}

cli_exit cli_eval_report_runs(char *const *folders, size_t n_folders,
                              const char *name, const cli_eval_choices *choices,
                              cli_messages *messages)
{
    const heed_log log = cli_messages_log(messages);
    runs r = {eval_calloc(n_folders, sizeof *r.systems),
              eval_calloc(n_folders, sizeof *r.infos),
              eval_calloc(n_folders, sizeof *r.facts), n_folders};
    cli_exit code = CLI_EXIT_INPUT;

    if (load(&r, folders, name, &log))
        code = cli_eval_report(choices, r.systems, r.n, r.facts, messages);
    for (size_t i = 0; i < r.n; i++) {
        eval_system_deinit(&r.systems[i]);
        json_object_put(r.infos[i]);
    }
    free(r.systems);
    free(r.infos);
    free(r.facts);
    return code;
}
