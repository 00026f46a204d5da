/* profile.c - where the time of a stream goes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/profile.h"

#include <time.h>

/* Processor time, so that a busy machine does not matter much. */
static uint64_t now_ns(void)
{
    struct timespec t = {0, 0};

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void heed_profile_begin(heed_profile *profile)
{
    *profile = (heed_profile){.now = HEED_STAGE_REST, .since_ns = now_ns()};
}

void heed_profile_switch(heed_profile *profile, heed_stage stage)
{
    const uint64_t now = now_ns();

    profile->counts[profile->now].time_ns += now - profile->since_ns;
    profile->now = stage;
    profile->since_ns = now;
}

const char *heed_stage_text(heed_stage stage)
{
    static const char *const texts[HEED_N_STAGES] = {
#define HEED_STAGE_TEXT(name, text) text,
        HEED_STAGE_MAP(HEED_STAGE_TEXT)
#undef HEED_STAGE_TEXT
    };

    return (unsigned)stage < HEED_N_STAGES ? texts[stage] : "?";
}
