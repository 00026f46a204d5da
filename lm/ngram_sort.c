/* ngram_sort.c - n-grams in order, however many there are.
 *
 * A run is sorted by an LSD radix sort: a stable counting sort for each digit
 * of DIGIT_BITS bits of each word, from the least to the most significant.
 * Its cost is linear and does not depend on how the n-grams are distributed;
 * it needs as much scratch memory as there are records. The runs lie in one
 * file, one after the other, and are merged by a binary heap of their heads.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/ngram_sort.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "lm/spool.h"

enum {
    DIGIT_BITS = 11,
    N_DIGITS = 1 << DIGIT_BITS,
    MIN_RECORDS = 4,
    FIRST_RECORDS = 1024,
    MAX_RECORD_WORDS = 14
};

/* A sorted run in the file, and what of it lies in memory. */
typedef struct run {
    uint64_t offset;   /* of the next record to fetch, in records */
    uint64_t n_filed;  /* records to fetch yet */
    uint32_t *records; /* [capacity][record_words] */
    size_t n_records;
    size_t at; /* the head */
} run;

struct heed_ngram_sort {
    heed_ngram_sort_config config;
    const heed_log *log;
    size_t record_words;
    uint64_t n_fed;

    size_t max_records; /* that the memory allows, with the scratch */
    size_t capacity;
    size_t n_records;
    uint32_t *records; /* [capacity][record_words] */
    uint32_t *scratch; /* as large, while sorting */
    size_t at;         /* next to read */

    heed_temp_file file;
    uint64_t n_filed; /* records in it */
    run *runs;        /* [n_runs] */
    size_t n_runs;
    size_t runs_capacity;
    uint32_t *merge; /* memory of the heads */
    size_t merge_capacity;
    size_t *heap; /* [n_heap] runs, the one with the least head first */
    size_t n_heap;
    uint32_t current[MAX_RECORD_WORDS];
};

static heed_status fail_memory(const heed_ngram_sort *sort)
{
    heed_log_error(sort->log, "language model: out of memory");
    return HEED_ERR_MEMORY;
}

heed_status heed_ngram_sort_create(heed_ngram_sort **out,
                                   const heed_ngram_sort_config *config,
                                   const heed_log *log)
{
    *out = NULL;
    heed_ngram_sort *sort = calloc(1, sizeof *sort);
    if (!sort) {
        heed_log_error(log, "language model: out of memory");
        return HEED_ERR_MEMORY;
    }
    sort->config = *config;
    sort->log = log;
    sort->record_words = config->order + config->payload_words;
    assert(sort->record_words <= MAX_RECORD_WORDS);
    assert(!config->adds || config->payload_words % 2 == 0);
    sort->max_records =
        config->memory_bytes / (2 * sort->record_words * sizeof(uint32_t));
    if (sort->max_records < MIN_RECORDS)
        sort->max_records = MIN_RECORDS;
    heed_temp_file_init(&sort->file, config->folder, log);
    *out = sort;
    return HEED_OK;
}

static void release_buffers(heed_ngram_sort *sort)
{
    free(sort->records);
    free(sort->scratch);
    sort->records = NULL;
    sort->scratch = NULL;
}

void heed_ngram_sort_destroy(heed_ngram_sort *sort)
{
    if (!sort)
        return;
    release_buffers(sort);
    heed_temp_file_deinit(&sort->file);
    free(sort->runs);
    free(sort->merge);
    free(sort->heap);
    free(sort);
}

uint64_t heed_ngram_sort_count(const heed_ngram_sort *sort)
{
    return sort->n_fed;
}

static size_t bytes_of(const heed_ngram_sort *sort, size_t n_records)
{
    return n_records * sort->record_words * sizeof(uint32_t);
}

/* --- A run. --------------------------------------------------------------- */

/* One stable pass by the digit of word `word` that begins at bit `shift`.
 * Returns false, with nothing moved, if all records have the same digit. */
static bool sort_by_digit(const heed_ngram_sort *sort, uint32_t *to,
                          const uint32_t *from, size_t word, unsigned shift)
{
    const size_t width = sort->record_words;
    size_t begins[N_DIGITS] = {0};
    for (size_t i = 0; i < sort->n_records; i++)
        begins[from[i * width + word] >> shift & (N_DIGITS - 1)]++;
    if (begins[from[word] >> shift & (N_DIGITS - 1)] == sort->n_records)
        return false;
    size_t begin = 0;
    for (size_t digit = 0; digit < N_DIGITS; digit++) {
        const size_t n = begins[digit];
        begins[digit] = begin;
        begin += n;
    }
    for (size_t i = 0; i < sort->n_records; i++) {
        const uint32_t *record = from + i * width;
        const size_t digit = record[word] >> shift & (N_DIGITS - 1);
        memcpy(to + begins[digit]++ * width, record, bytes_of(sort, 1));
    }
    return true;
}

