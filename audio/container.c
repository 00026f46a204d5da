/* container.c - is a sound file all there? SPDX-License-Identifier: Apache-2.0
 *
 * RIFF, W64 and AIFF files are lists of chunks, each a name and a length; the
 * one with the sound is looked for and its length compared with the file's.
 * Who records to a pipe cannot know the length when writing the header and
 * puts in 0 or something near 2 or 4 GiB: such a length is taken as unknown
 * (so a file cut down from really more than 2 GiB goes unnoticed, unless it is
 * RF64 or W64). An Ogg stream has no length, but its last page is marked. An
 * MP3 file has none either, but most encoders put one into the first frame. */
#include "audio/container.h"

#include <stddef.h>
#include <string.h>

enum { MAX_CHUNKS = 4096, OGG_TAIL_BYTES = 65536 + 4096, OGG_HEAD_BYTES = 27 };

/* From here on a 32-bit length is a placeholder. */
#define PLACEHOLDER_BYTES 0x7FFFF000U

typedef struct input {
    FILE *file;
    uint64_t size;
} input;

static bool read_at(const input *in, uint64_t offset, void *to, size_t bytes)
{
    if (offset > in->size || in->size - offset < bytes)
        return false;
    return fseeko(in->file, (off_t)offset, SEEK_SET) == 0 &&
           fread(to, 1, bytes, in->file) == bytes;
}

