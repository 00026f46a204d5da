/* soundfile.h - mono samples out of a sound file. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_AUDIO_SOUNDFILE_H
#define HEED_AUDIO_SOUNDFILE_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

/* How the samples of a file without a header are written, with the name that
 * heed_soundfile_encoding_parse() knows. */
#define HEED_SOUNDFILE_ENCODING_MAP(X) \
    X(HEED_SOUNDFILE_U8, "u8")         \
    X(HEED_SOUNDFILE_S16LE, "s16le")   \
    X(HEED_SOUNDFILE_S24LE, "s24le")   \
    X(HEED_SOUNDFILE_S32LE, "s32le")   \
    X(HEED_SOUNDFILE_F32LE, "f32le")   \
    X(HEED_SOUNDFILE_ALAW, "alaw")     \
    X(HEED_SOUNDFILE_ULAW, "ulaw")

typedef enum heed_soundfile_encoding {
    HEED_SOUNDFILE_HEADER = 0, /* the file has a header, which says it */
#define HEED_SOUNDFILE_ENCODING_ENUM(name, text) name,
    HEED_SOUNDFILE_ENCODING_MAP(HEED_SOUNDFILE_ENCODING_ENUM)
#undef HEED_SOUNDFILE_ENCODING_ENUM
} heed_soundfile_encoding;

/* How to read; all zero: the header says it, mean of all channels. */
typedef struct heed_soundfile_options {
    heed_soundfile_encoding raw_encoding; /* other than HEADER: raw PCM, and */
    uint32_t raw_rate_hz;                 /* its rate, 8000-192000, and */
    uint32_t raw_channels;                /* its channels, 1-1024 */
    uint32_t channel; /* 0: the mean of all channels; else that one, from 1 */
} heed_soundfile_options;

/* `n_samples` where only the end will tell. */
#define HEED_SOUNDFILE_UNKNOWN UINT64_MAX

typedef struct heed_soundfile_info {
    uint32_t rate_hz;     /* 8000-192000, also of what is read */
    uint32_t channels;    /* in the file; what is read is mono */
    uint64_t n_samples;   /* to be read, says the header; MP3: a guess */
    uint64_t n_nonfinite; /* samples read so far that were NaN or infinite */
    const char *format;   /* such as "WAV (Microsoft), Signed 16 bit PCM" */
} heed_soundfile_info;

/* A file being read. One thread at a time. */
typedef struct heed_soundfile heed_soundfile;

/* Finds the encoding called `name`, such as "s16le", and writes it to `*out`.
 * Returns HEED_OK, or HEED_ERR_ARG if there is none or a pointer is NULL. */
HEED_NODISCARD heed_status
heed_soundfile_encoding_parse(heed_soundfile_encoding *out, const char *name);

/* Opens `path` in `*out` (NULL on failure); release: heed_soundfile_close().
 * `path`: a file in any format that libsndfile reads, or "-" for standard
 * input. What cannot seek, as a pipe, is first copied to a temporary file
 * until it ends, since headers are read by seeking; raw PCM is not, and comes
 * as it arrives. `options`: NULL means all zero. `log` must outlive the file
 * and gets one line on failure.
 * Returns HEED_OK; HEED_ERR_ARG if an argument is out of range or the file has
 * fewer channels than `channel`; HEED_ERR_IO if it cannot be read;
 * HEED_ERR_FORMAT if it is empty, no sound file, or its header is damaged;
 * HEED_ERR_UNSUPPORTED if its encoding or rate is not; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status
heed_soundfile_open(heed_soundfile **out, const char *path,
                    const heed_soundfile_options *options, const heed_log *log);

/* Closes and releases `soundfile`; NULL is allowed. */
void heed_soundfile_close(heed_soundfile *soundfile);

/* Fills `*info`; its `format` is valid until the file is closed. */
void heed_soundfile_describe(const heed_soundfile *soundfile,
                             heed_soundfile_info *info);

/* Reads the next samples, at most `capacity` (at least 1), and writes how many
 * to `*count`. Not clipped; those not finite become 0 and are counted.
 * Returns HEED_OK with at least one sample; HEED_END after the last one, again
 * and again; before that, once, HEED_ERR_TRUNCATED if the file holds less than
 * it should or HEED_ERR_IO if reading failed, with a line to the log: every
 * sample there is has been delivered by then. Without samples `*count` is 0.
 * Allocates nothing itself. Real time: no. */
HEED_NODISCARD heed_status heed_soundfile_read(heed_soundfile *soundfile,
                                               float *mono, size_t capacity,
                                               size_t *count);

#endif /* HEED_AUDIO_SOUNDFILE_H */