/* The word that decides after `i` others have not, counted from the last. */
static size_t key_word(const heed_ngram_sort *sort, size_t i)
{
    return sort->config.key == HEED_NGRAM_SUFFIX ? i
                                                 : sort->config.order - 1 - i;
}

static bool same_ngram(const heed_ngram_sort *sort, const uint32_t *a,
                       const uint32_t *b)
{
    return memcmp(a, b, sort->config.order * sizeof *a) == 0;
}

/* Adds the counts of `from` to those of `to`. */
static void add_counts(const heed_ngram_sort *sort, uint32_t *to,
                       const uint32_t *from)
{
    for (size_t i = sort->config.order; i < sort->record_words; i += 2) {
        uint64_t sum;
        uint64_t count;
        memcpy(&sum, to + i, sizeof sum);
        memcpy(&count, from + i, sizeof count);
        sum += count;
        memcpy(to + i, &sum, sizeof sum);
    }
}

/* Makes one record of those of the same n-gram. */
static void join_equal(heed_ngram_sort *sort)
{
    const size_t width = sort->record_words;
    size_t n = 0;
    for (size_t i = 0; i < sort->n_records; i++) {
        const uint32_t *record = sort->records + i * width;
        uint32_t *last = n > 0 ? sort->records + (n - 1) * width : NULL;
        if (last && same_ngram(sort, last, record))
            add_counts(sort, last, record);
        else
            memmove(sort->records + n++ * width, record, bytes_of(sort, 1));
    }
    sort->n_records = n;
}

static heed_status sort_run(heed_ngram_sort *sort)
{
    if (sort->n_records == 0)
        return HEED_OK;
    sort->scratch = malloc(bytes_of(sort, sort->capacity));
    if (!sort->scratch)
        return fail_memory(sort);
    for (size_t i = 0; i < sort->config.order; i++) {
        for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS) {
            if (!sort_by_digit(sort, sort->scratch, sort->records,
                               key_word(sort, i), shift))
                continue;
            uint32_t *sorted = sort->scratch;
            sort->scratch = sort->records;
            sort->records = sorted;
        }
    }
    free(sort->scratch);
    sort->scratch = NULL;
    if (sort->config.adds)
        join_equal(sort);
    return HEED_OK;
}

/* Sorts what is in memory and moves it to the end of the file. */
static heed_status spill(heed_ngram_sort *sort)
{
    heed_status status = sort_run(sort);
    if (status != HEED_OK || sort->n_records == 0)
        return status;
    if (sort->n_runs == sort->runs_capacity) {
        const size_t capacity = 2 * sort->runs_capacity + 16;
        run *runs = realloc(sort->runs, capacity * sizeof *runs);
        if (!runs)
            return fail_memory(sort);
        sort->runs = runs;
        sort->runs_capacity = capacity;
    }
    status = heed_temp_file_write(&sort->file, sort->records,
                                  bytes_of(sort, sort->n_records),
                                  sort->n_filed * bytes_of(sort, 1));
    sort->runs[sort->n_runs++] =
        (run){.offset = sort->n_filed, .n_filed = sort->n_records};
    sort->n_filed += sort->n_records;
    sort->n_records = 0;
    return status;
}

static heed_status grow(heed_ngram_sort *sort)
{
    size_t capacity = sort->capacity == 0 ? FIRST_RECORDS : 2 * sort->capacity;
    if (capacity > sort->max_records)
        capacity = sort->max_records;
    uint32_t *records = realloc(sort->records, bytes_of(sort, capacity));
    if (!records)
        return fail_memory(sort);
    sort->records = records;
    sort->capacity = capacity;
    return HEED_OK;
}

heed_status heed_ngram_sort_feed(heed_ngram_sort *sort, const uint32_t *record)
{
    if (sort->n_records == sort->capacity) {
        const heed_status status =
            sort->capacity < sort->max_records ? grow(sort) : spill(sort);
        if (status != HEED_OK)
            return status;
    }
    memcpy(sort->records + sort->n_records * sort->record_words, record,
           bytes_of(sort, 1));
    sort->n_records++;
    sort->n_fed++;
    return HEED_OK;
}

