/* arpa_text.h - ARPA texts as models, for tests. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TESTS_SUPPORT_ARPA_TEXT_H
#define HEED_TESTS_SUPPORT_ARPA_TEXT_H
#include <stdio.h>
#include <string.h>

#include "lm/compile.h"
#include "lm/lm.h"

/* Compiles a text, which must not be empty. */
static inline heed_status heed_test_compile(heed_lm_image *image,
                                            const char *text, size_t n_bytes,
                                            const heed_lm_compile_config *c,
                                            const heed_log *log)
{
    /* fmemopen() does not write to what is opened for reading. */
    union {
        const char *in;
        void *out;
    } memory = {text};
    FILE *file = fmemopen(memory.out, n_bytes, "rb");
    heed_status status = HEED_ERR_MEMORY;
    *image = (heed_lm_image){0};
    if (file) {
        status = heed_lm_compile(image, file, "text", c, log);
        (void)fclose(file);
    }
    return status;
}

#endif /* HEED_TESTS_SUPPORT_ARPA_TEXT_H */
