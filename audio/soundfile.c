/* soundfile.c - mono samples out of a sound file. SPDX-License-Identifier:
 * Apache-2.0
 *
 * libsndfile decodes, but every byte goes through functions of ours: one way
 * for files, standard input and named pipes, and a failed read is told from
 * the end of the file. Containers can only be read by seeking (an Ogg stream's
 * length is at its end, a WAV file's sound may come before its format), so what
 * cannot seek is spooled into an unnamed temporary file; memory stays flat.
 * Raw PCM needs no seeking and is read as it comes. */
#include "audio/soundfile.h"

#include "asr/base/log.h"
#include "audio/container.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    MIN_RATE_HZ = 8000,
    MAX_RATE_HZ = 192000,
    MAX_CHANNELS = 1024,
    BLOCK_FLOATS = 4096,
    SPOOL_BYTES = 65536,
    FORMAT_BYTES = 128,
    ERROR_BYTES = 128
};

/* A length from here on means that libsndfile does not know it. */
#define UNKNOWN_FRAMES ((sf_count_t)1 << 60)

/* What the virtual file functions work on. */
typedef struct source {
    FILE *file;
    bool can_seek;
    bool failed;         /* a read failed: `error` says why */
    int error;           /* an errno */
    sf_count_t size;     /* bytes; if it cannot seek, a large number */
    sf_count_t position; /* bytes */
    sf_count_t unset_at; /* not 0: where 4 bytes are read as 0xFF */
} source;

struct heed_soundfile {
    source source;
    SNDFILE *decoder;
    SF_INFO sf;
    heed_container container;
    const heed_log *log;
    char *name; /* for messages */
    uint32_t channel;
    bool is_raw;
    size_t raw_frame_bytes; /* all channels of one raw sample */
    bool ended;
    uint64_t n_read;
    uint64_t n_nonfinite;
    char format[FORMAT_BYTES];
    float block[BLOCK_FLOATS]; /* [frames][channels] */
};

static const struct {
    int format;
    size_t bytes;
} raw_formats[] = {
    [HEED_SOUNDFILE_U8] = {SF_FORMAT_PCM_U8, 1},
    [HEED_SOUNDFILE_S16LE] = {SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE, 2},
    [HEED_SOUNDFILE_S24LE] = {SF_FORMAT_PCM_24 | SF_ENDIAN_LITTLE, 3},
    [HEED_SOUNDFILE_S32LE] = {SF_FORMAT_PCM_32 | SF_ENDIAN_LITTLE, 4},
    [HEED_SOUNDFILE_F32LE] = {SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE, 4},
    [HEED_SOUNDFILE_ALAW] = {SF_FORMAT_ALAW, 1},
    [HEED_SOUNDFILE_ULAW] = {SF_FORMAT_ULAW, 1},
};

heed_status heed_soundfile_encoding_parse(heed_soundfile_encoding *out,
                                          const char *name)
{
    static const struct {
        heed_soundfile_encoding encoding;
        const char *name;
    } names[] = {
#define ENCODING_NAME(encoding, text) {encoding, text},
        HEED_SOUNDFILE_ENCODING_MAP(ENCODING_NAME)
#undef ENCODING_NAME
    };

    if (out == NULL || name == NULL)
        return HEED_ERR_ARG;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            *out = names[i].encoding;
            return HEED_OK;
        }
    }
    return HEED_ERR_ARG;
}

/* --- The virtual file. --------------------------------------------------- */

static sf_count_t source_size(void *user)
{
    const source *s = user;

    return s->size;
}

static sf_count_t source_seek(sf_count_t offset, int whence, void *user)
{
    source *s = user;
    sf_count_t target = offset;

    if (whence == SEEK_CUR)
        target += s->position;
    else if (whence == SEEK_END)
        target += s->size;
    if (target < 0)
        return -1;
    if (target == s->position)
        return target;
    if (!s->can_seek || fseeko(s->file, (off_t)target, SEEK_SET) != 0)
        return -1;
    s->position = target;
    return target;
}

static sf_count_t source_read(void *to, sf_count_t bytes, void *user)
{
    source *s = user;
    size_t count;

    if (bytes <= 0)
        return 0;
    count = fread(to, 1, (size_t)bytes, s->file);
    if (count < (size_t)bytes && ferror(s->file) && !s->failed) {
        s->failed = true;
        s->error = errno;
    }
    for (sf_count_t i = s->unset_at; i < s->unset_at + 4 && i > 0; i++) {
        if (i >= s->position && i < s->position + (sf_count_t)count)
            ((unsigned char *)to)[i - s->position] = 0xFF;
    }
    s->position += (sf_count_t)count;
    return (sf_count_t)count;
}

