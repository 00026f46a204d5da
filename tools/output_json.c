/* output_json.c - one JSON object a file, on one line. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The words are written as they come, in the middle of the object; what is
 * known only at the end (`text`, `duration_s`, ...) follows them. */
#include "tools/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct json_state {
    size_t n_words;
    size_t segment;      /* of the last word */
    cli_buffer text;     /* of the file so far */
    cli_buffer gaps;     /* objects; empty: there were none */
    cli_sink segments;   /* objects, in memory; no file: there were none */
    char *segment_bytes; /* [n_segment_bytes] what was written there */
    size_t n_segment_bytes;
} json_state;

static void write_escaped(cli_sink *sink, const char *bytes, size_t n_bytes)
{
    char escaped[8];

    for (size_t i = 0; i < n_bytes;) {
        const unsigned char c = (unsigned char)bytes[i];
        const size_t length = cli_utf8_length(bytes + i, n_bytes - i);

        if (c == '"' || c == '\\') {
            snprintf(escaped, sizeof escaped, "\\%c", c);
            cli_sink_puts(sink, escaped);
        } else if (c < ' ' || c == 0x7f) {
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c);
            cli_sink_puts(sink, escaped);
        } else if (length == 0) {
            cli_sink_puts(sink, "\\ufffd");
        } else {
            cli_sink_write(sink, bytes + i, length);
        }
        i += length > 0 ? length : 1;
    }
}

void cli_json_write_string(cli_sink *sink, const char *bytes, size_t n_bytes)
{
    cli_sink_puts(sink, "\"");
    write_escaped(sink, bytes, n_bytes);
    cli_sink_puts(sink, "\"");
}

static void write_text(cli_sink *sink, const char *text)
{
    cli_json_write_string(sink, text, strlen(text));
}

static void json_begin(cli_output *output, const char *file)
{
    json_state *state = output->state;

    *state = (json_state){0};
    cli_sink_puts(output->sink, "{\"file\":");
    write_text(output->sink, file);
    cli_sink_puts(output->sink, ",\"model\":");
    write_text(output->sink, output->model);
    cli_sink_puts(output->sink, ",\"words\":[");
}

static void remember(cli_output *output, const heed_word *word)
{
    json_state *state = output->state;
    const char *gap = word->segment != state->segment ? "\n" : " ";

    if ((state->n_words > 0 && !cli_buffer_append(&state->text, gap, 1)) ||
        !cli_buffer_append(&state->text, word->text, strlen(word->text)))
        output->out_of_memory = true;
}

void cli_json_write_word(cli_sink *sink, const heed_word *word)
{
    char numbers[160];

    cli_sink_puts(sink, "{\"text\":");
    write_text(sink, word->text);
    snprintf(numbers, sizeof numbers,
             ",\"start_s\":%.3f,\"end_s\":%.3f,\"confidence\":%.3f,"
             "\"segment\":%zu",
             word->start_s, word->end_s, (double)word->confidence,
             word->segment);
    cli_sink_puts(sink, numbers);
    if (word->hotword != NULL) {
        cli_sink_puts(sink, ",\"hotword\":");
        write_text(sink, word->hotword);
    }
    cli_sink_puts(sink, "}");
}

static void json_words(cli_output *output, const heed_word *words,
                       size_t n_words)
{
    json_state *state = output->state;

    for (size_t i = 0; i < n_words; i++) {
        remember(output, &words[i]);
        if (state->n_words > 0)
            cli_sink_puts(output->sink, ",");
        cli_json_write_word(output->sink, &words[i]);
        state->n_words++;
        state->segment = words[i].segment;
    }
}

