/* transcript.h - NIST's and other files of transcripts.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   trn    words and, in parentheses, the id: `so it was (spk-utt)`
 *   stm    file channel speaker begin end [<labels>] words
 *   ctm    file channel begin duration word [confidence]
 *   text   id words, as in a Kaldi data folder
 *   lines  words; the number of the line is the id
 *
 * Lines that begin with `;;` are comments in trn, stm and ctm, which may have
 * alternatives: `{ a / b / @ }`, in ctm <ALT_BEGIN>, <ALT> and <ALT_END>. */
#ifndef HEED_TOOLS_EVAL_TRANSCRIPT_H
#define HEED_TOOLS_EVAL_TRANSCRIPT_H

#include "tools/eval/item.h"
#include "tools/eval/lines.h"

typedef enum eval_format {
    EVAL_FORMAT_AUTO, /* by the name of the file */
    EVAL_FORMAT_TRN,
    EVAL_FORMAT_STM,
    EVAL_FORMAT_CTM,
    EVAL_FORMAT_TEXT,
    EVAL_FORMAT_LINES
} eval_format;

/* Finds a format by its name. */
bool eval_format_parse(eval_format *out, const char *name);

/* One line of a file; what a format does not have is NULL or EVAL_UNKNOWN. */
typedef struct eval_entry {
    const char *id; /* of a ctm or stm: file and channel, with a blank */
    const char *speaker;
    const char *labels;
    const char *text;
    double start_s;
    double end_s;
    double middle_s; /* of a word of a ctm, in sclite's rounding */
    double confidence;
    size_t line;
} eval_entry;

typedef struct eval_transcript {
    const char *path; /* borrowed */
    eval_format format;
    eval_entry *entries; /* [n_entries] in the order of the file */
    size_t n_entries;
    size_t capacity;
    eval_pool pool;
} eval_transcript;

/* Reads all of `path`. Says what is wrong and returns false. Release in every
 * case: eval_transcript_deinit(). */
bool eval_transcript_open(eval_transcript *transcript, const char *path,
                          eval_format format, const heed_log *log);

/* The same for an open file; `format` must not be EVAL_FORMAT_AUTO. */
bool eval_transcript_read(eval_transcript *transcript, eval_lines *lines,
                          eval_format format);

void eval_transcript_deinit(eval_transcript *transcript);

/* Makes the items of `system` out of a reference and a hypothesis, which may
 * be deinitialised after that. The words of a ctm go to the segments of an stm
 * by their middles, as in sclite; other texts go to them by sclite's ids,
 * SPEAKER-000 and so on, lines by their order. With other references each file
 * of a ctm is an utterance. Says what cannot be put together and returns false.
 */
bool eval_transcript_join(eval_system *system, const eval_transcript *reference,
                          const eval_transcript *hypothesis,
                          const heed_log *log);

#endif /* HEED_TOOLS_EVAL_TRANSCRIPT_H */
