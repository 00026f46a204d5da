/* build.c - a language model from text. SPDX-License-Identifier: Apache-2.0 */
#include "lm/build.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "asr/base/log.h"
#include "lm/arpa_write.h"
#include "lm/kneser_ney.h"
#include "lm/ngram_table.h"
#include "lm/prune.h"

static const size_t DEFAULT_MEMORY_BYTES = (size_t)1 << 30;
enum { MAX_WEIGHT = 1000 };

typedef struct builder {
    heed_lm_build_config config; /* defaults filled in */
    const heed_log *log;
    heed_lm_build_summary *summary;
    FILE *file;
    heed_corpus *corpus;
    heed_ngram_sort *counts;
    heed_ngram_sort *adjusted[HEED_LM_MAX_ORDER];
    heed_ngram_sort *estimates[HEED_LM_MAX_ORDER];
    heed_ngram_table *table; /* when pruning */
} builder;

static heed_status refuse(const heed_log *log, const char *cause)
{
    heed_log_error(log, "language model: %s", cause);
    return HEED_ERR_ARG;
}

static heed_status check(const heed_lm_build_config *config,
                         const heed_log *log)
{
    if (config->n_texts == 0)
        return refuse(log, "no text");
    for (size_t i = 0; i < config->n_texts; i++)
        if (config->texts[i].weight < 1 || config->texts[i].weight > MAX_WEIGHT)
            return refuse(log, "the weight of a text is not within 1-1000");
    if (config->order < 1 || config->order > HEED_LM_MAX_ORDER)
        return refuse(log, "the order is not within 1-6");
    if (config->cutoffs[0] != 0)
        return refuse(log, "the cut-off of order 1 is not 0");
    for (size_t n = 1; n < config->order; n++)
        if (config->cutoffs[n] < config->cutoffs[n - 1])
            return refuse(log, "a cut-off is less than that of a lower order");
    if (!(config->prune_threshold >= 0.0 && config->prune_threshold < 1.0))
        return refuse(log, "the pruning threshold is not within 0-1");
    return HEED_OK;
}

static void tell(const builder *b, const char *step, double fraction)
{
    if (b->config.progress)
        b->config.progress(b->config.user, step, fraction);
}

static heed_status create_sort(const builder *b, heed_ngram_sort **out,
                               heed_ngram_sort_config config,
                               size_t memory_bytes)
{
    config.memory_bytes = memory_bytes;
    config.folder = b->config.folder;
    return heed_ngram_sort_create(out, &config, b->log);
}

static heed_status read_texts(builder *b)
{
    heed_status status =
        heed_corpus_create(&b->corpus, b->config.folder, b->log);
    for (size_t i = 0; status == HEED_OK && i < b->config.n_texts; i++) {
        const heed_lm_source *text = &b->config.texts[i];
        tell(b, "reading", 0.25 * (double)i / (double)b->config.n_texts);
        status = heed_corpus_read(b->corpus, text->path, text->weight);
    }
    if (status == HEED_OK)
        status = heed_corpus_choose(b->corpus, &b->config.vocabulary);
    return status;
}

/* Half of the memory is for the counts, the other for what is made of them. */
static heed_status count(builder *b)
{
    const heed_ngram_sort_config config = {.order = b->config.order,
                                           .payload_words = 2,
                                           .key = HEED_NGRAM_SUFFIX,
                                           .adds = true};
    tell(b, "counting", 0.25);
    heed_status status =
        create_sort(b, &b->counts, config, b->config.memory_bytes / 2);
    if (status == HEED_OK)
        status = heed_corpus_count(b->corpus, b->counts, b->config.order);
    if (status == HEED_OK)
        status = heed_ngram_sort_finish(b->counts);
    heed_corpus_describe(b->corpus, &b->summary->corpus);
    return status;
}

static heed_status adjust(builder *b)
{
    const size_t order = b->config.order;
    heed_status status = HEED_OK;
    tell(b, "adjusting", 0.4);
    for (size_t n = 1; status == HEED_OK && n <= order; n++) {
        const heed_ngram_sort_config config = {.order = n,
                                               .payload_words =
                                                   HEED_ADJUSTED_WORDS,
                                               .key = HEED_NGRAM_PREFIX};
        status = create_sort(b, &b->adjusted[n - 1], config,
                             b->config.memory_bytes / 2 / order);
    }
    if (status == HEED_OK)
        status = heed_adjust_counts(b->adjusted, b->summary->discounts,
                                    b->counts, order, b->config.cutoffs);
    heed_ngram_sort_destroy(b->counts);
    b->counts = NULL;
    for (size_t n = 1; status == HEED_OK && n <= order; n++)
        if (b->summary->discounts[n - 1].fallback)
            heed_log_warning(b->log,
                             "language model: order %zu: too few or odd counts "
                             "to estimate discounts: 0.5, 1 and 1.5 are taken",
                             n);
    return status;
}

