/* container.h - is a sound file all there? SPDX-License-Identifier: Apache-2.0
 *
 * libsndfile shortens a file whose header promises more sound than it holds
 * without a word. This reads just enough of the header to notice. */
#ifndef HEED_AUDIO_CONTAINER_H
#define HEED_AUDIO_CONTAINER_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a file's header says about its length; all zero where it says nothing,
 * as in raw PCM and FLAC, and where a live recorder left it open. */
typedef struct heed_container {
    uint64_t promised_bytes; /* of sound, compressed or not */
    uint64_t missing_bytes;  /* of those, past the end of the file */
    bool lacks_end;    /* the file ends before the sound's beginning, or in Ogg
                          before the page that ends the stream */
    uint64_t unset_at; /* not 0: here is a WAV file's 4-byte length of its
                          sound; it is 0, though sound follows */
} heed_container;

/* Fills `*out` from `file`, which is `file_bytes` long, seekable, and read
 * from anywhere to anywhere. Knows WAV (RIFF, RIFX, RF64), W64, AIFF, AU, Ogg
 * and MP3; anything else gives all zero. */
void heed_container_inspect(heed_container *out, FILE *file,
                            uint64_t file_bytes);

#endif /* HEED_AUDIO_CONTAINER_H */
