/* join.c - references and hypotheses put together. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The entries of each file and channel of a ctm, in their order. */
typedef struct sources {
    const eval_transcript *ctm;
    eval_table names;
    size_t **entries; /* [names.n][counts[i]] */
    size_t *counts;
    size_t *next; /* the first entry that has not been used */
} sources;

static bool is_mark(const eval_entry *entry, const char *mark)
{
    return entry->start_s < 0.0 && strcmp(entry->text, mark) == 0;
}

static bool sources_init(sources *s, const eval_transcript *ctm,
                         const heed_log *log)
{
    double *last_s;
    bool in_order = true;

    *s = (sources){.ctm = ctm};
    for (size_t i = 0; i < ctm->n_entries; i++)
        eval_table_add(&s->names, ctm->entries[i].id,
                       strlen(ctm->entries[i].id));
    s->entries = eval_calloc(s->names.n, sizeof *s->entries);
    s->counts = eval_calloc(s->names.n, sizeof *s->counts);
    s->next = eval_calloc(s->names.n, sizeof *s->next);
    last_s = eval_calloc(s->names.n, sizeof *last_s);
    for (size_t i = 0; i < ctm->n_entries; i++)
        s->counts[eval_table_find(&s->names, ctm->entries[i].id,
                                  strlen(ctm->entries[i].id))]++;
    for (size_t i = 0; i < s->names.n; i++) {
        s->entries[i] = eval_calloc(s->counts[i], sizeof **s->entries);
        s->counts[i] = 0;
    }
    for (size_t i = 0; i < ctm->n_entries && in_order; i++) {
        const eval_entry *entry = &ctm->entries[i];
        const uint32_t name =
            eval_table_find(&s->names, entry->id, strlen(entry->id));
        size_t *n = &s->counts[name];

        s->entries[name][(*n)++] = i;
        if (entry->start_s >= 0.0 && *n > 1 && entry->start_s < last_s[name] &&
            !is_mark(&ctm->entries[s->entries[name][*n - 2]], "<ALT>"))
            in_order = eval_error(log, "%s: line %zu: goes back in time",
                                  ctm->path, entry->line);
        if (entry->start_s >= 0.0)
            last_s[name] = entry->start_s;
    }
    free(last_s);
    return in_order;
}

static void sources_deinit(sources *s)
{
    for (size_t i = 0; i < s->names.n; i++)
        free(s->entries[i]);
    free(s->entries);
    free(s->counts);
    free(s->next);
    eval_table_deinit(&s->names);
}

/* The unit at `at` of a source: a word, or all of an alternative. Its last
 * middle goes to `*middle_s`. Returns the place after it. */
static size_t unit_end(const sources *s, uint32_t name, size_t at,
                       double *middle_s)
{
    const eval_entry *entry = &s->ctm->entries[s->entries[name][at]];
    const bool is_alternative = is_mark(entry, "<ALT_BEGIN>");

    *middle_s = 0.0;
    for (;; at++) {
        entry = &s->ctm->entries[s->entries[name][at]];
        if (entry->start_s >= 0.0 && entry->middle_s > *middle_s)
            *middle_s = entry->middle_s;
        if (!is_alternative || is_mark(entry, "<ALT_END>") ||
            at + 1 == s->counts[name])
            return at + 1;
    }
}

/* The text of an entry of a ctm, as in a trn. */
static const char *written(const eval_entry *entry)
{
    if (is_mark(entry, "<ALT_BEGIN>"))
        return "{";
    if (is_mark(entry, "<ALT>"))
        return "/";
    return is_mark(entry, "<ALT_END>") ? "}" : entry->text;
}

/* Whether `<ALT_END>` follows; sclite allows an `<ALT>` before it. */
static bool is_last_mark(const sources *s, uint32_t name, size_t at, size_t end)
{
    return at + 1 < end &&
           is_mark(&s->ctm->entries[s->entries[name][at]], "<ALT>") &&
           is_mark(&s->ctm->entries[s->entries[name][at + 1]], "<ALT_END>");
}

/* Gives `item` the words of a source from `begin` to `end`. */
static void take_words(eval_system *system, eval_item *item, const sources *s,
                       uint32_t name, size_t begin, size_t end)
{
    eval_text text = {0};

    item->words =
        eval_pool_take(&system->pool, (end - begin) * sizeof *item->words);
    item->n_words = 0;
    for (size_t i = begin; i < end; i++) {
        const eval_entry *entry = &s->ctm->entries[s->entries[name][i]];

        if (is_last_mark(s, name, i, end))
            continue;
        if (text.n_bytes > 0)
            eval_text_puts(&text, " ");
        eval_text_puts(&text, written(entry));
        if (entry->start_s >= 0.0)
            item->words[item->n_words++] =
                (eval_word){eval_pool_string(&system->pool, entry->text),
                            entry->start_s,
                            entry->end_s,
                            entry->confidence,
                            EVAL_UNKNOWN,
                            EVAL_UNKNOWN,
                            EVAL_UNKNOWN};
    }
    item->hypothesis = eval_pool_string(&system->pool, eval_text_string(&text));
    eval_text_deinit(&text);
}

