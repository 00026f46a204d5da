/* corpus_librispeech.c - folders of chapters, as LibriSpeech has them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * SUBSET/SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt has lines `ID WORDS`; the
 * audio is ID.flac, or another format, beside it. */
#include "tools/eval/corpus.h"

#include <string.h>
#include <unistd.h>

/* `folder`/`id`.flac, or whatever there is instead. */
static void find_audio(eval_system *corpus, eval_item *item, const char *root,
                       const char *folder)
{
    static const char *const ends[] = {".flac", ".wav", ".opus", ".ogg",
                                       ".mp3"};
    eval_text name = {0};

    for (size_t i = sizeof ends / sizeof ends[0]; i-- > 0;) {
        eval_text_clear(&name);
        eval_text_printf(&name, "%s%s%s%s", folder, folder[0] ? "/" : "",
                         item->id, ends[i]);
        item->path = eval_corpus_path(corpus, root, name.bytes);
        if (access(item->path, F_OK) == 0)
            break;
    }
    item->audio = eval_pool_copy(&corpus->pool, name.bytes, name.n_bytes);
    eval_text_deinit(&name);
}

/* The folder three levels above the file: train-clean-100 and the like. */
static const char *subset_of(eval_system *corpus, const char *folder)
{
    size_t n = strlen(folder);
    size_t begin;

    for (unsigned level = 0; level < 2; level++) {
        while (n > 0 && folder[n - 1] != '/')
            n--;
        if (n == 0)
            return "";
        n--;
    }
    for (begin = n; begin > 0 && folder[begin - 1] != '/';)
        begin--;
    return eval_pool_copy(&corpus->pool, folder + begin, n - begin);
}

static bool read_chapter(eval_system *corpus, const char *root,
                         const eval_corpus_options *options, const char *name,
                         const heed_log *log)
{
    const char *path = eval_corpus_path(corpus, root, name);
    const char *slash = strrchr(name, '/');
    const char *folder = eval_pool_copy(
        &corpus->pool, name, slash != NULL ? (size_t)(slash - name) : 0);
    const char *subset = subset_of(corpus, folder);
    eval_lines lines;

    if (!eval_lines_open(&lines, path, log))
        return false;
    while (eval_lines_next(&lines)) {
        char *rest = lines.line;
        const char *id = eval_word_cut(&rest);
        const char *dash = id != NULL ? strchr(id, '-') : NULL;
        eval_item *item = id != NULL ? eval_system_add(corpus, id, path) : NULL;

        if (item == NULL)
            continue;
        if (dash != NULL)
            item->speaker =
                eval_pool_copy(&corpus->pool, id, (size_t)(dash - id));
        item->group = subset;
        item->reference = eval_pool_string(&corpus->pool, eval_trim(rest));
        find_audio(corpus, item,
                   options->audio_root != NULL ? options->audio_root : root,
                   folder);
        eval_corpus_check_audio(corpus, item);
    }
    return eval_lines_close(&lines);
}

bool eval_corpus_read_librispeech(eval_system *corpus, const char *path,
                                  const eval_corpus_options *options,
                                  const heed_log *log)
{
    static const char *const ends[] = {".trans.txt", NULL};
    eval_table found = {0};
    bool good = eval_corpus_walk(&found, path, ends, log);

    if (good && found.n == 0)
        good = eval_error(log,
                          "%s: not a corpus: neither *.trans.txt nor wav.scp "
                          "in it",
                          path);
    for (size_t i = 0; good && i < found.n; i++)
        good = read_chapter(corpus, path, options, found.strings[i], log);
    eval_table_deinit(&found);
    return good;
}
