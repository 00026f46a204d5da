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

from augment import Augment
from common import DEVICE, DTYPE, FRAME_SAMPLES, WORK, setup_torch
from features import TAIL_SAMPLES, log_mel
from losses import (ctc_loss, decoder_loss, relative_mse, teacher_log_probs,
                    token_batch)
from model import (decode, encode_chunks, encode_whole, heard_so_far,
                   new_student, stem)
from text import Tokenizer, errors, letters_to_labels, normalise
from times import best_path, word_ends

# (chunk, look-ahead) in frames of 24 ms and how often; look-ahead is dear.
# `live` has the first by default, `transcribe` the second.
AHEAD = (((12, 27), 6), ((108, 54), 3), ((27, 27), 1), ((54, 27), 1),
         ((54, 54), 1))
ALONE = (27, 54)  # chunks without look-ahead
LEFT_FRAMES = 216
CUT = 0.5  # share of the batches with look-ahead whose ends are not heard
HEARD_FRAMES = 24  # that at least are heard
SPELLED = 1.5  # the CTC loss below which words can be timed
PAST = 108  # frames of somebody else before an utterance, whole chunks
JOINED = 0.2  # share of the utterances that follow another of their speaker
JOINED_FRAMES = (250, 800)  # of what is joined, at least: 6 to 19 s
# How often an utterance of a narrow set takes part in a pass.
KEEP = {"digits": 0.25, "keywords": 0.3, "grid": 0.5, "prompts": 0.8}
# Peak learning rates; `embed` is the decoder's tied input and output matrix.
RATES = {"stem": 6e-4, "enc": 1.5e-4, "dec": 6e-5, "embed": 6e-5,
         "ctc": 1e-3}
# The teacher is asked about utterances of which it misses at most so much.
TEACHER_ERRORS = 0.3


def part_of(name):
    """The part of the network, a key of RATES, that a parameter is in."""
    return "embed" if name == "dec.embed.weight" else name.split(".")[0]


def join(items, rng):
    """`items`, but JOINED of them, in long ones: utterances of a speaker one
    after the other, as a decoder meets them in speech without pauses."""
    alone, speakers = [], {}
    for item in items:
        if rng.random() < JOINED:
            speakers.setdefault((item["set"], item["speaker"]),
                                []).append(item)
        else:
            alone.append(item)
    for theirs in speakers.values():
        rng.shuffle(theirs)
        while theirs:
            wanted, parts, frames = rng.randint(*JOINED_FRAMES), [], 0
            while theirs and frames < wanted:
                parts.append(theirs.pop())
                frames += parts[-1]["frames"]
            alone.append(joined(parts))
    return alone


