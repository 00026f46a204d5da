/* hush.h - keeps libraries from writing between our messages.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_HUSH_H
#define HEED_TOOLS_HUSH_H

#include <stdio.h>

/* From now on what is written to standard error is dropped: PortAudio, as
 * Debian builds it, explains itself there whenever a device goes away, and
 * offers no way to stop it. Returns where our own messages go from now on,
 * which was standard error; stderr itself if nothing could be changed. Not to
 * be called twice. */
FILE *cli_hush_libraries(void);

#endif /* HEED_TOOLS_HUSH_H */
