#!/usr/bin/env python3
"""Steps 6 and 7: teach the decoder which of some texts has the fewest errors.

    mwer.py OUT.pt CHECKPOINT [--lists DIR] [--joins DIR] [--rate FACTOR]
            [--passes N] [--batch N] [--entropy WEIGHT] [--seed N]

Minimum word error rate training (R. Prabhavalkar et al., arXiv 1712.01818) on
what lists.py heard with CHECKPOINT. The score of a text is the search's; only
the decoder learns, its embedding apart, and a share of the cross-entropy with
the reference keeps it a decoder. With --joins each step also takes utterances
that joins.py has put together, with more of the cross-entropy, and passes are
over these.
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
BEGIN_WEIGHT, BEGIN_TOKENS = 2.0, 3  # of the first after an utterance's end
JOINED = 32  # utterances joined in a batch, at most
MAX_TOKENS = 5000  # in a batch, those of all texts: memory
HELD = 40  # each so many-th utterance is not learnt from, but watched


def load_index(folder, open_end):
    """The items of lists.py or joins.py, each with the array it lies in and
    what its end matters."""
    memory = np.memmap(folder / "memory.f16", np.float16, "r").reshape(-1, 288)
    return [dict(item, memory=memory,
                 end=open_end if item.get("open") else 1.0)
            for item in torch.load(folder / "index.pt")]


def batches(index, size, n_texts, rng):
    """One pass: batches of at most `size` utterances of like length, shuffled;
    smaller ones where they have many tokens."""
    order = sorted(index, key=lambda i: i["frames"] + rng.uniform(-10, 10))
    out, batch, longest, n_rows = [], [], 0, 0
    for item in order:
        texts = [item["tokens"]] + [t[0] for t in item["texts"][:n_texts]]
        longest = max(longest, *map(len, texts))
        n_rows += len(texts)
        if batch and (len(batch) == size or n_rows * longest > MAX_TOKENS):
            out.append(batch)
            batch, longest, n_rows = [], max(map(len, texts)), len(texts)
        batch.append(item)
    out.append(batch)
    rng.shuffle(out)
    return out


def load_memory(batch):
    """memory [B, T, 288] and lengths [B] of a batch."""
    lengths = [item["frames"] for item in batch]
    out = np.zeros((len(batch), math.ceil(max(lengths) / 16) * 16, 288),
                   np.float32)
    for row, item in zip(out, batch):
        n = item["frames"]
        row[:n] = item["memory"][item["frame"]:item["frame"] + n]
    return (torch.from_numpy(out).to(DEVICE, DTYPE),
            torch.tensor(lengths, device=DEVICE))


def token_weights(batch, places):
    """How much the tokens of the references matter, [B, U] as `places`."""
    out = torch.zeros(places)
    for row, item in zip(out, batch):
        n = len(item["tokens"])
        row[item.get("given", 0):n] = 1.0
        row[n] = item.get("end", 1.0)
        for begin in item.get("begins", [])[1:]:
            row[max(begin, item["given"]):begin + BEGIN_TOKENS] *= BEGIN_WEIGHT
    return out.to(DEVICE)


def losses(w, batch, n_texts, heard=None):
    """Expected word errors of the batch, those of the best texts, the
    cross-entropy with the references per token, and how many words the
    utterances with texts have. `heard` is the memory and its lengths, if not
    what lists.py has written."""
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
    logits = decode(w, inputs, *(heard or load_memory(batch)), rows=rows)
    valid = targets >= 0
    logp = logits[valid].float().log_softmax(-1)  # not of what only pads
    zero = torch.zeros(targets.shape, device=DEVICE)
    told = zero.masked_scatter(
        valid, logp.gather(1, targets[valid][:, None])[:, 0])
    scores = (1 - LETTER_WEIGHT) * told[:n].sum(1) + known
    expected = expected_errors(scores, wrong, rows[:n], len(batch))
    best = sum(float(wrong[int(torch.where(rows[:n] == row, scores.detach(),
                                           -math.inf).argmax())])
               for row, item in enumerate(batch) if item["texts"])
    weights = token_weights(batch, valid[n:].shape)
    hard = -(told[n:] * weights).sum() / weights.sum()
    level = zero.masked_scatter(valid, logp.mean(-1))
    smooth = -(level[n:] * weights).sum() / weights.sum()
    return (expected.sum(), best, (1 - SMOOTHING) * hard + SMOOTHING * smooth,
            sum(item["words"] for item in batch if item["texts"]))


@torch.no_grad()
def watch(w, held, n_texts):
    """Word errors per 100 words, expected and of the best texts, and the
    cross-entropy of utterances held out, those in the chunks of `file` and of
    `live` apart."""
    out = []
    for kind in CHUNKS:
        some = [item for item in held if item["heard"] == kind]
        if not some:
            continue
        expected = best = entropy = 0.0
        words = 1e-9
        for batch in batches(some, 32, n_texts, random.Random(1)):
            e, b, c, n = losses(w, batch, n_texts)
            expected, best, words = expected + float(e), best + b, words + n
            entropy += float(c) * len(batch) / len(some)
        out.append(f"{kind} {100 * expected / words:.2f} expected, "
                   f"{100 * best / words:.2f} best, {entropy:.3f} entropy")
    return "; ".join(out)


class Lists:
    """What lists.py or joins.py has written, in batches without end."""

    def __init__(self, folder, size, n_texts, rng, open_end=1.0):
        self.index, self.held, recording = [], [], -1
        for item in load_index(folder, open_end):
            # A recording of joins.py begins with an item that has texts.
            recording += bool(item["texts"]) or "given" not in item
            if recording % HELD == 0:
                self.held.append(item)
            elif len(item["texts"]) > 1 or "given" in item:
                self.index.append(item)
        self.size, self.n_texts, self.rng = size, n_texts, rng
        self.queue = self.one_pass()
        self.per_pass = len(self.queue)

    def one_pass(self):
        return batches(self.index, self.size, self.n_texts, self.rng)

    def next(self):
        if not self.queue:
            self.queue = self.one_pass()
        return self.queue.pop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--passes", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=0.5,
                        help="factor on the decoder's learning rate")
    parser.add_argument("--texts", type=int, default=4, help="of a list")
    parser.add_argument("--batch", type=int, default=32,
                        help="utterances of the lists")
    parser.add_argument("--lists", type=pathlib.Path, default=WORK / "lists",
                        help="what lists.py has written")
    parser.add_argument("--joins", type=pathlib.Path,
                        help="what joins.py has written")
    parser.add_argument("--entropy", type=float, default=0.1,
                        help="weight of the cross-entropy; 1 is an error in "
                        "ten words")
    parser.add_argument("--joined-entropy", type=float, default=4.0,
                        help="the same for utterances joined")
    parser.add_argument("--open-end", type=float, default=1.0,
                        help="weight of the end of a text after which a word "
                        "has begun")
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
    parts = [(Lists(args.lists, args.batch, args.texts, rng), args.entropy)]
    if args.joins:
        parts.append((Lists(args.joins, JOINED, args.texts, rng,
                            args.open_end), args.joined_entropy))
    total = int(args.passes * parts[-1][0].per_pass)
    for lists, _ in parts:
        print(watch(w, lists.held, args.texts), flush=True)
    began, said = time.time(), [[0.0, 1e-9, 0.0] for _ in parts]
    for step in range(total):
        for (lists, share), sums in zip(parts, said):
            batch = lists.next()
            wrong, _, entropy, words = losses(w, batch, args.texts)
            (10 * wrong / max(1, words) + share * entropy).backward()
            for n, value in enumerate((wrong, words, entropy)):
                sums[n] += float(value)
        warm = min(1.0, 10 * (step + 1) / total)
        optimizer.step(warm * 0.5 * (1 + math.cos(math.pi * step / total)),
                       ("dec",))
        if step % 25 == 24:
            told = "; ".join(f"{100 * wrong / words:.2f} expected, "
                             f"{entropy / 25:.3f} entropy"
                             for wrong, words, entropy in said)
            print(f"{(time.time() - began) / 60:.1f} min  step {step + 1} of "
                  f"{total}  {told}", flush=True)
            said = [[0.0, 1e-9, 0.0] for _ in parts]
    for lists, _ in parts:
        print(watch(w, lists.held, args.texts), flush=True)
    torch.save({**state, "weights": {n: v.cpu().half() for n, v in
                                     optimizer.master.items()}}, args.out)


if __name__ == "__main__":
    main()
