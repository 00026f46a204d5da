/* fuzz_lm.c - any bytes as a compiled language model. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The checksum is made right, so that what it would hide is met. Whatever
 * opens must give numbers for every word. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lm/layout.h"
#include "tests/fuzz/fuzz.h"

static void use(const heed_lm *lm)
{
    const uint32_t n_words = heed_lm_n_words(lm);
    heed_lm_state state;
    heed_lm_begin(lm, &state);
    for (uint32_t i = 0; i < n_words; i++) {
        char text[HEED_LM_MAX_WORD_BYTES + 1];
        uint32_t first = 0;
        uint32_t last = 0;
        /* Walks over all words, but not in their order. */
        const uint32_t word = (uint32_t)((uint64_t)i * 7919 % n_words);
        if (!isfinite(heed_lm_score(lm, &state, word, &state)) ||
            !isfinite(heed_lm_end(lm, &state)) || state.n >= HEED_LM_MAX_ORDER)
            abort();
        heed_lm_word_text(lm, text, i);
        if (i > HEED_LM_SENTENCE_END &&
            (!heed_lm_prefix(lm, "", 0, &first, &last) || i < first ||
             i >= last || heed_lm_best(lm, i, last) > 0.0F))
            abort();
        (void)heed_lm_word(lm, text, strlen(text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    heed_lm *lm = NULL;
    unsigned char *copy = malloc(n_bytes ? n_bytes : 1);
    if (!copy)
        return 0;
    if (n_bytes > 0)
        memcpy(copy, data, n_bytes);
    if (n_bytes > sizeof(heed_lm_header)) {
        const uint64_t sum = heed_lm_checksum(copy + HEED_LM_CHECKED_FROM,
                                              n_bytes - HEED_LM_CHECKED_FROM);
        memcpy(copy + offsetof(heed_lm_header, checksum), &sum, sizeof sum);
    }
    if (heed_lm_open_memory(&lm, copy, n_bytes, NULL) == HEED_OK)
        use(lm);
    heed_lm_close(lm);
    free(copy);
    return 0;
}
