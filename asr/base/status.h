/* status.h - the statuses, for every folder. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The one list of statuses is public, in heed.h; this header is how the
 * inner parts ask for it. */
#ifndef HEED_ASR_BASE_STATUS_H
#define HEED_ASR_BASE_STATUS_H

#include "asr/heed.h"

#endif /* HEED_ASR_BASE_STATUS_H */
