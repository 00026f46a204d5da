/* phrase_trie.c - see phrase_trie.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/phrase_trie.h"

#include <stdlib.h>
#include <string.h>

#include "asr/ctc.h"

/* Labels of a token at most; longer ones are no part of a phrase. */
#define TOKEN_LABELS 27

/* A token's spelling: a space if it begins a word, then letters. */
typedef struct spelling {
    uint8_t labels[TOKEN_LABELS + 1]; /* zeros after the last one */
    uint32_t token;
} spelling;

/* ---- Building ------------------------------------------------------- */

/* Makes room for one more item in an array. */
static bool grow(void **items, size_t n, size_t *capacity, size_t item_bytes)
{
    const size_t wanted = 2 * *capacity + 64;
    void *grown;

    if (n < *capacity)
        return true;
    grown = realloc(*items, wanted * item_bytes);
    if (grown == NULL)
        return false;
    *items = grown;
    *capacity = wanted;
    return true;
}

static bool add_node(heed_phrase_trie *trie, uint8_t label, uint32_t sibling)
{
    void *nodes = trie->nodes;

    if (trie->n_nodes >= UINT32_MAX ||
        !grow(&nodes, trie->n_nodes, &trie->node_capacity,
              sizeof(*trie->nodes)))
        return false;
    trie->nodes = nodes;
    trie->nodes[trie->n_nodes++] =
        (heed_phrase_node){.label = label, .sibling = sibling};
    return true;
}

static bool add_token(heed_phrase_trie *trie, uint32_t token)
{
    void *tokens = trie->tokens;

    if (trie->n_tokens >= UINT32_MAX ||
        !grow(&tokens, trie->n_tokens, &trie->token_capacity, sizeof(uint32_t)))
        return false;
    trie->tokens = tokens;
    trie->tokens[trie->n_tokens++] = token;
    return true;
}

heed_status heed_phrase_trie_init(heed_phrase_trie *trie)
{
    *trie = (heed_phrase_trie){0};
    return add_node(trie, HEED_CTC_BLANK, 0) ? HEED_OK : HEED_ERR_MEMORY;
}

void heed_phrase_trie_deinit(heed_phrase_trie *trie)
{
    free(trie->nodes);
    free(trie->tokens);
    *trie = (heed_phrase_trie){0};
}

static uint32_t child_of(const heed_phrase_trie *trie, uint32_t node,
                         uint8_t label)
{
    uint32_t child = trie->nodes[node].child;

    while (child != 0 && trie->nodes[child].label != label)
        child = trie->nodes[child].sibling;
    return child;
}

/* Goes down to the child with `label`, which is made if there is none. */
static bool descend(heed_phrase_trie *trie, uint32_t *node, uint8_t label)
{
    uint32_t child = child_of(trie, *node, label);

    if (child == 0) {
        child = (uint32_t)trie->n_nodes;
        if (!add_node(trie, label, trie->nodes[*node].child))
            return false;
        trie->nodes[*node].child = child;
    }
    *node = child;
    return true;
}

heed_status heed_phrase_trie_add(heed_phrase_trie *trie, const uint8_t *labels,
                                 size_t n_labels, float weight, uint32_t phrase)
{
    uint32_t node = 0;
    bool fine = descend(trie, &node, HEED_CTC_SPACE);

    for (size_t i = 0; fine && i < n_labels; i++) {
        fine = descend(trie, &node, labels[i]);
        /* Until the trie is finished: the letter's own worth. */
        if (fine && labels[i] != HEED_CTC_SPACE &&
            trie->nodes[node].begun < weight)
            trie->nodes[node].begun = weight;
    }
    if (!fine || !descend(trie, &node, HEED_CTC_SPACE))
        return HEED_ERR_MEMORY;
    trie->nodes[node].match = phrase + 1;
    return HEED_OK;
}

static uint32_t follow(const heed_phrase_trie *trie, uint32_t node,
                       uint8_t label)
{
    uint32_t child;

    while ((child = child_of(trie, node, label)) == 0 && node != 0)
        node = trie->nodes[node].fail;
    return child;
}

/* Sums up worths from the root on and links each node to its suffix, level by
 * level. `queue` has room for all nodes. */
static void link_nodes(heed_phrase_trie *trie, uint32_t *queue)
{
    heed_phrase_node *nodes = trie->nodes;
    size_t n = 1;

    queue[0] = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t node = queue[i];

        for (uint32_t c = nodes[node].child; c != 0; c = nodes[c].sibling) {
            heed_phrase_node *child = &nodes[c];

            queue[n++] = c;
            child->begun += nodes[node].begun;
            if (node != 0)
                child->fail = follow(trie, nodes[node].fail, child->label);
            if (child->match != 0) {
                child->reward = child->begun;
                child->begun = 0.0F;
            } else {
                child->match = nodes[child->fail].match;
                child->reward = nodes[child->fail].reward;
            }
        }
    }
}

