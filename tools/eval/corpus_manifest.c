/* corpus_manifest.c - tables of recordings: TSV, CSV and JSON Lines.
 * SPDX-License-Identifier: Apache-2.0
 *
 * TSV has no quotes; CSV has those of RFC 4180, within one line. A JSON line is
 * an object of strings and numbers. Columns are found by the names that known
 * corpora use, or by those that the user gives. */
#include "tools/eval/corpus.h"
#include "tools/eval/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMN_ID,
    COLUMN_AUDIO,
    COLUMN_TEXT,
    COLUMN_SPEAKER,
    COLUMN_GROUP,
    COLUMN_START,
    COLUMN_END,
    COLUMN_DURATION,
    COLUMN_CHANNEL,
    N_COLUMNS
};

/* How we call each, then how others do: heed, Common Voice, NeMo,
 * SpeechBrain. */
static const char *const names[N_COLUMNS][10] = {
    [COLUMN_ID] = {"id", "utt_id", "utterance_id", "ID", "utt", "key"},
    [COLUMN_AUDIO] = {"audio", "path", "audio_filepath", "wav", "file",
                      "audio_path", "filename"},
    [COLUMN_TEXT] = {"text", "sentence", "transcript", "transcription", "wrd",
                     "reference"},
    [COLUMN_SPEAKER] = {"speaker", "spk_id", "speaker_id", "client_id", "spk"},
    [COLUMN_GROUP] = {"group", "set", "subset", "split"},
    [COLUMN_START] = {"start_s", "start", "offset", "begin"},
    [COLUMN_END] = {"end_s", "end"},
    [COLUMN_DURATION] = {"duration_s", "duration"},
    [COLUMN_CHANNEL] = {"channel"},
};

/* Which are called what by the user: NULL, or the name in `keys`. */
typedef struct manifest {
    eval_system *corpus;
    eval_lines *lines;
    const char *folder;
    const char *chosen[N_COLUMNS]; /* by the user, or NULL */
    int places[N_COLUMNS];         /* in the header, or -1 */
    char **fields;                 /* [n_fields] of a line */
    size_t n_fields;
    size_t capacity;
} manifest;