static void write_alternative(cli_sink *sink, const heed_alternative *text)
{
    char numbers[160];

    cli_sink_puts(sink, "{\"text\":\"");
    for (size_t i = 0; i < text->n_words; i++) {
        if (i > 0)
            cli_sink_puts(sink, " ");
        write_escaped(sink, text->words[i].text, strlen(text->words[i].text));
    }
    snprintf(numbers, sizeof numbers,
             "\",\"score\":%.3f,\"attention\":%.3f,\"letters\":%.3f,"
             "\"language\":%.3f}",
             text->score, text->attention, text->letters, text->language);
    cli_sink_puts(sink, numbers);
}

static void json_segment(cli_output *output, const heed_segment *segment)
{
    json_state *state = output->state;
    cli_sink *sink = &state->segments;
    char numbers[96];
    const bool is_first = sink->file == NULL;

    if (is_first) {
        sink->file =
            open_memstream(&state->segment_bytes, &state->n_segment_bytes);
        if (sink->file == NULL) {
            output->out_of_memory = true;
            return;
        }
    }
    snprintf(numbers, sizeof numbers, "%s{\"number\":%zu,\"alternatives\":[",
             is_first ? "" : ",", segment->number);
    cli_sink_puts(sink, numbers);
    for (size_t i = 0; i < segment->n_alternatives; i++) {
        if (i > 0)
            cli_sink_puts(sink, ",");
        write_alternative(sink, &segment->alternatives[i]);
    }
    cli_sink_puts(sink, "]}");
}

/* Writes what json_segment() kept, and forgets it. */
static void write_segments(cli_output *output)
{
    json_state *state = output->state;

    if (state->segments.file == NULL)
        return;
    if (fclose(state->segments.file) != 0 || state->segments.error != 0)
        output->out_of_memory = true;
    cli_sink_puts(output->sink, ",\"segments\":[");
    cli_sink_write(output->sink, state->segment_bytes, state->n_segment_bytes);
    cli_sink_puts(output->sink, "]");
    free(state->segment_bytes);
}

static void json_gap(cli_output *output, double at_s, double lost_s)
{
    json_state *state = output->state;
    char object[96];
    char amount[32] = "null";

    if (lost_s >= 0.0)
        snprintf(amount, sizeof amount, "%.3f", lost_s);
    snprintf(object, sizeof object, "%s{\"at_s\":%.3f,\"lost_s\":%s}",
             state->gaps.n_bytes > 0 ? "," : "", at_s, amount);
    if (!cli_buffer_append(&state->gaps, object, strlen(object)))
        output->out_of_memory = true;
}

static void json_end(cli_output *output, const cli_outcome *outcome)
{
    json_state *state = output->state;
    char numbers[96];

    cli_sink_puts(output->sink, "],\"text\":");
    cli_json_write_string(output->sink, state->text.bytes, state->text.n_bytes);
    if (state->gaps.n_bytes > 0) {
        cli_sink_puts(output->sink, ",\"gaps\":[");
        cli_sink_write(output->sink, state->gaps.bytes, state->gaps.n_bytes);
        cli_sink_puts(output->sink, "]");
    }
    write_segments(output);
    snprintf(numbers, sizeof numbers,
             ",\"duration_s\":%.3f,\"truncated\":%s,\"interrupted\":%s,"
             "\"error\":",
             outcome->duration_s, outcome->truncated ? "true" : "false",
             outcome->interrupted ? "true" : "false");
    cli_sink_puts(output->sink, numbers);
    if (outcome->error != NULL)
        write_text(output->sink, outcome->error);
    else
        cli_sink_puts(output->sink, "null");
    cli_sink_puts(output->sink, "}\n");
    free(state->text.bytes);
    free(state->gaps.bytes);
    *state = (json_state){0};
}

static void json_refuse(cli_output *output, const char *file, const char *error)
{
    json_begin(output, file);
    json_end(output, &(cli_outcome){.error = error});
}

const cli_format cli_format_json = {
    .name = "json",
    .state_bytes = sizeof(json_state),
    .begin = json_begin,
    .words = json_words,
    .segment = json_segment,
    .end = json_end,
    .refuse = json_refuse,
    .gap = json_gap,
};
