/* test_tokenizer.c - texts of tokens. SPDX-License-Identifier: Apache-2.0 */
#include "asr/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc.h"
#include "tests/support/gguf_writer.h"
#include "tests/support/logged.h"
#include "tests/support/suites.h"

#define MARK "\xe2\x96\x81"
#define FFFD "\xef\xbf\xbd"

enum {
    UNK,
    BOS,
    EOS,
    BYTE_C3,
    BYTE_A9,
    BYTE_F0,
    BYTE_9F,
    BYTE_41,
    BYTE_00,
    BYTE_FF,
    BYTE_ED,
    BYTE_A0,
    THE,
    RE,
    TWO_WORDS,
    SPACE,
    COUNT
};

static const char *const pieces[COUNT] = {
    "<unk>",  "<s>",    "</s>",     "<0xC3>",    "<0xA9>",
    "<0xF0>", "<0x9F>", "<0x41>",   "<0x00>",    "<0xff>",
    "<0xED>", "<0xA0>", MARK "the", "r\xc3\xa9", "of" MARK "it" MARK,
    MARK,
};
static const int32_t types[COUNT] = {2, 3, 3, 6, 6, 6, 6, 6,
                                     6, 6, 6, 6, 1, 1, 4, 1};

static void write_vocabulary(gguf_writer *w)
{
    gguf_writer_init(w);
    gguf_writer_string_array(w, "tokenizer.ggml.tokens", pieces, COUNT);
    gguf_writer_i32_array(w, "tokenizer.ggml.token_type", types, COUNT);
    gguf_writer_u32(w, "tokenizer.ggml.bos_token_id", BOS);
    gguf_writer_u32(w, "tokenizer.ggml.eos_token_id", EOS);
}

/* Also shows that the tokenizer outlives the file. */
static heed_status create(heed_tokenizer **out, gguf_writer *w,
                          heed_test_logged *logged)
{
    const heed_log log = {heed_test_logged_write, logged};
    size_t n_bytes = 0;
    const unsigned char *file = gguf_writer_finish(w, &n_bytes);
    heed_gguf *gguf = NULL;
    CU_ASSERT_EQUAL_FATAL(heed_gguf_open_memory(&gguf, file, n_bytes, &log),
                          HEED_OK);
    const heed_status status = heed_tokenizer_create(out, gguf, &log);
    heed_gguf_close(gguf);
    gguf_writer_deinit(w);
    return status;
}

static heed_tokenizer *create_good(void)
{
    gguf_writer w;
    heed_test_logged logged = {0};
    heed_tokenizer *t = NULL;
    write_vocabulary(&w);
    CU_ASSERT_EQUAL_FATAL(create(&t, &w, &logged), HEED_OK);
    CU_ASSERT_EQUAL(logged.lines, 0);
    return t;
}

static bool text_is(const heed_tokenizer *t, uint32_t id, const char *expected)
{
    size_t length = 99;
    const char *text = heed_tokenizer_text(t, id, &length);
    return length == strlen(expected) && memcmp(text, expected, length) == 0;
}

static void test_tokenizer__pieces_have_texts(void)
{
    heed_tokenizer *t = create_good();
    CU_ASSERT_EQUAL(heed_tokenizer_count(t), COUNT);
    CU_ASSERT_EQUAL(heed_tokenizer_bos(t), BOS);
    CU_ASSERT_EQUAL(heed_tokenizer_eos(t), EOS);
    CU_ASSERT(text_is(t, THE, " the"));
    CU_ASSERT(text_is(t, RE, "r\xc3\xa9"));
    CU_ASSERT(text_is(t, TWO_WORDS, "of it "));
    CU_ASSERT(text_is(t, SPACE, " "));
    CU_ASSERT(text_is(t, BYTE_C3, "\xc3"));
    CU_ASSERT(text_is(t, UNK, ""));
    CU_ASSERT(text_is(t, BOS, ""));
    CU_ASSERT(text_is(t, COUNT, ""));
    CU_ASSERT(text_is(t, UINT32_MAX, ""));
    heed_tokenizer_destroy(t);
    heed_tokenizer_destroy(NULL);
}

