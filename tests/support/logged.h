/* logged.h - a log that remembers. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TESTS_SUPPORT_LOGGED_H
#define HEED_TESTS_SUPPORT_LOGGED_H
#include <stdio.h>

#include "asr/heed.h"

/* The last line, its level, and how many there have been. */
typedef struct heed_test_logged {
    int lines;
    heed_log_level level;
    char last[1024];
} heed_test_logged;

static inline void heed_test_logged_write(void *user, heed_log_level level,
                                          const char *message)
{
    heed_test_logged *logged = user;

    logged->lines++;
    logged->level = level;
    snprintf(logged->last, sizeof logged->last, "%s", message);
}

#endif /* HEED_TESTS_SUPPORT_LOGGED_H */
