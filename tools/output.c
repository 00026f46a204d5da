/* output.c - what the formats share, and text. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/output.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cli_format *cli_format_find(const char *name)
{
    static const cli_format *const formats[] = {
        &cli_format_text, &cli_format_json, &cli_format_srt};

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

bool cli_output_init(cli_output *output, const cli_format *format,
                     cli_sink *sink, const char *model, bool several)
{
    *output = (cli_output){.format = format,
                           .sink = sink,
                           .model = model,
                           .several = several,
                           .state = calloc(1, format->state_bytes)};
    return output->state != NULL;
}

void cli_output_deinit(cli_output *output)
{
    free(output->state);
    output->state = NULL;
}

void cli_output_begin(cli_output *output, const char *file)
{
    output->n_files++;
    output->format->begin(output, file);
}

void cli_output_words(cli_output *output, const heed_word *words,
                      size_t n_words)
{
    if (n_words > 0)
        output->format->words(output, words, n_words);
}

void cli_output_segment(cli_output *output, const heed_segment *segment)
{
    if (output->format->segment != NULL)
        output->format->segment(output, segment);
}

void cli_output_end(cli_output *output, const cli_outcome *outcome)
{
    output->format->end(output, outcome);
}

void cli_output_refuse(cli_output *output, const char *file, const char *error)
{
    if (output->format->refuse != NULL)
        output->format->refuse(output, file, error);
}

void cli_output_gap(cli_output *output, double at_s, double lost_s)
{
    if (output->format->gap != NULL)
        output->format->gap(output, at_s, lost_s);
}

void cli_gap_describe(char line[CLI_GAP_BYTES], double at_s, double lost_s)
{
    const unsigned long at = (unsigned long)at_s;
    char amount[32] = "some";

    if (lost_s >= 0.0)
        snprintf(amount, sizeof amount, "%.2f s of", lost_s);
    snprintf(line, CLI_GAP_BYTES, "[%s sound lost at %lu:%02lu:%04.1f]", amount,
             at / 3600, at / 60 % 60, at_s - (double)(at / 60 * 60));
}

bool cli_buffer_append(cli_buffer *buffer, const char *bytes, size_t n_bytes)
{
    if (n_bytes > buffer->capacity - buffer->n_bytes) {
        if (n_bytes > SIZE_MAX / 2 - buffer->n_bytes)
            return false;
        const size_t capacity = 2 * (buffer->n_bytes + n_bytes);
        char *grown = realloc(buffer->bytes, capacity);

        if (grown == NULL)
            return false;
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->n_bytes, bytes, n_bytes);
    buffer->n_bytes += n_bytes;
    return true;
}

/* ---- Text: a line a segment ------------------------------------------- */

typedef struct text_state {
    bool in_line; /* the last line has no end yet */
    size_t segment;
} text_state;

static void text_begin(cli_output *output, const char *file)
{
    text_state *state = output->state;

    *state = (text_state){0};
    if (!output->several)
        return;
    cli_sink_puts(output->sink, output->n_files > 1 ? "\n==> " : "==> ");
    cli_sink_puts(output->sink, file);
    cli_sink_puts(output->sink, " <==\n");
}

static void text_words(cli_output *output, const heed_word *words,
                       size_t n_words)
{
    text_state *state = output->state;

    for (size_t i = 0; i < n_words; i++) {
        if (state->in_line)
            cli_sink_puts(output->sink,
                          words[i].segment != state->segment ? "\n" : " ");
        cli_sink_puts(output->sink, words[i].text);
        state->in_line = true;
        state->segment = words[i].segment;
    }
}

/* A line of its own. */
static void text_gap(cli_output *output, double at_s, double lost_s)
{
    text_state *state = output->state;
    char line[CLI_GAP_BYTES];

    cli_gap_describe(line, at_s, lost_s);
    if (state->in_line)
        cli_sink_puts(output->sink, "\n");
    cli_sink_puts(output->sink, line);
    cli_sink_puts(output->sink, "\n");
    state->in_line = false;
}

static void text_end(cli_output *output, const cli_outcome *outcome)
{
    text_state *state = output->state;

    (void)outcome;
    if (state->in_line)
        cli_sink_puts(output->sink, "\n");
    state->in_line = false;
}

const cli_format cli_format_text = {
    .name = "text",
    .state_bytes = sizeof(text_state),
    .begin = text_begin,
    .words = text_words,
    .end = text_end,
    .gap = text_gap,
};
