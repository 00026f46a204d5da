#!/usr/bin/env python3
"""Step 8: teach all of the network which of some texts has the fewest errors.

    sequence.py OUT.pt CHECKPOINT LISTS... --minutes M [--noise DIR]
                [--rir DIR] [--mild] [--rate FACTORS] [--entropy WEIGHT]
                [--share SET=FACTOR,...] [--all LIVE] [--seconds S] [--seed N]

As mwer.py does with the decoder, on the texts in the folders LISTS that
lists.py has written, but heard anew in each step: made worse in other ways, by
an encoder that learns, too. Every sixth step a batch of train.py's is learnt
from as well, so that what it teaches is kept: texts that are cut off, utterances
joined, noise. After M minutes the rates are zero.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import pathlib
import random
import time

import torch

import mwer
from augment import FULL, MILD, Augment
from common import DEVICE, DTYPE, WORK, setup_torch
from evaluate import CHUNKS, LEFT
from losses import ctc_loss
from model import encode_chunks, encode_whole, stem
from text import Tokenizer
from train import (KEEP, RATES, Data, Optimizer, part_of, rate_factors,
                   train_step)

CTC_WEIGHT = 0.2
PLAIN, PLAIN_WEIGHT = 6, 0.5  # every so many steps, and how much
WARM_UP = 180  # s
REPORT = 25  # steps


def shares(text):
    """{set: factor} of "so=2,prompts=0.1"."""
    return {name: float(factor) for name, factor in
            (part.split("=") for part in text.split(",") if part)}


def one_pass(index, share, rng):
    """The utterances of a pass: those of a set as often as `share` says."""
    out = []
    for item in index:
        times = share.get(item["set"], 1.0)
        out += [item] * (int(times) + (rng.random() < times % 1))
    return out


def unlisted(data, index, live, rng):
    """What `index` has no texts of, so much of it in the chunks of `live`: to
    be learnt from by their references alone."""
    listed = {item["number"] for item in index}
    return [dict(item, number=n, texts=[],
                 heard="live" if rng.random() < live else "file")
            for n, item in enumerate(data.items) if n not in listed]


def batches(index, n_texts, seconds, rng):
    """One pass: batches of like length and of the same chunks, shuffled."""
    out = []
    for kind in CHUNKS:
        batch = []
        for item in sorted((i for i in index if i["heard"] == kind),
                           key=lambda i: i["frames"] + rng.uniform(-6, 6)):
            more = (len(batch) + 1) * item["frames"] * 0.024
            if batch and more > seconds:
                out.append(batch)
                batch = []
            batch.append(item)
        out.append(batch)
    out = [part for batch in out if batch
           for part in mwer.batches(batch, len(batch), n_texts, rng)]
    rng.shuffle(out)
    return out


def chunks_of(kind, frames, rng):
    """(chunk, look-ahead) for utterances of so many frames; chunk 0 is all of
    them. Those of `file` fit the frames; those of `live` look as far ahead as
    frames heard once more do, and every second is twice as long as there: half
    the copies."""
    chunk, ahead = CHUNKS[kind]
    if frames <= chunk:
        return 0, 0
    if kind == "file":
        chunk = math.ceil(frames / math.ceil(frames / chunk) / 9) * 9
    else:
        ahead += chunk
        if rng.random() < 0.5:
            chunk *= 2
    return chunk, ahead


def hear(w, data, batch, augment, rng):
    """The memory of a batch and its lengths, and the loss of its letters."""
    items = [data.items[item["number"]] for item in batch]
    longest = max(item["frames"] for item in items)
    chunk, ahead = chunks_of(batch[0]["heard"], longest, rng)
    unit = chunk or 9
    audio, _, lengths = data.load(items, math.ceil(longest / unit) * unit, ())
    lengths = lengths.to(DEVICE)
    augment.waveform(audio)
    x = stem(w, augment.mask(augment.features(audio)))
    memory, spelled = encode_chunks(w, x, lengths, chunk, ahead, LEFT) \
        if chunk else encode_whole(w, x, lengths)
    return (memory, lengths), ctc_loss(w, spelled, lengths, items)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("lists", type=pathlib.Path, nargs="+")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--noise", type=pathlib.Path)
    parser.add_argument("--rir", type=pathlib.Path)
    parser.add_argument("--mild", action="store_true",
                        help="half the noise and masking")
    parser.add_argument("--rate", type=rate_factors,
                        default="0.4,stem=0,embed=0",
                        help="factors on the learning rates, as in train.py")
    parser.add_argument("--share", type=shares, default={},
                        metavar="SET=FACTOR,...",
                        help="how often an utterance of a set takes part in a "
                        "pass")
    parser.add_argument("--all", type=float, metavar="LIVE",
                        help="hear what has no texts, too, so much of it in "
                        "the chunks of `live`")
    parser.add_argument("--seconds", type=float, default=60.0,
                        help="of sound in a batch, at most")
    parser.add_argument("--texts", type=int, default=4, help="of a list")
    parser.add_argument("--entropy", type=float, default=0.3,
                        help="weight of the cross-entropy; 1 is an error in "
                        "ten words")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    setup_torch()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    start = torch.load(WORK / "start.pt")
    KEEP.update(args.share)
    data = Data(Tokenizer(start["pieces"], start["merges"]), args.seconds)
    teacher = {n: v.to(DEVICE, DTYPE) for n, v in start["weights"].items()
               if n.startswith("dec.")}
    state = torch.load(args.checkpoint)
    optimizer = Optimizer({n: v for n, v in state["weights"].items()
                           if part_of(n) in RATES}, args.rate)
    w = optimizer.params
    augment = Augment(state["mean"], state["std"], args.noise, args.rir, rng,
                      MILD if args.mild else FULL)
    index = [item for folder in args.lists
             for item in torch.load(folder / "index.pt")
             if len(item["texts"]) > 1]
    if args.all is not None:
        index += unlisted(data, index, args.all, rng)
    queue, plain, step, passes = [], [], 0, 0.0
    spent, last, sums = 0.0, time.time(), [0.0, 1e-9, 0.0]
    while spent < 60 * args.minutes:
        if not queue:
            queue = batches(one_pass(index, args.share, rng), args.texts,
                            args.seconds, rng)
            per_pass = len(queue)
        batch = queue.pop()
        heard, letters = hear(w, data, batch, augment, rng)
        wrong, _, entropy, words = mwer.losses(w, batch, args.texts, heard)
        (10 * wrong / max(1, words) + args.entropy * entropy
         + CTC_WEIGHT * letters).backward()
        if step % PLAIN == 0:
            plain = plain or data.batches(rng)
            loss, _ = train_step(w, teacher, data, plain.pop(), augment, 1.0,
                                 rng)
            (PLAIN_WEIGHT * loss).backward()
        optimizer.step(min(1.0, 0.05 + spent / WARM_UP)
                       * 0.5 * (1 + math.cos(math.pi * spent
                                             / (60 * args.minutes))),
                       RATES.keys())
        step, passes = step + 1, passes + 1 / per_pass
        for n, value in enumerate((wrong, words, entropy)):
            sums[n] += float(value)
        now = time.time()
        spent, last = spent + min(now - last, 60.0), now  # a pause is none
        if step % REPORT == 0:
            print(f"{spent / 60:.1f} min  step {step}  pass {passes:.2f}  "
                  f"{100 * sums[0] / sums[1]:.2f} expected, "
                  f"{sums[2] / REPORT:.3f} entropy", flush=True)
            sums = [0.0, 1e-9, 0.0]
    torch.save({**state, "weights": {n: v.cpu().half() for n, v in
                                     optimizer.master.items()}}, args.out)


if __name__ == "__main__":
    main()
