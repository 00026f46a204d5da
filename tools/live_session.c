/* live_session.c - puts a live session together. SPDX-License-Identifier:
 * Apache-2.0
 *
 *   source or tape -> session -> file and standard output, tape, sound file */
#include "tools/live_session.h"

#include "tools/eval/sha256.h"
#include "tools/hush.h"
#include "tools/interrupt.h"
#include "tools/live.h"
#include "tools/live_run.h"
#include "tools/screen.h"
#include "tools/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One place for text, with what it is written in. */
typedef struct place {
    cli_sink sink;
    cli_output output;
    cli_view_output view;
    bool open;
} place;

typedef struct session {
    const cli_live_arguments *arguments;
    cli_messages messages;
    heed_log log;
    cli_hearing hearing;
    heed_model_info info;
    cli_source source;
    cli_tape_reader reader;
    cli_tape tape;
    heed_soundwriter *saving;
    cli_live live;
    place file;    /* --output */
    place stdout_; /* unless it has events or a screen */
    cli_screen screen;
    bool has_screen;
    cli_sink events_sink;
    cli_view_events events;
    bool has_events;
} session;

static const char *name_of(const session *s)
{
    return s->arguments->replay != NULL ? s->arguments->replay : s->source.name;
}

/* ---- Where words go ---------------------------------------------------- */

static cli_exit fail_output(session *s, const char *name, int error)
{
    cli_messages_error(&s->messages, "%s: %s", name,
                       error != 0 ? strerror(error) : "out of memory");
    return CLI_EXIT_OUTPUT;
}

/* Opens the file at `path`, or stdout if that is NULL, for text. */
static cli_exit open_place(session *s, place *p, const char *path,
                           const cli_format *format)
{
    const char *name = path != NULL ? path : "standard output";

    if (!cli_sink_open(&p->sink, path) ||
        (path != NULL && !cli_sink_publish(&p->sink)))
        return fail_output(s, name, p->sink.error);
    p->sink.prompt = true;
    if (!cli_output_init(&p->output, format, &p->sink, s->info.name, false))
        return fail_output(s, name, 0);
    p->open = true;
    cli_output_begin(&p->output, name_of(s));
    cli_view_output_init(&p->view, &p->output, name);
    cli_views_add(&s->live.views, &p->view.view);
    return CLI_EXIT_OK;
}

/* Returns false if something was lost that was not told yet. */
static bool close_place(session *s, place *p)
{
    bool kept = true;

    if (!p->open)
        return true;
    if (!cli_sink_close(&p->sink, true) && !p->view.view.failed) {
        (void)fail_output(s, p->view.view.name, p->sink.error);
        kept = false;
    }
    cli_output_deinit(&p->output);
    return kept;
}

static void open_events(session *s)
{
    (void)cli_sink_open(&s->events_sink, NULL);
    s->events_sink.prompt = true;
    cli_view_events_init(&s->events, &s->events_sink, "standard output");
    cli_views_add(&s->live.views, &s->events.view);
    s->has_events = true;
}

static void show_message(void *user, const char *line)
{
    cli_screen_notice(user, line);
}

/* Messages would spoil the screen if they went to the same terminal. */
static void open_screen(session *s)
{
    cli_screen_init(&s->screen, s->arguments->confidence);
    cli_views_add(&s->live.views, &s->screen.view);
    s->has_screen = true;
    cli_screen_open(&s->screen);
    if (isatty(fileno(s->messages.file))) {
        s->messages.show = show_message;
        s->messages.show_user = &s->screen;
    }
}

static void close_screen(session *s)
{
    if (!s->has_screen)
        return;
    cli_screen_close(&s->screen);
    s->messages.show = NULL;
}

static bool wants_screen(const cli_live_arguments *a)
{
    return !a->json && !a->plain && cli_terminal_works() &&
           (!a->format_given || a->output != NULL);
}

