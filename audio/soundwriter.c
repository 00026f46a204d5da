/* soundwriter.c - mono samples into a sound file. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The file is opened here and libsndfile writes to its descriptor, so that a
 * name that cannot be written is explained by the system. */
#include "audio/soundwriter.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asr/base/log.h"
#include "audio/resample.h"

struct heed_soundwriter {
    SNDFILE *file;
};

static int format_of(heed_soundwriter_format format)
{
    return format == HEED_SOUNDWRITER_FLAC
               ? SF_FORMAT_FLAC | SF_FORMAT_PCM_24
               : SF_FORMAT_RAW | SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE;
}

heed_status heed_soundwriter_create(heed_soundwriter **out, const char *path,
                                    heed_soundwriter_format format,
                                    uint32_t rate_hz, const heed_log *log)
{
    SF_INFO info = {
        .samplerate = (int)rate_hz, .channels = 1, .format = format_of(format)};
    int fd;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (path == NULL || rate_hz < HEED_RESAMPLE_MIN_HZ ||
        rate_hz > HEED_RESAMPLE_MAX_HZ)
        return HEED_ERR_ARG;

    heed_soundwriter *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        return HEED_ERR_MEMORY;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd >= 0)
        writer->file = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
    if (writer->file == NULL) {
        heed_log_error(log, "%s: %s", path,
                       fd < 0 ? strerror(errno) : sf_strerror(NULL));
        free(writer);
        return HEED_ERR_IO;
    }
    (void)sf_command(writer->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    *out = writer;
    return HEED_OK;
}

heed_status heed_soundwriter_write(heed_soundwriter *writer,
                                   const float *samples, size_t count)
{
    const sf_count_t n = (sf_count_t)count;

    return sf_write_float(writer->file, samples, n) == n ? HEED_OK
                                                         : HEED_ERR_IO;
}

heed_status heed_soundwriter_close(heed_soundwriter *writer)
{
    int error;

    if (writer == NULL)
        return HEED_OK;
    sf_write_sync(writer->file);
    error = sf_error(writer->file);
    if (sf_close(writer->file) != 0)
        error = 1;
    free(writer);
    return error == 0 ? HEED_OK : HEED_ERR_IO;
}
