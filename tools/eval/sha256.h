/* sha256.h - which file it was. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_SHA256_H
#define HEED_TOOLS_EVAL_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct eval_sha256 {
    uint32_t state[8];
    uint64_t n_bytes;
    unsigned char block[64];
} eval_sha256;

void eval_sha256_init(eval_sha256 *sha);
void eval_sha256_add(eval_sha256 *sha, const void *bytes, size_t n_bytes);

/* Writes the hash as 64 hexadecimal digits, as sha256sum does. */
void eval_sha256_finish(eval_sha256 *sha, char hash[65]);

/* The hash of a file; false if it cannot be read. */
bool eval_sha256_file(const char *path, char hash[65]);

#endif /* HEED_TOOLS_EVAL_SHA256_H */
