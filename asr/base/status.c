/* status.c - what a status means, in words, and the version.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/status.h"

const char *heed_status_text(heed_status status)
{
    switch (status) {
#define HEED_STATUS_TEXT(name, value, text) \
    case name:                              \
        return text;
        HEED_STATUS_MAP(HEED_STATUS_TEXT)
#undef HEED_STATUS_TEXT
    }
    return "unknown status";
}

const char *heed_version(void)
{
    return HEED_VERSION;
}