/* Never called, as nothing is opened for writing, but asked for. */
static sf_count_t source_write(const void *from, sf_count_t bytes, void *user)
{
    (void)from;
    (void)bytes;
    (void)user;
    return 0;
}

static sf_count_t source_tell(void *user)
{
    const source *s = user;

    return s->position;
}

static const SF_VIRTUAL_IO source_functions = {
    source_size, source_seek, source_read, source_write, source_tell};

/* --- Opening. ------------------------------------------------------------ */

/* Logs `what` and the reason behind the errno `error`. */
static heed_status fail_io(const heed_soundfile *s, const char *what, int error)
{
    char reason[ERROR_BYTES];

    if (strerror_r(error, reason, sizeof reason) != 0)
        (void)snprintf(reason, sizeof reason, "error %d", error);
    heed_log_error(s->log, "%s: %s: %s", s->name, what, reason);
    return HEED_ERR_IO;
}

/* Replaces the source's file, which cannot seek, by a copy of all it holds. */
static heed_status spool(heed_soundfile *s)
{
    FILE *from = s->source.file;
    FILE *copy = tmpfile();
    char *buffer = malloc(SPOOL_BYTES);
    heed_status status = HEED_OK;
    size_t count;

    if (buffer == NULL)
        status = HEED_ERR_MEMORY;
    else if (copy == NULL)
        status = fail_io(s, "no temporary file to copy it to", errno);
    while (status == HEED_OK &&
           (count = fread(buffer, 1, SPOOL_BYTES, from)) > 0) {
        if (fwrite(buffer, 1, count, copy) != count)
            status = fail_io(s, "cannot copy it to a temporary file", errno);
    }
    if (status == HEED_OK && ferror(from))
        status = fail_io(s, "cannot read", errno);
    if (status == HEED_OK && fflush(copy) != 0)
        status = fail_io(s, "cannot copy it to a temporary file", errno);
    free(buffer);
    if (status != HEED_OK) {
        if (copy != NULL)
            (void)fclose(copy);
        return status;
    }
    s->source.size = (sf_count_t)ftello(copy);
    s->source.file = copy;
    s->source.can_seek = true;
    rewind(copy);
    if (from != stdin)
        (void)fclose(from);
    return HEED_OK;
}

/* Opens the bytes: s->source is ready to be read from its first. */
static heed_status open_source(heed_soundfile *s, const char *path)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    struct stat about;

    s->source.file = is_stdin ? stdin : fopen(path, "rb");
    if (s->source.file == NULL)
        return fail_io(s, "cannot open", errno);
    if (fstat(fileno(s->source.file), &about) != 0)
        return fail_io(s, "cannot open", errno);
    if (S_ISDIR(about.st_mode)) {
        heed_log_error(s->log, "%s: is a folder, not a sound file", s->name);
        return HEED_ERR_IO;
    }
    s->source.size = UNKNOWN_FRAMES;
    if (S_ISREG(about.st_mode) && ftello(s->source.file) == 0) {
        s->source.can_seek = true;
        s->source.size = (sf_count_t)about.st_size;
    } else if (!s->is_raw) {
        const heed_status status = spool(s);

        if (status != HEED_OK)
            return status;
    }
    if (s->source.size == 0 && !s->is_raw) {
        heed_log_error(s->log, "%s: is empty", s->name);
        return HEED_ERR_FORMAT;
    }
    return HEED_OK;
}

/* Says in our words what sf_open_virtual() means. */
static heed_status fail_decoder(const heed_soundfile *s)
{
    const int error = sf_error(NULL);

    if (s->source.failed)
        return fail_io(s, "cannot read", s->source.error);
    switch (error) {
    case SF_ERR_UNRECOGNISED_FORMAT:
        heed_log_error(s->log,
                       "%s: is not a sound file of a known format; the format "
                       "of raw PCM must be given",
                       s->name);
        return HEED_ERR_FORMAT;
    case SF_ERR_UNSUPPORTED_ENCODING:
        heed_log_error(s->log, "%s: its encoding is not supported", s->name);
        return HEED_ERR_UNSUPPORTED;
    default:
        heed_log_error(s->log,
                       "%s: its header is damaged or cut short (libsndfile: "
                       "%s)",
                       s->name, sf_error_number(error));
        return HEED_ERR_FORMAT;
    }
}

