/* gguf_writer.c - makes small GGUF files for tests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/gguf_writer.h"

#include <stdlib.h>
#include <string.h>

#include "asr/gguf.h"

void gguf_bytes_put(gguf_bytes *to, const void *from, size_t count)
{
    if (count > to->capacity - to->length) {
        to->capacity = 2 * (to->capacity + count);
        to->data = realloc(to->data, to->capacity);
        if (!to->data)
            abort();
    }
    if (count > 0)
        memcpy(to->data + to->length, from, count);
    to->length += count;
}

static void put_u32(gguf_bytes *to, uint32_t value)
{
    gguf_bytes_put(to, &value, sizeof value);
}

static void put_u64(gguf_bytes *to, uint64_t value)
{
    gguf_bytes_put(to, &value, sizeof value);
}

static void put_string(gguf_bytes *to, const char *text)
{
    put_u64(to, strlen(text));
    gguf_bytes_put(to, text, strlen(text));
}

static void pad(gguf_bytes *to, size_t alignment)
{
    const unsigned char zero = 0;
    while (to->length % alignment != 0)
        gguf_bytes_put(to, &zero, 1);
}

void gguf_writer_init(gguf_writer *w)
{
    *w = (gguf_writer){.alignment = 32};
}

void gguf_writer_deinit(gguf_writer *w)
{
    free(w->entries.data);
    free(w->tensors.data);
    free(w->data.data);
    free(w->file.data);
    *w = (gguf_writer){0};
}

void gguf_writer_key(gguf_writer *w, const char *key, uint32_t type)
{
    put_string(&w->entries, key);
    put_u32(&w->entries, type);
    w->n_entries++;
}

void gguf_writer_u32(gguf_writer *w, const char *key, uint32_t value)
{
    gguf_writer_key(w, key, HEED_GGUF_U32);
    put_u32(&w->entries, value);
}

void gguf_writer_f32(gguf_writer *w, const char *key, float value)
{
    gguf_writer_key(w, key, HEED_GGUF_F32);
    gguf_bytes_put(&w->entries, &value, sizeof value);
}

void gguf_writer_bool(gguf_writer *w, const char *key, int value)
{
    const unsigned char byte = (unsigned char)value;
    gguf_writer_key(w, key, HEED_GGUF_BOOL);
    gguf_bytes_put(&w->entries, &byte, 1);
}

void gguf_writer_string(gguf_writer *w, const char *key, const char *value)
{
    gguf_writer_key(w, key, HEED_GGUF_STRING);
    put_string(&w->entries, value);
}

static void begin_array(gguf_writer *w, const char *key, uint32_t type,
                        size_t count)
{
    gguf_writer_key(w, key, HEED_GGUF_ARRAY);
    put_u32(&w->entries, type);
    put_u64(&w->entries, count);
}

void gguf_writer_f32_array(gguf_writer *w, const char *key, const float *values,
                           size_t count)
{
    begin_array(w, key, HEED_GGUF_F32, count);
    gguf_bytes_put(&w->entries, values, count * sizeof *values);
}

void gguf_writer_i32_array(gguf_writer *w, const char *key,
                           const int32_t *values, size_t count)
{
    begin_array(w, key, HEED_GGUF_I32, count);
    gguf_bytes_put(&w->entries, values, count * sizeof *values);
}

void gguf_writer_string_array(gguf_writer *w, const char *key,
                              const char *const *values, size_t count)
{
    begin_array(w, key, HEED_GGUF_STRING, count);
    for (size_t i = 0; i < count; i++)
        put_string(&w->entries, values[i]);
}

void gguf_writer_tensor(gguf_writer *w, const char *name, uint32_t type,
                        const size_t *shape, size_t n_dims, const void *data,
                        size_t n_bytes)
{
    pad(&w->data, w->alignment);
    put_string(&w->tensors, name);
    put_u32(&w->tensors, (uint32_t)n_dims);
    for (size_t i = n_dims; i-- > 0;)
        put_u64(&w->tensors, shape[i]);
    put_u32(&w->tensors, type);
    put_u64(&w->tensors, w->data.length);
    gguf_bytes_put(&w->data, data, n_bytes);
    w->n_tensors++;
}

const unsigned char *gguf_writer_finish(gguf_writer *w, size_t *n_bytes)
{
    gguf_bytes *file = &w->file;
    file->length = 0;
    gguf_bytes_put(file, "GGUF", 4);
    put_u32(file, 3);
    put_u64(file, w->n_tensors);
    put_u64(file, w->n_entries);
    gguf_bytes_put(file, w->entries.data, w->entries.length);
    gguf_bytes_put(file, w->tensors.data, w->tensors.length);
    if (w->n_tensors > 0)
        pad(file, w->alignment);
    gguf_bytes_put(file, w->data.data, w->data.length);
    *n_bytes = file->length;
    return file->data;
}
