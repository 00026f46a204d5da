/* output_srt.c - subtitles in SubRip form. SPDX-License-Identifier: Apache-2.0
 *
 * Words are gathered into cues of at most two lines of 42 characters and six
 * seconds. A cue ends at a pause, at the end of a segment, at the end of a
 * sentence unless it is still short, or when the next word does not fit. It
 * stays in hand until the next one begins, because it is shown for at least a
 * second where there is room for that. */
#include "tools/output.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LINE_CHARACTERS 42
#define CUE_LINES       2
#define LINE_BYTES      (4 * LINE_CHARACTERS + 1)
#define CUE_MS          6000
#define SHOWN_MS        1000
#define PAUSE_MS        700
#define SHORT_MS        1500

typedef long long milliseconds;

typedef struct srt_state {
    char lines[CUE_LINES][LINE_BYTES]; /* of the cue in hand */
    size_t n_characters;               /* in its last line */
    size_t n_lines;                    /* 0: there is no cue in hand */
    milliseconds start_ms;
    milliseconds end_ms;  /* of its last word */
    milliseconds free_ms; /* where the cue before it ends */
    bool sentence_ended;  /* by its last word */
    size_t segment;
    size_t n_cues; /* written */
} srt_state;

static milliseconds to_ms(double seconds)
{
    return seconds > 0.0 ? (milliseconds)(seconds * 1000.0 + 0.5) : 0;
}

static bool ends_sentence(const char *text)
{
    const size_t length = strlen(text);

    return length > 0 && strchr(".?!", text[length - 1]) != NULL;
}

static void write_time(cli_sink *sink, milliseconds ms)
{
    char text[48];

    snprintf(text, sizeof text, "%02lld:%02lld:%02lld,%03lld", ms / 3600000,
             ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
    cli_sink_puts(sink, text);
}

/* Writes the cue in hand, to be gone by `limit_ms`. */
static void write_cue(cli_output *output, milliseconds limit_ms)
{
    srt_state *state = output->state;
    milliseconds end_ms = state->end_ms;
    char number[32];

    if (state->n_lines == 0)
        return;
    if (end_ms < state->start_ms + SHOWN_MS)
        end_ms = state->start_ms + SHOWN_MS;
    if (end_ms > limit_ms)
        end_ms = limit_ms;
    if (end_ms > state->start_ms + CUE_MS)
        end_ms = state->start_ms + CUE_MS;
    if (end_ms <= state->start_ms)
        end_ms = state->start_ms + 1;
    snprintf(number, sizeof number, "%s%zu\n", state->n_cues > 0 ? "\n" : "",
             state->n_cues + 1);
    cli_sink_puts(output->sink, number);
    write_time(output->sink, state->start_ms);
    cli_sink_puts(output->sink, " --> ");
    write_time(output->sink, end_ms);
    cli_sink_puts(output->sink, "\n");
    for (size_t i = 0; i < state->n_lines; i++) {
        cli_sink_puts(output->sink, state->lines[i]);
        cli_sink_puts(output->sink, "\n");
    }
    state->n_cues++;
    state->n_lines = 0;
    state->free_ms = end_ms;
}

static void open_cue(srt_state *state, milliseconds start_ms)
{
    state->start_ms = start_ms > state->free_ms ? start_ms : state->free_ms;
    state->end_ms = state->start_ms;
    state->n_lines = 1;
    state->n_characters = 0;
    state->lines[0][0] = '\0';
}

/* Whether a word of `n_characters` has room in the cue in hand. */
static bool has_room(const srt_state *state, size_t n_characters)
{
    return state->n_characters == 0 || state->n_lines < CUE_LINES ||
           state->n_characters + 1 + n_characters <= LINE_CHARACTERS;
}

/* Adds the `n_bytes` of a word, at most LINE_CHARACTERS of them characters. */
static void add_piece(srt_state *state, const char *bytes, size_t n_bytes,
                      size_t n_characters)
{
    if (state->n_characters > 0 &&
        state->n_characters + 1 + n_characters > LINE_CHARACTERS) {
        state->lines[state->n_lines++][0] = '\0';
        state->n_characters = 0;
    }
    char *line = state->lines[state->n_lines - 1];
    size_t length = strlen(line);
    if (length > 0) {
        line[length++] = ' ';
        state->n_characters++;
    }
    memcpy(line + length, bytes, n_bytes);
    line[length + n_bytes] = '\0';
    state->n_characters += n_characters;
}

/* Whether the cue in hand ends before `word`. */
static bool ends_before(const srt_state *state, const heed_word *word)
{
    const milliseconds start_ms = to_ms(word->start_s);
    const bool is_short = state->end_ms - state->start_ms < SHORT_MS;

    return word->segment != state->segment ||
           start_ms - state->end_ms >= PAUSE_MS ||
           to_ms(word->end_s) - state->start_ms > CUE_MS ||
           (state->sentence_ended && !is_short);
}

/* A word longer than a line is cut into lines. */
static void add_word(cli_output *output, const heed_word *word)
{
    srt_state *state = output->state;
    const milliseconds start_ms = to_ms(word->start_s);
    const milliseconds end_ms = to_ms(word->end_s);
    const char *text = word->text;

    if (state->n_lines > 0 && ends_before(state, word))
        write_cue(output, start_ms);
    do {
        size_t n_bytes = 0;
        size_t n_characters = 0;

        while (text[n_bytes] != '\0' && n_characters < LINE_CHARACTERS) {
            const size_t length =
                cli_utf8_length(text + n_bytes, strlen(text + n_bytes));

            n_bytes += length > 0 ? length : 1;
            n_characters++;
        }
        if (state->n_lines > 0 && !has_room(state, n_characters))
            write_cue(output, start_ms);
        if (state->n_lines == 0)
            open_cue(state, start_ms);
        add_piece(state, text, n_bytes, n_characters);
        text += n_bytes;
    } while (*text != '\0');
    if (end_ms > state->end_ms)
        state->end_ms = end_ms;
    state->sentence_ended = ends_sentence(word->text);
    state->segment = word->segment;
}

static void srt_begin(cli_output *output, const char *file)
{
    (void)file;
    *(srt_state *)output->state = (srt_state){0};
}

static void srt_words(cli_output *output, const heed_word *words,
                      size_t n_words)
{
    for (size_t i = 0; i < n_words; i++)
        if (words[i].text[0] != '\0')
            add_word(output, &words[i]);
}

/* A cue of its own; words after it begin another. */
static void srt_gap(cli_output *output, double at_s, double lost_s)
{
    const heed_word word = {.text = "[sound lost]",
                            .start_s = at_s,
                            .end_s = at_s + (lost_s > 0.0 ? lost_s : 0.0),
                            .segment = SIZE_MAX};

    write_cue(output, to_ms(at_s));
    add_word(output, &word);
}

static void srt_end(cli_output *output, const cli_outcome *outcome)
{
    srt_state *state = output->state;
    milliseconds limit_ms = to_ms(outcome->duration_s);

    if (limit_ms < state->end_ms)
        limit_ms = state->end_ms;
    write_cue(output, limit_ms);
}

const cli_format cli_format_srt = {
    .name = "srt",
    .state_bytes = sizeof(srt_state),
    .begin = srt_begin,
    .words = srt_words,
    .end = srt_end,
    .gap = srt_gap,
};
