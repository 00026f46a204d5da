/* utf8.h - characters and their bytes. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_UTF8_H
#define HEED_TOOLS_UTF8_H

#include <stddef.h>

/* Returns the length of the UTF-8 character at `bytes`, of which `n_bytes` >
 * 0 may be read; 0 if there is none. */
size_t cli_utf8_length(const char *bytes, size_t n_bytes);

#endif /* HEED_TOOLS_UTF8_H */