static void test_tokenizer__kinds_are_told(void)
{
    heed_tokenizer *t = create_good();
    for (uint32_t id = 0; id < COUNT + 2; id++) {
        CU_ASSERT_EQUAL(heed_tokenizer_is_word_start(t, id),
                        id == THE || id == SPACE);
        CU_ASSERT_EQUAL(heed_tokenizer_is_byte(t, id),
                        id >= BYTE_C3 && id <= BYTE_A0);
    }
    heed_tokenizer_destroy(t);
}

/* Appends the tokens and finishes. */
static bool gives(const heed_tokenizer *t, const uint32_t *ids, size_t count,
                  const char *expected)
{
    char buffer[64];
    heed_token_text text;
    heed_token_text_init(&text, buffer, sizeof buffer);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(heed_token_text_append(&text, t, ids[i]), HEED_OK);
    heed_token_text_finish(&text);
    CU_ASSERT_EQUAL(text.length, strlen(buffer));
    if (strcmp(buffer, expected) != 0)
        printf("\n'%s' instead of '%s'\n", buffer, expected);
    return strcmp(buffer, expected) == 0;
}

#define GIVES(t, expected, ...)             \
    CU_ASSERT(gives(                        \
        t, (const uint32_t[]){__VA_ARGS__}, \
        sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), expected))

static void test_tokenizer__text_is_put_together(void)
{
    heed_tokenizer *t = create_good();
    GIVES(t, " ther\xc3\xa9of it ", BOS, THE, RE, TWO_WORDS, EOS);
    GIVES(t, " the\xc3\xa9 the", THE, BYTE_C3, BYTE_A9, THE);
    GIVES(t, "A", BYTE_41);
    GIVES(t, "\xf0\x9f\xa0\xa9", BYTE_F0, BYTE_9F, BYTE_A0, BYTE_A9);
    GIVES(t, "\xc3\xa9", BYTE_C3, UNK, BYTE_A9);
    heed_tokenizer_destroy(t);
}

static void test_tokenizer__bytes_of_no_character_are_replaced(void)
{
    heed_tokenizer *t = create_good();
    GIVES(t, FFFD, BYTE_C3);
    GIVES(t, FFFD " the", BYTE_C3, THE);
    GIVES(t, FFFD, BYTE_A9);
    GIVES(t, FFFD, BYTE_FF);
    GIVES(t, FFFD, BYTE_00);
    GIVES(t, FFFD "A", BYTE_F0, BYTE_9F, BYTE_41);
    GIVES(t, FFFD FFFD, BYTE_C3, BYTE_FF);
    GIVES(t, FFFD "\xc3\xa9", BYTE_C3, BYTE_C3, BYTE_A9);
    /* A surrogate's first byte may not be followed by A0. */
    GIVES(t, FFFD FFFD, BYTE_ED, BYTE_A0);
    heed_tokenizer_destroy(t);
}

static void test_tokenizer__full_buffer_is_left_as_it_was(void)
{
    heed_tokenizer *t = create_good();
    char buffer[8];
    heed_token_text text;
    memset(buffer, 'x', sizeof buffer);
    heed_token_text_init(&text, buffer, sizeof buffer - 1);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, THE), HEED_OK);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, THE), HEED_ERR_MEMORY);
    CU_ASSERT_STRING_EQUAL(buffer, " the");
    /* 2 bytes are left, a begun character may need 3. */
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, BYTE_C3), HEED_ERR_MEMORY);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, BYTE_41), HEED_OK);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, BYTE_41), HEED_OK);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, BYTE_41), HEED_ERR_MEMORY);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, BOS), HEED_OK);
    heed_token_text_finish(&text);
    CU_ASSERT_STRING_EQUAL(buffer, " theAA");
    CU_ASSERT_EQUAL(buffer[7], 'x');

    heed_token_text_init(&text, buffer, 4);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, BYTE_C3), HEED_OK);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, THE), HEED_ERR_MEMORY);
    heed_token_text_finish(&text);
    CU_ASSERT_STRING_EQUAL(buffer, FFFD);
    heed_tokenizer_destroy(t);
}

static void test_tokenizer__id_out_of_range_is_refused(void)
{
    heed_tokenizer *t = create_good();
    char buffer[8];
    heed_token_text text;
    heed_token_text_init(&text, buffer, sizeof buffer);
    CU_ASSERT_EQUAL(heed_token_text_append(&text, t, COUNT), HEED_ERR_ARG);
    CU_ASSERT_STRING_EQUAL(buffer, "");
    heed_tokenizer_destroy(t);
}

