/* fuzz_transcript.c - any text as a transcript. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The first byte says of what format; what is read is scored against itself,
 * where nothing may differ, and as a reference and as a hypothesis against
 * transcripts of other formats. */
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

/* Reads a transcript out of memory. */
static bool read_bytes(eval_transcript *transcript, const void *bytes,
                       size_t n_bytes, eval_format format)
{
    union {
        const void *in;
        void *out;
    } memory = {bytes};
    FILE *file = fmemopen(memory.out, n_bytes, "rb");
    eval_lines lines;

    if (file == NULL)
        abort();
    eval_lines_init(&lines, file, "f", NULL);
    return eval_transcript_read(transcript, &lines, format);
}

static void join(const eval_transcript *reference,
                 const eval_transcript *hypothesis)
{
    eval_system system;

    eval_system_init(&system, "fuzz");
    if (eval_transcript_join(&system, reference, hypothesis, NULL))
        score(&system);
    eval_system_deinit(&system);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static const struct {
        eval_format format;
        const char *text;
    } others[] = {
        {EVAL_FORMAT_STM, "f A s 0 1 so\nf A s 1 3 a b\n"},
        {EVAL_FORMAT_CTM, "f A 0 .5 so 0.5\nf A 1 .5 a\ng B 2 1 c NA\n"},
        {EVAL_FORMAT_TRN, "so (s-000)\na (s-001)\n"},
        {EVAL_FORMAT_LINES, "so\na\n"}};
    eval_transcript transcript;

    /* More would take long to align with itself. */
    if (n_bytes < 2 || n_bytes > 4096)
        return 0;
    if (read_bytes(&transcript, data + 1, n_bytes - 1,
                   (eval_format)(EVAL_FORMAT_TRN + data[0] % 5))) {
        join(&transcript, &transcript);
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            eval_transcript other;

            if (!read_bytes(&other, others[i].text, strlen(others[i].text),
                            others[i].format))
                abort();
            join(&transcript, &other);
            join(&other, &transcript);
            eval_transcript_deinit(&other);
        }
    }
    eval_transcript_deinit(&transcript);
    return 0;
}
