/* fuzz_manifest.c - any text as a manifest. SPDX-License-Identifier: Apache-2.0
 *
 * The first byte says of what kind. */
#include "tools/eval/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void read_manifest(eval_lines *lines, unsigned kind)
{
    static const eval_corpus_options options = {0};
    eval_system corpus;

    eval_system_init(&corpus, "fuzz");
    (void)eval_corpus_read_manifest(&corpus, lines, (eval_manifest_kind)kind,
                                    "", &options);
    eval_system_deinit(&corpus);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    union {
        const uint8_t *in;
        void *out;
    } bytes = {data + 1};
    eval_lines lines;
    FILE *file;

    if (n_bytes < 2)
        return 0;
    file = fmemopen(bytes.out, n_bytes - 1, "rb");
    if (file == NULL)
        abort();
    eval_lines_init(&lines, file, "f", NULL);
    read_manifest(&lines, data[0] % 3);
    return 0;
}
