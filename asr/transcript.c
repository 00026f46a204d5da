/* transcript.c - see transcript.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/transcript.h"

#include <assert.h>
#include <string.h>

/* More than a word of ordinary text has, its end included. */
#define ORDINARY_BYTES 32

void heed_transcript_init(heed_transcript *transcript, heed_arena *arena)
{
    *transcript = (heed_transcript){0};
    transcript->words =
        heed_arena_take(arena, HEED_TRANSCRIPT_WORDS, sizeof(heed_word));
    transcript->bytes = heed_arena_take(arena, HEED_TRANSCRIPT_BYTES, 1);
}

void heed_transcript_reset(heed_transcript *transcript)
{
    transcript->n_words = 0;
    transcript->n_committed = 0;
    transcript->n_bytes = 0;
    transcript->n_committed_bytes = 0;
    transcript->revision = 0;
}

bool heed_transcript_has_room(const heed_transcript *transcript, size_t n_words)
{
    return transcript->n_committed + n_words <= HEED_TRANSCRIPT_WORDS &&
           transcript->n_committed_bytes + n_words * ORDINARY_BYTES <=
               HEED_TRANSCRIPT_BYTES;
}

void heed_transcript_drop_tentative(heed_transcript *transcript)
{
    if (transcript->n_words == transcript->n_committed)
        return;
    transcript->n_words = transcript->n_committed;
    transcript->n_bytes = transcript->n_committed_bytes;
    transcript->revision++;
}

bool heed_transcript_add(heed_transcript *transcript, const heed_word *word,
                         const char *text, size_t length)
{
    char *bytes = transcript->bytes + transcript->n_bytes;

    assert(!word->committed || transcript->n_words == transcript->n_committed);
    if (transcript->n_words == HEED_TRANSCRIPT_WORDS ||
        length + 1 > HEED_TRANSCRIPT_BYTES - transcript->n_bytes)
        return false;
    memcpy(bytes, text, length);
    bytes[length] = '\0';
    transcript->words[transcript->n_words] = *word;
    transcript->words[transcript->n_words].text = bytes;
    transcript->n_words++;
    transcript->n_bytes += length + 1;
    if (word->committed) {
        transcript->n_committed = transcript->n_words;
        transcript->n_committed_bytes = transcript->n_bytes;
    }
    transcript->revision++;
    return true;
}

void heed_transcript_take(heed_transcript *transcript, size_t n_words)
{
    if (n_words > transcript->n_committed)
        n_words = transcript->n_committed;
    if (n_words == 0)
        return;

    const size_t first =
        n_words < transcript->n_words
            ? (size_t)(transcript->words[n_words].text - transcript->bytes)
            : transcript->n_bytes;

    memmove(transcript->bytes, transcript->bytes + first,
            transcript->n_bytes - first);
    for (size_t i = n_words; i < transcript->n_words; i++) {
        heed_word *word = &transcript->words[i - n_words];

        *word = transcript->words[i];
        word->text -= first;
    }
    transcript->n_words -= n_words;
    transcript->n_committed -= n_words;
    transcript->n_bytes -= first;
    transcript->n_committed_bytes -= first;
    transcript->revision++;
}
