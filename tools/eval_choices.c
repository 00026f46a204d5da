/* eval_choices.c - what the commands that report have in common.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd_eval.h"
#include "tools/sink.h"

#include <stdlib.h>
#include <string.h>

void cli_eval_choices_init(cli_eval_choices *choices)
{
    *choices = (cli_eval_choices){.normalisation = "english",
                                  .form = eval_report_find("text"),
                                  .n_rounds = EVAL_BOOTSTRAP_ROUNDS,
                                  .n_top = 20,
                                  .title = "heed eval"};
}

const char *cli_eval_choose(cli_eval_choices *choices, int option,
                            const char *value)
{
    switch (option) {
    case CLI_EVAL_NORMALISE:
        choices->normalisation = value;
        return eval_normalisation_find(value) != NULL
                   ? NULL
                   : "none, case, librispeech, spoken or english";
    case CLI_EVAL_RULES:
        choices->rules = value;
        return NULL;
    case CLI_EVAL_FORMAT:
        choices->form = eval_report_find(value);
        return choices->form != NULL ? NULL
                                     : "text, json, md, tsv, html or pra";
    case CLI_EVAL_BOOTSTRAP:
        return cli_count_parse(value, 0, 1000000, &choices->n_rounds)
                   ? NULL
                   : "a number from 0 to 1000000";
    default:
        return cli_count_parse(value, 1, 1000000, &choices->n_top)
                   ? NULL
                   : "a number from 1 to 1000000";
    }
}

static cli_exit write_report(const cli_eval_choices *choices,
                             const eval_report *report, cli_messages *messages)
{
    eval_text text = {0};
    cli_sink sink;
    bool written;

    choices->form->write(report, &text);
    written = cli_sink_open(&sink, choices->output);
    if (written) {
        cli_sink_write(&sink, eval_text_string(&text), text.n_bytes);
        written = cli_sink_close(&sink, true);
    }
    eval_text_deinit(&text);
    if (written)
        return CLI_EXIT_OK;
    cli_messages_error(messages, "%s: %s",
                       choices->output != NULL ? choices->output
                                               : "standard output",
                       strerror(sink.error));
    return CLI_EXIT_OUTPUT;
}

/* Whether anything makes the figures of a system incomplete; tells how many
 * of each. */
static bool tell_problems(const eval_summary *summary, cli_messages *messages)
{
    bool complete = true;

    for (size_t i = 0; i < EVAL_N_PROBLEMS; i++) {
        if (summary->n_problems[i] == 0)
            continue;
        cli_messages_warn(messages, "%s: %zu x %s", summary->system->name,
                          summary->n_problems[i],
                          eval_problem_text((eval_problem_kind)i));
        if (eval_problem_is_failure((eval_problem_kind)i))
            complete = false;
    }
    if (summary->system->n_items == 0) {
        cli_messages_error(messages, "%s: there is nothing to score",
                           summary->system->name);
        complete = false;
    }
    return complete;
}

static cli_exit sum_up(const cli_eval_choices *choices, eval_scorer *scorer,
                       eval_system *systems, size_t n_systems,
                       const cli_eval_facts *facts, cli_messages *messages)
{
    eval_report_system *list = eval_calloc(n_systems, sizeof *list);
    eval_summary *summaries = eval_calloc(n_systems, sizeof *summaries);
    const eval_report report = {.systems = list,
                                .n_systems = n_systems,
                                .normaliser = scorer->normaliser,
                                .n_top = choices->n_top,
                                .heed = heed_version(),
                                .title = choices->title};
    cli_exit code = CLI_EXIT_OK;

    for (size_t i = 0; i < n_systems; i++) {
        eval_summary_init(&summaries[i], &systems[i], scorer,
                          choices->n_rounds);
        list[i].summary = &summaries[i];
        if (facts != NULL) {
            list[i].facts = facts[i].list;
            list[i].n_facts = facts[i].n;
        }
        if (i > 0)
            eval_compare(&list[i].against_first, &systems[0], &systems[i],
                         choices->n_rounds);
        if (!tell_problems(&summaries[i], messages))
            code = CLI_EXIT_INPUT;
    }
    const cli_exit written = write_report(choices, &report, messages);
    for (size_t i = 0; i < n_systems; i++)
        eval_summary_deinit(&summaries[i]);
    free(summaries);
    free(list);
    return written != CLI_EXIT_OK ? written : code;
}

cli_exit cli_eval_report(const cli_eval_choices *choices, eval_system *systems,
                         size_t n_systems, const cli_eval_facts *facts,
                         cli_messages *messages)
{
    const heed_log log = cli_messages_log(messages);
    eval_normaliser normaliser;
    eval_scorer scorer;
    cli_exit code = CLI_EXIT_INPUT;
    bool good = eval_normaliser_init(&normaliser, choices->normalisation,
                                     choices->rules, &log);

    eval_scorer_init(&scorer, &normaliser);
    for (size_t i = 0; good && i < n_systems; i++)
        good = eval_score(&scorer, &systems[i], &log);
    if (good)
        code = sum_up(choices, &scorer, systems, n_systems, facts, messages);
    eval_scorer_deinit(&scorer);
    eval_normaliser_deinit(&normaliser);
    return code;
}
