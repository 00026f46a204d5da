/* test_gguf.c - reading model files, good and damaged.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/gguf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc.h"
#include "tests/support/gguf_writer.h"
#include "tests/support/logged.h"
#include "tests/support/suites.h"

static const float floats[3] = {1.5f, -2.0f, 1e-20f};
static const int32_t ints[2] = {-7, 1 << 30};
static const char *const strings[3] = {"", "\xe2\x96\x81the", "<0x0A>"};
static const float matrix[6] = {1, 2, 3, 4, 5, 6};
static const int8_t bytes[5] = {-128, -1, 0, 1, 127};
static const size_t matrix_shape[2] = {2, 3};
static const size_t bytes_shape[1] = {5};

/* A file with something of everything. The key of one byte makes all that
 * follows unaligned. */
static void write_all(gguf_writer *w)
{
    gguf_writer_init(w);
    gguf_writer_u32(w, "k", 0xfedcba98u);
    gguf_writer_f32(w, "a.float", 0.25f);
    gguf_writer_bool(w, "a.bool", 1);
    gguf_writer_string(w, "a.string", "heed");
    gguf_writer_f32_array(w, "floats", floats, 3);
    gguf_writer_i32_array(w, "ints", ints, 2);
    gguf_writer_string_array(w, "strings", strings, 3);
    gguf_writer_i32_array(w, "empty", ints, 0);
    gguf_writer_tensor(w, "matrix", HEED_GGUF_TENSOR_F32, matrix_shape, 2,
                       matrix, sizeof matrix);
    gguf_writer_tensor(w, "bytes", HEED_GGUF_TENSOR_I8, bytes_shape, 1, bytes,
                       sizeof bytes);
}

static heed_gguf *open_writer(gguf_writer *w)
{
    heed_gguf *gguf = NULL;
    size_t n_bytes = 0;
    const unsigned char *file = gguf_writer_finish(w, &n_bytes);
    CU_ASSERT_EQUAL_FATAL(heed_gguf_open_memory(&gguf, file, n_bytes, NULL),
                          HEED_OK);
    return gguf;
}

