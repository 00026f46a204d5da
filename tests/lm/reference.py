"""reference.py - modified Kneser-Ney as the papers write it. SPDX-License-Identifier: Apache-2.0

usage: reference.py HEED

Builds language models of small made-up texts with `heed lm build` and compares
every number with a model that is computed here from the definitions, with
dictionaries and without any of the builder's machinery.
"""
import collections
import itertools
import math
import random
import subprocess
import sys

BEGIN, END, UNK = "<s>", "</s>", "<unk>"
TOLERANCE = 2e-6  # of a base-10 logarithm: single precision


def count_ngrams(sentences, order):
    """counts[n]: true counts of the n-grams, without those of <s> alone."""
    counts = [collections.Counter() for _ in range(order + 1)]
    for words in sentences:
        padded = [BEGIN] + words + [END]
        for n in range(1, order + 1):
            for i in range(len(padded) - n + 1):
                counts[n][tuple(padded[i:i + n])] += 1
    del counts[1][(BEGIN,)]
    return counts


def adjust(counts, order):
    adjusted = [collections.Counter() for _ in range(order + 1)]
    adjusted[order] = counts[order]
    for n in range(1, order):
        for ngram in counts[n + 1]:
            adjusted[n][ngram[1:]] += 1
        for ngram in counts[n]:
            if ngram[0] == BEGIN:
                adjusted[n][ngram] = counts[n][ngram]
    return adjusted


