/* mapping.c - a file as read-only memory. SPDX-License-Identifier: Apache-2.0
 */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise() */
#endif
#include "asr/base/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asr/base/log.h"

static heed_status fail(const heed_log *log, const char *path,
                        const char *cause)
{
    heed_log_error(log, "%s: %s", path, cause);
    return HEED_ERR_IO;
}

static heed_status fail_errno(const heed_log *log, const char *path)
{
    char cause[128] = "";
    if (strerror_r(errno, cause, sizeof cause) != 0)
        return fail(log, path, "cannot be read");
    return fail(log, path, cause);
}

static heed_status map(heed_mapping *out, int file, const char *path,
                       const heed_log *log)
{
    struct stat about;
    if (fstat(file, &about) != 0)
        return fail_errno(log, path);
    if (!S_ISREG(about.st_mode))
        return fail(log, path, "not a regular file");
    if (about.st_size == 0)
        return HEED_OK;
    if ((uintmax_t)about.st_size > SIZE_MAX)
        return fail(log, path, "too large for this machine");
    void *data =
        mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED)
        return fail_errno(log, path);
    out->block = data;
    out->data = data;
    out->n_bytes = (size_t)about.st_size;
    return HEED_OK;
}

heed_status heed_mapping_open(heed_mapping *out, const char *path,
                              const heed_log *log)
{
    *out = (heed_mapping){0};
    /* O_NONBLOCK: a FIFO is refused instead of waited for. */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail_errno(log, path);
    const heed_status status = map(out, file, path, log);
    (void)close(file);
    return status;
}

void heed_mapping_forget(const heed_mapping *mapping)
{
#ifdef MADV_DONTNEED
    if (mapping->block)
        (void)madvise(mapping->block, mapping->n_bytes, MADV_DONTNEED);
#else
    (void)mapping;
#endif
}

void heed_mapping_close(heed_mapping *mapping)
{
    if (mapping->block)
        (void)munmap(mapping->block, mapping->n_bytes);
    *mapping = (heed_mapping){0};
}