static void test_gguf__scalars_are_read(void)
{
    gguf_writer w;
    write_all(&w);
    heed_gguf *g = open_writer(&w);
    uint32_t number = 0;
    float real = 0.0f;
    bool flag = false;
    heed_gguf_string text;
    CU_ASSERT_EQUAL(heed_gguf_get_u32(g, &number, "k"), HEED_OK);
    CU_ASSERT_EQUAL(number, 0xfedcba98u);
    CU_ASSERT_EQUAL(heed_gguf_get_f32(g, &real, "a.float"), HEED_OK);
    CU_ASSERT_EQUAL(real, 0.25f);
    CU_ASSERT_EQUAL(heed_gguf_get_bool(g, &flag, "a.bool"), HEED_OK);
    CU_ASSERT_TRUE(flag);
    CU_ASSERT_EQUAL(heed_gguf_get_string(g, &text, "a.string"), HEED_OK);
    CU_ASSERT_EQUAL(text.length, 4);
    CU_ASSERT_EQUAL(memcmp(text.text, "heed", 4), 0);
    CU_ASSERT_TRUE(heed_gguf_has(g, "k"));
    CU_ASSERT_FALSE(heed_gguf_has(g, "kk"));
    CU_ASSERT_FALSE(heed_gguf_has(g, ""));
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

static void test_gguf__arrays_are_read(void)
{
    gguf_writer w;
    write_all(&w);
    heed_gguf *g = open_writer(&w);
    const float *f = NULL;
    const int32_t *i = NULL;
    const heed_gguf_string *s = NULL;
    size_t count = 0;
    CU_ASSERT_EQUAL(heed_gguf_get_f32_array(g, &f, &count, "floats"), HEED_OK);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    CU_ASSERT_EQUAL(memcmp(f, floats, sizeof floats), 0);
    CU_ASSERT_EQUAL(heed_gguf_get_i32_array(g, &i, &count, "ints"), HEED_OK);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_EQUAL(memcmp(i, ints, sizeof ints), 0);
    CU_ASSERT_EQUAL(heed_gguf_get_string_array(g, &s, &count, "strings"),
                    HEED_OK);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    for (size_t k = 0; k < 3; k++) {
        CU_ASSERT_EQUAL_FATAL(s[k].length, strlen(strings[k]));
        CU_ASSERT_EQUAL(memcmp(s[k].text, strings[k], s[k].length), 0);
    }
    CU_ASSERT_EQUAL(heed_gguf_get_i32_array(g, &i, &count, "empty"), HEED_OK);
    CU_ASSERT_EQUAL(count, 0);
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

static void test_gguf__tensors_are_found_row_major(void)
{
    gguf_writer w;
    write_all(&w);
    heed_gguf *g = open_writer(&w);
    CU_ASSERT_EQUAL(heed_gguf_tensor_count(g), 2);
    const heed_gguf_tensor *t = heed_gguf_find_tensor(g, "matrix");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_PTR_EQUAL(t, heed_gguf_tensor_at(g, 0));
    CU_ASSERT_EQUAL(t->type, HEED_GGUF_TENSOR_F32);
    CU_ASSERT_EQUAL(t->n_dims, 2);
    CU_ASSERT_EQUAL(t->shape[0], 2);
    CU_ASSERT_EQUAL(t->shape[1], 3);
    CU_ASSERT_EQUAL(t->shape[2], 1);
    CU_ASSERT_EQUAL(t->n_elements, 6);
    CU_ASSERT_EQUAL_FATAL(t->n_bytes, sizeof matrix);
    CU_ASSERT_EQUAL(memcmp(t->data, matrix, sizeof matrix), 0);
    t = heed_gguf_find_tensor(g, "bytes");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->type, HEED_GGUF_TENSOR_I8);
    CU_ASSERT_EQUAL_FATAL(t->n_bytes, 5);
    CU_ASSERT_EQUAL(memcmp(t->data, bytes, 5), 0);
    CU_ASSERT_PTR_NULL(heed_gguf_find_tensor(g, "byte"));
    CU_ASSERT_PTR_NULL(heed_gguf_find_tensor(g, "bytes2"));
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

static void test_gguf__entries_are_listed_in_order(void)
{
    gguf_writer w;
    write_all(&w);
    heed_gguf *g = open_writer(&w);
    CU_ASSERT_EQUAL_FATAL(heed_gguf_count(g), 8);
    heed_gguf_entry e = heed_gguf_entry_at(g, 0);
    CU_ASSERT_EQUAL(e.key.length, 1);
    CU_ASSERT_EQUAL(e.type, HEED_GGUF_U32);
    CU_ASSERT_EQUAL(e.number, 4275878552.0);
    e = heed_gguf_entry_at(g, 3);
    CU_ASSERT_EQUAL(e.type, HEED_GGUF_STRING);
    CU_ASSERT_EQUAL(e.text.length, 4);
    e = heed_gguf_entry_at(g, 6);
    CU_ASSERT_EQUAL(e.type, HEED_GGUF_ARRAY);
    CU_ASSERT_EQUAL(e.array_type, HEED_GGUF_STRING);
    CU_ASSERT_EQUAL(e.array_count, 3);
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

static void test_gguf__numbers_of_all_widths_are_listed(void)
{
    gguf_writer w;
    gguf_writer_init(&w);
    static const struct {
        uint32_t type;
        size_t size;
        double expected;
    } cases[] = {
        {HEED_GGUF_U8, 1, 255},     {HEED_GGUF_I8, 1, -1},
        {HEED_GGUF_U16, 2, 65535},  {HEED_GGUF_I16, 2, -1},
        {HEED_GGUF_I32, 4, -1},     {HEED_GGUF_I64, 8, -1},
        {HEED_GGUF_U64, 8, 0x1p64},
    };
    enum { COUNT = sizeof cases / sizeof cases[0] };
    static const unsigned char ones[8] = {255, 255, 255, 255,
                                          255, 255, 255, 255};
    const double real = -0.125;
    for (size_t i = 0; i < COUNT; i++) {
        const char key[2] = {(char)('a' + (int)i), '\0'};
        gguf_writer_key(&w, key, cases[i].type);
        gguf_bytes_put(&w.entries, ones, cases[i].size);
    }
    gguf_writer_key(&w, "real", HEED_GGUF_F64);
    gguf_bytes_put(&w.entries, &real, sizeof real);
    heed_gguf *g = open_writer(&w);
    for (size_t i = 0; i < COUNT; i++)
        CU_ASSERT_EQUAL(heed_gguf_entry_at(g, i).number, cases[i].expected);
    CU_ASSERT_EQUAL(heed_gguf_entry_at(g, COUNT).number, real);
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

static void test_gguf__wrong_key_or_type_is_told(void)
{
    gguf_writer w;
    write_all(&w);
    size_t n_bytes = 0;
    const unsigned char *file = gguf_writer_finish(&w, &n_bytes);
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    heed_gguf *g = NULL;
    CU_ASSERT_EQUAL_FATAL(heed_gguf_open_memory(&g, file, n_bytes, &log),
                          HEED_OK);
    uint32_t number = 5;
    CU_ASSERT_EQUAL(heed_gguf_get_u32(g, &number, "nothing"), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last, "memory: key 'nothing' is missing");
    CU_ASSERT_EQUAL(number, 0);
    CU_ASSERT_EQUAL(heed_gguf_get_u32(g, &number, "a.float"), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(
        logged.last, "memory: key 'a.float' is of type f32 instead of u32");
    const int32_t *i = ints;
    size_t count = 9;
    CU_ASSERT_EQUAL(heed_gguf_get_i32_array(g, &i, &count, "floats"),
                    HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(
        logged.last,
        "memory: array 'floats' has values of type f32 instead of i32");
    CU_ASSERT_PTR_NULL(i);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_EQUAL(heed_gguf_get_i32_array(g, &i, &count, "k"),
                    HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(logged.lines, 4);
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

/* Opens the bytes in a block of exactly their size, so that AddressSanitizer
 * sees any access beyond; returns the status, closes what was opened. */
static heed_status open_exactly(const unsigned char *file, size_t n_bytes,
                                heed_test_logged *logged)
{
    const heed_log log = {heed_test_logged_write, logged};
    unsigned char *copy = malloc(n_bytes ? n_bytes : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    if (n_bytes > 0)
        memcpy(copy, file, n_bytes);
    heed_gguf *g = (heed_gguf *)copy;
    const heed_status status = heed_gguf_open_memory(&g, copy, n_bytes, &log);
    CU_ASSERT((status == HEED_OK) == (g != NULL));
    heed_gguf_close(g);
    free(copy);
    return status;
}

static void test_gguf__every_shorter_file_is_refused(void)
{
    gguf_writer w;
    write_all(&w);
    size_t n_bytes = 0;
    const unsigned char *file = gguf_writer_finish(&w, &n_bytes);
    heed_test_logged logged = {0};
    CU_ASSERT_EQUAL(open_exactly(file, n_bytes, &logged), HEED_OK);
    CU_ASSERT_EQUAL(logged.lines, 0);
    for (size_t n = 0; n < n_bytes; n++) {
        logged.lines = 0;
        CU_ASSERT_EQUAL(open_exactly(file, n, &logged), HEED_ERR_TRUNCATED);
        CU_ASSERT_EQUAL(logged.lines, 1);
    }
    gguf_writer_deinit(&w);
}

static void test_gguf__every_changed_byte_is_survived(void)
{
    gguf_writer w;
    write_all(&w);
    size_t n_bytes = 0;
    const unsigned char *file = gguf_writer_finish(&w, &n_bytes);
    unsigned char *copy = malloc(n_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    static const unsigned char flips[] = {0x01, 0x80, 0xff};
    for (size_t i = 0; i < n_bytes; i++) {
        for (size_t f = 0; f < sizeof flips; f++) {
            heed_test_logged logged = {0};
            memcpy(copy, file, n_bytes);
            copy[i] = (unsigned char)(copy[i] ^ flips[f]);
            const heed_status status = open_exactly(copy, n_bytes, &logged);
            CU_ASSERT_EQUAL(logged.lines, status == HEED_OK ? 0 : 1);
        }
    }
    free(copy);
    gguf_writer_deinit(&w);
}

/* What is wrong, how it is made, and what the line must say. */
typedef struct damage {
    void (*make)(gguf_writer *w);
    heed_status status;
    const char *line;
} damage;

static void make_duplicate_key(gguf_writer *w)
{
    gguf_writer_u32(w, "twice", 1);
    gguf_writer_f32(w, "other", 1);
    gguf_writer_u32(w, "twice", 1);
}

static void make_duplicate_tensor(gguf_writer *w)
{
    for (int i = 0; i < 2; i++)
        gguf_writer_tensor(w, "same", HEED_GGUF_TENSOR_I8, bytes_shape, 1,
                           bytes, 5);
}

static void make_nested_array(gguf_writer *w)
{
    const uint32_t type = HEED_GGUF_ARRAY;
    const uint64_t count = 0;
    gguf_writer_key(w, "nested", HEED_GGUF_ARRAY);
    gguf_bytes_put(&w->entries, &type, sizeof type);
    gguf_bytes_put(&w->entries, &count, sizeof count);
}

static void make_huge_array(gguf_writer *w)
{
    const uint32_t type = HEED_GGUF_U64;
    const uint64_t count = UINT64_MAX / 8 + 2;
    gguf_writer_key(w, "huge", HEED_GGUF_ARRAY);
    gguf_bytes_put(&w->entries, &type, sizeof type);
    gguf_bytes_put(&w->entries, &count, sizeof count);
    gguf_bytes_put(&w->entries, matrix, sizeof matrix);
}

static void make_huge_string(gguf_writer *w)
{
    const uint64_t length = UINT64_MAX - 8;
    gguf_writer_key(w, "long", HEED_GGUF_STRING);
    gguf_bytes_put(&w->entries, &length, sizeof length);
}

static void make_unknown_type(gguf_writer *w)
{
    gguf_writer_key(w, "odd", 13);
    gguf_bytes_put(&w->entries, matrix, sizeof matrix);
}

static void make_bad_bool(gguf_writer *w)
{
    gguf_writer_bool(w, "maybe", 2);
}

static void make_empty_key(gguf_writer *w)
{
    gguf_writer_u32(w, "", 1);
}

static void make_bad_alignment(gguf_writer *w)
{
    gguf_writer_u32(w, "general.alignment", 24);
}

static void make_zero_alignment(gguf_writer *w)
{
    gguf_writer_u32(w, "general.alignment", 0);
}

static void make_text_alignment(gguf_writer *w)
{
    gguf_writer_string(w, "general.alignment", "32");
}

static void make_unaligned_tensor(gguf_writer *w)
{
    w->alignment = 8;
    gguf_writer_tensor(w, "a", HEED_GGUF_TENSOR_I8, bytes_shape, 1, bytes, 5);
    gguf_writer_tensor(w, "crooked", HEED_GGUF_TENSOR_I8, bytes_shape, 1, bytes,
                       5);
    w->alignment = 32;
}

static void make_unsupported_tensor(gguf_writer *w)
{
    gguf_writer_tensor(w, "quant", 2, bytes_shape, 1, bytes, 5);
}

static void make_zero_dimension(gguf_writer *w)
{
    static const size_t shape[2] = {0, 3};
    gguf_writer_tensor(w, "none", HEED_GGUF_TENSOR_F32, shape, 2, matrix, 0);
}

static void make_five_dimensions(gguf_writer *w)
{
    static const size_t shape[5] = {1, 1, 1, 1, 1};
    gguf_writer_tensor(w, "deep", HEED_GGUF_TENSOR_F32, shape, 5, matrix, 4);
}

static void make_overflowing_shape(gguf_writer *w)
{
    static const size_t shape[2] = {SIZE_MAX / 2 + 1, 4};
    gguf_writer_tensor(w, "wide", HEED_GGUF_TENSOR_I8, shape, 2, bytes, 5);
}

/* No dimension is larger than the file, the product is 2^64. */
static void make_wrapping_shape(gguf_writer *w)
{
    static const size_t shape[4] = {65536, 65536, 65536, 65536};
    static const int8_t filler[70000];
    static const size_t filler_shape[1] = {sizeof filler};
    gguf_writer_tensor(w, "filler", HEED_GGUF_TENSOR_I8, filler_shape, 1,
                       filler, sizeof filler);
    gguf_writer_tensor(w, "wrapped", HEED_GGUF_TENSOR_I8, shape, 4, bytes, 5);
}

static void make_overlong_tensor(gguf_writer *w)
{
    static const size_t shape[2] = {2, 4};
    gguf_writer_tensor(w, "over", HEED_GGUF_TENSOR_F32, shape, 2, matrix,
                       sizeof matrix);
}

static void make_too_many_entries(gguf_writer *w)
{
    gguf_writer_u32(w, "one", 1);
    w->n_entries = UINT64_MAX;
}

static void make_too_many_tensors(gguf_writer *w)
{
    gguf_writer_u32(w, "one", 1);
    w->n_tensors = UINT64_MAX / 2;
}

static void test_gguf__damage_is_named(void)
{
    static const damage cases[] = {
        {make_duplicate_key, HEED_ERR_FORMAT, "'twice': name occurs twice"},
        {make_duplicate_tensor, HEED_ERR_FORMAT, "'same': name occurs twice"},
        {make_nested_array, HEED_ERR_UNSUPPORTED, "'nested': array of arrays"},
        {make_huge_array, HEED_ERR_TRUNCATED, "'huge': array runs over"},
        {make_huge_string, HEED_ERR_TRUNCATED, "string runs over"},
        {make_unknown_type, HEED_ERR_FORMAT, "'odd': unknown type"},
        {make_bad_bool, HEED_ERR_FORMAT, "'maybe': boolean"},
        {make_empty_key, HEED_ERR_FORMAT, "name is empty"},
        {make_bad_alignment, HEED_ERR_FORMAT, "general.alignment"},
        {make_zero_alignment, HEED_ERR_FORMAT, "general.alignment"},
        {make_text_alignment, HEED_ERR_FORMAT, "general.alignment"},
        {make_unaligned_tensor, HEED_ERR_FORMAT,
         "'crooked': tensor's offset is not aligned"},
        {make_unsupported_tensor, HEED_ERR_UNSUPPORTED,
         "tensor 'quant': type 2"},
        {make_zero_dimension, HEED_ERR_FORMAT, "'none': dimension is zero"},
        {make_five_dimensions, HEED_ERR_FORMAT, "'deep': number of dimensions"},
        {make_overflowing_shape, HEED_ERR_FORMAT, "'wide': dimension"},
        {make_wrapping_shape, HEED_ERR_FORMAT, "'wrapped': dimension"},
        {make_overlong_tensor, HEED_ERR_TRUNCATED, "'over': tensor runs over"},
        {make_too_many_entries, HEED_ERR_TRUNCATED, "more entries"},
        {make_too_many_tensors, HEED_ERR_TRUNCATED, "more entries"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gguf_writer w;
        heed_test_logged logged = {0};
        size_t n_bytes = 0;
        gguf_writer_init(&w);
        cases[i].make(&w);
        const unsigned char *file = gguf_writer_finish(&w, &n_bytes);
        const heed_status status = open_exactly(file, n_bytes, &logged);
        CU_ASSERT_EQUAL(status, cases[i].status);
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, cases[i].line));
        if (!strstr(logged.last, cases[i].line))
            printf("\ncase %zu: '%s' is not about '%s'\n", i, logged.last,
                   cases[i].line);
        gguf_writer_deinit(&w);
    }
}

static void test_gguf__other_kinds_of_files_are_refused(void)
{
    heed_test_logged logged = {0};
    static const unsigned char text[] = "not a model at all, just text";
    CU_ASSERT_EQUAL(open_exactly(text, sizeof text, &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last, "memory: not a GGUF file");
    static const unsigned char old[24] = {'G', 'G', 'U', 'F', 2};
    CU_ASSERT_EQUAL(open_exactly(old, sizeof old, &logged),
                    HEED_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "memory: GGUF version 2 is not supported");
    heed_gguf *g = NULL;
    CU_ASSERT_EQUAL(heed_gguf_open_memory(&g, NULL, 8, NULL), HEED_ERR_ARG);
}

static void test_gguf__alignment_of_the_file_is_followed(void)
{
    gguf_writer w;
    gguf_writer_init(&w);
    w.alignment = 64;
    gguf_writer_u32(&w, "general.alignment", 64);
    gguf_writer_tensor(&w, "bytes", HEED_GGUF_TENSOR_I8, bytes_shape, 1, bytes,
                       5);
    gguf_writer_tensor(&w, "matrix", HEED_GGUF_TENSOR_F32, matrix_shape, 2,
                       matrix, sizeof matrix);
    heed_gguf *g = open_writer(&w);
    const heed_gguf_tensor *t = heed_gguf_find_tensor(g, "matrix");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(memcmp(t->data, matrix, sizeof matrix), 0);
    heed_gguf_close(g);
    gguf_writer_deinit(&w);
}

static void test_gguf__file_is_mapped(void)
{
    static const char path[] = "test_gguf.tmp";
    gguf_writer w;
    write_all(&w);
    size_t n_bytes = 0;
    const unsigned char *bytes_of_file = gguf_writer_finish(&w, &n_bytes);
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes_of_file, 1, n_bytes, file), n_bytes);
    CU_ASSERT_EQUAL(fclose(file), 0);
    gguf_writer_deinit(&w);

    heed_gguf *g = NULL;
    CU_ASSERT_EQUAL_FATAL(heed_gguf_open(&g, path, NULL), HEED_OK);
    CU_ASSERT_EQUAL(heed_gguf_size_bytes(g), n_bytes);
    const heed_gguf_tensor *t = heed_gguf_find_tensor(g, "matrix");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(memcmp(t->data, matrix, sizeof matrix), 0);
    heed_gguf_close(g);
    CU_ASSERT_EQUAL(remove(path), 0);

    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    CU_ASSERT_EQUAL(heed_gguf_open(&g, path, &log), HEED_ERR_IO);
    CU_ASSERT_PTR_NULL(g);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, path));
    heed_gguf_close(NULL);
}

static void test_gguf__every_refused_allocation_is_survived(void)
{
    gguf_writer w;
    size_t n_bytes = 0;
    size_t n = 0;
    heed_status status = HEED_ERR_MEMORY;
    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    write_all(&w);
    const unsigned char *file = gguf_writer_finish(&w, &n_bytes);
    while (status == HEED_ERR_MEMORY && n < 100) {
        heed_gguf *g = NULL;
        heed_test_alloc_watch(++n);
        status = heed_gguf_open_memory(&g, file, n_bytes, NULL);
        CU_ASSERT_EQUAL(g != NULL, status == HEED_OK);
        heed_gguf_close(g);
        (void)heed_test_alloc_stop();
        CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
    }
    CU_ASSERT_EQUAL(status, HEED_OK);
    CU_ASSERT(n > 1);
    gguf_writer_deinit(&w);
}

static CU_TestInfo tests[] = {
    {"test_gguf__scalars_are_read", test_gguf__scalars_are_read},
    {"test_gguf__arrays_are_read", test_gguf__arrays_are_read},
    {"test_gguf__tensors_are_found_row_major",
     test_gguf__tensors_are_found_row_major},
    {"test_gguf__entries_are_listed_in_order",
     test_gguf__entries_are_listed_in_order},
    {"test_gguf__numbers_of_all_widths_are_listed",
     test_gguf__numbers_of_all_widths_are_listed},
    {"test_gguf__wrong_key_or_type_is_told",
     test_gguf__wrong_key_or_type_is_told},
    {"test_gguf__every_shorter_file_is_refused",
     test_gguf__every_shorter_file_is_refused},
    {"test_gguf__every_changed_byte_is_survived",
     test_gguf__every_changed_byte_is_survived},
    {"test_gguf__damage_is_named", test_gguf__damage_is_named},
    {"test_gguf__other_kinds_of_files_are_refused",
     test_gguf__other_kinds_of_files_are_refused},
    {"test_gguf__alignment_of_the_file_is_followed",
     test_gguf__alignment_of_the_file_is_followed},
    {"test_gguf__file_is_mapped", test_gguf__file_is_mapped},
    {"test_gguf__every_refused_allocation_is_survived",
     test_gguf__every_refused_allocation_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"gguf", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
