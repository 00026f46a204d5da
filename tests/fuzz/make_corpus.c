/* make_corpus.c - writes the first inputs of the model file's fuzz targets.
 * SPDX-License-Identifier: Apache-2.0
 *
 * usage: make_corpus <folder>
 *
 * Writes everything.gguf (all types of values and tensors) and
 * vocabulary.gguf (a small vocabulary with bytes and controls). */
#include <stdio.h>
#include <stdlib.h>

#include "asr/gguf.h"
#include "tests/support/gguf_writer.h"

static int save(gguf_writer *w, const char *folder, const char *name)
{
    char path[4096];
    size_t n_bytes = 0;
    const unsigned char *bytes = gguf_writer_finish(w, &n_bytes);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    int failed = !file || fwrite(bytes, 1, n_bytes, file) != n_bytes;
    if (file && fclose(file) != 0)
        failed = 1;
    if (failed)
        fprintf(stderr, "%s: cannot be written\n", path);
    gguf_writer_deinit(w);
    return failed;
}

static int make_everything(const char *folder)
{
    static const float floats[6] = {1, -2, 3, 4e20f, 5, 6};
    static const int32_t ints[3] = {-1, 0, 1 << 30};
    static const char *const strings[3] = {"", "a", "longer text"};
    static const size_t shape[4] = {1, 2, 1, 3};
    gguf_writer w;
    gguf_writer_init(&w);
    gguf_writer_string(&w, "general.architecture", "heed");
    gguf_writer_u32(&w, "general.alignment", 32);
    gguf_writer_bool(&w, "flag", 1);
    gguf_writer_f32(&w, "real", 0.5f);
    gguf_writer_key(&w, "wide", HEED_GGUF_U64);
    gguf_bytes_put(&w.entries, floats, 8);
    gguf_writer_f32_array(&w, "floats", floats, 6);
    gguf_writer_i32_array(&w, "ints", ints, 3);
    gguf_writer_string_array(&w, "strings", strings, 3);
    gguf_writer_tensor(&w, "f32", HEED_GGUF_TENSOR_F32, shape, 4, floats, 24);
    gguf_writer_tensor(&w, "f16", HEED_GGUF_TENSOR_F16, shape, 4, floats, 12);
    gguf_writer_tensor(&w, "i8", HEED_GGUF_TENSOR_I8, shape, 2, floats, 2);
    gguf_writer_tensor(&w, "i32", HEED_GGUF_TENSOR_I32, shape + 3, 1, ints, 12);
    return save(&w, folder, "everything.gguf");
}

static int make_vocabulary(const char *folder)
{
    static const char *const pieces[12] = {
        "<unk>",  "<s>",    "</s>",   "<0xC3>",          "<0xA9>", "<0xF0>",
        "<0x9F>", "<0x00>", "<0xFF>", "\xe2\x96\x81the", "re",     "\xc3\xa9",
    };
    static const int32_t types[12] = {2, 3, 3, 6, 6, 6, 6, 6, 6, 1, 1, 4};
    gguf_writer w;
    gguf_writer_init(&w);
    gguf_writer_string_array(&w, "tokenizer.ggml.tokens", pieces, 12);
    gguf_writer_i32_array(&w, "tokenizer.ggml.token_type", types, 12);
    gguf_writer_u32(&w, "tokenizer.ggml.bos_token_id", 1);
    gguf_writer_u32(&w, "tokenizer.ggml.eos_token_id", 2);
    return save(&w, folder, "vocabulary.gguf");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s <folder>\n", argv[0]);
        return EXIT_FAILURE;
    }
    return make_everything(argv[1]) + make_vocabulary(argv[1]) == 0
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
