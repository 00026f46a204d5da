#!/usr/bin/env python3
"""Step 6: word error rates of a model file through the heed command.

    evaluate.py MODEL.gguf CORPUS [--latency file|live] [--heed PATH]
                [--every N] [--jobs N] [--out HYP.tsv] [-- OPTIONS...]

CORPUS as in teacher.py (one audio file an utterance). Both sides are
normalised by text.normalise (capitals, numbers read out, no punctuation).
Prints a Markdown row per set: WER, substitutions, deletions, insertions,
words; pooled with a 95 % bootstrap interval over utterances.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from common import read_corpus
from text import errors


def transcribe(args, utterances):
    """{path: text} of some utterances by one process."""
    command = [str(args.heed), "transcribe", "-q", "-m", str(args.model),
               "-o", "json", "--latency", args.latency, *args.options,
               *[u.path for u in utterances]]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} failed: {done.returncode}")
    out = {}
    for line in done.stdout.decode("utf-8").splitlines():
        result = json.loads(line)
        out[result["file"]] = result["text"]
    return out


def interval(rows, rounds=1000):
    """95 % bootstrap interval of the pooled WER, in percent."""
    rng = random.Random(1)
    rates = []
    for _ in range(rounds):
        picked = rng.choices(rows, k=len(rows))
        rates.append(100 * sum(sum(e[:3]) for e in picked)
                     / max(1, sum(e[3] for e in picked)))
    rates.sort()
    return rates[int(0.025 * rounds)], rates[int(0.975 * rounds)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("corpus")
    parser.add_argument("--latency", default="file")
    parser.add_argument("--heed", default="heed")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=pathlib.Path)
    own = sys.argv[1:]
    options = []
    if "--" in own:
        options = own[own.index("--") + 1:]
        own = own[:own.index("--")]
    args = parser.parse_args(own)
    args.options = options
    utterances = read_corpus(args.corpus)[::args.every]
    parts = [utterances[i::args.jobs] for i in range(args.jobs)]
    with ThreadPoolExecutor(args.jobs) as pool:
        texts = {}
        for part in pool.map(lambda p: transcribe(args, p), parts):
            texts.update(part)
    by_set, missing = {}, 0
    out = open(args.out, "w", encoding="utf-8") if args.out else None
    for u in utterances:
        missing += u.path not in texts
        text = texts.get(u.path, "")
        row = errors(u.text, text)
        by_set.setdefault(u.set, []).append(row)
        if out:
            out.write(f"{u.utt_id}\t{u.set}\t{sum(row[:3])}\t{u.text}\t"
                      f"{text}\n")
    print("| set | WER % | S | D | I | words |\n|---|---|---|---|---|---|")
    for name, rows in sorted(by_set.items()):
        s, d, i, n = (sum(col) for col in zip(*rows))
        print(f"| {name} | {100 * (s + d + i) / max(1, n):.1f} | {s} | {d} "
              f"| {i} | {n} |")
    rows = [row for part in by_set.values() for row in part]
    s, d, i, n = (sum(col) for col in zip(*rows))
    low, high = interval(rows)
    print(f"| pooled | **{100 * (s + d + i) / max(1, n):.1f}** "
          f"({low:.1f}-{high:.1f}) | {s} | {d} | {i} | {n} |")
    if missing:
        print(f"{missing} files gave no result")


if __name__ == "__main__":
    main()