/* --- The merge. ----------------------------------------------------------- */

static const uint32_t *head_of(const heed_ngram_sort *sort, size_t index)
{
    const run *r = &sort->runs[index];
    return r->records + r->at * sort->record_words;
}

/* Whether the head of run `a` comes before that of `b`. */
static bool comes_before(const heed_ngram_sort *sort, size_t a, size_t b)
{
    const uint32_t *x = head_of(sort, a);
    const uint32_t *y = head_of(sort, b);
    for (size_t i = sort->config.order; i-- > 0;) {
        const size_t word = key_word(sort, i);
        if (x[word] != y[word])
            return x[word] < y[word];
    }
    return false;
}

/* Lets the run at `position` of the heap sink to where it belongs. */
static void sink(heed_ngram_sort *sort, size_t position)
{
    size_t *heap = sort->heap;
    for (;;) {
        size_t least = position;
        for (size_t child = 2 * position + 1;
             child <= 2 * position + 2 && child < sort->n_heap; child++)
            if (comes_before(sort, heap[child], heap[least]))
                least = child;
        if (least == position)
            return;
        const size_t index = heap[position];
        heap[position] = heap[least];
        heap[least] = index;
        position = least;
    }
}

/* Reads the next records of a run; none are left if `n_records` is 0 then. */
static heed_status fetch(heed_ngram_sort *sort, run *r)
{
    const size_t n = r->n_filed < sort->merge_capacity ? (size_t)r->n_filed
                                                       : sort->merge_capacity;
    const heed_status status =
        heed_temp_file_read(&sort->file, r->records, bytes_of(sort, n),
                            r->offset * bytes_of(sort, 1));
    r->offset += n;
    r->n_filed -= n;
    r->n_records = n;
    r->at = 0;
    return status;
}

static heed_status begin_merge(heed_ngram_sort *sort)
{
    sort->merge_capacity =
        sort->config.memory_bytes / (sort->n_runs * bytes_of(sort, 1));
    if (sort->merge_capacity == 0)
        sort->merge_capacity = 1;
    sort->merge = malloc(sort->n_runs * bytes_of(sort, sort->merge_capacity));
    sort->heap = malloc(sort->n_runs * sizeof *sort->heap);
    if (!sort->merge || !sort->heap)
        return fail_memory(sort);
    for (size_t i = 0; i < sort->n_runs; i++) {
        sort->runs[i].records =
            sort->merge + i * sort->merge_capacity * sort->record_words;
        const heed_status status = fetch(sort, &sort->runs[i]);
        if (status != HEED_OK)
            return status;
        sort->heap[i] = i;
    }
    sort->n_heap = sort->n_runs;
    for (size_t i = sort->n_heap / 2; i-- > 0;)
        sink(sort, i);
    return HEED_OK;
}

heed_status heed_ngram_sort_finish(heed_ngram_sort *sort)
{
    if (sort->n_runs == 0)
        return sort_run(sort);
    const heed_status status = spill(sort);
    release_buffers(sort);
    return status == HEED_OK ? begin_merge(sort) : status;
}

/* Takes the least head away. */
static heed_status drop_head(heed_ngram_sort *sort)
{
    run *r = &sort->runs[sort->heap[0]];
    if (++r->at == r->n_records) {
        const heed_status status = fetch(sort, r);
        if (status != HEED_OK)
            return status;
        if (r->n_records == 0)
            sort->heap[0] = sort->heap[--sort->n_heap];
    }
    sink(sort, 0);
    return HEED_OK;
}

static heed_status next_merged(heed_ngram_sort *sort, const uint32_t **record)
{
    if (sort->n_heap == 0)
        return HEED_END;
    memcpy(sort->current, head_of(sort, sort->heap[0]), bytes_of(sort, 1));
    heed_status status = drop_head(sort);
    while (status == HEED_OK && sort->config.adds && sort->n_heap > 0 &&
           same_ngram(sort, sort->current, head_of(sort, sort->heap[0]))) {
        add_counts(sort, sort->current, head_of(sort, sort->heap[0]));
        status = drop_head(sort);
    }
    if (status == HEED_OK)
        *record = sort->current;
    return status;
}

heed_status heed_ngram_sort_next(heed_ngram_sort *sort, const uint32_t **record)
{
    *record = NULL;
    if (sort->n_runs > 0)
        return next_merged(sort, record);
    if (sort->at == sort->n_records)
        return HEED_END;
    *record = sort->records + sort->at++ * sort->record_words;
    return HEED_OK;
}