static cli_exit open_views(session *s)
{
    const cli_live_arguments *a = s->arguments;
    cli_exit code = CLI_EXIT_OK;

    if (a->output != NULL)
        code = open_place(s, &s->file, a->output, a->format);
    if (code != CLI_EXIT_OK)
        return code;
    if (a->json)
        open_events(s);
    else if (wants_screen(a))
        open_screen(s);
    else
        code = open_place(s, &s->stdout_, NULL,
                          a->output != NULL ? &cli_format_text : a->format);
    return code;
}

/* Fills what a tape says about the session. */
static void describe_session(const session *s, cli_tape_header *header)
{
    const char *lm_path = s->hearing.lm_path;

    *header = (cli_tape_header){.config = s->hearing.config,
                                .model_bytes = s->info.file_bytes};
    snprintf(header->model, sizeof header->model, "%s", s->info.name);
    if (lm_path == NULL)
        return;
    if (realpath(lm_path, header->lm_path) == NULL)
        header->lm_path[0] = '\0';
    (void)eval_sha256_file(lm_path, header->lm_sha256);
}

/* Opens what keeps the sound. */
static cli_exit open_keepers(session *s)
{
    const cli_live_arguments *a = s->arguments;

    if (a->record != NULL) {
        cli_tape_header header;

        describe_session(s, &header);
        if (cli_tape_create(&s->tape, a->record, &header, &s->log) != HEED_OK)
            return CLI_EXIT_OUTPUT;
        s->live.tape = &s->tape;
    }
    if (a->save == NULL)
        return CLI_EXIT_OK;
    if (heed_soundwriter_create(&s->saving, a->save, HEED_SOUNDWRITER_FLAC,
                                s->hearing.config.sample_rate_hz,
                                &s->log) != HEED_OK)
        return CLI_EXIT_OUTPUT;
    s->live.saving = s->saving;
    s->live.saving_name = a->save;
    return CLI_EXIT_OK;
}

/* Completes all files. Returns false if something was lost. */
static bool close_all(session *s)
{
    bool kept = close_place(s, &s->file);

    kept = close_place(s, &s->stdout_) && kept;
    if (s->has_screen)
        cli_screen_deinit(&s->screen);
    if (s->has_events)
        cli_view_events_deinit(&s->events);
    if (s->tape.session != NULL && !cli_tape_finish(&s->tape) &&
        s->live.tape != NULL) {
        (void)fail_output(s, s->arguments->record, s->tape.error);
        kept = false;
    }
    if (heed_soundwriter_close(s->saving) != HEED_OK &&
        s->live.saving != NULL) {
        (void)fail_output(s, s->arguments->save, EIO);
        kept = false;
    }
    return kept;
}

/* ---- Where sound comes from ------------------------------------------- */

/* The language model of a tape is the file that --lm names, else the one it
 * was. Its name is borrowed from the header. */
static cli_exit find_tape_lm(session *s)
{
    const cli_tape_header *header = &s->reader.header;
    const char *replay = s->arguments->replay;
    const char *given = s->arguments->hearing.lm_path;
    char sha256[65] = "";

    if (header->lm_sha256[0] == '\0') {
        if (given != NULL)
            cli_messages_warn(&s->messages,
                              "%s: was heard without a language model", replay);
        s->hearing.lm_path = NULL;
        return CLI_EXIT_OK;
    }
    if (given == NULL && header->lm_path[0] == '\0') {
        cli_messages_error(&s->messages,
                           "%s: its language model is needed: --lm", replay);
        return CLI_EXIT_MODEL;
    }
    s->hearing.lm_path = given != NULL ? given : header->lm_path;
    if (eval_sha256_file(s->hearing.lm_path, sha256) &&
        strcmp(sha256, header->lm_sha256) != 0)
        cli_messages_warn(&s->messages,
                          "%s: was heard with another language model than %s",
                          replay, s->hearing.lm_path);
    return CLI_EXIT_OK;
}

static cli_exit open_tape(session *s)
{
    const char *replay = s->arguments->replay;
    const cli_tape_header *header = &s->reader.header;

    if (cli_tape_open(&s->reader, replay, &s->log) != HEED_OK)
        return CLI_EXIT_INPUT;
    s->hearing.config = header->config;
    if (strcmp(header->model, s->info.name) != 0 ||
        header->model_bytes != s->info.file_bytes)
        cli_messages_warn(&s->messages, "%s: was heard with another model",
                          replay);
    return find_tape_lm(s);
}