/* A vocabulary of one token besides those that begin and end. */
static heed_status create_with(const char *piece, int32_t type, uint32_t eos,
                               size_t n_types, heed_test_logged *logged)
{
    gguf_writer w;
    const char *const three[3] = {"<s>", "</s>", piece};
    const int32_t three_types[3] = {3, 3, type};
    heed_tokenizer *t = NULL;
    gguf_writer_init(&w);
    gguf_writer_string_array(&w, "tokenizer.ggml.tokens", three, 3);
    gguf_writer_i32_array(&w, "tokenizer.ggml.token_type", three_types,
                          n_types);
    gguf_writer_u32(&w, "tokenizer.ggml.bos_token_id", 0);
    gguf_writer_u32(&w, "tokenizer.ggml.eos_token_id", eos);
    const heed_status status = create(&t, &w, logged);
    CU_ASSERT((status == HEED_OK) == (t != NULL));
    CU_ASSERT_EQUAL(logged->lines, status == HEED_OK ? 0 : 1);
    logged->lines = 0;
    heed_tokenizer_destroy(t);
    return status;
}

static void test_tokenizer__bad_vocabulary_is_refused(void)
{
    heed_test_logged l = {0};
    CU_ASSERT_EQUAL(create_with("a", 1, 1, 3, &l), HEED_OK);
    CU_ASSERT_EQUAL(create_with("", 1, 1, 3, &l), HEED_OK);
    CU_ASSERT_EQUAL(create_with("\xff", 5, 1, 3, &l), HEED_OK);
    CU_ASSERT_EQUAL(create_with("a", 1, 3, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("a", 1, 1, 2, &l), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(l.last, "vocabulary: 3 tokens but 2 types");
    CU_ASSERT_EQUAL(create_with("a", 0, 1, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("a", 7, 1, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("a\xc3", 1, 1, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(l.last,
                           "vocabulary: token 2: text is not valid UTF-8");
    CU_ASSERT_EQUAL(create_with("\xc0\x80", 1, 1, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("\xf4\x90\x80\x80", 1, 1, 3, &l),
                    HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("<0x4>", 6, 1, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("<0xG0>", 6, 1, 3, &l), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(create_with("<0x0a>", 6, 1, 3, &l), HEED_OK);
}

static void test_tokenizer__every_refused_allocation_is_survived(void)
{
    gguf_writer w;
    heed_gguf *gguf = NULL;
    size_t n_bytes = 0;
    size_t n = 0;
    heed_status status = HEED_ERR_MEMORY;
    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    write_vocabulary(&w);
    const unsigned char *file = gguf_writer_finish(&w, &n_bytes);
    CU_ASSERT_EQUAL_FATAL(heed_gguf_open_memory(&gguf, file, n_bytes, NULL),
                          HEED_OK);
    while (status == HEED_ERR_MEMORY && n < 100) {
        heed_tokenizer *t = NULL;
        heed_test_alloc_watch(++n);
        status = heed_tokenizer_create(&t, gguf, NULL);
        CU_ASSERT_EQUAL(t != NULL, status == HEED_OK);
        heed_tokenizer_destroy(t);
        (void)heed_test_alloc_stop();
        CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
    }
    CU_ASSERT_EQUAL(status, HEED_OK);
    CU_ASSERT(n > 1);
    heed_gguf_close(gguf);
    gguf_writer_deinit(&w);
}

static CU_TestInfo tests[] = {
    {"test_tokenizer__pieces_have_texts", test_tokenizer__pieces_have_texts},
    {"test_tokenizer__kinds_are_told", test_tokenizer__kinds_are_told},
    {"test_tokenizer__text_is_put_together",
     test_tokenizer__text_is_put_together},
    {"test_tokenizer__bytes_of_no_character_are_replaced",
     test_tokenizer__bytes_of_no_character_are_replaced},
    {"test_tokenizer__full_buffer_is_left_as_it_was",
     test_tokenizer__full_buffer_is_left_as_it_was},
    {"test_tokenizer__id_out_of_range_is_refused",
     test_tokenizer__id_out_of_range_is_refused},
    {"test_tokenizer__bad_vocabulary_is_refused",
     test_tokenizer__bad_vocabulary_is_refused},
    {"test_tokenizer__every_refused_allocation_is_survived",
     test_tokenizer__every_refused_allocation_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"tokenizer", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
