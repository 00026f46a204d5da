/* gguf_writer.h - makes small GGUF files for tests.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Entries and tensors are added in any order; finish puts the file together.
 * Running out of memory aborts: this is for tests. */
#ifndef HEED_TESTS_SUPPORT_GGUF_WRITER_H
#define HEED_TESTS_SUPPORT_GGUF_WRITER_H
#include <stddef.h>
#include <stdint.h>

typedef struct gguf_bytes {
    unsigned char *data;
    size_t length, capacity;
} gguf_bytes;

typedef struct gguf_writer {
    gguf_bytes entries, tensors, data, file;
    uint64_t n_entries, n_tensors;
    size_t alignment; /* 32 unless set before the first tensor */
} gguf_writer;

void gguf_writer_init(gguf_writer *w);
void gguf_writer_deinit(gguf_writer *w);

/* Appends raw bytes to one of the parts, for damaged files. */
void gguf_bytes_put(gguf_bytes *to, const void *from, size_t count);

/* Begins an entry: its key and its type; the value is the caller's. */
void gguf_writer_key(gguf_writer *w, const char *key, uint32_t type);
void gguf_writer_u32(gguf_writer *w, const char *key, uint32_t value);
void gguf_writer_f32(gguf_writer *w, const char *key, float value);
void gguf_writer_bool(gguf_writer *w, const char *key, int value);
void gguf_writer_string(gguf_writer *w, const char *key, const char *value);
void gguf_writer_f32_array(gguf_writer *w, const char *key, const float *values,
                           size_t count);
void gguf_writer_i32_array(gguf_writer *w, const char *key,
                           const int32_t *values, size_t count);
void gguf_writer_string_array(gguf_writer *w, const char *key,
                              const char *const *values, size_t count);

/* `shape` is row-major, outermost first. */
void gguf_writer_tensor(gguf_writer *w, const char *name, uint32_t type,
                        const size_t *shape, size_t n_dims, const void *data,
                        size_t n_bytes);

/* Returns the file, aligned for heed_gguf_open_memory() and owned by `w`. */
const unsigned char *gguf_writer_finish(gguf_writer *w, size_t *n_bytes);

#endif /* HEED_TESTS_SUPPORT_GGUF_WRITER_H */
