#!/usr/bin/env python3
"""On trial: a decoder of fewer layers that writes as the whole one does.

    shrink.py OUT.pt CHECKPOINT --keep LAYER,... [--minutes M] [--noise DIR]
              [--rir DIR] [--hours H] [--live SHARE] [--rate FACTOR]
              [--hard WEIGHT] [--memory DIR]

Leaves the other layers of CHECKPOINT's decoder out and teaches those kept the
whole decoder's distribution of each next token (distillation, G. Hinton et
al., arXiv 1503.02531; layers copied as in arXiv 2311.00430). Encoder and
embedding stay. DIR (default $HEED_TRAIN_DIR/shrink) gets, unless it has them,
the encoder's memories of H hours of the training set, made worse as in
training, as lists.py writes them: a SHARE of the batches in the chunks of
`live`, the others in those of `file`. Half of the batches that are longer than
a chunk are cut off, as `live` decodes.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import pathlib
import random
import time

import torch
import torch.nn.functional as F

from augment import Augment
from common import DEVICE, DTYPE, WORK, setup_torch
from evaluate import CHUNKS
from losses import ctc_loss, token_batch
from model import decode, decoder_layers, heard_so_far, stem
from mwer import HELD, batches, load_index, load_memory
from text import Tokenizer
from train import CUT, SPELLED, Data, Optimizer, cut_off, encode

SILENT = 0.3  # share of the batches of which a row is noise, to write nothing
BATCH_SECONDS = 60
BATCH = 32


def keep_layers(weights, kept):
    """The decoder's weights with the layers `kept` alone, renumbered."""
    out = {}
    for name, value in weights.items():
        part, number, *rest = name.split(".", 2)
        if part != "dec":
            continue
        if not number.isdigit():
            out[name] = value
        elif int(number) in kept:
            out[f"dec.{kept.index(int(number))}.{rest[0]}"] = value
    return out


@torch.no_grad()
def hear(w, data, batch, kind, augment, rng):
    """The memory [B, T, D] of a batch, its frames [B], and the batch with the
    tokens that are to be written of them."""
    chunk, ahead = CHUNKS[kind]
    longest = max(item["frames"] for item in batch)
    chunk, unit = (chunk, chunk) if longest > chunk else (0, 27)
    audio, _, lengths = data.load(batch, math.ceil(longest / unit) * unit, ())
    augment.waveform(audio)
    if rng.random() < SILENT:
        audio[-1] = augment.noise_only(audio.shape[1])
        batch = batch[:-1] + [dict(batch[-1], tokens=[], labels=[])]
    lengths = lengths.to(DEVICE)
    x = stem(w, augment.features(audio))
    cut = bool(chunk) and rng.random() < CUT
    memory, spelled, *copies = encode(w, x, lengths, chunk, ahead, 0, cut)
    if cut:
        loss, logp = ctc_loss(w, spelled, lengths, batch)
        if loss < SPELLED:
            batch, chunks, lengths = cut_off(batch, logp, chunk, ahead, rng)
            memory = heard_so_far(memory, *copies, chunks)
    return memory, lengths, batch


def write_memories(args, state, rng):
    """A part of the training set, in args.memory as load_index() reads it."""
    start = torch.load(WORK / "start.pt")
    data = Data(Tokenizer(start["pieces"], start["merges"]), BATCH_SECONDS)
    w = {n: v.to(DEVICE, DTYPE) for n, v in state["weights"].items()}
    augment = Augment(state["mean"], state["std"], args.noise, args.rir, rng)
    index, frame, began, said = [], 0, time.time(), time.time()
    args.memory.mkdir(parents=True, exist_ok=True)
    with open(args.memory / "memory.f16", "wb") as out:
        for batch in data.batches(rng):
            kind = "live" if rng.random() < args.live else "file"
            memory, lengths, batch = hear(w, data, batch, kind, augment, rng)
            for row, length, item in zip(memory, lengths.tolist(), batch):
                row[:length].half().cpu().numpy().tofile(out)
                index.append({"heard": kind, "tokens": item["tokens"],
                              "texts": [], "frame": frame, "frames": length})
                frame += length
            hours = frame * 0.024 / 3600
            if hours > args.hours:
                break
            if time.time() - said > 60:
                said = time.time()
                print(f"{hours:.2f} hours, {said - began:.0f} s", flush=True)
    torch.save(index, args.memory / "index.pt")


