/* tables.h - the tables of loops that this machine runs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TESTS_SUPPORT_TABLES_H
#define HEED_TESTS_SUPPORT_TABLES_H
#include <stddef.h>
#include <string.h>

#include "asr/base/cpu.h"
#include "asr/nn/kernels.h"

enum { MAX_TABLES = 8 };

/* Fills in the tables, plain C first, and returns how many they are. HEED_CPU
 * masks those above its level. */
static inline size_t tables(const heed_kernels *found[MAX_TABLES])
{
    static const char *const levels[MAX_TABLES] = {
        "c", "avx2", "avxvnni", "avx512", "vnni", "neon", "dotprod", "i8mm"};
    size_t count = 0;
    for (size_t i = 0; i < MAX_TABLES; i++) {
        const heed_kernels *k = heed_kernels_get(
            heed_cpu_flags_masked(heed_cpu_flags(), levels[i]));
        if (strcmp(k->name, levels[i]) == 0)
            found[count++] = k;
    }
    return count;
}

#endif /* HEED_TESTS_SUPPORT_TABLES_H */
