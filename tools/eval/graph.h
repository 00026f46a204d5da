/* graph.h - words in a row, with alternatives. SPDX-License-Identifier:
 * Apache-2.0
 *
 * NIST's transcripts may say `i { am / was / @ } here`: one of several wordings
 * is right, `@` being none at all. Arcs carry the words; an arc knows the arcs
 * that may come before it. Arc 0 is the start and carries nothing. */
#ifndef HEED_TOOLS_EVAL_GRAPH_H
#define HEED_TOOLS_EVAL_GRAPH_H

#include "tools/eval/table.h"

#include <stdbool.h>

/* A wording may branch into this many at one place. */
#define EVAL_GRAPH_MAX_BRANCHES 8

/* The word of an arc that stands for no word. */
#define EVAL_WORD_NONE EVAL_TABLE_NONE

typedef struct eval_arc {
    uint32_t word;         /* in a table of words, or EVAL_WORD_NONE */
    uint32_t first_before; /* in `before` */
    uint32_t n_before;
} eval_arc;

typedef struct eval_graph {
    eval_arc *arcs; /* [n_arcs] each after those before it */
    size_t n_arcs;  /* at least 1 */
    size_t arcs_capacity;
    uint32_t *before; /* [n_before] arcs, in the order in which they are tried
                       */
    size_t n_before;
    size_t before_capacity;
    uint32_t ends[EVAL_GRAPH_MAX_BRANCHES]; /* the arcs one may end with */
    size_t n_ends;
    size_t reach; /* no arc comes further after one before it */
} eval_graph;

/* Makes a graph of the start only; release: eval_graph_deinit(). */
void eval_graph_init(eval_graph *graph);
void eval_graph_deinit(eval_graph *graph);

/* Adds a word after whatever the graph ends with. */
void eval_graph_add(eval_graph *graph, uint32_t word);

/* How plain text becomes words: writes the normalised form of the `n_bytes`
 * at `bytes`, words with one blank between, to `out`. */
typedef struct eval_writing {
    void (*normalise)(const void *user, const char *bytes, size_t n_bytes,
                      eval_text *out);
    const void *user;
} eval_writing;

/* Adds the words of `text`, which may have alternatives if `alternatives`;
 * each stretch without them is normalised by itself. Returns NULL, or what is
 * wrong with the text. */
const char *eval_graph_parse(eval_graph *graph, const char *text,
                             bool alternatives, const eval_writing *writing,
                             eval_table *words);

/* Adds one place where each of `n_texts` plain texts, at most
 * EVAL_GRAPH_MAX_BRANCHES, is right. */
void eval_graph_choose(eval_graph *graph, const char *const *texts,
                       size_t n_texts, const eval_writing *writing,
                       eval_table *words);

/* Makes `out` the graph of the characters of the words of `graph`, without
 * the blanks between them; `characters` gets them. */
void eval_graph_spell(eval_graph *out, const eval_graph *graph,
                      const eval_table *words, eval_table *characters);

#endif /* HEED_TOOLS_EVAL_GRAPH_H */
