/* sink.c - where the result goes. SPDX-License-Identifier: Apache-2.0 */
#include "tools/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_TRIES 100

static bool fail(cli_sink *sink)
{
    if (sink->error == 0)
        sink->error = errno != 0 ? errno : EIO;
    return false;
}

/* Opens a new file beside `sink->path`, with the rights `mode`. */
static bool open_temporary(cli_sink *sink, mode_t mode, bool keep_mode)
{
    const size_t size = strlen(sink->path) + 32;
    int fd = -1;

    sink->temporary = malloc(size);
    if (sink->temporary == NULL)
        return fail(sink);
    for (int i = 0; fd < 0 && i < NAME_TRIES; i++) {
        snprintf(sink->temporary, size, "%s.%ld-%d.tmp", sink->path,
                 (long)getpid(), i);
        fd = open(sink->temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    /* The mask of the user applies to new files only. */
    if (fd >= 0 && keep_mode && fchmod(fd, mode) != 0)
        errno = 0;
    sink->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (sink->file != NULL)
        return true;
    fail(sink);
    if (fd >= 0) {
        close(fd);
        unlink(sink->temporary);
    }
    free(sink->temporary);
    sink->temporary = NULL;
    return false;
}

static bool open_path(cli_sink *sink, const char *path)
{
    struct stat status;
    const bool exists = stat(path, &status) == 0;

    /* A link stays a link: what it points to is replaced. */
    sink->path = exists ? realpath(path, NULL) : strdup(path);
    if (sink->path == NULL)
        return fail(sink);
    if (exists && !S_ISREG(status.st_mode)) {
        sink->file = fopen(sink->path, "w");
        return sink->file != NULL || fail(sink);
    }
    if (exists && access(sink->path, W_OK) != 0)
        return fail(sink);
    return open_temporary(sink, exists ? status.st_mode & 07777 : 0666, exists);
}

bool cli_sink_open(cli_sink *sink, const char *path)
{
    struct stat status;

    *sink = (cli_sink){0};
    if (path == NULL) {
        sink->file = stdout;
        sink->prompt =
            fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode);
        return true;
    }
    if (open_path(sink, path))
        return true;
    free(sink->path);
    sink->path = NULL;
    return false;
}

void cli_sink_write(cli_sink *sink, const char *bytes, size_t n_bytes)
{
    if (sink->error != 0 || n_bytes == 0)
        return;
    errno = 0;
    if (fwrite(bytes, 1, n_bytes, sink->file) != n_bytes)
        fail(sink);
}

void cli_sink_puts(cli_sink *sink, const char *text)
{
    cli_sink_write(sink, text, strlen(text));
}

bool cli_sink_step(cli_sink *sink)
{
    errno = 0;
    if (sink->error == 0 && sink->prompt && fflush(sink->file) != 0)
        fail(sink);
    return sink->error == 0;
}

/* Puts what was written in its place, or removes it. */
static void settle(cli_sink *sink, bool keep)
{
    const bool wanted = keep && sink->error == 0;

    if (!wanted || rename(sink->temporary, sink->path) != 0) {
        if (wanted)
            fail(sink);
        unlink(sink->temporary);
    }
    free(sink->temporary);
    sink->temporary = NULL;
}

bool cli_sink_publish(cli_sink *sink)
{
    if (sink->temporary != NULL)
        settle(sink, true);
    sink->prompt = true;
    return sink->error == 0;
}

bool cli_sink_close(cli_sink *sink, bool keep)
{
    if (sink->file == NULL)
        return sink->error == 0;
    errno = 0;
    if (fflush(sink->file) != 0)
        fail(sink);
    if (sink->path != NULL) {
        if (sink->temporary != NULL && fsync(fileno(sink->file)) != 0)
            fail(sink);
        if (fclose(sink->file) != 0)
            fail(sink);
    }
    sink->file = NULL;
    if (sink->temporary != NULL)
        settle(sink, keep);
    free(sink->path);
    sink->path = NULL;
    return sink->error == 0;
}
