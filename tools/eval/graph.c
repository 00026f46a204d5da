/* graph.c - words in a row, with alternatives. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The branches of `{ a / b }` are parsed one after the other; each begins
 * after the arcs that came before the brace, and after the brace may come the
 * last arcs of all of them, in their order: NIST's sclite tries them in this
 * order too, so that ties are decided as it does. */
#include "tools/eval/graph.h"

#include "tools/eval/lines.h"

#include <stdlib.h>
#include <string.h>

/* Arcs that a wording may end with. */
typedef struct ends {
    uint32_t arcs[EVAL_GRAPH_MAX_BRANCHES];
    size_t n;
} ends;

typedef struct parser {
    eval_graph *graph;
    const char *at;
    const eval_writing *writing;
    eval_table *words;
    eval_text normal; /* scratch */
    unsigned depth;
    const char *fault;
} parser;

#define MAX_DEPTH 16

void eval_graph_init(eval_graph *graph)
{
    *graph = (eval_graph){.n_ends = 1, .reach = 1};
    graph->arcs = eval_grow(NULL, 0, &graph->arcs_capacity, sizeof(eval_arc));
    graph->arcs[0] = (eval_arc){EVAL_WORD_NONE, 0, 0};
    graph->n_arcs = 1;
}

void eval_graph_deinit(eval_graph *graph)
{
    free(graph->arcs);
    free(graph->before);
    *graph = (eval_graph){0};
}

/* Adds an arc after those of `from`; returns it. */
static uint32_t add_arc(eval_graph *graph, uint32_t word, const uint32_t *from,
                        size_t n_from)
{
    const uint32_t arc = (uint32_t)graph->n_arcs;

    graph->arcs = eval_grow(graph->arcs, graph->n_arcs, &graph->arcs_capacity,
                            sizeof *graph->arcs);
    graph->arcs[arc] =
        (eval_arc){word, (uint32_t)graph->n_before, (uint32_t)n_from};
    for (size_t i = 0; i < n_from; i++) {
        graph->before =
            eval_grow(graph->before, graph->n_before, &graph->before_capacity,
                      sizeof *graph->before);
        graph->before[graph->n_before++] = from[i];
        if (arc - from[i] > graph->reach)
            graph->reach = arc - from[i];
    }
    graph->n_arcs++;
    return arc;
}

void eval_graph_add(eval_graph *graph, uint32_t word)
{
    graph->ends[0] = add_arc(graph, word, graph->ends, graph->n_ends);
    graph->n_ends = 1;
}

static void extend(eval_graph *graph, ends *end, uint32_t word)
{
    end->arcs[0] = add_arc(graph, word, end->arcs, end->n);
    end->n = 1;
}

/* Length of the word that begins at `at`. */
static size_t word_length(const char *at)
{
    return strcspn(at, " \t\r\n\v\f");
}

static void skip_blanks(parser *p)
{
    p->at += strspn(p->at, " \t\r\n\v\f");
}

static bool is_mark(const char *at, char mark)
{
    return at[0] == mark && word_length(at) == 1;
}

/* Adds the words of plain text. */
static void add_plain(parser *p, ends *end, const char *bytes, size_t n_bytes)
{
    eval_text_clear(&p->normal);
    p->writing->normalise(p->writing->user, bytes, n_bytes, &p->normal);
    for (const char *at = eval_text_string(&p->normal); *at != '\0';) {
        const size_t n = word_length(at);

        if (n > 0)
            extend(p->graph, end, eval_table_add(p->words, at, n));
        at += n;
        at += strspn(at, " \t\r\n\v\f");
    }
}

static void parse_row(parser *p, ends *end);

/* Adds what the branch at hand ends with to `all`. */
static void join(parser *p, ends *all, const ends *branch)
{
    if (all->n + branch->n > EVAL_GRAPH_MAX_BRANCHES) {
        p->fault = "more than 8 alternatives at one place";
        return;
    }
    for (size_t i = 0; i < branch->n; i++)
        all->arcs[all->n++] = branch->arcs[i];
}

