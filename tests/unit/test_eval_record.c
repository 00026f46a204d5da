/* test_eval_record.c - utterances as lines of JSON, and hashes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/record.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/logged.h"
#include "tests/support/suites.h"
#include "tools/eval/sha256.h"

/* Reads one line as a record. */
static bool read_line(eval_system *system, const char *text,
                      heed_test_logged *logged)
{
    const heed_log log = {heed_test_logged_write, logged};
    union {
        const char *in;
        void *out;
    } memory = {text};
    FILE *file = fmemopen(memory.out, strlen(text), "rb");
    eval_lines lines;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    eval_lines_init(&lines, file, "f", &log);
    if (eval_lines_next(&lines))
        (void)eval_record_read(system, &lines);
    return eval_lines_close(&lines);
}

static void test_eval_record__what_is_written_is_read(void)
{
    eval_word words[2] = {
        {"It's", 0.1, 0.4, 0.9, 1.2, 0.8, EVAL_UNKNOWN},
        {"\"so\"\\", 0.5, 0.75, 1.0, 1.2, EVAL_UNKNOWN, EVAL_UNKNOWN}};
    eval_said said[1] = {{"NAIVE", 0.12, 0.36}};
    const char *texts[2] = {"It's \"so\"\\", "Its so"};
    eval_choice nbest[1] = {{texts, 2}};
    const char *tokens[2] = {"It's", "so"};
    float weights[6] = {0.75F, 0.25F, 0.0F, 0.0F, 0.0F, 1.0F};
    struct eval_spike spikes[1] = {{2, "S"}};
    const eval_attention attention = {0.024, tokens, 2, 3, weights, spikes, 1};
    const eval_item item = {.index = 7,
                            .id = "u\t1",
                            .speaker = "s",
                            .group = "",
                            .audio = "a/b.wav",
                            .start_s = EVAL_UNKNOWN,
                            .end_s = 2.5,
                            .reference = "na\xc3\xafve",
                            .hypothesis = "It's \"so\"\\",
                            .duration_s = 2.5,
                            .words = words,
                            .n_words = 2,
                            .nbest = nbest,
                            .n_nbest = 1,
                            .said = said,
                            .n_said = 1,
                            .attention = &attention};
    heed_test_logged logged = {0};
    eval_text first = {0};
    eval_text second = {0};
    eval_system system;
    size_t index;

    eval_record_write(&item, &first);
    eval_system_init(&system, "s");
    CU_ASSERT_TRUE_FATAL(read_line(&system, first.bytes, &logged));
    CU_ASSERT_EQUAL_FATAL(system.n_items, 1);
    CU_ASSERT_STRING_EQUAL(system.items[0].id, item.id);
    CU_ASSERT_STRING_EQUAL(system.items[0].words[1].text, words[1].text);
    CU_ASSERT_TRUE(system.items[0].start_s < 0.0);
    CU_ASSERT_PTR_NULL(system.items[0].error);
    eval_record_write(&system.items[0], &second);
    CU_ASSERT_STRING_EQUAL(first.bytes, second.bytes);
    CU_ASSERT_TRUE(eval_record_index(first.bytes, &index));
    CU_ASSERT_EQUAL(index, 7);
    CU_ASSERT_FALSE(eval_record_index("{\"index\":x", &index));
    CU_ASSERT_FALSE(eval_record_index("{\"index\":12", &index));
    eval_system_deinit(&system);
    eval_text_deinit(&first);
    eval_text_deinit(&second);
}

static void test_eval_record__faults_are_named(void)
{
    static const char *const faults[][2] = {
        {"{\"id\":\"a\"", "f: line 1: not a whole JSON value"},
        {"[1]", "f: line 1: not a JSON object"},
        {"{\"id\":\"a\"} x", "f: line 1: text after the JSON object"},
        {"{\"index\":1}", "f: line 1: no id"},
        {"{\"id\":\"a\",\"index\":-1}", "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"words\":[1]}",
         "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"nbest\":{}}", "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"nbest\":[\"a\"]}",
         "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"nbest\":[[1]]}",
         "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"nbest\":[[]]}",
         "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"said\":[1]}", "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"words\":[{\"confidence\":2}]}",
         "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"attention\":{\"frames\":2,\"tokens\":[\"b\"],"
         "\"weights\":[[1]]}}",
         "f: line 1: not an utterance of a run"},
        {"{\"id\":\"a\",\"attention\":{\"frames\":1,\"tokens\":[\"b\"],"
         "\"weights\":[[1]],\"spikes\":[{\"frame\":1}]}}",
         "f: line 1: not an utterance of a run"}};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        heed_test_logged logged = {0};
        eval_system system;

        eval_system_init(&system, "s");
        CU_ASSERT_FALSE(read_line(&system, faults[i][0], &logged));
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_STRING_EQUAL(logged.last, faults[i][1]);
        eval_system_deinit(&system);
    }
}

static void test_eval_record__hashes_are_those_of_fips_180(void)
{
    static const char *const cases[][2] = {
        {"",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
    char hash[65];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        eval_sha256 sha;

        eval_sha256_init(&sha);
        eval_sha256_add(&sha, cases[i][0], strlen(cases[i][0]));
        eval_sha256_finish(&sha, hash);
        CU_ASSERT_STRING_EQUAL(hash, cases[i][1]);
    }
}

static CU_TestInfo tests[] = {
    {"what is written is read", test_eval_record__what_is_written_is_read},
    {"faults are named", test_eval_record__faults_are_named},
    {"hashes are those of FIPS 180",
     test_eval_record__hashes_are_those_of_fips_180},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"eval_record", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
