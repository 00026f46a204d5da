/* fuzz_kaldi.c - any text as a Kaldi data folder. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The first byte says whether commands are allowed; then come wav.scp, text,
 * segments and utt2spk with a record separator between two of them. The last
 * ones may be missing. */
#include "tools/eval/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define SEPARATOR 0x1e

static const char *const names[] = {"wav.scp", "text", "segments", "utt2spk"};
#define N_NAMES (sizeof names / sizeof *names)

static char folder[EVAL_NAME_BYTES]; /* "" until the first input */

static const char *path_of(size_t i)
{
    static char path[EVAL_NAME_BYTES + 16];

    (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    return path;
}

static void remove_files(void)
{
    for (size_t i = 0; i < N_NAMES; i++)
        (void)unlink(path_of(i));
}

static void remove_folder(void)
{
    remove_files();
    (void)rmdir(folder);
}

static void make_folder(void)
{
    if (folder[0] != '\0')
        return;
    eval_temporary_name(folder);
    if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0)
        abort();
}

static void write_file(size_t i, const uint8_t *bytes, size_t n_bytes)
{
    FILE *file = fopen(path_of(i), "wb");

    if (file == NULL || fwrite(bytes, 1, n_bytes, file) != n_bytes ||
        fclose(file) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    size_t at = 1;
    eval_corpus_options options = {0};
    eval_system corpus;

    if (n_bytes == 0)
        return 0;
    make_folder();
    remove_files();
    for (size_t i = 0; i < N_NAMES && at <= n_bytes; i++) {
        const uint8_t *end = memchr(data + at, SEPARATOR, n_bytes - at);
        const size_t n = end != NULL ? (size_t)(end - data) - at : n_bytes - at;

        write_file(i, data + at, n);
        at += n + 1;
    }
    options.allow_pipes = data[0] % 2 != 0;
    eval_system_init(&corpus, "fuzz");
    (void)eval_corpus_read_kaldi(&corpus, folder, &options, NULL);
    eval_system_deinit(&corpus);
    return 0;
}