static heed_status check_sound(const heed_soundfile *s)
{
    if (s->sf.samplerate < MIN_RATE_HZ || s->sf.samplerate > MAX_RATE_HZ) {
        heed_log_error(s->log,
                       "%s: a sample rate of %d Hz is not within %d-%d Hz",
                       s->name, s->sf.samplerate, MIN_RATE_HZ, MAX_RATE_HZ);
        return HEED_ERR_UNSUPPORTED;
    }
    if (s->sf.channels < 1 || s->sf.channels > MAX_CHANNELS) {
        heed_log_error(s->log, "%s: %d channels are not supported", s->name,
                       s->sf.channels);
        return HEED_ERR_UNSUPPORTED;
    }
    if (s->channel > (uint32_t)s->sf.channels) {
        heed_log_error(s->log, "%s: has no channel %" PRIu32 ", only %d",
                       s->name, s->channel, s->sf.channels);
        return HEED_ERR_ARG;
    }
    return HEED_OK;
}

static void describe_format(heed_soundfile *s)
{
    SF_FORMAT_INFO major = {.format = s->sf.format & SF_FORMAT_TYPEMASK};
    SF_FORMAT_INFO minor = {.format = s->sf.format & SF_FORMAT_SUBMASK};

    (void)sf_command(NULL, SFC_GET_FORMAT_INFO, &major, (int)sizeof major);
    (void)sf_command(NULL, SFC_GET_FORMAT_INFO, &minor, (int)sizeof minor);
    (void)snprintf(s->format, sizeof s->format, "%s, %s",
                   major.name != NULL ? major.name : "unknown",
                   minor.name != NULL ? minor.name : "unknown");
}

static heed_status open_decoder(heed_soundfile *s,
                                const heed_soundfile_options *options)
{
    SF_VIRTUAL_IO functions = source_functions;

    if (s->is_raw) {
        s->sf.format =
            SF_FORMAT_RAW | raw_formats[options->raw_encoding].format;
        s->raw_frame_bytes =
            raw_formats[options->raw_encoding].bytes * options->raw_channels;
        s->sf.samplerate = (int)options->raw_rate_hz;
        s->sf.channels = (int)options->raw_channels;
    } else {
        heed_container_inspect(&s->container, s->source.file,
                               (uint64_t)s->source.size);
        /* libsndfile knows "not known" as the largest length, not as 0. */
        s->source.unset_at = (sf_count_t)s->container.unset_at;
        rewind(s->source.file);
    }
    s->decoder = sf_open_virtual(&functions, SFM_READ, &s->sf, &s->source);
    if (s->decoder == NULL)
        return fail_decoder(s);
    describe_format(s);
    return check_sound(s);
}

static bool options_are_valid(const heed_soundfile_options *options)
{
    const int encoding = (int)options->raw_encoding;

    if (encoding == HEED_SOUNDFILE_HEADER)
        return true;
    return encoding > 0 &&
           (size_t)encoding < sizeof raw_formats / sizeof raw_formats[0] &&
           options->raw_rate_hz >= MIN_RATE_HZ &&
           options->raw_rate_hz <= MAX_RATE_HZ && options->raw_channels >= 1 &&
           options->raw_channels <= MAX_CHANNELS;
}

heed_status heed_soundfile_open(heed_soundfile **out, const char *path,
                                const heed_soundfile_options *options,
                                const heed_log *log)
{
    static const heed_soundfile_options no_options = {0};
    heed_soundfile *s;
    const char *name;
    heed_status status;

    if (out == NULL)
        return HEED_ERR_ARG;
    *out = NULL;
    if (options == NULL)
        options = &no_options;
    if (path == NULL || !options_are_valid(options))
        return HEED_ERR_ARG;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return HEED_ERR_MEMORY;
    name = strcmp(path, "-") == 0 ? "standard input" : path;
    s->log = log;
    s->channel = options->channel;
    s->is_raw = options->raw_encoding != HEED_SOUNDFILE_HEADER;
    s->name = malloc(strlen(name) + 1);
    if (s->name == NULL) {
        status = HEED_ERR_MEMORY;
        goto out;
    }
    memcpy(s->name, name, strlen(name) + 1);
    status = open_source(s, path);
    if (status == HEED_OK)
        status = open_decoder(s, options);

out:
    if (status != HEED_OK) {
        heed_soundfile_close(s);
        return status;
    }
    *out = s;
    return HEED_OK;
}

void heed_soundfile_close(heed_soundfile *soundfile)
{
    if (soundfile == NULL)
        return;
    if (soundfile->decoder != NULL)
        (void)sf_close(soundfile->decoder);
    if (soundfile->source.file != NULL && soundfile->source.file != stdin)
        (void)fclose(soundfile->source.file);
    free(soundfile->name);
    free(soundfile);
}

