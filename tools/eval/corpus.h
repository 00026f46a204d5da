/* corpus.h - recordings and what is said in them. SPDX-License-Identifier:
 * Apache-2.0
 *
 *   LibriSpeech   a folder with *.trans.txt files at any depth
 *   Kaldi         a folder with wav.scp, text and perhaps segments, utt2spk
 *   manifest      a table with named columns: .tsv, .csv or .jsonl
 *   sounds        a folder of sound files in which nobody speaks */
#ifndef HEED_TOOLS_EVAL_CORPUS_H
#define HEED_TOOLS_EVAL_CORPUS_H

#include "tools/eval/item.h"
#include "tools/eval/lines.h"

typedef struct eval_corpus_options {
    const char *columns;    /* "id=NAME,audio=NAME", or NULL: usual names */
    const char *audio_root; /* audio paths begin here; NULL: at the corpus */
    bool allow_pipes;       /* a wav.scp may name commands */
    bool no_speech;         /* a folder of sounds, whatever else is in it */
} eval_corpus_options;

/* Fills `corpus`, initialised, with items that have no hypothesis. What is
 * missing or double is noted in it. Says what is malformed, or that there is
 * nothing, and returns false. */
bool eval_corpus_read(eval_system *corpus, const char *path,
                      const eval_corpus_options *options, const heed_log *log);

/* The kinds, each in a file of its own. The manifest's `lines` are open and
 * will be closed; `folder` is where its audio paths begin. */
bool eval_corpus_read_librispeech(eval_system *corpus, const char *path,
                                  const eval_corpus_options *options,
                                  const heed_log *log);
bool eval_corpus_read_kaldi(eval_system *corpus, const char *path,
                            const eval_corpus_options *options,
                            const heed_log *log);
typedef enum eval_manifest_kind {
    EVAL_MANIFEST_TSV,
    EVAL_MANIFEST_CSV,
    EVAL_MANIFEST_JSONL
} eval_manifest_kind;
bool eval_corpus_read_manifest(eval_system *corpus, eval_lines *lines,
                               eval_manifest_kind kind, const char *folder,
                               const eval_corpus_options *options);

bool eval_corpus_read_sounds(eval_system *corpus, const char *path,
                             const heed_log *log);

/* Adds the files below the folder `root` whose names end with one of `ends`,
 * ended by NULL, to `found`, empty: their paths from there, sorted. Says what
 * cannot be read and returns false. Release in every case:
 * eval_table_deinit(). */
bool eval_corpus_walk(eval_table *found, const char *root,
                      const char *const *ends, const heed_log *log);

/* Notes that the audio of `item` is not there, if it is not. */
void eval_corpus_check_audio(eval_system *corpus, eval_item *item);

/* `folder`/`name`, or `name` if it is absolute, in the corpus's pool. */
const char *eval_corpus_path(eval_system *corpus, const char *folder,
                             const char *name);

/* A number that tells this corpus from others, 64 hexadecimal digits. */
void eval_corpus_hash(const eval_system *corpus, char hash[65]);

#endif /* HEED_TOOLS_EVAL_CORPUS_H */
