/* fuzz_transcript.c - any text as a transcript. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The first byte says of what format; what is read is scored against itself,
 * where nothing may differ. */
#include "tools/eval/score.h"
#include "tools/eval/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void score(eval_system *system)
{
    eval_normaliser normaliser;
    eval_scorer scorer;

    if (!eval_normaliser_init(&normaliser, "english", NULL, NULL))
        abort();
    eval_scorer_init(&scorer, &normaliser);
    (void)eval_score(&scorer, system, NULL);
    for (size_t i = 0; i < system->n_items; i++)
        if (system->items[i].scored && !system->items[i].alternatives &&
            strcmp(system->items[i].hypothesis, system->items[i].reference) ==
                0 &&
            eval_counts_errors(&system->items[i].counts) > 0)
            abort();
    eval_scorer_deinit(&scorer);
    eval_normaliser_deinit(&normaliser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    union {
        const uint8_t *in;
        void *out;
    } bytes = {data + 1};
    eval_lines lines;
    eval_transcript transcript;
    eval_system system;
    FILE *file;

    /* More would take long to align with itself. */
    if (n_bytes < 2 || n_bytes > 4096)
        return 0;
    file = fmemopen(bytes.out, n_bytes - 1, "rb");
    if (file == NULL)
        abort();
    eval_lines_init(&lines, file, "f", NULL);
    eval_system_init(&system, "fuzz");
    if (eval_transcript_read(&transcript, &lines,
                             (eval_format)(EVAL_FORMAT_TRN + data[0] % 5)) &&
        eval_transcript_join(&system, &transcript, &transcript, NULL))
        score(&system);
    eval_system_deinit(&system);
    eval_transcript_deinit(&transcript);
    return 0;
}
