/* gguf.c - reader of GGUF v3 files.
 *
 *   "GGUF" | version u32 | n_tensors u64 | n_entries u64
 *   entry:   key string | type u32 | value
 *   tensor:  name string | n_dims u32 | dims u64[], innermost first
 *            | type u32 | offset u64, from the start of the data
 *   padding to `general.alignment` (32) | data
 *
 * All numbers are little-endian and unaligned; a string is a u64 length and
 * its bytes; an array is a type u32, a count u64 and the values. One pass
 * checks everything against the file's size before it is believed, and makes
 * the tables below. Arrays of floats, ints and strings are copied out, since
 * their place in the file has no alignment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/gguf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "asr/base/mapping.h"

/* No entry and no tensor is smaller than this: it bounds the tables. */
enum { MIN_ENTRY_BYTES = 14, MIN_TENSOR_BYTES = 33 };
enum { MAX_KEY_BYTES = 65535, MAX_NAME_BYTES = 255 };
enum { DEFAULT_ALIGNMENT = 32, MAX_ALIGNMENT = 65536 };

typedef struct gguf_item {
    heed_gguf_entry entry;
    void *array; /* owned copy, or NULL */
} gguf_item;

/* A name and where it is in its table; sorted by name for look-ups. */
typedef struct name_index {
    heed_gguf_string name;
    size_t at;
} name_index;

struct heed_gguf {
    heed_mapping mapping; /* empty when the memory is the caller's */
    const unsigned char *data;
    size_t n_bytes;
    size_t at; /* how far the pass has come */
    char *path;
    const heed_log *log;
    size_t n_items, n_tensors;
    size_t data_start;
    gguf_item *items;          /* [n_items], in the file's order */
    heed_gguf_tensor *tensors; /* [n_tensors], in the file's order */
    name_index *item_index;    /* [n_items], sorted */
    name_index *tensor_index;  /* [n_tensors], sorted */
};

/* For "%.*s": what is shown of a name. */
static int shown(heed_gguf_string s)
{
    return s.length < 80 ? (int)s.length : 80;
}

static heed_status fail(const heed_gguf *g, heed_status status,
                        const char *cause)
{
    heed_log_error(g->log, "%s: byte %zu: %s", g->path, g->at, cause);
    return status;
}

static heed_status fail_item(const heed_gguf *g, heed_status status,
                             const heed_gguf_string *name, const char *cause)
{
    heed_log_error(g->log, "%s: byte %zu: '%.*s': %s", g->path, g->at,
                   shown(*name), name->text, cause);
    return status;
}

/* --- Reading, each step checked against the file's end. ----------------- */

static heed_status take(heed_gguf *g, void *out, size_t n_bytes)
{
    if (n_bytes > g->n_bytes - g->at)
        return fail(g, HEED_ERR_TRUNCATED, "file ends early");
    memcpy(out, g->data + g->at, n_bytes);
    g->at += n_bytes;
    return HEED_OK;
}

static heed_status take_string(heed_gguf *g, heed_gguf_string *out)
{
    uint64_t length = 0;
    const heed_status status = take(g, &length, sizeof length);
    if (status != HEED_OK)
        return status;
    if (length > g->n_bytes - g->at)
        return fail(g, HEED_ERR_TRUNCATED, "string runs over the file's end");
    *out = (heed_gguf_string){(const char *)g->data + g->at, (size_t)length};
    g->at += (size_t)length;
    return HEED_OK;
}

static heed_status take_name(heed_gguf *g, heed_gguf_string *out,
                             size_t max_bytes)
{
    const heed_status status = take_string(g, out);
    if (status != HEED_OK)
        return status;
    if (out->length == 0 || out->length > max_bytes)
        return fail(g, HEED_ERR_FORMAT, "name is empty or too long");
    return HEED_OK;
}

