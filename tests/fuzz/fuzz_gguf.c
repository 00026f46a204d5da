/* fuzz_gguf.c - any bytes as a model file. SPDX-License-Identifier: Apache-2.0
 *
 * Whatever is opened must be readable to its last byte. */
#include <stdlib.h>
#include <string.h>

#include "asr/gguf.h"
#include "tests/fuzz/fuzz.h"

/* Reads every byte, so that a sanitizer sees one out of place. */
static unsigned sum_of(const void *data, size_t n_bytes)
{
    const unsigned char *bytes = data;
    unsigned sum = 0;
    for (size_t i = 0; i < n_bytes; i++)
        sum += bytes[i];
    return sum;
}

static unsigned read_arrays(const heed_gguf *g, const char *key)
{
    const float *floats = NULL;
    const int32_t *ints = NULL;
    const heed_gguf_string *strings = NULL;
    size_t count = 0;
    unsigned sum = 0;
    if (heed_gguf_get_f32_array(g, &floats, &count, key) == HEED_OK)
        sum += sum_of(floats, count * sizeof *floats);
    if (heed_gguf_get_i32_array(g, &ints, &count, key) == HEED_OK)
        sum += sum_of(ints, count * sizeof *ints);
    if (heed_gguf_get_string_array(g, &strings, &count, key) == HEED_OK)
        for (size_t i = 0; i < count; i++)
            sum += sum_of(strings[i].text, strings[i].length);
    return sum;
}

static unsigned read_all(const heed_gguf *g)
{
    unsigned sum = 0;
    for (size_t i = 0; i < heed_gguf_count(g); i++) {
        const heed_gguf_entry e = heed_gguf_entry_at(g, i);
        char key[256] = "";
        sum += sum_of(e.key.text, e.key.length);
        if (e.type == HEED_GGUF_STRING)
            sum += sum_of(e.text.text, e.text.length);
        if (e.key.length >= sizeof key)
            continue;
        memcpy(key, e.key.text, e.key.length);
        sum += read_arrays(g, key);
        /* A key with a NUL inside is found by none of its prefixes. */
        if (!memchr(key, 0, e.key.length) && !heed_gguf_has(g, key))
            abort();
    }
    for (size_t i = 0; i < heed_gguf_tensor_count(g); i++) {
        const heed_gguf_tensor *t = heed_gguf_tensor_at(g, i);
        size_t n_elements = 1;
        for (size_t d = 0; d < HEED_GGUF_MAX_DIMS; d++)
            n_elements *= t->shape[d];
        if (n_elements != t->n_elements || t->n_bytes < n_elements)
            abort();
        sum += sum_of(t->data, t->n_bytes);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    heed_gguf *gguf = NULL;
    if (heed_gguf_open_memory(&gguf, data, n_bytes, NULL) == HEED_OK) {
        volatile unsigned sum = read_all(gguf);
        (void)sum;
    }
    heed_gguf_close(gguf);
    return 0;
}
