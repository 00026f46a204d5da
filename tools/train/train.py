#!/usr/bin/env python3
"""Step 3: train heed's streaming model from the teacher's weights.

    train.py NAME --hours H [--resume | --from CHECKPOINT]

The schedule follows the clock: after H hours of training the learning rate
has reached zero, however fast the machine is. First only the stem learns
to make the teacher's stem outputs, then everything. Checkpoints:
$HEED_TRAIN_DIR/runs/NAME/last.pt (resumable), step-N.pt (weights only).
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from augment import Augment, spec_augment
from common import DEVICE, DTYPE, FRAME_SAMPLES, WORK, setup_torch
from features import TAIL_SAMPLES, log_mel
from model import (ctc_logits, decode, encode_chunks, encode_whole,
                   new_student, stem)
from text import BOS, EOS, Tokenizer, letters_to_labels, normalise

# (chunk, look-ahead) in frames of 24 ms and how often; look-ahead is dear.
AHEAD = (((27, 27), 4), ((54, 27), 4), ((12, 27), 2), ((27, 12), 1.5),
         ((54, 54), 1))
ALONE = (27, 54)  # chunks without look-ahead
LEFT_FRAMES = 216
PAST = 108  # frames of somebody else before an utterance; every chunk divides it
# How often an utterance of a narrow set takes part in a pass.
KEEP = {"digits": 0.25, "keywords": 0.3, "grid": 0.5, "prompts": 0.8}
RATES = {"stem": 6e-4, "enc": 1.5e-4, "dec": 6e-5, "ctc": 1e-3}


class Data:
    def __init__(self, tokenizer, batch_seconds):
        cache = WORK / "cache"
        self.items = torch.load(cache / "index.pt")
        total = max(i["frame"] + i["frames"] for i in self.items)
        self.audio = np.memmap(cache / "audio.i16", dtype="<i2", mode="r")
        self.states = np.memmap(cache / "states.f16", dtype=np.float16,
                                mode="r", shape=(total, 288))
        self.stems = np.memmap(cache / "stem.f16", dtype=np.float16,
                               mode="r", shape=(total, 288))
        self.batch_frames = batch_seconds / 0.024
        for item in self.items:
            item["tokens"] = tokenizer.encode(item["target"])
            item["labels"] = letters_to_labels(normalise(item["text"]))
        self.items = [i for i in self.items if 0 not in i["tokens"]]

    def batches(self, rng):
        """One pass: batches of utterances of like length, shuffled."""
        items = [i for i in self.items
                 if rng.random() < KEEP.get(i["set"], 1.0)]
        items.sort(key=lambda i: i["frames"] + rng.uniform(-6, 6))
        out, at = [], 0
        while at < len(items):
            longest = max(i["frames"] for i in items[at:at + 8]) + 6
            size = max(1, min(48, int(self.batch_frames / longest)))
            out.append(items[at:at + size])
            at += size
        rng.shuffle(out)
        return out

    def load(self, batch, frames, which):
        """audio [B, 384 * frames + tail] float, teacher arrays [B, frames,
        288] for each name in `which`, lengths [B]."""
        audio = torch.zeros(len(batch),
                            frames * FRAME_SAMPLES + TAIL_SAMPLES)
        targets = [torch.zeros(len(batch), frames, 288, dtype=DTYPE)
                   for _ in which]
        for row, item in enumerate(batch):
            n = item["samples"]
            n = min(n, audio.shape[1])
            audio[row, :n] = torch.from_numpy(
                self.audio[item["offset"]:item["offset"] + n]
                .astype(np.float32) / 32768)
            first, n = item["frame"], item["frames"]
            for target, name in zip(targets, which):
                target[row, :n] = torch.from_numpy(
                    getattr(self, name)[first:first + n]
                    .astype(np.float32)).to(DTYPE)
        lengths = torch.tensor([item["frames"] for item in batch])
        return audio, targets, lengths


def feature_statistics(data, rng):
    """Mean and standard deviation per mel bin over a sample of the set."""
    total = square = count = 0
    for item in rng.sample(data.items, min(600, len(data.items))):
        x = log_mel(torch.from_numpy(
            data.audio[item["offset"]:item["offset"] + item["samples"]]
            .astype(np.float32) / 32768)[None])[0].double()
        total = total + x.sum(0)
        square = square + (x * x).sum(0)
        count += len(x)
    mean = total / count
    return mean.float(), (square / count - mean ** 2).sqrt().float()


class Optimizer:
    """AdamW on fp32 masters of bf16 parameters."""

    def __init__(self, weights):
        self.master = {n: v.detach().float().to(DEVICE).clone()
                       for n, v in weights.items()}
        self.params = {n: v.to(DTYPE).requires_grad_()
                       for n, v in self.master.items()}
        groups = {}
        for name, value in self.master.items():
            groups.setdefault((name.split(".")[0], value.dim() > 1),
                              []).append(value)
        self.adam = torch.optim.AdamW(
            [{"params": values, "part": part,
              "weight_decay": 0.01 if matrix else 0.0}
             for (part, matrix), values in groups.items()],
            lr=1e-4, betas=(0.9, 0.98))

    def step(self, factor, trained):
        """One update; `factor` scales every part's peak rate, `trained` says
        which parts move."""
        grads = [p.grad for p in self.params.values() if p.grad is not None]
        norm = torch.sqrt(sum(g.float().pow(2).sum() for g in grads))
        if not torch.isfinite(norm):
            self.zero()
            return float(norm)
        clip = min(1.0, 2.0 / (float(norm) + 1e-6))
        for name, p in self.params.items():
            move = p.grad is not None and name.split(".")[0] in trained
            self.master[name].grad = p.grad.float() * clip if move else None
        for group in self.adam.param_groups:
            group["lr"] = RATES[group["part"]] * factor
        self.adam.step()
        with torch.no_grad():
            for name, p in self.params.items():
                if self.master[name].grad is not None:
                    p.copy_(self.master[name])
        self.zero()
        return float(norm)

    def zero(self):
        for p in self.params.values():
            p.grad = None
        for m in self.master.values():
            m.grad = None


def relative_mse(x, target, lengths):
    """Squared error over valid frames relative to the target's energy."""
    valid = (torch.arange(x.shape[1], device=x.device)[None]
             < lengths[:, None])[..., None]
    diff = ((x - target) * valid).float().pow(2).sum()
    return diff / (target * valid).float().pow(2).sum().clamp(min=1.0)