static bool is_ignored(const eval_entry *entry)
{
    return strstr(entry->text, "IGNORE_TIME_SEGMENT_IN_SCORING") != NULL ||
           strstr(entry->text, "ignore_time_segment_in_scoring") != NULL;
}

/* Whether no later segment of the stm is of the same source. */
static bool *find_last_segments(const eval_transcript *stm)
{
    bool *is_last = eval_calloc(stm->n_entries, sizeof *is_last);
    eval_table seen = {0};

    for (size_t i = stm->n_entries; i-- > 0;) {
        const size_t n = seen.n;

        is_last[i] = eval_table_add(&seen, stm->entries[i].id,
                                    strlen(stm->entries[i].id)) == n;
    }
    eval_table_deinit(&seen);
    return is_last;
}

/* The words of `entry`'s source up to its end, or all that are left. */
static void take_segment(eval_system *system, eval_item *item, sources *s,
                         const eval_entry *entry, bool is_last)
{
    const uint32_t name =
        eval_table_find(&s->names, entry->id, strlen(entry->id));
    size_t begin;
    size_t end;

    if (name == EVAL_TABLE_NONE)
        return;
    begin = s->next[name];
    for (end = begin; end < s->counts[name];) {
        double middle_s;
        const size_t after = unit_end(s, name, end, &middle_s);

        /* sclite has the times of an stm as floats. */
        if (!is_last && middle_s >= (double)(float)entry->end_s)
            break;
        end = after;
    }
    s->next[name] = end;
    if (item != NULL)
        take_words(system, item, s, name, begin, end);
}

/* sclite names the segments of a speaker by their number. */
static eval_item *add_segment(eval_system *system, eval_table *speakers,
                              size_t **n_of, const eval_entry *entry)
{
    const size_t n_known = speakers->n;
    const uint32_t speaker =
        eval_table_add(speakers, entry->speaker, strlen(entry->speaker));
    eval_text id = {0};
    char number[32];
    eval_item *item;

    if (speaker == n_known) {
        size_t *grown = eval_calloc(speakers->n, sizeof *grown);

        if (n_known > 0)
            memcpy(grown, *n_of, n_known * sizeof *grown);
        free(*n_of);
        *n_of = grown;
    }
    snprintf(number, sizeof number, "-%03zu", (*n_of)[speaker]++);
    eval_text_puts(&id, entry->speaker);
    eval_text_puts(&id, number);
    item = eval_system_add(system, id.bytes, entry->id);
    eval_text_deinit(&id);
    if (item == NULL)
        return NULL;
    item->speaker = eval_pool_string(&system->pool, entry->speaker);
    item->group = eval_pool_string(&system->pool, entry->labels);
    item->reference = eval_pool_string(&system->pool, entry->text);
    item->audio = eval_pool_string(&system->pool, entry->id);
    item->start_s = entry->start_s;
    item->end_s = entry->end_s;
    item->duration_s = entry->end_s - entry->start_s;
    item->alternatives = true;
    return item;
}

static bool join_stm(eval_system *system, const eval_transcript *stm,
                     const eval_transcript *ctm, const heed_log *log)
{
    sources s;
    eval_table speakers = {0};
    size_t *n_of = NULL;
    bool *is_last = find_last_segments(stm);
    const bool good = sources_init(&s, ctm, log);

    for (size_t i = 0; good && i < stm->n_entries; i++) {
        const eval_entry *entry = &stm->entries[i];
        eval_item *item = is_ignored(entry)
                              ? NULL
                              : add_segment(system, &speakers, &n_of, entry);

        take_segment(system, item, &s, entry, is_last[i]);
        if (item != NULL && item->hypothesis == NULL)
            item->hypothesis = "";
    }
    for (size_t i = 0; good && i < s.names.n; i++)
        if (s.next[i] < s.counts[i])
            eval_system_note(system, EVAL_PROBLEM_EXTRA, s.names.strings[i],
                             ctm->path);
    sources_deinit(&s);
    eval_table_deinit(&speakers);
    free(n_of);
    free(is_last);
    return good;
}

/* The reference of each entry; a ctm or stm gives one for each source. */
static void add_references(eval_system *system, const eval_transcript *t)
{
    for (size_t i = 0; i < t->n_entries; i++) {
        const eval_entry *entry = &t->entries[i];
        char detail[64];
        eval_item *item;

        snprintf(detail, sizeof detail, "line %zu", entry->line);
        item = eval_system_add(system, entry->id, detail);
        if (item == NULL)
            continue;
        item->speaker = eval_pool_string(&system->pool, entry->speaker);
        item->reference = eval_pool_string(&system->pool, entry->text);
        item->alternatives = t->format == EVAL_FORMAT_TRN;
    }
}

