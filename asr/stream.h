/* stream.h - what tools of this library's own may ask of a stream, beyond
 * heed.h. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_STREAM_H
#define HEED_ASR_STREAM_H
#include "asr/base/profile.h"
#include "asr/heed.h"

/* From now on the stream's stages are entered in `profile`, borrowed; NULL:
 * nowhere. */
void heed_stream_profile(heed_stream *stream, heed_profile *profile);

#endif /* HEED_ASR_STREAM_H */
