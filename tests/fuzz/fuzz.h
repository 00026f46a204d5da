/* fuzz.h - what every fuzz target defines. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TESTS_FUZZ_FUZZ_H
#define HEED_TESTS_FUZZ_FUZZ_H
#include <stddef.h>
#include <stdint.h>

/* Runs one input, which begins at a multiple of 8 bytes; must not crash,
 * leak, or take long. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

#endif /* HEED_TESTS_FUZZ_FUZZ_H */
