/* transcript.c - NIST's and other files of transcripts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    eval_format format;
} formats[] = {{"trn", EVAL_FORMAT_TRN},
               {"stm", EVAL_FORMAT_STM},
               {"ctm", EVAL_FORMAT_CTM},
               {"text", EVAL_FORMAT_TEXT},
               {"lines", EVAL_FORMAT_LINES}};
enum { N_FORMATS = sizeof formats / sizeof formats[0] };

bool eval_format_parse(eval_format *out, const char *name)
{
    for (size_t i = 0; i < N_FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0) {
            *out = formats[i].format;
            return true;
        }
    return false;
}

/* By the end of its name: .trn, .stm, .ctm, `text` or .text, .txt. */
static bool guess_format(eval_format *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    if (strcmp(name, "text") == 0) {
        *out = EVAL_FORMAT_TEXT;
        return true;
    }
    if (dot != NULL && strcmp(dot, ".txt") == 0) {
        *out = EVAL_FORMAT_LINES;
        return true;
    }
    return dot != NULL && strcmp(dot, ".lines") != 0 &&
           eval_format_parse(out, dot + 1);
}

static void add(eval_transcript *t, const eval_lines *lines, eval_entry entry)
{
    entry.line = lines->number;
    t->entries =
        eval_grow(t->entries, t->n_entries, &t->capacity, sizeof *t->entries);
    t->entries[t->n_entries++] = entry;
}

static const char *keep(eval_transcript *t, const char *text)
{
    return eval_pool_string(&t->pool, text);
}

/* The part of the id before the first `-`, or the first `_`, as sclite's
 * spu_id. */
static const char *speaker_of(eval_transcript *t, const char *id)
{
    const char *end = strchr(id, '-');

    if (end == NULL)
        end = strchr(id, '_');
    return end != NULL ? eval_pool_copy(&t->pool, id, (size_t)(end - id)) : "";
}

static bool read_trn(eval_transcript *t, eval_lines *lines)
{
    char *open = strrchr(lines->line, '(');
    char *close = strrchr(lines->line, ')');
    eval_entry entry = {.start_s = EVAL_UNKNOWN,
                        .end_s = EVAL_UNKNOWN,
                        .confidence = EVAL_UNKNOWN};

    if (open == NULL || close == NULL || close < open)
        return eval_lines_fail(lines, "no (id) at the end");
    *open = '\0';
    *close = '\0';
    if (*eval_trim(close + 1) != '\0')
        return eval_lines_fail(lines, "text after the (id)");
    entry.id = keep(t, eval_trim(open + 1));
    if (entry.id[0] == '\0')
        return eval_lines_fail(lines, "empty (id)");
    entry.speaker = speaker_of(t, entry.id);
    entry.text = keep(t, eval_trim(lines->line));
    add(t, lines, entry);
    return true;
}

/* File and channel, as one string. */
static const char *keep_source(eval_transcript *t, const char *file,
                               const char *channel)
{
    eval_text source = {0};
    const char *kept;

    eval_text_puts(&source, file);
    eval_text_puts(&source, " ");
    eval_text_puts(&source, channel);
    kept = keep(t, source.bytes);
    eval_text_deinit(&source);
    return kept;
}

static bool read_stm(eval_transcript *t, eval_lines *lines)
{
    char *rest = lines->line;
    const char *file = eval_word_cut(&rest);
    const char *channel = eval_word_cut(&rest);
    const char *speaker = eval_word_cut(&rest);
    const char *begin = eval_word_cut(&rest);
    const char *end = eval_word_cut(&rest);
    eval_entry entry = {.confidence = EVAL_UNKNOWN, .labels = ""};

    if (end == NULL)
        return eval_lines_fail(
            lines, "not of the form `FILE CHANNEL SPEAKER BEGIN END WORDS`");
    if (!eval_seconds_parse(begin, &entry.start_s) ||
        !eval_seconds_parse(end, &entry.end_s) || entry.end_s < entry.start_s)
        return eval_lines_fail(lines, "'%s %s' is not a begin and an end",
                               begin, end);
    rest = eval_trim(rest);
    if (rest[0] == '<')
        entry.labels = keep(t, eval_word_cut(&rest));
    entry.id = keep_source(t, file, channel);
    entry.speaker = keep(t, speaker);
    entry.text = keep(t, eval_trim(rest));
    add(t, lines, entry);
    return true;
}

