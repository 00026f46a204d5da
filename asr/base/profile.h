/* profile.h - where the time of a stream goes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Whoever wants to know gives a stream a profile; the code that runs a stage
 * says so by heed_profile_enter() and, when it goes back to the stage that it
 * was called from, heed_profile_leave(). Each moment belongs to one stage, the
 * innermost. Without a profile (NULL) nothing is read or written. */
#ifndef HEED_ASR_BASE_PROFILE_H
#define HEED_ASR_BASE_PROFILE_H
#include <stddef.h>
#include <stdint.h>

/* X(name of the enum, what people call it), in the order of the data flow. */
#define HEED_STAGE_MAP(X)           \
    X(REST, "the rest")             \
    X(RESAMPLE, "resample")         \
    X(MFCC, "mfcc")                 \
    X(STEM, "stem")                 \
    X(ENCODER, "encoder")           \
    X(CTC, "ctc")                   \
    X(MEMORY, "cross keys, values") \
    X(DECODER, "decoder layers")    \
    X(VOCABULARY, "vocabulary")     \
    X(SEARCH, "search")             \
    X(LM, "language model")

typedef enum heed_stage {
#define HEED_STAGE_ENUM(name, text) HEED_STAGE_##name,
    HEED_STAGE_MAP(HEED_STAGE_ENUM)
#undef HEED_STAGE_ENUM
        HEED_N_STAGES
} heed_stage;

typedef struct heed_profile_count {
    uint64_t n_calls;
    uint64_t time_ns; /* of the thread's processor time */
} heed_profile_count;

/* Belongs to the thread that runs the stream. */
typedef struct heed_profile {
    heed_stage now;
    uint64_t since_ns;
    heed_profile_count counts[HEED_N_STAGES];
} heed_profile;

/* Zeros; from now on time belongs to HEED_STAGE_REST. */
void heed_profile_begin(heed_profile *profile);

/* Time belongs to `stage` from now on. */
void heed_profile_switch(heed_profile *profile, heed_stage stage);

const char *heed_stage_text(heed_stage stage);

/* A call of `stage` begins. Returns the stage it was called from. */
static inline heed_stage heed_profile_enter(heed_profile *profile,
                                            heed_stage stage)
{
    heed_stage before = HEED_STAGE_REST;

    if (profile != NULL) {
        before = profile->now;
        heed_profile_switch(profile, stage);
        profile->counts[stage].n_calls++;
    }
    return before;
}

/* It ends; `before` is what heed_profile_enter() returned. */
static inline void heed_profile_leave(heed_profile *profile, heed_stage before)
{
    if (profile != NULL)
        heed_profile_switch(profile, before);
}

#endif /* HEED_ASR_BASE_PROFILE_H */
