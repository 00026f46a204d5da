/* corpus.c - recordings and what is said in them. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/corpus.h"

#include "tools/eval/sha256.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *eval_corpus_path(eval_system *corpus, const char *folder,
                             const char *name)
{
    eval_text path = {0};
    const char *kept;

    if (name[0] != '/' && folder[0] != '\0' && strcmp(folder, ".") != 0) {
        eval_text_puts(&path, folder);
        if (folder[strlen(folder) - 1] != '/')
            eval_text_puts(&path, "/");
    }
    eval_text_puts(&path, name);
    kept = eval_pool_copy(&corpus->pool, path.bytes, path.n_bytes);
    eval_text_deinit(&path);
    return kept;
}

void eval_corpus_check_audio(eval_system *corpus, eval_item *item)
{
    struct stat status;

    if (stat(item->path, &status) == 0 && !S_ISDIR(status.st_mode) &&
        access(item->path, R_OK) == 0)
        return;
    item->error = "audio is missing";
    eval_system_note(corpus, EVAL_PROBLEM_MISSING, item->id, item->path);
}

/* Whether there is something of that name in a folder. */
static bool has_file(const char *folder, const char *name)
{
    eval_text path = {0};
    bool found;

    eval_text_printf(&path, "%s/%s", folder, name);
    found = access(path.bytes, F_OK) == 0;
    eval_text_deinit(&path);
    return found;
}

static bool guess_manifest(eval_manifest_kind *kind, const char *path)
{
    static const struct {
        const char *end;
        eval_manifest_kind kind;
    } ends[] = {{".tsv", EVAL_MANIFEST_TSV},
                {".csv", EVAL_MANIFEST_CSV},
                {".jsonl", EVAL_MANIFEST_JSONL},
                {".json", EVAL_MANIFEST_JSONL}};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const size_t n = strlen(ends[i].end);

        if (strlen(path) > n &&
            strcmp(path + strlen(path) - n, ends[i].end) == 0) {
            *kind = ends[i].kind;
            return true;
        }
    }
    return false;
}

static bool read_manifest(eval_system *corpus, const char *path,
                          const eval_corpus_options *options,
                          const heed_log *log)
{
    const char *slash = strrchr(path, '/');
    const char *folder = eval_pool_copy(
        &corpus->pool, path, slash != NULL ? (size_t)(slash - path) : 0);
    eval_manifest_kind kind;
    eval_lines lines;

    if (slash == path)
        folder = "/";
    if (options->audio_root != NULL)
        folder = options->audio_root;
    if (!guess_manifest(&kind, path))
        return eval_error(log,
                          "%s: not a corpus: neither a folder nor .tsv, .csv "
                          "or .jsonl",
                          path);
    return eval_lines_open(&lines, path, log) &&
           eval_corpus_read_manifest(corpus, &lines, kind, folder, options);
}

bool eval_corpus_read(eval_system *corpus, const char *path,
                      const eval_corpus_options *options, const heed_log *log)
{
    struct stat status;
    bool good;

    if (stat(path, &status) != 0)
        return eval_error(log, "%s: %s", path, strerror(errno));
    if (options->no_speech && !S_ISDIR(status.st_mode))
        good = eval_error(log, "%s: --no-speech needs a folder", path);
    else if (options->no_speech)
        good = eval_corpus_read_sounds(corpus, path, log);
    else if (!S_ISDIR(status.st_mode))
        good = read_manifest(corpus, path, options, log);
    else if (has_file(path, "wav.scp"))
        good = eval_corpus_read_kaldi(corpus, path, options, log);
    else
        good = eval_corpus_read_librispeech(corpus, path, options, log);
    if (good && corpus->n_items == 0)
        good = eval_error(log, "%s: there is no utterance in it", path);
    return good;
}

void eval_corpus_hash(const eval_system *corpus, char hash[65])
{
    eval_sha256 sha;

    eval_sha256_init(&sha);
    for (size_t i = 0; i < corpus->n_items; i++) {
        const eval_item *item = &corpus->items[i];
        char numbers[96];
        const char *strings[] = {item->id,    item->speaker,   item->group,
                                 item->audio, item->reference, numbers};

        snprintf(numbers, sizeof numbers, "%.6f %.6f %u", item->start_s,
                 item->end_s, item->channel);
        for (size_t k = 0; k < sizeof strings / sizeof strings[0]; k++)
            eval_sha256_add(&sha, strings[k], strlen(strings[k]) + 1);
    }
    eval_sha256_finish(&sha, hash);
}
