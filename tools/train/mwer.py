#!/usr/bin/env python3
"""Step 6: teach the decoder which of its best texts has the fewest errors.

    mwer.py OUT.pt CHECKPOINT [--lists DIR] [--rate FACTOR] [--passes N]
            [--batch N] [--entropy WEIGHT] [--seed N]

Minimum word error rate training (R. Prabhavalkar et al., arXiv 1712.01818) on
what lists.py heard with CHECKPOINT. The score of a text is the search's; only
the decoder learns, its embedding apart, and a share of the cross-entropy with
the reference keeps it a decoder.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import pathlib
import random
import time

import numpy as np
import torch

from common import DEVICE, DTYPE, WORK, setup_torch
from evaluate import CHUNKS
from losses import expected_errors, token_batch
from model import decode
from train import RATES, Optimizer, part_of

LETTER_WEIGHT, WORD_BONUS = 0.02, 0.3  # as in the search
MAX_SPELLING = 200.0  # a text that the letters refuse is refused enough
SMOOTHING = 0.05
HELD = 40  # each so many-th utterance is not learnt from, but watched


def batches(index, size, rng):
    """One pass: batches of utterances of like length, shuffled."""
    order = sorted(index, key=lambda i: i["frames"] + rng.uniform(-10, 10))
    out = [order[at:at + size] for at in range(0, len(order), size)]
    rng.shuffle(out)
    return out


def load_memory(memory, batch):
    """memory [B, T, 288] and lengths [B] of a batch."""
    lengths = [item["frames"] for item in batch]
    out = np.zeros((len(batch), math.ceil(max(lengths) / 16) * 16, 288),
                   np.float32)
    for row, item in zip(out, batch):
        n = item["frames"]
        row[:n] = memory[item["frame"]:item["frame"] + n]
    return (torch.from_numpy(out).to(DEVICE, DTYPE),
            torch.tensor(lengths, device=DEVICE))


def losses(w, memory, batch, n_texts):
    """Expected word errors of the batch, those of the best texts, and the
    cross-entropy with the references per token."""
    texts, rows, known, wrong = [], [], [], []
    for row, item in enumerate(batch):
        for tokens, letters, words, n in item["texts"][:n_texts]:
            texts.append({"tokens": tokens})
            rows.append(row)
            known.append(LETTER_WEIGHT * max(letters, -MAX_SPELLING)
                         + WORD_BONUS * words)
            wrong.append(float(n))
    n = len(texts)
    texts += batch
    rows = torch.tensor(rows + list(range(len(batch))), device=DEVICE)
    known = torch.tensor(known, device=DEVICE)
    wrong = torch.tensor(wrong, device=DEVICE)
    inputs, targets = token_batch(texts)
    logp = decode(w, inputs, *load_memory(memory, batch), rows=rows) \
        .float().log_softmax(-1)
    valid = targets >= 0
    told = logp.gather(2, targets.clamp(min=0)[..., None])[..., 0] * valid
    scores = (1 - LETTER_WEIGHT) * told[:n].sum(1) + known
    expected = expected_errors(scores, wrong, rows[:n], len(batch))
    best = sum(wrong[int(torch.where(rows[:n] == row, scores.detach(),
                                     -math.inf).argmax())]
               for row in range(len(batch)))
    hard = -told[n:].sum() / valid[n:].sum()
    smooth = -(logp[n:].mean(-1) * valid[n:]).sum() / valid[n:].sum()
    return (expected.sum(), float(best),
            (1 - SMOOTHING) * hard + SMOOTHING * smooth)


@torch.no_grad()
def watch(w, memory, held, n_texts):
    """Word errors per 100 words, expected and of the best texts, of held-out
    utterances, those in the chunks of `file` and of `live` apart."""
    out = []
    for kind in CHUNKS:
        some = [item for item in held if item["heard"] == kind]
        if not some:
            continue
        expected = best = 0.0
        for at in range(0, len(some), 32):
            e, b, _ = losses(w, memory, some[at:at + 32], n_texts)
            expected, best = expected + float(e), best + b
        words = sum(item["words"] for item in some) / 100
        out.append(f"{kind} {expected / words:.2f} expected, "
                   f"{best / words:.2f} best")
    return "; ".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--passes", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=0.5,
                        help="factor on the decoder's learning rate")
    parser.add_argument("--texts", type=int, default=4, help="of a list")
    parser.add_argument("--batch", type=int, default=32, help="utterances")
    parser.add_argument("--lists", type=pathlib.Path, default=WORK / "lists",
                        help="what lists.py has written")
    parser.add_argument("--entropy", type=float, default=0.1,
                        help="weight of the cross-entropy; 1 is an error in "
                        "ten words")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    setup_torch()
    rng = random.Random(args.seed)
    state = torch.load(args.checkpoint)
    weights = {n: v for n, v in state["weights"].items()
               if part_of(n) in RATES}  # voice.py adds its own again
    optimizer = Optimizer(weights, {
        part: args.rate if part == "dec" else 0.0 for part in RATES})
    w = optimizer.params
    index = torch.load(args.lists / "index.pt")
    memory = np.memmap(args.lists / "memory.f16", np.float16, "r").reshape(
        -1, 288)
    held = index[::HELD]
    index = [item for n, item in enumerate(index)
             if n % HELD and len(item["texts"]) > 1]
    held = [item for item in held if item["texts"]]
    total = int(args.passes * len(index) / args.batch)
    print(watch(w, memory, held, args.texts), flush=True)
    began, queue, expected, words = time.time(), [], 0.0, 0
    for step in range(total):
        if not queue:
            queue = batches(index, args.batch, rng)
        batch = queue.pop()
        wrong, _, entropy = losses(w, memory, batch, args.texts)
        spoken = sum(item["words"] for item in batch)
        (10 * wrong / spoken + args.entropy * entropy).backward()
        warm = min(1.0, (step + 1) / 30)
        optimizer.step(warm * 0.5 * (1 + math.cos(math.pi * step / total)),
                       ("dec",))
        expected, words = expected + float(wrong), words + spoken
        if step % 25 == 24:
            print(f"{(time.time() - began) / 60:.1f} min  step {step + 1} of "
                  f"{total}  {100 * expected / words:.2f} expected",
                  flush=True)
            expected, words = 0.0, 0
    print(watch(w, memory, held, args.texts), flush=True)
    torch.save({**state, "weights": {n: v.cpu().half() for n, v in
                                     optimizer.master.items()}}, args.out)


if __name__ == "__main__":
    main()
