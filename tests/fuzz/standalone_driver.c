/* standalone_driver.c - runs a fuzz target without libFuzzer.
 * SPDX-License-Identifier: Apache-2.0
 *
 * usage: fuzz_<parser> [-n <changes>] <file>...
 *
 * Runs every file as it is, then `changes` (default 2000) damaged copies of
 * each: bytes changed, numbers made huge, ends cut off. The changes follow
 * from the file's bytes only, so that a failure repeats. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { MAX_FILE_BYTES = 1 << 20 };

static uint32_t state = 1;

static size_t random_below(size_t limit)
{
    state = state * 1664525u + 1013904223u;
    return limit ? (state >> 8) % limit : 0;
}

/* Runs a copy in a block of exactly its size. */
static void run(const unsigned char *bytes, size_t count)
{
    unsigned char *exact = malloc(count ? count : 1);
    if (!exact)
        abort();
    if (count > 0)
        memcpy(exact, bytes, count);
    (void)LLVMFuzzerTestOneInput(exact, count);
    free(exact);
}

static void damage(unsigned char *bytes, size_t *count)
{
    static const unsigned char extremes[4][8] = {
        {0},
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0xff, 0xff, 0xff, 0x7f},
        {0, 0, 0, 0, 0, 0, 0, 0x80},
    };
    for (size_t n = 1 + random_below(3); n > 0 && *count > 8; n--) {
        const size_t at = random_below(*count - 8);
        switch (random_below(5)) {
        case 0:
            memcpy(bytes + at, extremes[random_below(4)], 8);
            break;
        case 1:
            bytes[at] = (unsigned char)(bytes[at] + 255 + random_below(3));
            break;
        case 2:
            memmove(bytes + at, bytes + random_below(*count - 8), 8);
            break;
        case 3:
            *count = random_below(10) == 0 ? at : *count;
            break;
        default:
            bytes[at] = (unsigned char)(bytes[at] ^ 1u << random_below(8));
        }
    }
}

static int run_file(const char *path, unsigned long n_changes)
{
    unsigned char *bytes = malloc(MAX_FILE_BYTES);
    unsigned char *copy = malloc(MAX_FILE_BYTES);
    FILE *file = fopen(path, "rb");
    int result = 1;
    if (bytes && copy && file) {
        const size_t count = fread(bytes, 1, MAX_FILE_BYTES, file);
        run(bytes, count);
        for (unsigned long i = 0; i < n_changes; i++) {
            size_t left = count;
            memcpy(copy, bytes, count);
            damage(copy, &left);
            run(copy, left);
        }
        result = ferror(file) != 0;
    }
    if (result != 0)
        fprintf(stderr, "%s: cannot be read\n", path);
    if (file)
        (void)fclose(file);
    free(bytes);
    free(copy);
    return result;
}

int main(int argc, char **argv)
{
    unsigned long n_changes = 2000;
    int first = 1;
    int failures = 0;
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        n_changes = strtoul(argv[2], NULL, 10);
        first = 3;
    }
    for (int i = first; i < argc; i++)
        failures += run_file(argv[i], n_changes);
    if (first >= argc)
        fprintf(stderr, "usage: %s [-n <changes>] <file>...\n", argv[0]);
    return failures == 0 && first < argc ? EXIT_SUCCESS : EXIT_FAILURE;
}