static uint64_t little_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;

    for (size_t i = count; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool has_tag(const unsigned char *bytes, const char *tag)
{
    return memcmp(bytes, tag, 4) == 0;
}

static void promise(heed_container *out, const input *in, uint64_t start,
                    uint64_t bytes)
{
    const uint64_t present = start < in->size ? in->size - start : 0;

    out->promised_bytes = bytes;
    out->missing_bytes = bytes > present ? bytes - present : 0;
}

/* The same, for a length of 32 bits that may stand for "not known". */
static void promise_32(heed_container *out, const input *in, uint64_t start,
                       uint64_t bytes)
{
    if (bytes != 0 && bytes < PLACEHOLDER_BYTES)
        promise(out, in, start, bytes);
}

/* Returns whether bytes that are not a chunk follow `offset`: the sound of a
 * recorder that died before it could put its length into the header. */
static bool sound_follows(const input *in, uint64_t offset)
{
    unsigned char head[8];
    bool is_name = true;

    if (!read_at(in, offset, head, 8))
        return offset < in->size;
    for (size_t i = 0; i < 4; i++)
        is_name = is_name && head[i] >= 0x20 && head[i] < 0x7F;
    return !is_name || little_endian(head + 4, 4) > in->size - offset - 8;
}

/* Chunks of a 4-byte name and a 4-byte length, padded to even lengths. */
static void inspect_chunks(heed_container *out, const input *in,
                           const char *sound_tag, bool is_big_endian)
{
    uint64_t offset = 12;
    uint64_t long_bytes = 0; /* what an RF64's ds64 chunk gives */
    unsigned char head[24];

    for (int i = 0; i < MAX_CHUNKS && read_at(in, offset, head, 8); i++) {
        const uint64_t bytes = is_big_endian ? big_endian(head + 4, 4)
                                             : little_endian(head + 4, 4);

        if (has_tag(head, sound_tag)) {
            if (long_bytes != 0)
                promise(out, in, offset + 8, long_bytes);
            else
                promise_32(out, in, offset + 8, bytes);
            if (bytes == 0 && !is_big_endian && sound_follows(in, offset + 8))
                out->unset_at = offset + 4;
            return;
        }
        if (has_tag(head, "ds64") && read_at(in, offset, head, 24))
            long_bytes = little_endian(head + 16, 8);
        offset += 8 + bytes + (bytes & 1U);
    }
    out->lacks_end = true;
}

/* Chunks of a 16-byte name that begins with the old one and an 8-byte length
 * that includes this header, padded to multiples of 8. */
static void inspect_w64(heed_container *out, const input *in)
{
    uint64_t offset = 40;
    unsigned char head[24];

    for (int i = 0; i < MAX_CHUNKS && read_at(in, offset, head, 24); i++) {
        const uint64_t bytes = little_endian(head + 16, 8);

        if (bytes < 24 || bytes > UINT64_MAX / 4)
            return;
        if (has_tag(head, "data")) {
            promise(out, in, offset + 24, bytes - 24);
            return;
        }
        offset += (bytes + 7) & ~(uint64_t)7;
    }
    out->lacks_end = true;
}

/* ".snd", where the sound begins, how long it is; "dns." has the bytes of
 * each number the other way around. */
static void inspect_au(heed_container *out, const input *in,
                       const unsigned char *head)
{
    if (has_tag(head, ".snd"))
        promise_32(out, in, big_endian(head + 4, 4), big_endian(head + 8, 4));
    else
        promise_32(out, in, little_endian(head + 4, 4),
                   little_endian(head + 8, 4));
}

/* Returns whether the page at `offset` ends the stream and is all there. */
static bool is_last_ogg_page(const input *in, uint64_t offset)
{
    unsigned char head[OGG_HEAD_BYTES];
    unsigned char lengths[255];
    uint64_t end = offset + OGG_HEAD_BYTES;

    if (!read_at(in, offset, head, sizeof head) ||
        !read_at(in, end, lengths, head[26]))
        return false;
    end += head[26];
    for (size_t i = 0; i < head[26]; i++)
        end += lengths[i];
    return (head[5] & 4U) != 0 && end <= in->size;
}

/* Pages are at most 65307 bytes long, so the tail holds the head of the last
 * one. */
static void inspect_ogg(heed_container *out, const input *in)
{
    unsigned char block[1024];
    uint64_t offset = in->size > OGG_TAIL_BYTES ? in->size - OGG_TAIL_BYTES : 0;
    uint64_t last = 0;

    while (offset + OGG_HEAD_BYTES <= in->size) {
        const uint64_t left = in->size - offset;
        const size_t bytes = left < sizeof block ? (size_t)left : sizeof block;

        if (!read_at(in, offset, block, bytes))
            return;
        for (size_t i = 0; i + OGG_HEAD_BYTES <= bytes; i++) {
            if (has_tag(block + i, "OggS") && block[i + 4] == 0)
                last = offset + i;
        }
        /* Blocks overlap, lest a head be cut in two. */
        offset += bytes - (OGG_HEAD_BYTES - 1);
    }
    out->lacks_end = !is_last_ogg_page(in, last);
}

/* After an ID3v2 tag, if any, whose length is in 4 times 7 bits, comes the
 * first frame. In place of sound it may have the tag "Xing" or "Info", whose
 * place depends on version and channels: flags, then if bit 0 is set the
 * number of frames, then if bit 1 is set that of bytes from this frame on. */
static void inspect_mp3(heed_container *out, const input *in)
{
    static const size_t tag_offsets[] = {13, 21, 36};
    unsigned char frame[64];
    uint64_t start = 0;

    if (!read_at(in, 0, frame, 10))
        return;
    if (memcmp(frame, "ID3", 3) == 0) {
        start = 10U + ((frame[5] & 0x10U) != 0 ? 10U : 0U) +
                ((uint64_t)(frame[6] & 0x7FU) << 21 |
                 (uint64_t)(frame[7] & 0x7FU) << 14 |
                 (uint64_t)(frame[8] & 0x7FU) << 7 | (frame[9] & 0x7FU));
    }
    if (!read_at(in, start, frame, sizeof frame) || frame[0] != 0xFF ||
        (frame[1] & 0xE0U) != 0xE0U)
        return;
    for (size_t i = 0; i < sizeof tag_offsets / sizeof tag_offsets[0]; i++) {
        const unsigned char *tag = frame + tag_offsets[i];

        if ((has_tag(tag, "Xing") || has_tag(tag, "Info")) &&
            (tag[7] & 2U) != 0) {
            promise_32(out, in, start,
                       big_endian(tag + ((tag[7] & 1U) != 0 ? 12 : 8), 4));
            return;
        }
    }
}

void heed_container_inspect(heed_container *out, FILE *file,
                            uint64_t file_bytes)
{
    const input in = {file, file_bytes};
    unsigned char head[12];

    *out = (heed_container){0};
    if (!read_at(&in, 0, head, sizeof head))
        return;
    if (has_tag(head, "RIFF") || has_tag(head, "RF64"))
        inspect_chunks(out, &in, "data", false);
    else if (has_tag(head, "RIFX"))
        inspect_chunks(out, &in, "data", true);
    else if (has_tag(head, "FORM"))
        inspect_chunks(out, &in, "SSND", true);
    else if (has_tag(head, "riff"))
        inspect_w64(out, &in);
    else if (has_tag(head, ".snd") || has_tag(head, "dns."))
        inspect_au(out, &in, head);
    else if (has_tag(head, "OggS"))
        inspect_ogg(out, &in);
    else
        inspect_mp3(out, &in);
}