def discounts_of(adjusted):
    n = [sum(1 for c in adjusted.values() if c == k) for k in range(5)]
    try:
        y = n[1] / (n[1] + 2 * n[2])
        d = [0] + [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
        if all(0 <= d[k] <= k for k in (1, 2, 3)):
            return d
    except ZeroDivisionError:
        pass
    return [0, 0.5, 1.0, 1.5]


class Model:
    def __init__(self, sentences, order, cutoffs, vocabulary):
        known = set(vocabulary)
        sentences = [[w if w in known else UNK for w in s] for s in sentences]
        self.order = order
        self.words = sorted(known | {END, UNK})
        counts = count_ngrams(sentences, order)
        adjusted = adjust(counts, order)
        self.p, self.back_off = {}, collections.defaultdict(lambda: 1.0)
        for n in range(1, order + 1):
            self.add_order(n, counts[n], adjusted[n], cutoffs[n - 1])

    def add_order(self, n, counts, adjusted, cutoff):
        d = discounts_of(adjusted)
        total, rest = collections.Counter(), collections.Counter()
        for ngram, a in adjusted.items():
            cut = counts[ngram] <= cutoff
            total[ngram[:-1]] += a
            rest[ngram[:-1]] += a if cut else d[min(a, 3)]
        for context in total:
            self.back_off[context] = rest[context] / total[context]
        ngrams = [(w,) for w in self.words] if n == 1 else \
            [g for g in adjusted if counts[g] > cutoff]
        for ngram in ngrams:
            a = adjusted[ngram]
            lower = self.p[ngram[1:]] if n > 1 else 1 / len(self.words)
            self.p[ngram] = ((a - d[min(a, 3)]) / total[ngram[:-1]] +
                             self.back_off[ngram[:-1]] * lower)


def read_arpa(text):
    ngrams, told, n = {}, {}, 0
    for line in text.splitlines():
        fields = line.split("\t")
        if line.startswith("ngram "):
            order, count = line[6:].split("=")
            told[int(order)] = int(count)
        elif line.endswith("-grams:"):
            n = int(line[1:-7])
        elif len(fields) > 1:
            words = tuple(fields[1].split(" "))
            assert len(words) == n and words not in ngrams, line
            ngrams[words] = (float(fields[0]),
                             float(fields[2]) if len(fields) > 2 else 0.0)
    for order, count in told.items():
        assert count == sum(1 for g in ngrams if len(g) == order), order
    return ngrams


def build(heed, sentences, *options):
    text = "".join(" ".join(s) + "\n" for s in sentences)
    done = subprocess.run([heed, "lm", "build", "-q", *options, "-"],
                          input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return read_arpa(done.stdout)


def score(ngrams, words):
    """Base-10 logarithm of the last word's probability after the others."""
    if words in ngrams:
        return ngrams[words][0]
    back_off = ngrams.get(words[:-1], (0, 0))[1]
    return back_off + score(ngrams, words[1:])


def make_text(seed, n_sentences, n_words):
    """Sentences with the frequencies of Zipf and some memory."""
    rng = random.Random(seed)
    words = ["".join(t) for t in itertools.product("ABC'", repeat=3)][:n_words]
    weights = [1 / (i + 1) for i in range(n_words)]
    sentences = []
    for _ in range(n_sentences):
        sentence = rng.choices(words, weights, k=rng.randint(1, 9))
        for i in range(1, len(sentence)):
            if rng.random() < 0.5:
                sentence[i] = words[(words.index(sentence[i - 1]) * 7 + 3) %
                                    n_words]
        sentences.append(sentence)
    return sentences


def compare(name, ngrams, model):
    worst = 0.0
    expected = set(model.p) | {(BEGIN,)}
    assert set(ngrams) == expected, \
        f"{name}: {sorted(set(ngrams) ^ expected)[:5]}"
    for ngram, (log_p, log_back_off) in ngrams.items():
        if ngram != (BEGIN,):
            worst = max(worst, abs(log_p - math.log10(model.p[ngram])))
        if len(ngram) < model.order:
            wanted = math.log10(model.back_off[ngram])
            worst = max(worst, abs(log_back_off - wanted))
    assert worst < TOLERANCE, f"{name}: {worst} apart"
    print(f"{name}: {len(ngrams)} n-grams, {worst:.1e} apart at most")


def check_sums(name, ngrams, order, words):
    """After every context, and some that are unknown, the sum is 1."""
    contexts = {g[:-1] for g in ngrams} | {g for g in ngrams if len(g) < order}
    contexts |= {(a, b)[:order - 1] for a in words[:5] for b in words[-5:]}
    for context in contexts:
        if END in context:
            continue
        total = sum(10 ** score(ngrams, context + (w,)) for w in words)
        assert abs(total - 1) < 1e-5, f"{name}: {context}: {total}"
    print(f"{name}: sums to 1 after {len(contexts)} contexts")


def main():
    heed = sys.argv[1]
    text = make_text(1, 3000, 60)
    vocabulary = {w for s in text for w in s}
    frequent = sorted(collections.Counter(w for s in text for w in s).items(),
                      key=lambda item: (-item[1], item[0]))
    chosen = {w for w, _ in frequent[:40]}
    for order, cutoffs, words in [
            (1, [0], vocabulary), (2, [0, 0], vocabulary),
            (3, [0, 0, 0], vocabulary), (3, [0, 0, 1], vocabulary),
            (3, [0, 2, 3], chosen), (5, [0, 0, 1, 1, 2], chosen)]:
        name = f"order {order} cutoff {cutoffs} words {len(words)}"
        cutoff = ",".join(map(str, cutoffs))
        ngrams = build(heed, text, "-n", str(order), "--cutoff", cutoff,
                       "--max-words", str(len(words)))
        model = Model(text, order, cutoffs, words)
        compare(name, ngrams, model)
        check_sums(name, ngrams, order, model.words)
    small = make_text(2, 7, 9)  # too small for discounts
    compare("small", build(heed, small, "-n", "4"),
            Model(small, 4, [0] * 4, {w for s in small for w in s}))
    for threshold in ("1e-5", "1e-4", "1e-3"):
        ngrams = build(heed, text, "-n", "4", "--prune", threshold)
        check_sums(f"pruned {threshold}", ngrams, 4,
                   sorted(vocabulary | {END, UNK}))


if __name__ == "__main__":
    main()
