/* soundwriter.h - mono samples into a sound file. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_AUDIO_SOUNDWRITER_H
#define HEED_AUDIO_SOUNDWRITER_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

typedef enum heed_soundwriter_format {
    HEED_SOUNDWRITER_FLAC, /* 24 bits: samples of 16 bits stay what they are */
    HEED_SOUNDWRITER_F32   /* 32-bit floats, low byte first, no header */
} heed_soundwriter_format;

/* A file being written. One thread at a time. */
typedef struct heed_soundwriter heed_soundwriter;

/* Creates the file at `path`, or empties it, in `*out` (NULL on failure);
 * release: heed_soundwriter_close(). `log` must outlive the call only. Returns
 * HEED_OK; HEED_ERR_ARG if the rate is not within 8000-192000; HEED_ERR_IO if
 * it cannot be written, with a line to `log`; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_soundwriter_create(
    heed_soundwriter **out, const char *path, heed_soundwriter_format format,
    uint32_t rate_hz, const heed_log *log);

/* Writes `count` samples. FLAC clips at full scale. Returns HEED_OK, or
 * HEED_ERR_IO if not all could be written, which says nothing to any log. */
HEED_NODISCARD heed_status heed_soundwriter_write(heed_soundwriter *writer,
                                                  const float *samples,
                                                  size_t count);

/* Completes the file and releases `writer`; NULL is fine. Returns HEED_OK, or
 * HEED_ERR_IO if not all has reached the file. */
heed_status heed_soundwriter_close(heed_soundwriter *writer);

#endif /* HEED_AUDIO_SOUNDWRITER_H */