/* Bytes of a value of fixed size; 0 for other types. */
static size_t size_of(uint32_t type)
{
    switch (type) {
    case HEED_GGUF_U8:
    case HEED_GGUF_I8:
    case HEED_GGUF_BOOL:
        return 1;
    case HEED_GGUF_U16:
    case HEED_GGUF_I16:
        return 2;
    case HEED_GGUF_U32:
    case HEED_GGUF_I32:
    case HEED_GGUF_F32:
        return 4;
    case HEED_GGUF_U64:
    case HEED_GGUF_I64:
    case HEED_GGUF_F64:
        return 8;
    default:
        return 0;
    }
}

/* The value of a scalar's bytes. */
static double number_of(heed_gguf_type type, const unsigned char *bytes)
{
    union {
        uint8_t u8;
        int8_t i8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        int64_t i64;
        float f32;
        double f64;
    } v;
    memcpy(&v, bytes, size_of(type));
    switch (type) {
    case HEED_GGUF_I8:
        return v.i8;
    case HEED_GGUF_U16:
        return v.u16;
    case HEED_GGUF_I16:
        return v.i16;
    case HEED_GGUF_U32:
        return v.u32;
    case HEED_GGUF_I32:
        return v.i32;
    case HEED_GGUF_U64:
        return (double)v.u64;
    case HEED_GGUF_I64:
        return (double)v.i64;
    case HEED_GGUF_F32:
        return (double)v.f32;
    case HEED_GGUF_F64:
        return v.f64;
    default:
        return v.u8;
    }
}

static heed_status take_string_array(heed_gguf *g, gguf_item *item,
                                     size_t count)
{
    heed_gguf_string *strings = calloc(count ? count : 1, sizeof *strings);
    if (!strings)
        return fail(g, HEED_ERR_MEMORY, "out of memory");
    item->array = strings;
    for (size_t i = 0; i < count; i++) {
        const heed_status status = take_string(g, &strings[i]);
        if (status != HEED_OK)
            return status;
    }
    return HEED_OK;
}

static heed_status take_array(heed_gguf *g, gguf_item *item)
{
    uint32_t type = 0;
    uint64_t count = 0;
    heed_status status = take(g, &type, sizeof type);
    if (status == HEED_OK)
        status = take(g, &count, sizeof count);
    if (status != HEED_OK)
        return status;
    const heed_gguf_string *key = &item->entry.key;
    const size_t bytes =
        type == HEED_GGUF_STRING ? sizeof(uint64_t) : size_of(type);
    if (type == HEED_GGUF_ARRAY)
        return fail_item(g, HEED_ERR_UNSUPPORTED, key, "array of arrays");
    if (bytes == 0)
        return fail_item(g, HEED_ERR_FORMAT, key, "unknown type");
    if (count > (g->n_bytes - g->at) / bytes)
        return fail_item(g, HEED_ERR_TRUNCATED, key,
                         "array runs over the file's end");
    item->entry.array_type = (heed_gguf_type)type;
    item->entry.array_count = (size_t)count;
    if (type == HEED_GGUF_STRING)
        return take_string_array(g, item, (size_t)count);
    if (type == HEED_GGUF_F32 || type == HEED_GGUF_I32) {
        item->array = malloc(count ? (size_t)count * bytes : 1);
        if (!item->array)
            return fail(g, HEED_ERR_MEMORY, "out of memory");
        return take(g, item->array, (size_t)count * bytes);
    }
    g->at += (size_t)count * bytes;
    return HEED_OK;
}

static heed_status take_item(heed_gguf *g, gguf_item *item)
{
    uint32_t type = 0;
    heed_status status = take_name(g, &item->entry.key, MAX_KEY_BYTES);
    if (status == HEED_OK)
        status = take(g, &type, sizeof type);
    if (status != HEED_OK)
        return status;
    item->entry.type = (heed_gguf_type)type;
    if (type == HEED_GGUF_STRING)
        return take_string(g, &item->entry.text);
    if (type == HEED_GGUF_ARRAY)
        return take_array(g, item);
    if (size_of(type) == 0)
        return fail_item(g, HEED_ERR_FORMAT, &item->entry.key, "unknown type");
    unsigned char bytes[sizeof(uint64_t)] = {0};
    status = take(g, bytes, size_of(type));
    if (status != HEED_OK)
        return status;
    if (type == HEED_GGUF_BOOL && bytes[0] > 1)
        return fail_item(g, HEED_ERR_FORMAT, &item->entry.key,
                         "boolean is neither 0 nor 1");
    item->entry.number = number_of(item->entry.type, bytes);
    return HEED_OK;
}

