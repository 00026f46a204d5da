#!/usr/bin/env python3
"""Step 9: teach an encoder to tell speech from other sounds.

    voice.py CHECKPOINT OUT.pt CORPUS... --noise DIR [--utterances N]

One linear layer over the memory, by logistic regression: frames of words
against those of recordings without speech, above all where the CTC hears
letters in them. Adds voice.weight and voice.bias to the checkpoint; the search
refuses texts whose frames are more likely noise. Prints what one fifth of both
is taken for by what was learnt from the others.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib
import random

import numpy as np
import torch
import torch.nn.functional as F

from augment import Augment
from common import FRAME_SAMPLES, read_corpus, setup_torch
from evaluate import CHUNKS, LEFT
from features import TAIL_SAMPLES, log_mel
from model import ctc_logits, encode_chunks, stem
from teacher import read_audio
from text import letters_to_labels, normalise
from times import SPACE, best_path

FOLDS = 5
NEIGHBOURS = 8  # noises in a fold one after the other: parts of a recording
HEARD = 0.02  # the probability of a letter from which on a frame is hard
REACH = 3  # frames that are as hard as those with a letter next to them
EASY, EASY_WEIGHT = 0.05, 0.3  # share of the other frames, and their weight
DECAY = 1e-3


def word_frames(spans, labels, frames):
    """Which of so many frames lie in a word, by the spans of its letters."""
    inside = np.zeros(frames, bool)
    gaps = [k for k, label in enumerate(labels) if label == SPACE]
    for first, end in zip([0] + [k + 1 for k in gaps], gaps + [len(labels)]):
        if first < end:
            inside[spans[first, 0]:spans[end - 1, 1] + 1] = True
    return inside


def hard_frames(log_probs):
    """Which frames of log posteriors [T, C] lie where a letter is heard."""
    letter = 1 - np.exp(log_probs[:, [0, SPACE]]).sum(1) > HEARD
    hard = letter.copy()
    for k in range(1, REACH + 1):
        hard[k:] |= letter[:-k]
        hard[:-k] |= letter[k:]
    return hard


def fit(x, y, weight):
    """Weights [D] and bias of the log odds that rows x [N, D] are of the kind
    y = 1 and not 0; `weight` [N] is how much a row matters."""
    x, y = torch.as_tensor(x).float(), torch.as_tensor(y).float()
    weight = torch.as_tensor(weight).float()
    weight = weight / weight.sum()
    mean, std = x.mean(0), x.std(0) + 1e-6
    x = (x - mean) / std
    w = torch.zeros(x.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    solver = torch.optim.LBFGS([w, b], max_iter=100,
                               line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        each = F.binary_cross_entropy_with_logits(x @ w + b, y,
                                                  reduction="none")
        total = (each * weight).sum() + DECAY * (w * w).sum()
        total.backward()
        return total

    solver.step(loss)
    w = w.detach() / std
    return w, b.detach() - mean @ w


class Frames:
    """Collects frames of speech and of noise."""

    def __init__(self, state, noise, rng):
        self.w = {n: v.float() for n, v in state["weights"].items()}
        self.mean, self.std = state["mean"], state["std"]
        self.augment = Augment(self.mean, self.std, noise, None, rng)
        self.rng = np.random.default_rng(rng.randrange(1 << 30))
        self.rows = {0: [], 1: []}  # (states, weights, fold) by kind

    @torch.no_grad()
    def encode(self, samples, chunk, ahead, changed):
        """Memory and log posteriors [T, ...] of some audio, as it is or
        changed as in training."""
        n = max(1, len(samples) // FRAME_SAMPLES)
        frames = -(-n // chunk) * chunk
        audio = torch.zeros(1, frames * FRAME_SAMPLES + TAIL_SAMPLES)
        audio[0, :len(samples)] = torch.as_tensor(samples)[:audio.shape[1]]
        if changed:
            self.augment.waveform(audio)
            x = self.augment.features(audio).float()
        else:
            x = (log_mel(audio) - self.mean) / self.std
        lengths = torch.tensor([n])
        memory, states = encode_chunks(self.w, stem(self.w, x), lengths,
                                       chunk, ahead, LEFT)
        logits = ctc_logits(self.w, states, lengths)
        return memory[0, :n].numpy(), logits[0, :n].log_softmax(-1).numpy()

    def add(self, samples, labels, fold, changed):
        """`labels`: the letters that are said, None for noise."""
        for chunk, ahead in CHUNKS.values():
            memory, logp = self.encode(samples, chunk, ahead, changed)
            weights = np.ones(len(memory))
            if labels is None:
                weights[~hard_frames(logp)] = EASY_WEIGHT
                kept = (weights == 1) | (self.rng.random(len(memory)) < EASY)
            else:
                spans, = best_path(logp[None], [len(logp)], [labels])
                if spans is None:
                    continue
                kept = word_frames(spans, labels, len(memory))
            self.rows[labels is not None].append(
                (memory[kept], weights[kept], np.full(kept.sum(), fold)))

    def learn(self, left_out=None):
        """fit() to all frames but those of a fold."""
        x, y, weights = [], [], []
        for kind, rows in self.rows.items():
            states, weight, fold = (np.concatenate(c) for c in zip(*rows))
            used = fold != left_out
            x.append(states[used])
            y.append(np.full(used.sum(), kind))
            weights.append(weight[used] / weight[used].sum())
        return fit(*(np.concatenate(part) for part in (x, y, weights)))

    def log_odds(self, kind, fold, w, b):
        states = np.concatenate([s[f == fold] for s, _, f in self.rows[kind]])
        return states @ w.numpy() + b.numpy()


def pick(utterances, n, rng):
    """`n` of them, as many of each set as there are."""
    rng.shuffle(utterances)
    seen, ranked = {}, []
    for u in utterances:
        seen[u.set] = seen.get(u.set, 0) + 1
        ranked.append((seen[u.set], len(ranked), u))
    return [u for _, _, u in sorted(ranked, key=lambda r: r[:2])[:n]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--noise", type=pathlib.Path, required=True)
    parser.add_argument("--utterances", type=int, default=600)
    args = parser.parse_args()
    setup_torch()
    rng = random.Random(1)
    state = torch.load(args.checkpoint)
    frames = Frames(state, args.noise, rng)
    for i, samples in enumerate(frames.augment.noises):
        for changed in (False, True):
            frames.add(samples, None, i // NEIGHBOURS % FOLDS, changed)
    spoken = [u for path in args.corpus for u in read_corpus(path)]
    for i, u in enumerate(pick(spoken, args.utterances, rng)):
        frames.add(read_audio(u), letters_to_labels(normalise(u.text)),
                   i % FOLDS, i % 2 == 1)
    missed = {0: [], 1: []}
    for fold in range(FOLDS):
        w, b = frames.learn(fold)
        for kind in missed:
            missed[kind].append((frames.log_odds(kind, fold, w, b) >= 0)
                                != kind)
    for kind, name in ((0, "noise taken for speech"),
                       (1, "speech taken for noise")):
        wrong = np.concatenate(missed[kind])
        print(f"{name}: {100 * wrong.mean():.2f} % of {len(wrong)} frames")
    w, b = frames.learn()
    state["weights"]["voice.weight"] = w
    state["weights"]["voice.bias"] = b
    torch.save(state, args.out)


if __name__ == "__main__":
    main()
