/* log.h - one line of detail to the caller. SPDX-License-Identifier: Apache-2.0
 *
 * A failure is explained once, where it is found: file, tensor, offset, cause.
 * Whoever only passes a status on says nothing. */
#ifndef HEED_ASR_BASE_LOG_H
#define HEED_ASR_BASE_LOG_H

#include "asr/heed.h"

/* A line longer than this, its end included, is cut and ends in "...". */
#define HEED_LOG_LINE_BYTES 512

#if defined(__GNUC__)
#define HEED_LOG_PRINTF(string, first) \
    __attribute__((format(printf, string, first)))
#else
#define HEED_LOG_PRINTF(string, first)
#endif

/* Each formats one line as printf() does and hands it to `log`; `log` may be
 * NULL. Control characters, as a file's name may hold, become '?'. Allocates
 * nothing. */
void heed_log_error(const heed_log *log, const char *format, ...)
    HEED_LOG_PRINTF(2, 3);
void heed_log_warning(const heed_log *log, const char *format, ...)
    HEED_LOG_PRINTF(2, 3);
void heed_log_info(const heed_log *log, const char *format, ...)
    HEED_LOG_PRINTF(2, 3);

#endif /* HEED_ASR_BASE_LOG_H */