/* --- Tensors. ------------------------------------------------------------ */

static size_t element_size(uint32_t type)
{
    switch (type) {
    case HEED_GGUF_TENSOR_F32:
    case HEED_GGUF_TENSOR_I32:
        return 4;
    case HEED_GGUF_TENSOR_F16:
        return 2;
    case HEED_GGUF_TENSOR_I8:
        return 1;
    default:
        return 0;
    }
}

static heed_status take_shape(heed_gguf *g, heed_gguf_tensor *tensor)
{
    uint32_t n_dims = 0;
    const heed_status status = take(g, &n_dims, sizeof n_dims);
    if (status != HEED_OK)
        return status;
    if (n_dims < 1 || n_dims > HEED_GGUF_MAX_DIMS)
        return fail_item(g, HEED_ERR_FORMAT, &tensor->name,
                         "number of dimensions is not 1 to 4");
    tensor->n_dims = n_dims;
    tensor->n_elements = 1;
    for (size_t i = 0; i < HEED_GGUF_MAX_DIMS; i++)
        tensor->shape[i] = 1;
    for (size_t i = n_dims; i-- > 0;) {
        uint64_t dim = 0;
        const heed_status taken = take(g, &dim, sizeof dim);
        if (taken != HEED_OK)
            return taken;
        /* Nothing in the file can have more elements than the file bytes. */
        if (dim == 0 || dim > g->n_bytes / tensor->n_elements)
            return fail_item(g, HEED_ERR_FORMAT, &tensor->name,
                             "dimension is zero or larger than the file");
        tensor->shape[i] = (size_t)dim;
        tensor->n_elements *= (size_t)dim;
    }
    return HEED_OK;
}

/* The offset, relative to the data, waits in `n_bytes` until place_tensors().
 */
static heed_status take_tensor(heed_gguf *g, heed_gguf_tensor *tensor)
{
    uint32_t type = 0;
    uint64_t offset = 0;
    heed_status status = take_name(g, &tensor->name, MAX_NAME_BYTES);
    if (status == HEED_OK)
        status = take_shape(g, tensor);
    if (status == HEED_OK)
        status = take(g, &type, sizeof type);
    if (status == HEED_OK)
        status = take(g, &offset, sizeof offset);
    if (status != HEED_OK)
        return status;
    if (element_size(type) == 0) {
        heed_log_error(g->log, "%s: tensor '%.*s': type %lu is not supported",
                       g->path, shown(tensor->name), tensor->name.text,
                       (unsigned long)type);
        return HEED_ERR_UNSUPPORTED;
    }
    if (offset > g->n_bytes)
        return fail_item(g, HEED_ERR_TRUNCATED, &tensor->name,
                         "tensor begins beyond the file's end");
    tensor->type = (heed_gguf_tensor_type)type;
    tensor->n_bytes = (size_t)offset;
    return HEED_OK;
}

