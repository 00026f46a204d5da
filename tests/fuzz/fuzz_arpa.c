/* fuzz_arpa.c - any text as a language model. SPDX-License-Identifier:
 * Apache-2.0
 *
 * What compiles must open. */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/support/arpa_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static const heed_lm_compile_config config = {2, 3, 0.0F};
    heed_lm_image image = {0};
    heed_lm *lm = NULL;
    if (n_bytes > 0 && heed_test_compile(&image, (const char *)data, n_bytes,
                                         &config, NULL) == HEED_OK) {
        if (heed_lm_open_memory(&lm, image.bytes, image.n_bytes, NULL) !=
            HEED_OK)
            abort();
    }
    heed_lm_close(lm);
    heed_lm_image_deinit(&image);
    return 0;
}
