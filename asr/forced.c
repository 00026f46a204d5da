/* forced.c - see forced.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/forced.h"

heed_status heed_forced_align(heed_ctc_span *spans, const uint8_t *labels,
                              size_t n_labels, const float *log_probs,
                              size_t n_frames)
{
    heed_ctc_aligner aligner;
    heed_arena arena;
    heed_status status;

    if (n_labels == 0 || n_labels > n_frames)
        return HEED_ERR_ARG;
    if (n_frames > HEED_FORCED_MAX_STEPS / (2 * n_labels + 1))
        return HEED_ERR_UNSUPPORTED;
    heed_arena_init_measure(&arena);
    heed_ctc_aligner_init(&aligner, n_labels, n_frames, &arena);
    status = heed_arena_init(&arena, heed_arena_used(&arena));
    if (status != HEED_OK)
        return status;
    heed_ctc_aligner_init(&aligner, n_labels, n_frames, &arena);
    status = heed_arena_status(&arena);
    if (status == HEED_OK && heed_ctc_align(&aligner, spans, labels, n_labels,
                                            log_probs, n_frames) < n_labels)
        status = HEED_ERR_ARG;
    heed_arena_deinit(&arena);
    return status;
}