static heed_status place_tensors(heed_gguf *g)
{
    uint32_t alignment = DEFAULT_ALIGNMENT;
    if (heed_gguf_has(g, "general.alignment")) {
        const heed_status status =
            heed_gguf_get_u32(g, &alignment, "general.alignment");
        if (status != HEED_OK)
            return status;
    }
    if (alignment < 8 || alignment > MAX_ALIGNMENT ||
        (alignment & (alignment - 1)) != 0)
        return fail(g, HEED_ERR_FORMAT,
                    "general.alignment is not a power of two of 8 to 65536");
    if (g->n_tensors == 0)
        return HEED_OK;
    const size_t padding = (alignment - g->at % alignment) % alignment;
    if (padding > g->n_bytes - g->at)
        return fail(g, HEED_ERR_TRUNCATED, "file ends before its data");
    g->at += padding;
    const size_t room = g->n_bytes - g->at;
    for (size_t i = 0; i < g->n_tensors; i++) {
        heed_gguf_tensor *tensor = &g->tensors[i];
        const size_t offset = tensor->n_bytes;
        const size_t bytes = element_size((uint32_t)tensor->type);
        assert(bytes > 0);
        if (offset % alignment != 0)
            return fail_item(g, HEED_ERR_FORMAT, &tensor->name,
                             "tensor's offset is not aligned");
        if (offset > room || tensor->n_elements > (room - offset) / bytes)
            return fail_item(g, HEED_ERR_TRUNCATED, &tensor->name,
                             "tensor runs over the file's end");
        tensor->n_bytes = tensor->n_elements * bytes;
        tensor->data = g->data + g->at + offset;
    }
    return HEED_OK;
}

/* --- Look-ups by name. --------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const heed_gguf_string *x = &((const name_index *)a)->name;
    const heed_gguf_string *y = &((const name_index *)b)->name;
    const size_t length = x->length < y->length ? x->length : y->length;
    const int order = memcmp(x->text, y->text, length);
    if (order != 0)
        return order;
    return (x->length > y->length) - (x->length < y->length);
}

static heed_status sort_names(const heed_gguf *g, name_index *index,
                              size_t count)
{
    if (count > 1)
        qsort(index, count, sizeof *index, compare);
    for (size_t i = 1; i < count; i++)
        if (compare(&index[i - 1], &index[i]) == 0)
            return fail_item(g, HEED_ERR_FORMAT, &index[i].name,
                             "name occurs twice");
    return HEED_OK;
}

static const name_index *find(const name_index *index, size_t count,
                              const char *name)
{
    const name_index wanted = {{name, strlen(name)}, 0};
    return count ? bsearch(&wanted, index, count, sizeof *index, compare)
                 : NULL;
}

/* --- Open and close. ------------------------------------------------------ */

static heed_status take_header(heed_gguf *g)
{
    char magic[4] = {0};
    uint32_t version = 0;
    uint64_t n_tensors = 0;
    uint64_t n_items = 0;
    heed_status status = take(g, magic, sizeof magic);
    if (status == HEED_OK && memcmp(magic, "GGUF", sizeof magic) != 0) {
        heed_log_error(g->log, "%s: not a GGUF file", g->path);
        return HEED_ERR_FORMAT;
    }
    if (status == HEED_OK)
        status = take(g, &version, sizeof version);
    if (status == HEED_OK && version != 3) {
        heed_log_error(g->log, "%s: GGUF version %lu is not supported", g->path,
                       (unsigned long)version);
        return HEED_ERR_UNSUPPORTED;
    }
    if (status == HEED_OK)
        status = take(g, &n_tensors, sizeof n_tensors);
    if (status == HEED_OK)
        status = take(g, &n_items, sizeof n_items);
    if (status != HEED_OK)
        return status;
    const size_t room = g->n_bytes - g->at;
    if (n_items > room / MIN_ENTRY_BYTES || n_tensors > room / MIN_TENSOR_BYTES)
        return fail(g, HEED_ERR_TRUNCATED,
                    "more entries or tensors than fit the file");
    g->items = calloc((size_t)n_items + 1, sizeof *g->items);
    g->tensors = calloc((size_t)n_tensors + 1, sizeof *g->tensors);
    g->item_index = calloc((size_t)n_items + 1, sizeof *g->item_index);
    g->tensor_index = calloc((size_t)n_tensors + 1, sizeof *g->tensor_index);
    if (!g->items || !g->tensors || !g->item_index || !g->tensor_index)
        return fail(g, HEED_ERR_MEMORY, "out of memory");
    g->n_items = (size_t)n_items;
    g->n_tensors = (size_t)n_tensors;
    return HEED_OK;
}

