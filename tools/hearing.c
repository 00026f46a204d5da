/* hearing.c - the recogniser as the command line wants it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tools/hearing.h"

#include <string.h>

static const char *apply_setting(heed_stream_config *config, int option,
                                 const char *value)
{
    static const char frames[] = "a number of frames from 1 to 256";

    switch (option) {
    case CLI_HEARING_CHUNK:
        return cli_count_parse(value, 1, 256, &config->chunk_frames) ? NULL
                                                                     : frames;
    case CLI_HEARING_LOOKAHEAD:
        return cli_count_parse(value, 1, 256, &config->lookahead_frames)
                   ? NULL
                   : frames;
    case CLI_HEARING_ENDPOINT:
        return cli_number_parse(value, 0.2, 10.0, &config->endpoint_s)
                   ? NULL
                   : "a number of seconds from 0.2 to 10";
    case CLI_HEARING_MAX_SEGMENT:
        return cli_number_parse(value, 4.0, 30.0, &config->max_segment_s)
                   ? NULL
                   : "a number of seconds from 4 to 30";
    case CLI_HEARING_BEAM:
        return cli_count_parse(value, 1, 8, &config->n_texts)
                   ? NULL
                   : "a number from 1 to 8";
    case CLI_HEARING_LM_WEIGHT:
        return cli_number_parse(value, 0.001, 2.0, &config->lm_weight)
                   ? NULL
                   : "a number from 0.001 to 2";
    case CLI_HEARING_HOTWORD_WEIGHT:
        return cli_number_parse(value, 0.001, 10.0, &config->hotword_weight)
                   ? NULL
                   : "a number from 0.001 to 10";
    case CLI_HEARING_MIN_CONFIDENCE:
        return cli_number_parse(value, -1.0, 1.0, &config->min_confidence)
                   ? NULL
                   : "a number from -1 to 1";
    default:
        return "an option";
    }
}

const char *cli_hearing_apply(cli_hearing *hearing, int option,
                              const char *value)
{
    if (option == CLI_HEARING_LM) {
        hearing->lm_path = value;
        return NULL;
    }
    if (option == CLI_HEARING_HOTWORDS) {
        hearing->hotwords_path = value;
        return NULL;
    }
    hearing->n_settings++;
    return apply_setting(&hearing->config, option, value);
}

const char *cli_latency_parse(cli_hearing *hearing, const char *value)
{
    const bool live = strcmp(value, "live") == 0;

    hearing->config.latency = live ? HEED_LATENCY_LIVE : HEED_LATENCY_FILE;
    return live || strcmp(value, "file") == 0 ? NULL : "file or live";
}

cli_exit cli_hearing_open_words(cli_hearing *hearing, cli_messages *messages,
                                const heed_log *log)
{
    const unsigned n_errors = messages->n_errors;
    const char *path = hearing->lm_path;
    heed_status status = HEED_OK;

    if (path != NULL)
        status = heed_lm_open(&hearing->lm, path, log);
    if (status == HEED_OK && hearing->hotwords_path != NULL) {
        path = hearing->hotwords_path;
        status =
            heed_hotwords_open(&hearing->hotwords, hearing->model, path, log);
    }
    hearing->config.lm = hearing->lm;
    hearing->config.hotwords = hearing->hotwords;
    if (status == HEED_OK)
        return CLI_EXIT_OK;
    if (messages->n_errors == n_errors)
        cli_messages_error(messages, "%s: %s", path, heed_status_text(status));
    return CLI_EXIT_MODEL;
}

cli_exit cli_hearing_open(cli_hearing *hearing, cli_messages *messages,
                          const heed_log *log)
{
    const cli_exit code =
        cli_model_open(&hearing->model, hearing->model_path, messages, log);

    return code == CLI_EXIT_OK ? cli_hearing_open_words(hearing, messages, log)
                               : code;
}

void cli_hearing_close(cli_hearing *hearing)
{
    heed_hotwords_close(hearing->hotwords);
    heed_lm_close(hearing->lm);
    heed_model_close(hearing->model);
    hearing->lm = NULL;
    hearing->config.lm = NULL;
    hearing->hotwords = NULL;
    hearing->config.hotwords = NULL;
    hearing->model = NULL;
}
