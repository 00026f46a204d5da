/* fuzz_run.c - any text as the lines of a run. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The first byte says whether they are utterances or their timing. What is
 * read is written and read again, to the same text; then it is scored and
 * reported on in every form. */
#include "tools/eval/record.h"
#include "tools/eval/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void open_bytes(eval_lines *lines, const void *bytes, size_t n_bytes)
{
    union {
        const void *in;
        void *out;
    } memory = {bytes};
    FILE *file = fmemopen(memory.out, n_bytes, "rb");

    if (file == NULL)
        abort();
    eval_lines_init(lines, file, "f", NULL);
}

static bool read_records(eval_system *system, eval_lines *lines)
{
    while (eval_lines_next(lines))
        if (!eval_record_read(system, lines))
            break;
    return eval_lines_close(lines);
}

static void write_records(const eval_system *system, eval_text *out)
{
    for (size_t i = 0; i < system->n_items; i++) {
        const size_t start = out->n_bytes;
        size_t index;

        eval_record_write(&system->items[i], out);
        if (!eval_record_index(out->bytes + start, &index) ||
            index != system->items[i].index)
            abort();
    }
}

/* What was read and written once stays as it is. */
static void check_writing(const eval_system *system)
{
    eval_text first = {0};
    eval_text second = {0};
    eval_system again;
    eval_lines lines;

    eval_system_init(&again, "again");
    write_records(system, &first);
    open_bytes(&lines, first.bytes, first.n_bytes);
    if (!read_records(&again, &lines))
        abort();
    write_records(&again, &second);
    if (strcmp(first.bytes, second.bytes) != 0)
        abort();
    eval_system_deinit(&again);
    eval_text_deinit(&first);
    eval_text_deinit(&second);
}

static void report_on(eval_system *system)
{
    static const char *const forms[] = {"text", "md",  "tsv",
                                        "json", "pra", "html"};
    const eval_fact fact = {"run", "fuzz"};
    eval_normaliser normaliser;
    eval_scorer scorer;
    eval_summary summary;

    if (!eval_normaliser_init(&normaliser, "english", NULL, NULL))
        abort();
    eval_scorer_init(&scorer, &normaliser);
    (void)eval_score(&scorer, system, NULL);
    eval_summary_init(&summary, system, &scorer, 2);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const eval_report_system row = {
            .summary = &summary, .facts = &fact, .n_facts = 1};
        const eval_report report = {.systems = &row,
                                    .n_systems = 1,
                                    .normaliser = &normaliser,
                                    .n_top = 2,
                                    .heed = "0",
                                    .title = "fuzz"};
        eval_text text = {0};

        eval_report_find(forms[i])->write(&report, &text);
        eval_text_deinit(&text);
    }
    eval_summary_deinit(&summary);
    eval_scorer_deinit(&scorer);
    eval_normaliser_deinit(&normaliser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static const char known[] =
        "{\"index\":7,\"id\":\"a\",\"reference\":\"b\",\"hypothesis\":\"b\","
        "\"words\":[{\"text\":\"b\",\"end_s\":1,\"committed_s\":2}],"
        "\"said\":[{\"text\":\"B\",\"end_s\":0.5}]}\n";
    eval_system system;
    eval_lines lines;

    if (n_bytes < 2)
        return 0;
    eval_system_init(&system, "fuzz");
    if (data[0] % 2 == 0) {
        open_bytes(&lines, data + 1, n_bytes - 1);
        if (read_records(&system, &lines) && system.n_items > 0)
            check_writing(&system);
    } else {
        open_bytes(&lines, known, sizeof known - 1);
        if (!read_records(&system, &lines))
            abort();
        open_bytes(&lines, data + 1, n_bytes - 1);
        while (eval_lines_next(&lines))
            (void)eval_timing_read(&system, &lines);
        (void)eval_lines_close(&lines);
    }
    report_on(&system);
    eval_system_deinit(&system);
    return 0;
}
