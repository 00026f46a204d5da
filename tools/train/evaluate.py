#!/usr/bin/env python3
"""Step 11: word error rates of a model file through the heed command.

    evaluate.py MODEL.gguf CORPUS [--latency file|live] [--heed PATH]
                [--every N] [--jobs N] [--out HYP.tsv] [-- OPTIONS...]
    evaluate.py CHECKPOINT.pt CORPUS [--latency file|live] [...]

CORPUS as in teacher.py (one audio file an utterance). Of a checkpoint, the text
is what the letters of the CTC's best path spell: no decoder, no search. Both
sides are normalised by text.normalise (capitals, numbers read out, no
punctuation). Prints a Markdown row per set: WER, substitutions, deletions,
insertions, words; pooled with a 95 % bootstrap interval over utterances.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import torch

from common import FRAME_SAMPLES, read_corpus
from features import TAIL_SAMPLES, log_mel
from model import ctc_logits, encode_chunks, stem
from teacher import read_audio
from text import ctc_greedy, errors

# As in the model file: chunk and look-ahead, frames heard before a chunk.
CHUNKS = {"file": (135, 45), "live": (12, 27)}
LEFT = 216


@torch.no_grad()
def spell(state, audio, chunk, ahead):
    """What the letters of the CTC's best path spell."""
    w = state["weights"]
    n = math.ceil(len(audio) / FRAME_SAMPLES)
    frames = math.ceil(n / chunk) * chunk
    padded = torch.zeros(1, frames * FRAME_SAMPLES + TAIL_SAMPLES)
    padded[0, :len(audio)] = torch.from_numpy(audio)
    x = stem(w, (log_mel(padded) - state["mean"]) / state["std"])
    lengths = torch.tensor([n])
    _, states = encode_chunks(w, x, lengths, chunk, ahead, LEFT)
    labels = ctc_logits(w, states, lengths)[0, :n].argmax(-1)
    return ctc_greedy(labels.tolist())


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
    texts = {}
    if args.model.suffix == ".pt":
        state = torch.load(args.model)
        state["weights"] = {name: value.float()
                            for name, value in state["weights"].items()}
        for u in utterances:
            texts[u.path] = spell(state, read_audio(u),
                                  *CHUNKS[args.latency])
    else:
        parts = [utterances[i::args.jobs] for i in range(args.jobs)]
        with ThreadPoolExecutor(args.jobs) as pool:
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
