#!/usr/bin/env python3
"""Which of the decoder's heads tell where a token was said?

    alignment.py CHECKPOINT CORPUS [--every N]

Decodes utterances greedily and prints, for every cross-attention head, how
often its peak moves on (and not by more than 1.5 s) from one token to the next.
The best go into model.ALIGNMENT_HEADS: word times, what is committed and the
guards against loops rest on them.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math

import torch

from common import FRAME_SAMPLES, read_corpus
from features import TAIL_SAMPLES, log_mel
from model import (HEADS, decode, decoder_layers, encode_chunks, greedy,
                   stem)
from teacher import read_audio
from text import BOS, EOS

CHUNK, AHEAD, LEFT = 27, 27, 216
BACK, ON = 2, 62  # frames: a peak may waver by so much, move on by so much


@torch.no_grad()
def peaks(state, audio):
    """Frames [layers, HEADS, U] that the tokens look at most."""
    w = {name: value.float() for name, value in state["weights"].items()}
    frames = math.ceil(len(audio) / FRAME_SAMPLES / CHUNK) * CHUNK
    padded = torch.zeros(1, frames * FRAME_SAMPLES + TAIL_SAMPLES)
    padded[0, :len(audio)] = audio[:padded.shape[1]]
    x = stem(w, (log_mel(padded) - state["mean"]) / state["std"])
    lengths = torch.tensor([math.ceil(len(audio) / FRAME_SAMPLES)])
    memory, _ = encode_chunks(w, x, lengths, CHUNK, AHEAD, LEFT)
    tokens = greedy(w, memory, lengths, BOS, EOS, 200)[0]
    attention = []
    decode(w, torch.tensor([[BOS] + tokens]), memory, lengths, None,
           attention)
    return torch.stack(attention)[:, 0, :, :len(tokens)].argmax(-1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("corpus")
    parser.add_argument("--every", type=int, default=10)
    args = parser.parse_args()
    state = torch.load(args.checkpoint)
    moves, total = torch.zeros(
        decoder_layers(state["weights"]), HEADS), 0
    for utterance in read_corpus(args.corpus)[::args.every]:
        step = peaks(state, torch.from_numpy(read_audio(utterance))).diff()
        moves += ((step >= -BACK) & (step <= ON)).sum(-1)
        total += step.shape[-1]
    print(f"moves on, share of {total} steps, layer by head")
    for layer in moves / max(1, total):
        print("  ".join(f"{share:.2f}" for share in layer.tolist()))


if __name__ == "__main__":
    main()
