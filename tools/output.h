/* output.h - words in the form that was asked for. SPDX-License-Identifier:
 * Apache-2.0
 *
 * One begin, any number of words, one end for each file that could be opened;
 * one refuse for each that could not. Words are written as they come. */
#ifndef HEED_TOOLS_OUTPUT_H
#define HEED_TOOLS_OUTPUT_H

#include "asr/heed.h"
#include "tools/sink.h"
#include "tools/utf8.h"

#include <stdbool.h>
#include <stddef.h>

/* How a file ended. */
typedef struct cli_outcome {
    double duration_s; /* of the audio that was heard */
    bool truncated;    /* the file ends before it should */
    bool interrupted;  /* the user stopped it */
    const char *error; /* NULL if there was none */
} cli_outcome;

typedef struct cli_output cli_output;

/* One format. Each may keep what it needs in `output->state`. */
typedef struct cli_format {
    const char *name;
    size_t state_bytes;
    void (*begin)(cli_output *output, const char *file);
    void (*words)(cli_output *output, const heed_word *words, size_t n_words);
    /* A segment has ended, whose words have been given or will be. */
    void (*segment)(cli_output *output, const heed_segment *segment);
    void (*end)(cli_output *output, const cli_outcome *outcome);
    void (*refuse)(cli_output *output, const char *file, const char *error);
    /* Sound was lost at `at_s`; `lost_s` < 0: nobody knows how much. */
    void (*gap)(cli_output *output, double at_s, double lost_s);
} cli_format;

struct cli_output {
    const cli_format *format;
    cli_sink *sink;
    const char *model; /* its name */
    bool several;      /* more than one file was named */
    size_t n_files;    /* begun so far, the current one included */
    bool out_of_memory;
    void *state; /* zero at first; owned */
};

extern const cli_format cli_format_text;
extern const cli_format cli_format_json;
extern const cli_format cli_format_srt;

/* Returns the format called `name`, or NULL. */
const cli_format *cli_format_find(const char *name);

/* Returns false if there is no memory. Borrows the sink and the name. */
bool cli_output_init(cli_output *output, const cli_format *format,
                     cli_sink *sink, const char *model, bool several);
void cli_output_deinit(cli_output *output);

void cli_output_begin(cli_output *output, const char *file);
void cli_output_words(cli_output *output, const heed_word *words,
                      size_t n_words);
void cli_output_segment(cli_output *output, const heed_segment *segment);
void cli_output_end(cli_output *output, const cli_outcome *outcome);
void cli_output_refuse(cli_output *output, const char *file, const char *error);
void cli_output_gap(cli_output *output, double at_s, double lost_s);

/* Says "[0.35 s of sound lost at 0:12:03.2]"; `lost_s` < 0: nobody knows how
 * much. */
#define CLI_GAP_BYTES 96
void cli_gap_describe(char line[CLI_GAP_BYTES], double at_s, double lost_s);

/* Text that grows. Zero is empty. */
typedef struct cli_buffer {
    char *bytes; /* not terminated */
    size_t n_bytes;
    size_t capacity;
} cli_buffer;

/* Returns false if there is no memory; what was there stays. */
bool cli_buffer_append(cli_buffer *buffer, const char *bytes, size_t n_bytes);

/* Writes a JSON string, quotes included. What is not UTF-8 becomes U+FFFD. */
void cli_json_write_string(cli_sink *sink, const char *bytes, size_t n_bytes);

/* Writes the JSON object of a word. */
void cli_json_write_word(cli_sink *sink, const heed_word *word);

#endif /* HEED_TOOLS_OUTPUT_H */