def losses(w, whole, batch):
    """Divergence per token from what the whole decoder expects, and
    cross-entropy with the references."""
    inputs, targets = token_batch(batch)
    heard = load_memory(batch)
    valid = targets >= 0
    with torch.no_grad():
        told = decode(whole, inputs, *heard)[valid].float().log_softmax(-1)
    logp = decode(w, inputs, *heard)[valid].float().log_softmax(-1)
    divergence = F.kl_div(logp, told, reduction="sum", log_target=True)
    return divergence / len(told), F.nll_loss(logp, targets[valid])


@torch.no_grad()
def watch(w, whole, held):
    """losses() of utterances held out, `file` and `live` apart."""
    out = []
    for kind in CHUNKS:
        some = [item for item in held if item["heard"] == kind]
        if not some:
            continue
        parts = batches(some, BATCH, 0, random.Random(1))
        sums = torch.tensor([losses(w, whole, b) for b in parts]).mean(0)
        out.append(f"{kind} {sums[0]:.3f} divergence, {sums[1]:.3f} entropy")
    return "; ".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--keep", required=True,
                        type=lambda text: [int(n) for n in text.split(",")],
                        help="layers of the decoder, from 0")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--noise", type=pathlib.Path)
    parser.add_argument("--rir", type=pathlib.Path)
    parser.add_argument("--hours", type=float, default=8.0, help="of sound")
    parser.add_argument("--live", type=float, default=0.4)
    parser.add_argument("--rate", type=float, default=4.0,
                        help="factor on the decoder's learning rate")
    parser.add_argument("--hard", type=float, default=0.2,
                        help="weight of the cross-entropy")
    parser.add_argument("--memory", type=pathlib.Path,
                        default=WORK / "shrink")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    setup_torch()
    rng = random.Random(args.seed)
    state = torch.load(args.checkpoint)
    if not (args.memory / "index.pt").exists():
        write_memories(args, state, rng)
    index = load_index(args.memory, 1.0)
    held = index[::HELD]
    index = [item for n, item in enumerate(index) if n % HELD]
    whole = {n: v.to(DEVICE, DTYPE) for n, v in state["weights"].items()
             if n.startswith("dec.")}
    optimizer = Optimizer(keep_layers(state["weights"], args.keep),
                          {"dec": args.rate, "embed": 0.0})
    w = optimizer.params
    print(f"{decoder_layers(w)} of {decoder_layers(whole)} layers; "
          f"{watch(w, whole, held)}", flush=True)
    total = 60 * args.minutes
    began, queue, step, passes, sums = time.time(), [], 0, 0.0, []
    while (spent := time.time() - began) < total:
        if not queue:
            queue = batches(index, BATCH, 0, rng)
            per_pass = len(queue)
        divergence, hard = losses(w, whole, queue.pop())
        (divergence + args.hard * hard).backward()
        optimizer.step(min(1.0, (step + 1) / 30) * 0.5
                       * (1 + math.cos(math.pi * spent / total)), ("dec",))
        step, passes = step + 1, passes + 1 / per_pass
        sums.append((float(divergence), float(hard)))
        if step % 50 == 0:
            told = [sum(column) / len(sums) for column in zip(*sums)]
            print(f"{spent / 60:.1f} min  step {step}  pass {passes:.2f}  "
                  f"{told[0]:.3f} divergence, {told[1]:.3f} entropy",
                  flush=True)
            sums = []
    print(watch(w, whole, held), flush=True)
    rest = {n: v for n, v in state["weights"].items()
            if not n.startswith("dec.")}
    before = state.get("decoder_layers", range(decoder_layers(whole)))
    torch.save({**state, "decoder_layers": [before[n] for n in args.keep],
                "weights": {**rest, **{n: v.cpu().half() for n, v in
                                       optimizer.master.items()}}}, args.out)


if __name__ == "__main__":
    main()
