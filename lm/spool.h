/* spool.h - records that need not fit into memory, read in the order in which
 * they were written. SPDX-License-Identifier: Apache-2.0
 *
 * A record is a fixed number of 32-bit words. Temporary files have no name
 * once they are open, so nothing is left behind however the process ends. */
#ifndef HEED_LM_SPOOL_H
#define HEED_LM_SPOOL_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

/* A nameless file. One thread at a time. The fields are private. */
typedef struct heed_temp_file {
    int fd; /* -1: not open yet, which the first write changes */
    const char *folder;
    const heed_log *log;
} heed_temp_file;

/* Begins with a file that does not exist yet. `folder` and `log` are borrowed;
 * release: heed_temp_file_deinit(). */
void heed_temp_file_init(heed_temp_file *file, const char *folder,
                         const heed_log *log);
void heed_temp_file_deinit(heed_temp_file *file);

/* Both transfer all `n_bytes` at the byte `offset`. Return HEED_OK, or
 * HEED_ERR_IO after a line in the log (no space, folder not writable). */
HEED_NODISCARD heed_status heed_temp_file_write(heed_temp_file *file,
                                                const void *bytes,
                                                size_t n_bytes,
                                                uint64_t offset);
HEED_NODISCARD heed_status heed_temp_file_read(heed_temp_file *file,
                                               void *bytes, size_t n_bytes,
                                               uint64_t offset);

/* Records on their way. One thread at a time. */
typedef struct heed_spool heed_spool;

/* Creates an empty spool in `*out` (NULL on failure); release:
 * heed_spool_destroy(). Up to `buffer_bytes` (one record at least) stay in
 * memory, the rest goes to a temporary file in `folder`, which is borrowed as
 * `log` is. Returns HEED_OK or HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_spool_create(heed_spool **out,
                                             size_t record_words,
                                             size_t buffer_bytes,
                                             const char *folder,
                                             const heed_log *log);
void heed_spool_destroy(heed_spool *spool);

/* Appends a record. Returns HEED_OK or HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_spool_put(heed_spool *spool,
                                          const uint32_t *record);

/* Ends the writing; the next record read is the first. Returns HEED_OK or
 * HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_spool_rewind(heed_spool *spool);

/* Reads the next record, valid until the next call. Returns HEED_OK; HEED_END,
 * with `*record` NULL, after the last; HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_spool_next(heed_spool *spool,
                                           const uint32_t **record);

#endif /* HEED_LM_SPOOL_H */
