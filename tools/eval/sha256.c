/* sha256.c - which file it was. SPDX-License-Identifier: Apache-2.0
 *
 * FIPS 180-4. */
#include "tools/eval/sha256.h"

#include <stdio.h>
#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void extend(uint32_t w[64], const unsigned char *block)
{
    for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (size_t i = 16; i < 64; i++) {
        const uint32_t a = w[i - 15];
        const uint32_t b = w[i - 2];

        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

static void add_block(eval_sha256 *sha)
{
    uint32_t w[64];
    uint32_t s[8];

    extend(w, sha->block);
    memcpy(s, sha->state, sizeof s);
    for (size_t i = 0; i < 64; i++) {
        const uint32_t one =
            s[7] + constants[i] + w[i] +
            (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
            ((s[4] & s[5]) ^ (~s[4] & s[6]));
        const uint32_t two =
            (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
            ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++)
        sha->state[i] += s[i];
}

void eval_sha256_init(eval_sha256 *sha)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                      0xa54ff53a, 0x510e527f, 0x9b05688c,
                                      0x1f83d9ab, 0x5be0cd19};

    memcpy(sha->state, start, sizeof start);
    sha->n_bytes = 0;
}

void eval_sha256_add(eval_sha256 *sha, const void *bytes, size_t n_bytes)
{
    const unsigned char *from = bytes;

    while (n_bytes > 0) {
        const size_t at = (size_t)(sha->n_bytes % 64);
        const size_t n = n_bytes < 64 - at ? n_bytes : 64 - at;

        memcpy(sha->block + at, from, n);
        sha->n_bytes += n;
        from += n;
        n_bytes -= n;
        if (sha->n_bytes % 64 == 0)
            add_block(sha);
    }
}

void eval_sha256_finish(eval_sha256 *sha, char hash[65])
{
    static const unsigned char padding[64] = {0x80};
    const uint64_t n_bits = sha->n_bytes * 8;
    const size_t at = (size_t)(sha->n_bytes % 64);
    unsigned char length[8];

    for (size_t i = 0; i < 8; i++)
        length[i] = (unsigned char)(n_bits >> (56 - 8 * i));
    eval_sha256_add(sha, padding, at < 56 ? 56 - at : 120 - at);
    eval_sha256_add(sha, length, sizeof length);
    for (size_t i = 0; i < 8; i++)
        snprintf(hash + 8 * i, 9, "%08x", (unsigned)sha->state[i]);
}

bool eval_sha256_file(const char *path, char hash[65])
{
    unsigned char bytes[16384];
    FILE *file = fopen(path, "rb");
    eval_sha256 sha;
    size_t n;
    bool good;

    if (file == NULL)
        return false;
    eval_sha256_init(&sha);
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        eval_sha256_add(&sha, bytes, n);
    good = ferror(file) == 0;
    (void)fclose(file);
    eval_sha256_finish(&sha, hash);
    return good;
}
