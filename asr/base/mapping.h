/* mapping.h - a file as read-only memory. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_ASR_BASE_MAPPING_H
#define HEED_ASR_BASE_MAPPING_H
#include <stddef.h>

#include "asr/base/status.h"

/* Whoever shortens the file while it is mapped makes later reads fail hard, as
 * with any mapping: replace files by renaming. */
typedef struct heed_mapping {
    const void *data; /* page-aligned; NULL if the file is empty */
    size_t n_bytes;
    void *block; /* what to unmap; private */
} heed_mapping;

/* Maps the regular file at `path`; release: heed_mapping_close().
 * Returns HEED_OK; HEED_ERR_IO after a line in the log, `*out` is then
 * empty. */
HEED_NODISCARD heed_status heed_mapping_open(heed_mapping *out,
                                             const char *path,
                                             const heed_log *log);

/* What was read so far need not stay in memory; it comes back when it is read
 * again. Other readers of the mapping are not disturbed. */
void heed_mapping_forget(const heed_mapping *mapping);

/* Unmaps; a mapping that is empty or closed already is allowed. */
void heed_mapping_close(heed_mapping *mapping);

#endif /* HEED_ASR_BASE_MAPPING_H */
