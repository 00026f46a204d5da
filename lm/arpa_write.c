/* arpa_write.c - a model as ARPA text. SPDX-License-Identifier: Apache-2.0 */
#include "lm/arpa_write.h"

#include <errno.h>
#include <math.h>

void heed_arpa_writer_begin(heed_arpa_writer *writer, FILE *file,
                            const heed_corpus *corpus, const size_t *counts,
                            size_t order)
{
    *writer =
        (heed_arpa_writer){.file = file, .corpus = corpus, .order = order};
    fputs("\\data\\\n", file);
    for (size_t n = 1; n <= order; n++)
        fprintf(file, "ngram %zu=%zu\n", n, counts[n - 1]);
}

static double log10_of(float value)
{
    return value > 0.0F ? log10((double)value) : -99.0;
}

static void begin_order(heed_arpa_writer *writer, size_t n)
{
    while (writer->current < n)
        fprintf(writer->file, "\n\\%zu-grams:\n", ++writer->current);
}

void heed_arpa_writer_put(heed_arpa_writer *writer, const uint32_t *words,
                          size_t n, const heed_estimate *estimate)
{
    FILE *file = writer->file;
    begin_order(writer, n);
    fprintf(file, "%.7g\t", log10_of(estimate->probability));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            fputc(' ', file);
        fputs(heed_corpus_text(writer->corpus, words[i]), file);
    }
    if (n < writer->order)
        fprintf(file, "\t%.7g", log10_of(estimate->back_off));
    fputc('\n', file);
}

heed_status heed_arpa_writer_finish(heed_arpa_writer *writer)
{
    begin_order(writer, writer->order);
    fputs("\n\\end\\\n", writer->file);
    errno = 0;
    if (fflush(writer->file) != 0 || ferror(writer->file)) {
        errno = errno != 0 ? errno : EIO;
        return HEED_ERR_IO;
    }
    return HEED_OK;
}
