/* gguf.h - reader of GGUF v3 files. SPDX-License-Identifier: Apache-2.0
 *
 * Maps the file and checks all of it before anything is used: counts, lengths,
 * types, shapes, alignment, offsets. After a successful open every pointer
 * given out lies in the file. Strings, arrays and tensors are borrowed from
 * the mapping and live until heed_gguf_close(). A reader does not change after
 * open; any thread. */
#ifndef HEED_ASR_GGUF_H
#define HEED_ASR_GGUF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

typedef struct heed_gguf heed_gguf;

/* Types of a value, with the file's own numbers. */
typedef enum heed_gguf_type {
    HEED_GGUF_U8 = 0,
    HEED_GGUF_I8 = 1,
    HEED_GGUF_U16 = 2,
    HEED_GGUF_I16 = 3,
    HEED_GGUF_U32 = 4,
    HEED_GGUF_I32 = 5,
    HEED_GGUF_F32 = 6,
    HEED_GGUF_BOOL = 7,
    HEED_GGUF_STRING = 8,
    HEED_GGUF_ARRAY = 9,
    HEED_GGUF_U64 = 10,
    HEED_GGUF_I64 = 11,
    HEED_GGUF_F64 = 12
} heed_gguf_type;

/* Types of a tensor's elements that are read, with the file's own numbers. */
typedef enum heed_gguf_tensor_type {
    HEED_GGUF_TENSOR_F32 = 0,
    HEED_GGUF_TENSOR_F16 = 1,
    HEED_GGUF_TENSOR_I8 = 24,
    HEED_GGUF_TENSOR_I32 = 26
} heed_gguf_tensor_type;

#define HEED_GGUF_MAX_DIMS 4

/* Bytes of the file; not terminated, may hold anything. */
typedef struct heed_gguf_string {
    const char *text;
    size_t length;
} heed_gguf_string;

typedef struct heed_gguf_tensor {
    heed_gguf_string name;
    heed_gguf_tensor_type type;
    size_t n_dims;                    /* 1 to 4 */
    size_t shape[HEED_GGUF_MAX_DIMS]; /* outermost first, 1 beyond n_dims */
    size_t n_elements;
    size_t n_bytes;
    const void *data; /* row-major, aligned for its type */
} heed_gguf_tensor;

/* A key with its value, for listing. Of the scalars one is set: `text` for
 * strings, `number` for integers (as a double, rounded above 2^53), floats and
 * booleans. Arrays have `array_type` and `array_count` only. */
typedef struct heed_gguf_entry {
    heed_gguf_string key;
    heed_gguf_type type;
    heed_gguf_string text;
    double number;
    heed_gguf_type array_type;
    size_t array_count;
} heed_gguf_entry;

/* Opens the file at `path` in `*out` (NULL on failure); release:
 * heed_gguf_close(). `log` (or NULL) is kept for the getters.
 * Returns HEED_OK; HEED_ERR_IO if the file cannot be read; HEED_ERR_TRUNCATED
 * if it ends early; HEED_ERR_FORMAT if it is damaged or another kind of file;
 * HEED_ERR_UNSUPPORTED for another version or tensor type;
 * HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_gguf_open(heed_gguf **out, const char *path,
                                          const heed_log *log);

/* The same over `n_bytes` at `data`, which must outlive the reader and be
 * aligned to 8 bytes. */
HEED_NODISCARD heed_status heed_gguf_open_memory(heed_gguf **out,
                                                 const void *data,
                                                 size_t n_bytes,
                                                 const heed_log *log);

/* What was read of the file so far need not stay in memory. */
void heed_gguf_forget(const heed_gguf *gguf);

/* Releases the reader and its mapping; NULL is allowed. */
void heed_gguf_close(heed_gguf *gguf);

/* The getters return HEED_OK, or HEED_ERR_FORMAT after a line in the log if
 * the key is not there or its value has another type; `*out` is then zero. */
HEED_NODISCARD heed_status heed_gguf_get_u32(const heed_gguf *gguf,
                                             uint32_t *out, const char *key);
HEED_NODISCARD heed_status heed_gguf_get_f32(const heed_gguf *gguf, float *out,
                                             const char *key);
HEED_NODISCARD heed_status heed_gguf_get_bool(const heed_gguf *gguf, bool *out,
                                              const char *key);
HEED_NODISCARD heed_status heed_gguf_get_string(const heed_gguf *gguf,
                                                heed_gguf_string *out,
                                                const char *key);

/* Arrays: `*out` points at `*count` values. */
HEED_NODISCARD heed_status heed_gguf_get_f32_array(const heed_gguf *gguf,
                                                   const float **out,
                                                   size_t *count,
                                                   const char *key);
HEED_NODISCARD heed_status heed_gguf_get_i32_array(const heed_gguf *gguf,
                                                   const int32_t **out,
                                                   size_t *count,
                                                   const char *key);
HEED_NODISCARD heed_status
heed_gguf_get_string_array(const heed_gguf *gguf, const heed_gguf_string **out,
                           size_t *count, const char *key);

/* Returns whether the file has `key`, without a line in the log. */
bool heed_gguf_has(const heed_gguf *gguf, const char *key);

/* Returns the tensor `name`, or NULL if there is none. */
const heed_gguf_tensor *heed_gguf_find_tensor(const heed_gguf *gguf,
                                              const char *name);

/* What is in the file, in its order; index below the count. */
size_t heed_gguf_count(const heed_gguf *gguf);
heed_gguf_entry heed_gguf_entry_at(const heed_gguf *gguf, size_t index);
size_t heed_gguf_tensor_count(const heed_gguf *gguf);
const heed_gguf_tensor *heed_gguf_tensor_at(const heed_gguf *gguf,
                                            size_t index);
size_t heed_gguf_size_bytes(const heed_gguf *gguf);

#endif /* HEED_ASR_GGUF_H */