static int compare_spellings(const void *a, const void *b)
{
    const spelling *x = a;
    const spelling *y = b;
    const int order = memcmp(x->labels, y->labels, sizeof(x->labels));

    if (order != 0)
        return order;
    return x->token < y->token ? -1 : x->token > y->token;
}

/* Returns whether the token is letters, with or without a space before. */
static bool spell(spelling *out, const heed_tokenizer *tokenizer,
                  uint32_t token)
{
    size_t length = 0;
    const char *text = heed_tokenizer_text(tokenizer, token, &length);

    *out = (spelling){.token = token};
    if (length == 0 || length > TOKEN_LABELS)
        return false;
    for (size_t i = 0; i < length; i++) {
        const int label = i == 0 && text[0] == ' '
                              ? (int)HEED_CTC_SPACE
                              : heed_ctc_label((unsigned char)text[i]);

        if (label < 0)
            return false;
        out->labels[i] = (uint8_t)label;
    }
    return length > 1 || text[0] != ' ';
}

/* Adds the tokens of `n` spellings, which begin with the `depth` labels that
 * lead to `node`, as far as they lead on. */
static bool find_tokens(heed_phrase_trie *trie, uint32_t node,
                        const spelling *spellings, size_t n, size_t depth)
{
    for (uint32_t c = trie->nodes[node].child; c != 0;
         c = trie->nodes[c].sibling) {
        const uint8_t label = trie->nodes[c].label;
        size_t first = 0;
        size_t end;

        while (first < n && spellings[first].labels[depth] < label)
            first++;
        for (end = first; end < n && spellings[end].labels[depth] == label;
             end++)
            if (spellings[end].labels[depth + 1] == 0 &&
                !add_token(trie, spellings[end].token))
                return false;
        if (end > first && depth + 1 < TOKEN_LABELS &&
            !find_tokens(trie, c, spellings + first, end - first, depth + 1))
            return false;
    }
    return true;
}

heed_status heed_phrase_trie_finish(heed_phrase_trie *trie,
                                    const heed_tokenizer *tokenizer)
{
    const size_t n_vocabulary = heed_tokenizer_count(tokenizer);
    uint32_t *queue = calloc(trie->n_nodes, sizeof(*queue));
    spelling *spellings = calloc(n_vocabulary, sizeof(*spellings));
    bool fine = queue != NULL && spellings != NULL;
    size_t n = 0;

    if (fine) {
        link_nodes(trie, queue);
        for (size_t v = 0; v < n_vocabulary; v++)
            n += spell(&spellings[n], tokenizer, (uint32_t)v);
        qsort(spellings, n, sizeof(*spellings), compare_spellings);
    }
    for (size_t i = 0; fine && i < trie->n_nodes; i++) {
        trie->nodes[i].first_token = (uint32_t)trie->n_tokens;
        fine = find_tokens(trie, (uint32_t)i, spellings, n, 0);
        trie->nodes[i].n_tokens =
            (uint32_t)(trie->n_tokens - trie->nodes[i].first_token);
    }
    free(queue);
    free(spellings);
    return fine ? HEED_OK : HEED_ERR_MEMORY;
}

/* ---- Following a text ----------------------------------------------- */

static void step(heed_phrase_state *state, const heed_phrase_trie *trie,
                 uint8_t label)
{
    const heed_phrase_node *node;

    state->node = follow(trie, state->node, label);
    node = &trie->nodes[state->node];
    if (node->match != 0) {
        state->match = node->match;
        state->reward += node->reward;
    }
    state->spaced = label == HEED_CTC_SPACE;
}

void heed_phrase_begin(heed_phrase_state *state, const heed_phrase_trie *trie)
{
    *state = (heed_phrase_state){0};
    step(state, trie, HEED_CTC_SPACE);
}

void heed_phrase_append(heed_phrase_state *state, const heed_phrase_trie *trie,
                        const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const int label = heed_ctc_label((unsigned char)text[i]);

        if (label < 0) {
            state->gap = true;
            continue;
        }
        if (state->gap && !state->spaced)
            step(state, trie, HEED_CTC_SPACE);
        step(state, trie, (uint8_t)label);
        state->gap = false;
    }
}

void heed_phrase_end(heed_phrase_state *state, const heed_phrase_trie *trie)
{
    if (!state->spaced)
        step(state, trie, HEED_CTC_SPACE);
}

float heed_phrase_worth(const heed_phrase_state *state,
                        const heed_phrase_trie *trie)
{
    return state->reward + trie->nodes[state->node].begun;
}