static heed_status parse(heed_gguf *g)
{
    heed_status status = take_header(g);
    for (size_t i = 0; status == HEED_OK && i < g->n_items; i++) {
        status = take_item(g, &g->items[i]);
        g->item_index[i] = (name_index){g->items[i].entry.key, i};
    }
    if (status == HEED_OK)
        status = sort_names(g, g->item_index, g->n_items);
    for (size_t i = 0; status == HEED_OK && i < g->n_tensors; i++) {
        status = take_tensor(g, &g->tensors[i]);
        g->tensor_index[i] = (name_index){g->tensors[i].name, i};
    }
    if (status == HEED_OK)
        status = sort_names(g, g->tensor_index, g->n_tensors);
    return status == HEED_OK ? place_tensors(g) : status;
}

/* Takes over `mapping`, which is closed on failure. */
static heed_status open_bytes(heed_gguf **out, heed_mapping mapping,
                              const heed_mapping *bytes, const char *path,
                              const heed_log *log)
{
    heed_status status = HEED_ERR_MEMORY;
    heed_gguf *g = calloc(1, sizeof *g);
    char *name = malloc(strlen(path) + 1);
    if (!g || !name) {
        heed_log_error(log, "%s: out of memory", path);
        free(g);
        free(name);
        heed_mapping_close(&mapping);
        return status;
    }
    memcpy(name, path, strlen(path) + 1);
    g->mapping = mapping;
    g->data = (const void *)(bytes->data ? bytes->data : "");
    g->n_bytes = bytes->n_bytes;
    g->path = name;
    g->log = log;
    status = parse(g);
    if (status == HEED_OK)
        *out = g;
    else
        heed_gguf_close(g);
    return status;
}

heed_status heed_gguf_open(heed_gguf **out, const char *path,
                           const heed_log *log)
{
    heed_mapping mapping;
    *out = NULL;
    const heed_status status = heed_mapping_open(&mapping, path, log);
    if (status != HEED_OK)
        return status;
    return open_bytes(out, mapping, &mapping, path, log);
}

heed_status heed_gguf_open_memory(heed_gguf **out, const void *data,
                                  size_t n_bytes, const heed_log *log)
{
    *out = NULL;
    if ((!data && n_bytes > 0) || (uintptr_t)data % 8 != 0)
        return HEED_ERR_ARG;
    const heed_mapping bytes = {.data = data, .n_bytes = n_bytes};
    return open_bytes(out, (heed_mapping){0}, &bytes, "memory", log);
}

void heed_gguf_forget(const heed_gguf *gguf)
{
    heed_mapping_forget(&gguf->mapping);
}

void heed_gguf_close(heed_gguf *gguf)
{
    if (!gguf)
        return;
    for (size_t i = 0; i < gguf->n_items; i++)
        free(gguf->items[i].array);
    free(gguf->items);
    free(gguf->tensors);
    free(gguf->item_index);
    free(gguf->tensor_index);
    free(gguf->path);
    heed_mapping_close(&gguf->mapping);
    free(gguf);
}

/* --- What is in the file. ------------------------------------------------- */

static const char *type_text(heed_gguf_type type)
{
    static const char *const names[] = {
        "u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
        "bool", "string", "array", "u64", "i64", "f64",
    };
    return (size_t)type < sizeof names / sizeof names[0] ? names[type] : "?";
}

/* The item `key` if it has this type (and array type), else NULL after a line
 * in the log. `array` is HEED_GGUF_ARRAY for scalars. */
static const gguf_item *find_item(const heed_gguf *g, const char *key,
                                  heed_gguf_type type, heed_gguf_type array)
{
    const name_index *at = find(g->item_index, g->n_items, key);
    if (!at) {
        heed_log_error(g->log, "%s: key '%s' is missing", g->path, key);
        return NULL;
    }
    const gguf_item *found = &g->items[at->at];
    if (found->entry.type != type) {
        heed_log_error(g->log, "%s: key '%s' is of type %s instead of %s",
                       g->path, key, type_text(found->entry.type),
                       type_text(type));
        return NULL;
    }
    if (type == HEED_GGUF_ARRAY && found->entry.array_type != array) {
        heed_log_error(g->log,
                       "%s: array '%s' has values of type %s instead "
                       "of %s",
                       g->path, key, type_text(found->entry.array_type),
                       type_text(array));
        return NULL;
    }
    return found;
}