static heed_status estimate(builder *b)
{
    const heed_kneser_ney_config config = {
        .order = b->config.order,
        .n_ids = heed_corpus_n_ids(b->corpus),
        .memory_bytes = b->config.memory_bytes,
        .folder = b->config.folder,
        .log = b->log};
    tell(b, "estimating", 0.5);
    const heed_status status = heed_kneser_ney_estimate(
        b->estimates, b->adjusted, b->summary->discounts, &config);
    for (size_t n = 0; status == HEED_OK && n < config.order; n++) {
        b->summary->n_estimated[n] =
            (size_t)heed_ngram_sort_count(b->estimates[n]);
        b->summary->n_written[n] = b->summary->n_estimated[n];
    }
    return status;
}

static heed_status prune(builder *b)
{
    if (b->config.prune_threshold == 0.0)
        return HEED_OK;
    tell(b, "pruning", 0.8);
    const heed_status status =
        heed_ngram_table_load(&b->table, b->estimates, b->config.order, b->log);
    if (status != HEED_OK)
        return status;
    heed_ngram_table_prune(b->table, b->config.prune_threshold);
    for (size_t n = 0; n < b->config.order; n++) {
        const heed_ngram_level *level = &b->table->levels[n];
        b->summary->n_written[n] = 0;
        for (size_t i = 0; i < level->count; i++)
            b->summary->n_written[n] += level->kept[i];
    }
    return HEED_OK;
}

/* Writes the n-grams of order n as they come out of the sort. */
static heed_status write_stream(builder *b, heed_arpa_writer *writer, size_t n)
{
    const uint32_t *record;
    heed_status status;
    while ((status = heed_ngram_sort_next(b->estimates[n - 1], &record)) ==
           HEED_OK) {
        heed_estimate e;
        memcpy(&e, record + n, sizeof e);
        heed_arpa_writer_put(writer, record, n, &e);
    }
    return status == HEED_END ? HEED_OK : status;
}

/* Writes the n-grams of order n that pruning has kept. */
static void write_table(builder *b, heed_arpa_writer *writer, size_t n)
{
    const heed_ngram_level *level = &b->table->levels[n - 1];
    heed_ngram_cursor cursor;
    bool more = heed_ngram_cursor_first(&cursor, b->table, n);
    for (; more; more = heed_ngram_cursor_next(&cursor, b->table)) {
        const size_t at = cursor.at[n - 1];
        if (level->kept[at])
            heed_arpa_writer_put(writer, cursor.words, n,
                                 &level->estimates[at]);
    }
}

static heed_status write_model(builder *b)
{
    heed_arpa_writer writer;
    heed_status status = HEED_OK;
    tell(b, "writing", 0.85);
    heed_arpa_writer_begin(&writer, b->file, b->corpus, b->summary->n_written,
                           b->config.order);
    for (size_t n = 1; status == HEED_OK && n <= b->config.order; n++) {
        if (b->table)
            write_table(b, &writer, n);
        else
            status = write_stream(b, &writer, n);
    }
    if (status != HEED_OK)
        return status;
    status = heed_arpa_writer_finish(&writer);
    if (status != HEED_OK)
        heed_log_error(b->log, "language model: output: %s", strerror(errno));
    return status;
}

heed_status heed_lm_build(FILE *file, heed_lm_build_summary *summary,
                          const heed_lm_build_config *config,
                          const heed_log *log)
{
    builder b = {
        .config = *config, .log = log, .summary = summary, .file = file};
    *summary = (heed_lm_build_summary){.order = config->order};
    heed_status status = check(config, log);
    if (b.config.memory_bytes == 0)
        b.config.memory_bytes = DEFAULT_MEMORY_BYTES;
    if (!b.config.folder)
        b.config.folder = "/tmp";
    heed_status (*const steps[])(builder *) = {read_texts, count, adjust,
                                               estimate,   prune, write_model};
    for (size_t i = 0; status == HEED_OK && i < sizeof steps / sizeof steps[0];
         i++)
        status = steps[i](&b);
    heed_ngram_table_destroy(b.table);
    for (size_t n = 0; n < HEED_LM_MAX_ORDER; n++) {
        heed_ngram_sort_destroy(b.adjusted[n]);
        heed_ngram_sort_destroy(b.estimates[n]);
    }
    heed_ngram_sort_destroy(b.counts);
    heed_corpus_destroy(b.corpus);
    return status;
}
