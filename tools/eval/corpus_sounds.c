/* corpus_sounds.c - files in folders, and sounds in which nobody speaks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/corpus.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 16

typedef struct search {
    const char *root;
    const char *const *ends;
    const heed_log *log;
    eval_table *found;
} search;

static bool has_end(const char *name, const char *const *ends)
{
    for (; *ends != NULL; ends++) {
        const size_t n = strlen(*ends);

        if (strlen(name) >= n && strcmp(name + strlen(name) - n, *ends) == 0)
            return true;
    }
    return false;
}

/* Looks into the folder `below` the root; "" is the root. */
static bool look_into(search *s, const char *below, unsigned depth)
{
    eval_text path = {0};
    struct dirent *entry;
    struct stat status;
    DIR *folder;
    bool good = true;

    eval_text_printf(&path, "%s/%s", s->root, below);
    folder = depth < MAX_DEPTH ? opendir(path.bytes) : NULL;
    if (folder == NULL) {
        eval_error(s->log, "%s: %s", path.bytes,
                   depth < MAX_DEPTH ? strerror(errno) : "too deep");
        eval_text_deinit(&path);
        return false;
    }
    while (good && (entry = readdir(folder)) != NULL) {
        eval_text name = {0};

        if (entry->d_name[0] == '.')
            continue;
        eval_text_printf(&name, "%s%s%s", below, below[0] != '\0' ? "/" : "",
                         entry->d_name);
        eval_text_clear(&path);
        eval_text_printf(&path, "%s/%s", s->root, name.bytes);
        if (stat(path.bytes, &status) == 0 && S_ISDIR(status.st_mode))
            good = look_into(s, name.bytes, depth + 1);
        else if (has_end(entry->d_name, s->ends))
            eval_table_add(s->found, name.bytes, name.n_bytes);
        eval_text_deinit(&name);
    }
    (void)closedir(folder);
    eval_text_deinit(&path);
    return good;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool eval_corpus_walk(eval_table *found, const char *root,
                      const char *const *ends, const heed_log *log)
{
    search s = {root, ends, log, found};
    const bool good = look_into(&s, "", 0);

    /* Their numbers change: nobody looks them up any more. */
    if (found->n > 0)
        qsort(found->strings, found->n, sizeof *found->strings,
              compare_strings);
    return good;
}

bool eval_corpus_read_sounds(eval_system *corpus, const char *path,
                             const heed_log *log)
{
    static const char *const ends[] = {
        ".flac", ".wav", ".opus", ".ogg", ".mp3", ".aiff", ".aif",  ".au",
        ".caf",  ".sph", ".FLAC", ".WAV", ".OGG", ".MP3",  ".AIFF", NULL};
    eval_table found = {0};
    const bool good = eval_corpus_walk(&found, path, ends, log);

    for (size_t i = 0; good && i < found.n; i++) {
        const char *name = found.strings[i];
        const char *slash = strrchr(name, '/');
        eval_item *item = eval_system_add(corpus, name, path);

        if (item == NULL)
            continue;
        if (slash != NULL)
            item->group =
                eval_pool_copy(&corpus->pool, name, (size_t)(slash - name));
        item->audio = eval_pool_string(&corpus->pool, name);
        item->path = eval_corpus_path(corpus, path, name);
        eval_corpus_check_audio(corpus, item);
    }
    eval_table_deinit(&found);
    return good;
}
