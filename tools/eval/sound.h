/* sound.h - the samples of one utterance. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_EVAL_SOUND_H
#define HEED_TOOLS_EVAL_SOUND_H

#include "tools/eval/item.h"

#include "audio/soundfile.h"

/* An utterance being read: a file, a part of one, or what a command writes. */
typedef struct eval_sound {
    heed_soundfile *file;
    const eval_item *item;
    const heed_log *log;
    uint32_t rate_hz;
    uint64_t n_before; /* samples before the utterance */
    uint64_t n_left;   /* of the utterance; UINT64_MAX: to the file's end */
    size_t room;       /* samples in 20 ms */
    float *block;      /* [room] the samples at hand */
} eval_sound;

/* Opens the audio of `item`, which with `log` must outlive `*sound`. Returns
 * HEED_OK, or why it cannot, with a line to the log. Release in every case:
 * eval_sound_close(). Any thread. */
heed_status eval_sound_open(eval_sound *sound, const eval_item *item,
                            const heed_log *log);

/* Puts the next `*count` samples, at least one, into `sound->block`. Returns
 * HEED_OK; HEED_END after the utterance's last one; or what is wrong with the
 * file, with a line to the log. */
heed_status eval_sound_next(eval_sound *sound, size_t *count);

void eval_sound_close(eval_sound *sound);

#endif /* HEED_TOOLS_EVAL_SOUND_H */