static cli_exit open_input(session *s)
{
    const cli_live_arguments *a = s->arguments;

    if (a->replay != NULL)
        return open_tape(s);
    if (cli_source_open(&s->source, &a->source, &s->log) != HEED_OK)
        return CLI_EXIT_INPUT;
    s->hearing.config.sample_rate_hz = s->source.rate_hz;
    cli_messages_tell(&s->messages, "%s: %u Hz", s->source.name,
                      s->source.rate_hz);
    return CLI_EXIT_OK;
}

static void tick(void *user)
{
    cli_screen_tick(user);
}

static cli_exit run_input(session *s)
{
    cli_live_run run = {.live = &s->live,
                        .messages = &s->messages,
                        .reconnect = s->arguments->reconnect};

    if (s->has_screen) {
        run.tick = tick;
        run.tick_user = &s->screen;
    }
    cli_interrupt_catch_all(cli_terminal_leave);
    return s->arguments->replay != NULL ? cli_live_run_tape(&run, &s->reader)
                                        : cli_live_run_source(&run, &s->source);
}

/* ---- All together ----------------------------------------------------- */

static void tell_summary(session *s)
{
    const cli_live_status *status = &s->live.status;
    const unsigned long heard = (unsigned long)status->heard_s;
    char lost[80] = "nothing lost";
    char amount[32] = "some sound";
    char delay[64] = "";

    /* The system does not always say how much it was. */
    if (status->lost_s > 0.0)
        snprintf(amount, sizeof amount, "%.2f s", status->lost_s);
    if (status->n_gaps > 0)
        snprintf(lost, sizeof lost, "%s lost in %zu gap%s", amount,
                 status->n_gaps, status->n_gaps == 1 ? "" : "s");
    if (s->live.n_words > 0)
        snprintf(delay, sizeof delay, "delay %.2f s median, %.2f s at 90 %%, ",
                 cli_live_delay(&s->live, 0.5), cli_live_delay(&s->live, 0.9));
    cli_messages_say(&s->messages, "%lu:%02lu:%02lu heard, %zu words, %s%s",
                     heard / 3600, heard / 60 % 60, heard % 60, s->live.n_words,
                     delay, lost);
}

static cli_exit run_session(session *s)
{
    cli_exit code = open_input(s);

    if (code != CLI_EXIT_OK)
        return code;
    code = cli_hearing_open_words(&s->hearing, &s->messages, &s->log);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_live_init(&s->live, s->hearing.model, &s->hearing.config,
                      &s->messages, &s->log) != HEED_OK)
        return CLI_EXIT_INPUT;
    code = open_views(s);
    if (code == CLI_EXIT_OK)
        code = open_keepers(s);
    if (code == CLI_EXIT_OK) {
        code = run_input(s);
        close_screen(s);
        tell_summary(s);
    }
    close_screen(s);
    if (!close_all(s))
        code = CLI_EXIT_OUTPUT;
    cli_live_deinit(&s->live);
    return code;
}

cli_exit cli_live_session_run(const cli_live_arguments *arguments)
{
    session s = {.arguments = arguments,
                 .hearing = arguments->hearing,
                 .messages = {.file = stderr,
                              .quiet = arguments->quiet,
                              .verbose = arguments->verbose}};
    cli_exit code;

    if (arguments->source.file == NULL && !arguments->verbose)
        s.messages.file = cli_hush_libraries();
    s.log = cli_messages_log(&s.messages);
    code = cli_model_open(&s.hearing.model, s.hearing.model_path, &s.messages,
                          &s.log);
    if (code == CLI_EXIT_OK) {
        heed_model_describe(s.hearing.model, &s.info);
        code = run_session(&s);
    }
    cli_source_close(&s.source);
    cli_tape_close(&s.reader);
    cli_hearing_close(&s.hearing);
    return code;
}