def pick_chunks(rng, progress):
    """(chunk, ahead) for a batch; chunk 0 means the whole utterance."""
    ahead = 0.3 + 0.4 * progress
    roll = rng.random()
    if roll < ahead:
        return rng.choices([c for c, _ in AHEAD], [n for _, n in AHEAD])[0]
    if roll < ahead + (1 - ahead) * 0.35:
        return rng.choice(ALONE), 0
    return 0, 0


def token_batch(batch):
    """Decoder inputs and targets [B, U], U a multiple of 8; -100 pads."""
    u = math.ceil((max(len(i["tokens"]) for i in batch) + 1) / 8) * 8
    inputs = torch.full((len(batch), u), EOS)
    targets = torch.full((len(batch), u), -100)
    for row, item in enumerate(batch):
        ids = torch.tensor(item["tokens"], dtype=torch.long)
        n = len(ids)
        inputs[row, 0], inputs[row, 1:n + 1] = BOS, ids
        targets[row, :n], targets[row, n] = ids, EOS
    return inputs.to(DEVICE), targets.to(DEVICE)


def ctc_loss(w, states, lengths, batch):
    logp = ctc_logits(w, states, lengths).float().log_softmax(-1).transpose(0, 1)
    labels = torch.tensor([x for i in batch for x in i["labels"]],
                          dtype=torch.long, device=DEVICE)
    counts = torch.tensor([len(i["labels"]) for i in batch], device=DEVICE)
    loss = F.ctc_loss(logp, labels, lengths, counts, reduction="none",
                      zero_infinity=True)
    return loss.sum() / max(1, int(counts.sum()))


def train_stem_step(w, data, batch, augment):
    frames = math.ceil(max(i["frames"] for i in batch) / 27) * 27
    audio, (stems,), lengths = data.load(batch, frames, ("stems",))
    lengths = lengths.to(DEVICE)
    x = augment.features(audio)
    loss = relative_mse(stem(w, x), stems.to(DEVICE), lengths)
    return loss, {"stem": float(loss)}