void heed_soundfile_describe(const heed_soundfile *soundfile,
                             heed_soundfile_info *info)
{
    const heed_soundfile *s = soundfile;

    *info = (heed_soundfile_info){
        .rate_hz = (uint32_t)s->sf.samplerate,
        .channels = (uint32_t)s->sf.channels,
        .n_samples = s->sf.frames < 0 || !s->source.can_seek ||
                             s->sf.frames >= UNKNOWN_FRAMES
                         ? HEED_SOUNDFILE_UNKNOWN
                         : (uint64_t)s->sf.frames,
        .n_nonfinite = s->n_nonfinite,
        .format = s->format,
    };
}

/* --- Reading. ------------------------------------------------------------ */

/* Returns `sample`, or 0 if it is not finite. */
static float finite_or_zero(heed_soundfile *s, float sample)
{
    if (isfinite(sample))
        return sample;
    s->n_nonfinite++;
    return 0.0F;
}

static void mix_down(heed_soundfile *s, float *mono /* [n_frames] */,
                     size_t n_frames)
{
    const size_t n_channels = (size_t)s->sf.channels;

    for (size_t t = 0; t < n_frames; t++) {
        const float *frame = s->block + t * n_channels;
        double sum = 0.0;

        if (s->channel != 0) {
            mono[t] = finite_or_zero(s, frame[s->channel - 1]);
            continue;
        }
        for (size_t c = 0; c < n_channels; c++)
            sum += (double)finite_or_zero(s, frame[c]);
        mono[t] = (float)(sum / (double)n_channels);
    }
}

static bool is_cut_within_sample(const heed_soundfile *s)
{
    return s->is_raw && (size_t)s->source.position % s->raw_frame_bytes != 0;
}

/* Says how the file ended; called once. */
static heed_status end(heed_soundfile *s)
{
    heed_soundfile_info info;

    heed_soundfile_describe(s, &info);
    s->ended = true;
    if (s->n_nonfinite > 0)
        heed_log_warning(
            s->log, "%s: %" PRIu64 " samples were not finite and taken as 0",
            s->name, s->n_nonfinite);
    if (s->source.failed)
        return fail_io(s, "cannot read on", s->source.error);
    if (s->container.missing_bytes > 0) {
        heed_log_warning(s->log,
                         "%s: ends early: %" PRIu64 " of %" PRIu64
                         " bytes of sound are missing",
                         s->name, s->container.missing_bytes,
                         s->container.promised_bytes);
        return HEED_ERR_TRUNCATED;
    }
    /* The length of an MP3 file is a guess where its encoder did not say. */
    if (info.n_samples != HEED_SOUNDFILE_UNKNOWN &&
        s->n_read < info.n_samples &&
        (s->sf.format & SF_FORMAT_TYPEMASK) != SF_FORMAT_MPEG) {
        heed_log_warning(s->log,
                         "%s: ends early: %" PRIu64 " of %" PRIu64
                         " samples are missing or damaged",
                         s->name, info.n_samples - s->n_read, info.n_samples);
        return HEED_ERR_TRUNCATED;
    }
    if (is_cut_within_sample(s)) {
        heed_log_warning(s->log, "%s: ends within a sample, which is lost",
                         s->name);
        return HEED_ERR_TRUNCATED;
    }
    if (s->container.lacks_end || sf_error(s->decoder) != SF_ERR_NO_ERROR) {
        heed_log_warning(s->log,
                         "%s: ends early, after %" PRIu64
                         " samples; how many are missing is not known",
                         s->name, s->n_read);
        return HEED_ERR_TRUNCATED;
    }
    return HEED_END;
}

heed_status heed_soundfile_read(heed_soundfile *soundfile, float *mono,
                                size_t capacity, size_t *count)
{
    heed_soundfile *s = soundfile;
    size_t n_frames;
    sf_count_t n_read;

    if (count != NULL)
        *count = 0;
    if (s == NULL || mono == NULL || capacity == 0 || count == NULL)
        return HEED_ERR_ARG;
    if (s->ended)
        return HEED_END;
    n_frames = BLOCK_FLOATS / (size_t)s->sf.channels;
    if (n_frames > capacity)
        n_frames = capacity;
    n_read = sf_readf_float(s->decoder, s->block, (sf_count_t)n_frames);
    if (n_read <= 0)
        return end(s);
    mix_down(s, mono, (size_t)n_read);
    s->n_read += (uint64_t)n_read;
    *count = (size_t)n_read;
    return HEED_OK;
}
