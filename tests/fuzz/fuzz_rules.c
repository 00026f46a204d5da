/* fuzz_rules.c - any text as rules of a normalisation, then as a text they
 * apply to. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/normalise.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    union {
        const uint8_t *in;
        const char *text;
        void *out;
    } bytes = {data};
    eval_normaliser normaliser;
    eval_pool pool = {0};
    eval_text text = {0};
    eval_lines lines;
    FILE *file;

    if (n_bytes == 0)
        return 0;
    file = fmemopen(bytes.out, n_bytes, "rb");
    if (file == NULL ||
        !eval_normaliser_init(&normaliser, "english", NULL, NULL))
        abort();
    eval_lines_init(&lines, file, "f", NULL);
    /* Those before a faulty one are there. */
    (void)eval_normaliser_read_rules(&normaliser, &lines);
    eval_normalise(&normaliser, eval_pool_copy(&pool, bytes.text, n_bytes),
                   n_bytes, &text);
    eval_pool_deinit(&pool);
    eval_text_deinit(&text);
    eval_normaliser_deinit(&normaliser);
    return 0;
}