/* After `{`, up to and with `}`. */
static void parse_branches(parser *p, ends *end)
{
    const ends from = *end;

    end->n = 0;
    if (++p->depth > MAX_DEPTH)
        p->fault = "alternatives are nested too deep";
    while (p->fault == NULL) {
        ends branch = from;
        const size_t n_arcs = p->graph->n_arcs;

        parse_row(p, &branch);
        if (p->fault != NULL)
            return;
        if (p->graph->n_arcs == n_arcs) /* nothing, as after `@` */
            extend(p->graph, &branch, EVAL_WORD_NONE);
        join(p, end, &branch);
        if (*p->at == '\0')
            p->fault = "`{` without `}`";
        else if (*p->at++ == '}')
            break;
    }
    p->depth--;
}

/* Words and alternatives up to `/`, `}` or the end, which stay. */
static void parse_row(parser *p, ends *end)
{
    while (p->fault == NULL) {
        const char *plain;

        skip_blanks(p);
        plain = p->at;
        while (*p->at != '\0' && !is_mark(p->at, '{') && !is_mark(p->at, '}') &&
               !is_mark(p->at, '@') && !(p->depth > 0 && is_mark(p->at, '/'))) {
            p->at += word_length(p->at);
            skip_blanks(p);
        }
        if (p->at > plain)
            add_plain(p, end, plain, (size_t)(p->at - plain));
        if (is_mark(p->at, '@')) {
            p->at++;
            extend(p->graph, end, EVAL_WORD_NONE);
        } else if (is_mark(p->at, '{')) {
            p->at++;
            parse_branches(p, end);
        } else {
            if (p->depth == 0 && *p->at == '}')
                p->fault = "`}` without `{`";
            return;
        }
    }
}

const char *eval_graph_parse(eval_graph *graph, const char *text,
                             bool alternatives, const eval_writing *writing,
                             eval_table *words)
{
    parser p = {.graph = graph, .at = text, .writing = writing, .words = words};
    ends end = {.n = graph->n_ends};

    memcpy(end.arcs, graph->ends, sizeof end.arcs);
    if (alternatives)
        parse_row(&p, &end);
    else
        add_plain(&p, &end, text, strlen(text));
    memcpy(graph->ends, end.arcs, sizeof graph->ends);
    graph->n_ends = end.n > 0 ? end.n : 1;
    eval_text_deinit(&p.normal);
    return p.fault;
}

void eval_graph_choose(eval_graph *graph, const char *const *texts,
                       size_t n_texts, const eval_writing *writing,
                       eval_table *words)
{
    parser p = {.graph = graph, .writing = writing, .words = words};
    ends from = {.n = graph->n_ends};
    ends all = {.n = 0};

    memcpy(from.arcs, graph->ends, sizeof from.arcs);
    for (size_t i = 0; i < n_texts && i < EVAL_GRAPH_MAX_BRANCHES; i++) {
        ends branch = from;
        const size_t n_arcs = graph->n_arcs;

        add_plain(&p, &branch, texts[i], strlen(texts[i]));
        if (graph->n_arcs == n_arcs)
            extend(graph, &branch, EVAL_WORD_NONE);
        join(&p, &all, &branch);
    }
    if (all.n > 0) {
        memcpy(graph->ends, all.arcs, sizeof graph->ends);
        graph->n_ends = all.n;
    }
    eval_text_deinit(&p.normal);
}

/* The characters of `word` after the arcs of `end`. Returns the last arc. */
static uint32_t spell_word(eval_graph *out, const char *word, ends end,
                           eval_table *characters)
{
    const char *at = word;

    if (*at == '\0')
        extend(out, &end, EVAL_WORD_NONE);
    while (*at != '\0') {
        const size_t n = eval_utf8_length(at) > 0 ? eval_utf8_length(at) : 1;

        extend(out, &end, eval_table_add(characters, at, n));
        at += n;
    }
    return end.arcs[0];
}

void eval_graph_spell(eval_graph *out, const eval_graph *graph,
                      const eval_table *words, eval_table *characters)
{
    uint32_t *last = eval_calloc(graph->n_arcs, sizeof *last);

    eval_graph_init(out);
    for (size_t i = 1; i < graph->n_arcs; i++) {
        const eval_arc *arc = &graph->arcs[i];
        ends from = {.n = arc->n_before};

        for (size_t k = 0; k < arc->n_before; k++)
            from.arcs[k] = last[graph->before[arc->first_before + k]];
        last[i] = spell_word(
            out, arc->word != EVAL_WORD_NONE ? words->strings[arc->word] : "",
            from, characters);
    }
    for (size_t i = 0; i < graph->n_ends; i++)
        out->ends[i] = last[graph->ends[i]];
    out->n_ends = graph->n_ends;
    free(last);
}