static bool is_alternative_mark(const char *word)
{
    return strcmp(word, "<ALT_BEGIN>") == 0 || strcmp(word, "<ALT>") == 0 ||
           strcmp(word, "<ALT_END>") == 0;
}

static bool read_ctm(eval_transcript *t, eval_lines *lines)
{
    char *rest = lines->line;
    const char *file = eval_word_cut(&rest);
    const char *channel = eval_word_cut(&rest);
    const char *begin = eval_word_cut(&rest);
    const char *duration = eval_word_cut(&rest);
    const char *word = eval_word_cut(&rest);
    const char *confidence = eval_word_cut(&rest);
    eval_entry entry = {.start_s = EVAL_UNKNOWN,
                        .end_s = EVAL_UNKNOWN,
                        .confidence = EVAL_UNKNOWN};

    if (word == NULL)
        return eval_lines_fail(
            lines, "not of the form `FILE CHANNEL BEGIN DURATION WORD`");
    if (!is_alternative_mark(word)) {
        if (!eval_seconds_parse(begin, &entry.start_s) ||
            !eval_seconds_parse(duration, &entry.end_s))
            return eval_lines_fail(lines,
                                   "'%s %s' is not a begin and a duration",
                                   begin, duration);
        entry.middle_s = entry.start_s + entry.end_s / 2.0;
        entry.end_s += entry.start_s;
    }
    if (confidence != NULL && strcmp(confidence, "NA") != 0 &&
        (!eval_seconds_parse(confidence, &entry.confidence) ||
         entry.confidence > 1.0))
        return eval_lines_fail(lines, "confidence '%s' is not within 0 and 1",
                               confidence);
    entry.id = keep_source(t, file, channel);
    entry.text = keep(t, word);
    add(t, lines, entry);
    return true;
}

static bool read_text(eval_transcript *t, eval_lines *lines)
{
    char *rest = lines->line;
    const char *id = eval_word_cut(&rest);
    eval_entry entry = {.start_s = EVAL_UNKNOWN,
                        .end_s = EVAL_UNKNOWN,
                        .confidence = EVAL_UNKNOWN};

    entry.id = keep(t, id);
    entry.speaker = speaker_of(t, id);
    entry.text = keep(t, eval_trim(rest));
    add(t, lines, entry);
    return true;
}

static bool read_line(eval_transcript *t, eval_lines *lines)
{
    char id[32];

    snprintf(id, sizeof id, "line%zu", lines->number);
    add(t, lines,
        (eval_entry){.id = keep(t, id),
                     .speaker = "",
                     .text = keep(t, eval_trim(lines->line)),
                     .start_s = EVAL_UNKNOWN,
                     .end_s = EVAL_UNKNOWN,
                     .confidence = EVAL_UNKNOWN});
    return true;
}

bool eval_transcript_read(eval_transcript *transcript, eval_lines *lines,
                          eval_format format)
{
    static bool (*const readers[])(eval_transcript *, eval_lines *) = {
        [EVAL_FORMAT_TRN] = read_trn,
        [EVAL_FORMAT_STM] = read_stm,
        [EVAL_FORMAT_CTM] = read_ctm,
        [EVAL_FORMAT_TEXT] = read_text,
        [EVAL_FORMAT_LINES] = read_line};
    const bool is_nist = format == EVAL_FORMAT_TRN ||
                         format == EVAL_FORMAT_STM || format == EVAL_FORMAT_CTM;

    *transcript = (eval_transcript){.path = lines->path, .format = format};
    while (eval_lines_next(lines)) {
        if (is_nist && strncmp(lines->line, ";;", 2) == 0)
            continue;
        if (format != EVAL_FORMAT_LINES &&
            lines->line[strspn(lines->line, " \t\r\v\f")] == '\0')
            continue;
        (void)readers[format](transcript, lines);
    }
    return eval_lines_close(lines);
}

bool eval_transcript_open(eval_transcript *transcript, const char *path,
                          eval_format format, const heed_log *log)
{
    eval_lines lines;

    *transcript = (eval_transcript){.path = path};
    if (format == EVAL_FORMAT_AUTO && !guess_format(&format, path))
        return eval_error(log,
                          "%s: of what format? Say trn, stm, ctm, text or "
                          "lines",
                          path);
    if (!eval_lines_open(&lines, path, log))
        return false;
    return eval_transcript_read(transcript, &lines, format);
}

void eval_transcript_deinit(eval_transcript *transcript)
{
    free(transcript->entries);
    eval_pool_deinit(&transcript->pool);
    *transcript = (eval_transcript){0};
}
