/* fuzz_soundfile.c - any bytes as a sound file. SPDX-License-Identifier:
 * Apache-2.0
 *
 * What is read is finite, and no more than libsndfile can find in so many
 * bytes. */
#include "audio/soundfile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { MAX_READS = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    char path[] = "/tmp/heed-fuzz-XXXXXX";
    float mono[512];
    heed_soundfile *sound = NULL;
    size_t n_reads = 0;
    size_t count;
    const int fd = mkstemp(path);

    if (fd < 0 || write(fd, data, n_bytes) != (ssize_t)n_bytes)
        abort();
    if (heed_soundfile_open(&sound, path, NULL, NULL) == HEED_OK) {
        /* After an error, too, all that is left is the end. */
        while (heed_soundfile_read(sound, mono, 512, &count) != HEED_END &&
               n_reads++ < MAX_READS)
            for (size_t i = 0; i < count; i++)
                if (!isfinite(mono[i]))
                    abort();
    }
    heed_soundfile_close(sound);
    (void)close(fd);
    (void)unlink(path);
    return 0;
}
