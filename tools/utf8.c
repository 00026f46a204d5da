/* utf8.c - characters and their bytes. SPDX-License-Identifier: Apache-2.0 */
#include "tools/utf8.h"

size_t cli_utf8_length(const char *bytes, size_t n_bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    const size_t length = b[0] < 0x80                   ? 1
                          : b[0] >= 0xc2 && b[0] < 0xe0 ? 2
                          : b[0] >= 0xe0 && b[0] < 0xf0 ? 3
                          : b[0] >= 0xf0 && b[0] < 0xf5 ? 4
                                                        : 0;

    if (length > n_bytes)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    /* Too long for what they say, surrogates, beyond the last character. */
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
        (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
        return 0;
    return length;
}
