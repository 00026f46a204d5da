/* spool.c - records that need not fit into memory, read in the order in which
 * they were written. SPDX-License-Identifier: Apache-2.0 */
#include "lm/spool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asr/base/log.h"

/* --- The file. ------------------------------------------------------------ */

void heed_temp_file_init(heed_temp_file *file, const char *folder,
                         const heed_log *log)
{
    *file = (heed_temp_file){.fd = -1, .folder = folder, .log = log};
}

void heed_temp_file_deinit(heed_temp_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static heed_status fail(const heed_temp_file *file)
{
    heed_log_error(file->log, "%s: temporary file: %s", file->folder,
                   strerror(errno));
    return HEED_ERR_IO;
}

static heed_status open_file(heed_temp_file *file)
{
    char path[4096];
    const int length =
        snprintf(path, sizeof path, "%s/heed-lm-XXXXXX", file->folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return fail(file);
    }
    file->fd = mkstemp(path);
    if (file->fd < 0)
        return fail(file);
    unlink(path);
    return HEED_OK;
}

heed_status heed_temp_file_write(heed_temp_file *file, const void *bytes,
                                 size_t n_bytes, uint64_t offset)
{
    const unsigned char *from = bytes;
    if (file->fd < 0) {
        const heed_status status = open_file(file);
        if (status != HEED_OK)
            return status;
    }
    while (n_bytes > 0) {
        const ssize_t n = pwrite(file->fd, from, n_bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(file);
        from += n;
        n_bytes -= (size_t)n;
        offset += (uint64_t)n;
    }
    return HEED_OK;
}

heed_status heed_temp_file_read(heed_temp_file *file, void *bytes,
                                size_t n_bytes, uint64_t offset)
{
    unsigned char *to = bytes;
    while (n_bytes > 0) {
        const ssize_t n = pread(file->fd, to, n_bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return fail(file);
        to += n;
        n_bytes -= (size_t)n;
        offset += (uint64_t)n;
    }
    return HEED_OK;
}

/* --- The spool. ----------------------------------------------------------- */

struct heed_spool {
    heed_temp_file file;
    size_t record_words;
    size_t capacity;  /* records in `buffer` */
    size_t n_buffer;  /* records that lie in it */
    size_t at;        /* next of them to read */
    uint64_t n_filed; /* records in the file */
    uint64_t n_read;  /* of these, those that have been in the buffer */
    uint32_t *buffer; /* [capacity][record_words] */
};

heed_status heed_spool_create(heed_spool **out, size_t record_words,
                              size_t buffer_bytes, const char *folder,
                              const heed_log *log)
{
    const size_t record_bytes = record_words * sizeof(uint32_t);
    *out = NULL;
    heed_spool *spool = calloc(1, sizeof *spool);
    if (spool) {
        heed_temp_file_init(&spool->file, folder, log);
        spool->record_words = record_words;
        spool->capacity =
            buffer_bytes > record_bytes ? buffer_bytes / record_bytes : 1;
        spool->buffer = malloc(spool->capacity * record_bytes);
    }
    if (!spool || !spool->buffer) {
        heed_spool_destroy(spool);
        heed_log_error(log, "language model: out of memory");
        return HEED_ERR_MEMORY;
    }
    *out = spool;
    return HEED_OK;
}

void heed_spool_destroy(heed_spool *spool)
{
    if (!spool)
        return;
    heed_temp_file_deinit(&spool->file);
    free(spool->buffer);
    free(spool);
}

static size_t bytes_of(const heed_spool *spool, size_t n_records)
{
    return n_records * spool->record_words * sizeof(uint32_t);
}

/* Moves the buffer to the end of the file. */
static heed_status flush(heed_spool *spool)
{
    const heed_status status = heed_temp_file_write(
        &spool->file, spool->buffer, bytes_of(spool, spool->n_buffer),
        spool->n_filed * bytes_of(spool, 1));
    spool->n_filed += spool->n_buffer;
    spool->n_buffer = 0;
    return status;
}

heed_status heed_spool_put(heed_spool *spool, const uint32_t *record)
{
    if (spool->n_buffer == spool->capacity) {
        const heed_status status = flush(spool);
        if (status != HEED_OK)
            return status;
    }
    memcpy(spool->buffer + spool->n_buffer * spool->record_words, record,
           bytes_of(spool, 1));
    spool->n_buffer++;
    return HEED_OK;
}

heed_status heed_spool_rewind(heed_spool *spool)
{
    heed_status status = HEED_OK;
    /* What never went to the file is read where it is. */
    if (spool->n_filed > 0) {
        if (spool->n_read == 0)
            status = flush(spool);
        spool->n_buffer = 0;
    }
    spool->n_read = 0;
    spool->at = 0;
    return status;
}

heed_status heed_spool_next(heed_spool *spool, const uint32_t **record)
{
    *record = NULL;
    if (spool->at == spool->n_buffer) {
        const uint64_t left = spool->n_filed - spool->n_read;
        if (left == 0)
            return HEED_END;
        const size_t n =
            left < spool->capacity ? (size_t)left : spool->capacity;
        const heed_status status =
            heed_temp_file_read(&spool->file, spool->buffer, bytes_of(spool, n),
                                spool->n_read * bytes_of(spool, 1));
        if (status != HEED_OK)
            return status;
        spool->n_read += n;
        spool->n_buffer = n;
        spool->at = 0;
    }
    *record = spool->buffer + spool->at++ * spool->record_words;
    return HEED_OK;
}
