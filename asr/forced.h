/* forced.h - when the letters of a known text were said.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two steps: a stream that only spells gives the CTC's posteriors of a whole
 * recording; the best path of a text's letters through them says when each was
 * said. What the search makes of the recording has no part in it. Internal: a
 * tool for measuring, not part of heed.h. */
#ifndef HEED_ASR_FORCED_H
#define HEED_ASR_FORCED_H
#include <stddef.h>
#include <stdint.h>

#include "asr/ctc.h"
#include "asr/heed.h"

/* Gets `user` and the log posteriors of the next final frames; valid during
 * the call only. Shape: log_probs [n_frames][HEED_CTC_LABELS]. */
typedef void heed_spelling_write(void *user, const float *log_probs,
                                 size_t n_frames);

/* Makes a stream that is new or reset spell only: nothing is searched, there
 * are no words, and each chunk's posteriors go to `write`, during feed and
 * finish. Lasts until the stream is destroyed. In stream.c. */
void heed_stream_spell(heed_stream *stream, heed_spelling_write *write,
                       void *user);

/* More steps than this, frames times (2 labels + 1), are not tried. */
#define HEED_FORCED_MAX_STEPS ((size_t)1 << 27)

/* The best CTC path of `labels` (no blanks; one HEED_CTC_SPACE between words)
 * through all of `n_frames`: fills `spans`, one a label. Takes about a byte a
 * step while it runs. Returns HEED_OK; HEED_ERR_ARG if there are no labels or
 * more than the frames can hold; HEED_ERR_UNSUPPORTED above
 * HEED_FORCED_MAX_STEPS; HEED_ERR_MEMORY.
 * Shape: log_probs [n_frames][HEED_CTC_LABELS]. */
HEED_NODISCARD heed_status heed_forced_align(heed_ctc_span *spans,
                                             const uint8_t *labels,
                                             size_t n_labels,
                                             const float *log_probs,
                                             size_t n_frames);

#endif /* HEED_ASR_FORCED_H */