def joined(parts):
    """The utterance that the utterances `parts` are one after the other."""
    words, before = [], 0
    for part in parts:
        words.append(part["word_tokens"] + before)
        before += len(part["tokens"])
    return {
        "parts": parts,
        "frames": sum(p["frames"] for p in parts),
        "target": " ".join(p["target"] for p in parts),
        "tokens": sum((p["tokens"] for p in parts), []),
        "word_tokens": np.concatenate(words),
        "labels": letters_to_labels(" ".join(normalise(p["text"])
                                             for p in parts)),
        "taught": all(p["taught"] for p in parts),
    }


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
            words = [tokenizer.encode(w) for w in item["target"].split()]
            item["tokens"] = sum(words, [])
            item["word_tokens"] = np.cumsum([len(w) for w in words])
            item["labels"] = letters_to_labels(normalise(item["text"]))
            s, d, i, n = errors(item["text"], item["teacher"])
            item["taught"] = s + d + i <= TEACHER_ERRORS * n
        self.items = [i for i in self.items if 0 not in i["tokens"]]

    def batches(self, rng):
        """One pass: batches of utterances of like length, shuffled."""
        items = [i for i in self.items
                 if rng.random() < KEEP.get(i["set"], 1.0)]
        items = join(items, rng)
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
            at = 0  # frames
            for part in item.get("parts", [item]):
                # A next part's first frame overwrites what is left of this.
                sound = audio[row, at * FRAME_SAMPLES:][:part["samples"]]
                sound.copy_(torch.from_numpy(
                    self.audio[part["offset"]:part["offset"] + len(sound)]
                    .astype(np.float32) / 32768))
                first, n = part["frame"], part["frames"]
                for target, name in zip(targets, which):
                    target[row, at:at + n] = torch.from_numpy(
                        getattr(self, name)[first:first + n]
                        .astype(np.float32)).to(DTYPE)
                at += n
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

    def __init__(self, weights, factors):
        self.rates = {part: RATES[part] * factor
                      for part, factor in factors.items()}
        self.master = {n: v.detach().float().to(DEVICE).clone()
                       for n, v in weights.items()}
        self.params = {n: v.to(DTYPE, copy=True).requires_grad_(
                       self.rates[part_of(n)] > 0)
                       for n, v in self.master.items()}
        groups = {}
        for name, value in self.master.items():
            groups.setdefault((part_of(name), value.dim() > 1),
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
            move = p.grad is not None and part_of(name) in trained
            self.master[name].grad = p.grad.float() * clip if move else None
        for group in self.adam.param_groups:
            group["lr"] = self.rates[group["part"]] * factor
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


def pick_chunks(rng, progress):
    """(chunk, ahead) for a batch; chunk 0 means the whole utterance."""
    ahead = 0.4 + 0.4 * progress
    roll = rng.random()
    if roll < ahead:
        return rng.choices([c for c, _ in AHEAD], [n for _, n in AHEAD])[0]
    if roll < ahead + (1 - ahead) * 0.35:
        return rng.choice(ALONE), 0
    return 0, 0


def train_stem_step(w, data, batch, augment):
    frames = math.ceil(max(i["frames"] for i in batch) / 27) * 27
    audio, (stems,), lengths = data.load(batch, frames, ("stems",))
    lengths = lengths.to(DEVICE)
    x = augment.features(audio)
    loss = relative_mse(stem(w, x), stems.to(DEVICE), lengths)
    return loss, {"stem": float(loss)}


def cut_off(batch, logp, chunk, ahead, rng):
    """As `live` sees it: of every row a random number of chunks with their
    look-ahead has been heard, and the target is the words that have ended by
    then, timed by the letters' log posteriors logp [B, T, C]. Rows that are
    too short or cannot be timed stay whole. Returns the batch, the chunks [B]
    and frames [B] heard of each row."""
    out, chunks, lengths = [], [], []
    paths = best_path(logp.cpu().numpy(), [i["frames"] for i in batch],
                      [i["labels"] for i in batch])
    for item, spans in zip(batch, paths):
        first = max(1, math.ceil((HEARD_FRAMES - ahead) / chunk))
        last = (item["frames"] - ahead - 1) // chunk
        ends = word_ends(item["labels"], spans, item["target"],
                         item["frames"])
        if not ends or last < first:
            out.append(item)
            chunks.append(logp.shape[1] // chunk)
            lengths.append(item["frames"])
            continue
        chunks.append(rng.randint(first, last))
        lengths.append(chunks[-1] * chunk + ahead)
        n = max((n for n, end in zip(item["word_tokens"], ends)
                 if end <= lengths[-1]), default=0)
        out.append(dict(item, tokens=item["tokens"][:n]))
    return (out, torch.tensor(chunks, device=DEVICE),
            torch.tensor(lengths, device=DEVICE))


def encode(w, x, lengths, chunk, ahead, past, copies):
    """The memory, the CTC's states and, if asked for, the copies of
    x [B, T, D], the first `past` frames left out."""
    if not chunk:
        return encode_whole(w, x, lengths)
    memory, spelled, *copied = encode_chunks(
        w, x, lengths + past, chunk, ahead, LEFT_FRAMES, copies)
    return (memory[:, past:], spelled[:, past:],
            *(c[:, past // chunk:] for c in copied))


def train_step(w, teacher, data, batch, augment, progress, rng):
    chunk, ahead = pick_chunks(rng, progress)
    unit = chunk or 27
    frames = math.ceil(max(i["frames"] for i in batch) / unit) * unit
    audio, (states,), lengths = data.load(batch, frames, ("states",))
    augment.waveform(audio)
    if rng.random() < 0.3:  # the last row hears only noise, writes nothing
        audio[-1] = augment.noise_only(audio.shape[1])
        batch = batch[:-1] + [dict(batch[-1], tokens=[], labels=[],
                                   taught=False)]
    lengths, states = lengths.to(DEVICE), states.to(DEVICE)
    x = augment.mask(augment.features(audio))
    x = stem(w, x)
    past = 0
    if chunk and rng.random() < 0.25:
        # In long recordings something came before: the row above speaks.
        x = torch.cat((x.roll(1, 0)[:, :PAST], x), 1)
        past = x.shape[1] - frames
    cut = ahead and rng.random() < CUT
    memory, spelled, *copies = encode(w, x, lengths, chunk, ahead, past, cut)
    # Where the teacher mishears, its states are no target, either.
    taught = torch.tensor([i["taught"] for i in batch], device=DEVICE)
    mse = relative_mse(memory, states, lengths * taught)
    ctc, logp = ctc_loss(w, spelled, lengths, batch)
    heard, kind = lengths, "ahead" if ahead else "alone" if chunk else "whole"
    if cut and ctc < SPELLED:
        kind = "cut"
        batch, chunks, heard = cut_off(batch, logp, chunk, ahead, rng)
        memory = heard_so_far(memory, *copies, chunks)
    inputs, targets = token_batch(batch)
    told = teacher_log_probs(teacher, inputs, targets, states, lengths,
                             [i["taught"] for i in batch])
    loss, ce, kl = decoder_loss(decode(w, inputs, memory, heard), targets,
                                *told)
    return mse + 0.6 * ctc + 0.7 * loss, {
        f"mse_{kind}": float(mse), "ctc": float(ctc), f"ce_{kind}": ce,
        "kl": kl}


def rate_factors(text):
    """{part: factor} of "0.3" or "0.3,ctc=1": everything, then parts."""
    first, *others = text.split(",")
    factors = dict.fromkeys(RATES, float(first))
    for other in others:
        part, factor = other.split("=")
        if part not in RATES:
            raise argparse.ArgumentTypeError(f"no part is called {part}")
        factors[part] = float(factor)
    return factors


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
    parser.add_argument("--rate", type=rate_factors, default="1",
                        help="factor on the learning rates; with ,PART=FACTOR "
                        f"another one for a part ({', '.join(RATES)})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--from", dest="start", type=pathlib.Path,
                        help="weights to start from (a checkpoint or the "
                        "output of import_gguf.py)")
    args = parser.parse_args()
    setup_torch()
    rng = random.Random(args.seed)
    start = torch.load(WORK / "start.pt")
    tokenizer = Tokenizer(start["pieces"], start["merges"])
    data = Data(tokenizer, args.batch_seconds)
    teacher = {n: v.to(DEVICE, DTYPE) for n, v in start["weights"].items()
               if n.startswith("dec.")}
    run = WORK / "runs" / args.name
    run.mkdir(parents=True, exist_ok=True)

    spent, step, passes = 0.0, 0, 0.0
    if args.resume:
        state = torch.load(run / "last.pt")
        optimizer = Optimizer(state["weights"], args.rate)
        optimizer.adam.load_state_dict(state["adam"])
        mean, std = state["mean"], state["std"]
        spent, step, passes = (state[k] for k in ("spent", "step",
                                                  "passes"))
        rng.seed(args.seed + step)
    elif args.start:
        state = torch.load(args.start)
        weights, fresh = state["weights"], new_student(start["weights"])
        for name, value in fresh.items():  # parts it does not have
            if name in weights and weights[name].shape == value.shape:
                fresh[name] = weights[name]
            else:
                print(f"{name} starts anew", flush=True)
        optimizer = Optimizer(fresh, args.rate)
        mean, std = state["mean"], state["std"]
    else:
        optimizer = Optimizer(new_student(start["weights"]), args.rate)
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
            loss, parts = train_step(optimizer.params, teacher, data, batch,
                                     augment, 1.0 if args.start else progress,
                                     rng)
            warm = min(1.0, 0.1 + (spent - stem_until) / 120)
            factor = warm * 0.5 * (1 + math.cos(math.pi * progress)) + 0.002
            trained = RATES.keys()
        loss.backward()
        parts["norm"] = optimizer.step(factor, trained)
        step += 1
        passes += 1 / per_pass
        now = time.time()
        spent, last = spent + min(now - last, 60.0), now  # a pause is none
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