def train_step(w, data, batch, augment, progress, rng):
    chunk, ahead = pick_chunks(rng, progress)
    unit = chunk or 27
    frames = math.ceil(max(i["frames"] for i in batch) / unit) * unit
    audio, (states,), lengths = data.load(batch, frames, ("states",))
    has_speech = torch.ones(len(batch))
    augment.waveform(audio)
    if rng.random() < 0.3:  # the last row hears only noise, writes nothing
        audio[-1] = augment.noise_only(audio.shape[1])
        batch = batch[:-1] + [dict(batch[-1], tokens=[], labels=[])]
        has_speech[-1] = 0
    lengths = lengths.to(DEVICE)
    x = spec_augment(augment.features(audio), rng)
    x = stem(w, x)
    if chunk and rng.random() < 0.25:
        # In long recordings something came before: the row above speaks.
        x = torch.cat((x.roll(1, 0)[:, :PAST], x), 1)
        past = x.shape[1] - frames
        memory, spelled = (y[:, past:] for y in encode_chunks(
            w, x, lengths + past, chunk, ahead, LEFT_FRAMES))
    elif chunk:
        memory, spelled = encode_chunks(w, x, lengths, chunk, ahead,
                                        LEFT_FRAMES)
    else:
        memory, spelled = encode_whole(w, x, lengths)
    mse = relative_mse(memory, states.to(DEVICE),
                       lengths * has_speech.to(DEVICE))
    ctc = ctc_loss(w, spelled, lengths, batch)
    inputs, targets = token_batch(batch)
    logits = decode(w, inputs, memory, lengths)
    ce = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(),
                         label_smoothing=0.05)
    kind = "ahead" if ahead else "alone" if chunk else "whole"
    return mse + 0.6 * ctc + 0.7 * ce, {
        f"mse_{kind}": float(mse), "ctc": float(ctc), "ce": float(ce)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name")
    parser.add_argument("--hours", type=float, required=True)
    parser.add_argument("--stem-minutes", type=float, default=4.0)
    parser.add_argument("--batch-seconds", type=float, default=60.0)
    parser.add_argument("--noise", type=pathlib.Path,
                        help="folder of noise recordings")
    parser.add_argument("--rir", type=pathlib.Path,
                        help="folder of room impulse responses")
    parser.add_argument("--rate", type=float, default=1.0,
                        help="factor on every learning rate")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--from", dest="start", type=pathlib.Path,
                        help="weights to start from (a checkpoint or the "
                        "output of import_gguf.py)")
    args = parser.parse_args()
    setup_torch()
    rng = random.Random(1)
    start = torch.load(WORK / "start.pt")
    tokenizer = Tokenizer(start["pieces"], start["merges"])
    data = Data(tokenizer, args.batch_seconds)
    run = WORK / "runs" / args.name
    run.mkdir(parents=True, exist_ok=True)

    spent, step, passes = 0.0, 0, 0.0
    if args.resume:
        state = torch.load(run / "last.pt")
        optimizer = Optimizer(state["weights"])
        optimizer.adam.load_state_dict(state["adam"])
        mean, std = state["mean"], state["std"]
        spent, step, passes = (state[k] for k in ("spent", "step",
                                                  "passes"))
        rng.seed(step)
    elif args.start:
        state = torch.load(args.start)
        weights, fresh = state["weights"], new_student(start["weights"])
        for name, value in fresh.items():  # parts it does not have
            if name in weights and weights[name].shape == value.shape:
                fresh[name] = weights[name]
            else:
                print(f"{name} starts anew", flush=True)
        optimizer = Optimizer(fresh)
        mean, std = state["mean"], state["std"]
    else:
        optimizer = Optimizer(new_student(start["weights"]))
        mean, std = feature_statistics(data, rng)
    augment = Augment(mean, std, args.noise, args.rir, rng)

    def save(name, full):
        state = {"weights": {n: v.cpu() if full else v.cpu().half()
                             for n, v in optimizer.master.items()},
                 "mean": mean, "std": std, "step": step, "spent": spent,
                 "passes": passes}
        if full:
            state["adam"] = optimizer.adam.state_dict()
        torch.save(state, run / (name + ".tmp"))
        (run / (name + ".tmp")).rename(run / name)

    total = args.hours * 3600
    stem_until = 0 if args.start else args.stem_minutes * 60
    sums, said, saved, last = {}, time.time(), time.time(), time.time()
    queue = []
    while spent < total:
        if not queue:
            queue = data.batches(rng)
            per_pass = len(queue)
        batch = queue.pop()
        in_stem = spent < stem_until
        if in_stem:
            progress = spent / stem_until
            loss, parts = train_stem_step(optimizer.params, data, batch,
                                          augment)
            factor, trained = 1.0 - 0.5 * progress, ("stem",)
        else:
            progress = (spent - stem_until) / (total - stem_until)
            loss, parts = train_step(optimizer.params, data, batch, augment,
                                     progress, rng)
            warm = min(1.0, 0.1 + (spent - stem_until) / 120)
            factor = warm * 0.5 * (1 + math.cos(math.pi * progress)) + 0.002
            trained = RATES.keys()
        loss.backward()
        parts["norm"] = optimizer.step(factor * args.rate, trained)
        step += 1
        passes += 1 / per_pass
        now = time.time()
        spent, last = spent + now - last, now
        for key, value in parts.items():
            sums.setdefault(key, []).append(value)
        if now - said > 60:
            said = now
            print(f"{spent / 60:6.1f} min  step {step}  pass {passes:.2f}  "
                  + "  ".join(f"{k} {sum(v) / len(v):.3f}"
                              for k, v in sorted(sums.items())), flush=True)
            sums = {}
        if now - saved > 600:
            saved = now
            save("last.pt", True)
            save(f"step-{step}.pt", False)
    save("last.pt", True)
    save("final.pt", False)


if __name__ == "__main__":
    main()