heed_status heed_gguf_get_u32(const heed_gguf *gguf, uint32_t *out,
                              const char *key)
{
    const gguf_item *found =
        find_item(gguf, key, HEED_GGUF_U32, HEED_GGUF_ARRAY);
    *out = found ? (uint32_t)found->entry.number : 0;
    return found ? HEED_OK : HEED_ERR_FORMAT;
}

heed_status heed_gguf_get_f32(const heed_gguf *gguf, float *out,
                              const char *key)
{
    const gguf_item *found =
        find_item(gguf, key, HEED_GGUF_F32, HEED_GGUF_ARRAY);
    *out = found ? (float)found->entry.number : 0.0f;
    return found ? HEED_OK : HEED_ERR_FORMAT;
}

heed_status heed_gguf_get_bool(const heed_gguf *gguf, bool *out,
                               const char *key)
{
    const gguf_item *found =
        find_item(gguf, key, HEED_GGUF_BOOL, HEED_GGUF_ARRAY);
    *out = found && found->entry.number != 0.0;
    return found ? HEED_OK : HEED_ERR_FORMAT;
}

heed_status heed_gguf_get_string(const heed_gguf *gguf, heed_gguf_string *out,
                                 const char *key)
{
    const gguf_item *found =
        find_item(gguf, key, HEED_GGUF_STRING, HEED_GGUF_ARRAY);
    *out = found ? found->entry.text : (heed_gguf_string){0};
    return found ? HEED_OK : HEED_ERR_FORMAT;
}

/* The copied-out array `key`, or NULL after a line in the log. */
static const void *find_array(const heed_gguf *g, size_t *count,
                              const char *key, heed_gguf_type type)
{
    const gguf_item *found = find_item(g, key, HEED_GGUF_ARRAY, type);
    *count = found ? found->entry.array_count : 0;
    return found ? found->array : NULL;
}

heed_status heed_gguf_get_f32_array(const heed_gguf *gguf, const float **out,
                                    size_t *count, const char *key)
{
    *out = find_array(gguf, count, key, HEED_GGUF_F32);
    return *out ? HEED_OK : HEED_ERR_FORMAT;
}

heed_status heed_gguf_get_i32_array(const heed_gguf *gguf, const int32_t **out,
                                    size_t *count, const char *key)
{
    *out = find_array(gguf, count, key, HEED_GGUF_I32);
    return *out ? HEED_OK : HEED_ERR_FORMAT;
}

heed_status heed_gguf_get_string_array(const heed_gguf *gguf,
                                       const heed_gguf_string **out,
                                       size_t *count, const char *key)
{
    *out = find_array(gguf, count, key, HEED_GGUF_STRING);
    return *out ? HEED_OK : HEED_ERR_FORMAT;
}

bool heed_gguf_has(const heed_gguf *gguf, const char *key)
{
    return find(gguf->item_index, gguf->n_items, key) != NULL;
}

const heed_gguf_tensor *heed_gguf_find_tensor(const heed_gguf *gguf,
                                              const char *name)
{
    const name_index *at = find(gguf->tensor_index, gguf->n_tensors, name);
    return at ? &gguf->tensors[at->at] : NULL;
}

size_t heed_gguf_count(const heed_gguf *gguf)
{
    return gguf->n_items;
}

heed_gguf_entry heed_gguf_entry_at(const heed_gguf *gguf, size_t index)
{
    return gguf->items[index].entry;
}

size_t heed_gguf_tensor_count(const heed_gguf *gguf)
{
    return gguf->n_tensors;
}

const heed_gguf_tensor *heed_gguf_tensor_at(const heed_gguf *gguf, size_t index)
{
    return &gguf->tensors[index];
}

size_t heed_gguf_size_bytes(const heed_gguf *gguf)
{
    return gguf->n_bytes;
}