static void join_by_id(eval_system *system, const eval_transcript *hypothesis)
{
    for (size_t i = 0; i < hypothesis->n_entries; i++) {
        const eval_entry *entry = &hypothesis->entries[i];
        eval_item *item = eval_system_find(system, entry->id);
        char detail[64];

        snprintf(detail, sizeof detail, "line %zu of the hypotheses",
                 entry->line);
        if (item == NULL) {
            eval_system_note(system, EVAL_PROBLEM_EXTRA, entry->id, detail);
        } else if (item->hypothesis != NULL) {
            eval_system_note(system, EVAL_PROBLEM_DUPLICATE, entry->id, detail);
        } else {
            item->hypothesis = eval_pool_string(&system->pool, entry->text);
        }
    }
}

/* Each file of a ctm is an utterance; `FILE CHANNEL` or `FILE` is its id. */
static bool join_ctm(eval_system *system, const eval_transcript *ctm,
                     const heed_log *log)
{
    sources s;
    const bool good = sources_init(&s, ctm, log);

    for (size_t i = 0; good && i < s.names.n; i++) {
        const char *name = s.names.strings[i];
        eval_item *item = eval_system_find(system, name);

        if (item == NULL) {
            const char *blank = strrchr(name, ' ');
            char *file =
                eval_pool_copy(&system->pool, name, (size_t)(blank - name));

            item = eval_system_find(system, file);
        }
        if (item == NULL)
            eval_system_note(system, EVAL_PROBLEM_EXTRA, name, ctm->path);
        else if (item->hypothesis != NULL)
            eval_system_note(system, EVAL_PROBLEM_DUPLICATE, name, ctm->path);
        else
            take_words(system, item, &s, (uint32_t)i, 0, s.counts[i]);
    }
    sources_deinit(&s);
    return good;
}

/* The files of a ctm as references. */
static bool add_ctm_references(eval_system *system, const eval_transcript *ctm,
                               const heed_log *log)
{
    sources s;
    const bool good = sources_init(&s, ctm, log);

    for (size_t i = 0; good && i < s.names.n; i++) {
        eval_item *item = eval_system_add(system, s.names.strings[i], "");

        take_words(system, item, &s, (uint32_t)i, 0, s.counts[i]);
        item->reference = item->hypothesis;
        item->hypothesis = NULL;
        item->n_words = 0;
        item->alternatives = true;
    }
    sources_deinit(&s);
    return good;
}

/* Whether each line of one belongs to the entry of the other at its place, if
 * one of them has lines; says so if not. */
static bool match_lines(const eval_transcript *reference,
                        const eval_transcript *hypothesis, const heed_log *log)
{
    const bool lines = hypothesis->format == EVAL_FORMAT_LINES;

    if (!lines && reference->format != EVAL_FORMAT_LINES)
        return true;
    if ((reference->format == hypothesis->format ||
         (lines && reference->format == EVAL_FORMAT_STM)) &&
        reference->n_entries == hypothesis->n_entries)
        return true;
    return eval_error(log, "%s has %zu lines, %s %zu: which is which?",
                      reference->path, reference->n_entries, hypothesis->path,
                      hypothesis->n_entries);
}

/* Texts without times: lines come in the order of the segments, others have
 * the ids that sclite gives to the segments. */
static bool join_stm_texts(eval_system *system, const eval_transcript *stm,
                           const eval_transcript *hypothesis,
                           const heed_log *log)
{
    const bool lines = hypothesis->format == EVAL_FORMAT_LINES;
    eval_table speakers = {0};
    size_t *n_of = NULL;

    for (size_t i = 0; i < stm->n_entries; i++) {
        eval_item *item =
            is_ignored(&stm->entries[i])
                ? NULL
                : add_segment(system, &speakers, &n_of, &stm->entries[i]);

        if (item != NULL && lines)
            item->hypothesis =
                eval_pool_string(&system->pool, hypothesis->entries[i].text);
    }
    eval_table_deinit(&speakers);
    free(n_of);
    if (lines || system->n_items == 0)
        return true;
    join_by_id(system, hypothesis);
    for (size_t i = 0; i < system->n_items; i++)
        if (system->items[i].hypothesis != NULL)
            return true;
    return eval_error(log,
                      "%s: no id is that of a segment, as '%s': its speaker "
                      "and number",
                      hypothesis->path, system->items[0].id);
}

bool eval_transcript_join(eval_system *system, const eval_transcript *reference,
                          const eval_transcript *hypothesis,
                          const heed_log *log)
{
    if (hypothesis->format == EVAL_FORMAT_STM)
        return eval_error(log, "%s: an stm is a reference, not a hypothesis",
                          hypothesis->path);
    if (!match_lines(reference, hypothesis, log))
        return false;
    if (reference->format == EVAL_FORMAT_STM)
        return hypothesis->format == EVAL_FORMAT_CTM
                   ? join_stm(system, reference, hypothesis, log)
                   : join_stm_texts(system, reference, hypothesis, log);
    if (reference->format != EVAL_FORMAT_CTM)
        add_references(system, reference);
    else if (!add_ctm_references(system, reference, log))
        return false;
    if (hypothesis->format == EVAL_FORMAT_CTM)
        return join_ctm(system, hypothesis, log);
    join_by_id(system, hypothesis);
    return true;
}
