/* fuzz_manifest.c - any text as a manifest, or as the lines of a run.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The first byte says which. A record that is read is written and read again,
 * to the same text. */
#include "tools/eval/corpus.h"
#include "tools/eval/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void read_records(eval_lines *lines)
{
    eval_system system;

    eval_system_init(&system, "fuzz");
    while (eval_lines_next(lines))
        if (!eval_record_read(&system, lines))
            break;
    for (size_t i = 0; i < system.n_items; i++) {
        eval_text text = {0};
        size_t index;

        eval_record_write(&system.items[i], &text);
        if (!eval_record_index(text.bytes, &index) ||
            index != system.items[i].index)
            abort();
        eval_text_deinit(&text);
    }
    (void)eval_lines_close(lines);
    eval_system_deinit(&system);
}

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
    if (data[0] % 4 < 3)
        read_manifest(&lines, data[0] % 4);
    else
        read_records(&lines);
    return 0;
}