/* Takes "id=NAME,audio=NAME". */
static bool choose_columns(manifest *m, const char *columns)
{
    char *rest = eval_pool_string(&m->corpus->pool, columns);

    while (rest != NULL && *rest != '\0') {
        char *comma = strchr(rest, ',');
        char *equals;
        size_t i = 0;

        if (comma != NULL)
            *comma = '\0';
        equals = strchr(rest, '=');
        if (equals != NULL) {
            *equals = '\0';
            while (i < N_COLUMNS && strcmp(names[i][0], rest) != 0)
                i++;
        }
        if (equals == NULL || i == N_COLUMNS)
            return eval_error(m->lines->log,
                              "columns: '%s' is not one of id, audio, text, "
                              "speaker, group, start_s, end_s, duration_s and "
                              "channel, with = and a name",
                              rest);
        m->chosen[i] = equals + 1;
        rest = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

static void push_field(manifest *m, char *field)
{
    m->fields =
        eval_grow(m->fields, m->n_fields, &m->capacity, sizeof *m->fields);
    m->fields[m->n_fields++] = field;
}

static void split_tabs(manifest *m)
{
    char *at = m->lines->line;

    m->n_fields = 0;
    for (char *tab = strchr(at, '\t'); tab != NULL; tab = strchr(at, '\t')) {
        *tab = '\0';
        push_field(m, at);
        at = tab + 1;
    }
    push_field(m, at);
}

/* Takes the quotes off the field at `at`, in place; returns what follows its
 * closing quote, or NULL if there is none. */
static char *unquote(char *at)
{
    char *to = at;

    for (char *from = at + 1; *from != '\0'; from++) {
        if (*from == '"' && from[1] != '"') {
            *to = '\0';
            return from + 1;
        }
        from += *from == '"' ? 1 : 0;
        *to++ = *from;
    }
    return NULL;
}

static bool split_commas(manifest *m)
{
    char *at = m->lines->line;

    m->n_fields = 0;
    for (;;) {
        char *field = at;
        char *end = at[0] == '"' ? unquote(at) : at + strcspn(at, ",");

        if (end == NULL)
            return eval_lines_fail(m->lines, "quote is not closed");
        if (*end != ',' && *end != '\0')
            return eval_lines_fail(m->lines, "text after a quoted field");
        push_field(m, field);
        if (*end == '\0')
            return true;
        *end = '\0';
        at = end + 1;
    }
}

static int find_field(const manifest *m, const char *name)
{
    for (size_t i = 0; i < m->n_fields; i++)
        if (strcmp(m->fields[i], name) == 0)
            return (int)i;
    return -1;
}

/* Says so if a later field of the header has the same name. */
static bool is_alone(manifest *m, size_t place)
{
    for (size_t i = place + 1; i < m->n_fields; i++)
        if (strcmp(m->fields[i], m->fields[place]) == 0)
            return eval_lines_fail(m->lines, "column '%s' comes twice",
                                   m->fields[place]);
    return true;
}

/* The header is in `fields`. */
static bool find_columns(manifest *m)
{
    for (size_t c = 0; c < N_COLUMNS; c++) {
        m->places[c] = -1;
        if (m->chosen[c] != NULL) {
            m->places[c] = find_field(m, m->chosen[c]);
            if (m->places[c] < 0)
                return eval_lines_fail(m->lines, "no column '%s'",
                                       m->chosen[c]);
        }
        for (size_t i = 0; m->places[c] < 0 && names[c][i] != NULL; i++)
            m->places[c] = find_field(m, names[c][i]);
        if (m->places[c] >= 0 && !is_alone(m, (size_t)m->places[c]))
            return false;
    }
    if (m->places[COLUMN_AUDIO] < 0)
        return eval_lines_fail(m->lines, "no column 'audio' or 'path'");
    if (m->places[COLUMN_TEXT] < 0)
        return eval_lines_fail(m->lines, "no column 'text' or 'sentence'");
    return true;
}

/* A number from 0 to 1024; empty: 0. */
static bool parse_channel(manifest *m, const char *text, unsigned *out)
{
    double channel = 0.0;

    if (text == NULL || text[0] == '\0')
        return true;
    if (!eval_seconds_parse(text, &channel) || channel > 1024.0 ||
        channel != floor(channel))
        return eval_lines_fail(m->lines,
                               "channel '%s' is not a number up to 1024", text);
    *out = (unsigned)channel;
    return true;
}

static bool parse_time(manifest *m, const char *text, const char *what,
                       double *out)
{
    if (text == NULL || text[0] == '\0' || eval_seconds_parse(text, out))
        return true;
    return eval_lines_fail(m->lines, "%s '%s' is not a number of seconds", what,
                           text);
}

/* What one line says, as strings or NULL. */
static bool add_item(manifest *m, const char *const values[N_COLUMNS])
{
    const char *id = values[COLUMN_ID];
    double duration_s = EVAL_UNKNOWN;
    eval_item *item;

    if (values[COLUMN_AUDIO] == NULL || values[COLUMN_AUDIO][0] == '\0')
        return eval_lines_fail(m->lines, "no audio");
    if (id == NULL || id[0] == '\0')
        id = values[COLUMN_AUDIO];
    item = eval_system_add(m->corpus, id, m->lines->path);
    if (item == NULL)
        return true;
    item->audio = eval_pool_string(&m->corpus->pool, values[COLUMN_AUDIO]);
    item->path = eval_corpus_path(m->corpus, m->folder, item->audio);
    if (values[COLUMN_TEXT] != NULL)
        item->reference =
            eval_pool_string(&m->corpus->pool, values[COLUMN_TEXT]);
    if (values[COLUMN_SPEAKER] != NULL)
        item->speaker =
            eval_pool_string(&m->corpus->pool, values[COLUMN_SPEAKER]);
    if (values[COLUMN_GROUP] != NULL)
        item->group = eval_pool_string(&m->corpus->pool, values[COLUMN_GROUP]);
    if (!parse_time(m, values[COLUMN_START], "start", &item->start_s) ||
        !parse_time(m, values[COLUMN_END], "end", &item->end_s) ||
        !parse_time(m, values[COLUMN_DURATION], "duration", &duration_s) ||
        !parse_channel(m, values[COLUMN_CHANNEL], &item->channel))
        return false;
    if (item->start_s >= 0.0 && item->end_s < 0.0 && duration_s >= 0.0)
        item->end_s = item->start_s + duration_s;
    if (item->end_s >= 0.0 && item->end_s <= item->start_s)
        return eval_lines_fail(m->lines, "ends before it begins");
    eval_corpus_check_audio(m->corpus, item);
    return true;
}

static bool read_row(manifest *m)
{
    const char *values[N_COLUMNS];

    for (size_t c = 0; c < N_COLUMNS; c++) {
        values[c] = NULL;
        if (m->places[c] < 0)
            continue;
        if ((size_t)m->places[c] >= m->n_fields)
            return eval_lines_fail(m->lines, "%zu columns are too few",
                                   m->n_fields);
        values[c] = m->fields[m->places[c]];
    }
    return add_item(m, values);
}

/* A string or a number of an object, by its name. */
static const char *find_value(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, name, &value) || value == NULL ||
        json_object_is_type(value, json_type_object) ||
        json_object_is_type(value, json_type_array))
        return NULL;
    return json_object_get_string(value);
}

static bool read_object(manifest *m)
{
    const char *values[N_COLUMNS] = {NULL};
    const char *fault;
    struct json_object *object = eval_json_parse(m->lines->line, &fault);
    bool good = true;

    if (object == NULL)
        return eval_lines_fail(m->lines, "%s", fault);
    for (size_t c = 0; c < N_COLUMNS; c++) {
        if (m->chosen[c] != NULL)
            values[c] = find_value(object, m->chosen[c]);
        for (size_t i = 0;
             m->chosen[c] == NULL && values[c] == NULL && names[c][i] != NULL;
             i++)
            values[c] = find_value(object, names[c][i]);
    }
    if (values[COLUMN_TEXT] == NULL)
        good = eval_lines_fail(m->lines, "no 'text' or 'sentence'");
    good = good && add_item(m, values);
    json_object_put(object);
    return good;
}

bool eval_corpus_read_manifest(eval_system *corpus, eval_lines *lines,
                               eval_manifest_kind kind, const char *folder,
                               const eval_corpus_options *options)
{
    manifest m = {.corpus = corpus, .lines = lines, .folder = folder};
    bool in_header = kind != EVAL_MANIFEST_JSONL;
    bool good =
        options->columns == NULL || choose_columns(&m, options->columns);

    while (good && eval_lines_next(lines)) {
        if (lines->length == 0)
            continue;
        if (kind == EVAL_MANIFEST_JSONL) {
            good = read_object(&m);
            continue;
        }
        if (kind == EVAL_MANIFEST_TSV)
            split_tabs(&m);
        else
            good = split_commas(&m);
        if (good)
            good = in_header ? find_columns(&m) : read_row(&m);
        in_header = false;
    }
    free(m.fields);
    return eval_lines_close(lines) && good;
}
