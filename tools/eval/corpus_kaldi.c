/* corpus_kaldi.c - Kaldi data folders. SPDX-License-Identifier: Apache-2.0
 *
 *   wav.scp    recording path, or recording command |
 *   segments   utterance recording begin end; without it a recording is one
 *   text       utterance words
 *   utt2spk    utterance speaker; may be missing */
#include "tools/eval/corpus.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first word of each line of a file, and the rest of it. */
typedef struct pairs {
    eval_table keys;
    const char **values; /* [keys.n] */
    size_t capacity;
    eval_pool pool;
} pairs;

static void pairs_deinit(pairs *p)
{
    eval_table_deinit(&p->keys);
    eval_pool_deinit(&p->pool);
    free(p->values);
}

static const char *pairs_find(const pairs *p, const char *key)
{
    const uint32_t i = eval_table_find(&p->keys, key, strlen(key));

    return i != EVAL_TABLE_NONE ? p->values[i] : NULL;
}

/* Reads a file; a key that comes twice is noted in `corpus`. */
static bool pairs_read(pairs *p, eval_system *corpus, const char *path,
                       const heed_log *log)
{
    eval_lines lines;

    *p = (pairs){0};
    if (!eval_lines_open(&lines, path, log))
        return false;
    while (eval_lines_next(&lines)) {
        char *rest = lines.line;
        const char *key = eval_word_cut(&rest);
        uint32_t i;
        const size_t n = p->keys.n;

        if (key == NULL)
            continue;
        i = eval_table_add(&p->keys, key, strlen(key));
        if (i < n) {
            eval_system_note(corpus, EVAL_PROBLEM_DUPLICATE, key, path);
            continue;
        }
        p->values = eval_grow(p->values, i, &p->capacity, sizeof *p->values);
        p->values[i] = eval_pool_string(&p->pool, eval_trim(rest));
    }
    return eval_lines_close(&lines);
}

/* All that a folder says. */
typedef struct folder {
    const char *path;
    const eval_corpus_options *options;
    const heed_log *log;
    pairs recordings;
    pairs segments;
    pairs text;
    pairs speakers;
    bool has_segments;
} folder;

/* Where in a recording an utterance is. */
static bool place(const folder *f, eval_system *corpus, eval_item *item,
                  const char **recording)
{
    const char *segment = pairs_find(&f->segments, item->id);
    char *rest;

    if (segment == NULL)
        return true;
    rest = eval_pool_string(&corpus->pool, segment);
    *recording = eval_word_cut(&rest);
    const char *begin = eval_word_cut(&rest);
    const char *end = eval_word_cut(&rest);
    if (end != NULL && eval_seconds_parse(begin, &item->start_s) &&
        eval_seconds_parse(end, &item->end_s) && item->end_s > item->start_s)
        return true;
    return eval_error(f->log,
                      "%s/segments: %s: not of the form `UTTERANCE RECORDING "
                      "BEGIN END`",
                      f->path, item->id);
}

static bool find_audio(const folder *f, eval_system *corpus, eval_item *item)
{
    const char *recording = f->has_segments ? NULL : item->id;
    const char *audio;

    if (!place(f, corpus, item, &recording))
        return false;
    audio = recording != NULL ? pairs_find(&f->recordings, recording) : NULL;
    item->audio = "";
    item->path = "";
    if (audio == NULL) {
        item->error = "audio is missing";
        eval_system_note(corpus, EVAL_PROBLEM_MISSING, item->id,
                         recording != NULL ? "not in wav.scp"
                                           : "not in segments");
        return true;
    }
    item->audio = eval_pool_string(&corpus->pool, audio);
    if (audio[0] != '\0' && audio[strlen(audio) - 1] == '|') {
        item->path = item->audio;
        item->is_command = true;
        return f->options->allow_pipes ||
               eval_error(f->log,
                          "%s/wav.scp: %s: is a command, which runs only with "
                          "--allow-pipes",
                          f->path, recording);
    }
    item->path = eval_corpus_path(
        corpus, f->options->audio_root != NULL ? f->options->audio_root : "",
        audio);
    eval_corpus_check_audio(corpus, item);
    return true;
}

static bool add_items(const folder *f, eval_system *corpus)
{
    for (size_t i = 0; i < f->text.keys.n; i++) {
        eval_item *item =
            eval_system_add(corpus, f->text.keys.strings[i], "text");
        const char *speaker = pairs_find(&f->speakers, item->id);

        item->speaker =
            speaker != NULL ? eval_pool_string(&corpus->pool, speaker) : "";
        item->reference = eval_pool_string(&corpus->pool, f->text.values[i]);
        if (!find_audio(f, corpus, item))
            return false;
    }
    /* Audio that nobody has written down. */
    const pairs *spoken = f->has_segments ? &f->segments : &f->recordings;
    for (size_t i = 0; i < spoken->keys.n; i++)
        if (pairs_find(&f->text, spoken->keys.strings[i]) == NULL)
            eval_system_note(corpus, EVAL_PROBLEM_EXTRA,
                             spoken->keys.strings[i], "not in text");
    return true;
}

static bool read_file(folder *f, pairs *p, eval_system *corpus,
                      const char *name, bool *exists)
{
    const char *path = eval_corpus_path(corpus, f->path, name);

    if (exists != NULL) {
        *exists = access(path, F_OK) == 0;
        if (!*exists)
            return true;
    }
    return pairs_read(p, corpus, path, f->log);
}

bool eval_corpus_read_kaldi(eval_system *corpus, const char *path,
                            const eval_corpus_options *options,
                            const heed_log *log)
{
    folder f = {.path = path, .options = options, .log = log};
    bool has_speakers;
    const bool good =
        read_file(&f, &f.recordings, corpus, "wav.scp", NULL) &&
        read_file(&f, &f.text, corpus, "text", NULL) &&
        read_file(&f, &f.segments, corpus, "segments", &f.has_segments) &&
        read_file(&f, &f.speakers, corpus, "utt2spk", &has_speakers) &&
        add_items(&f, corpus);

    pairs_deinit(&f.recordings);
    pairs_deinit(&f.segments);
    pairs_deinit(&f.text);
    pairs_deinit(&f.speakers);
    return good;
}
