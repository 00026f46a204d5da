#!/usr/bin/env python3
"""moonshine_torch.py - the original weights in PyTorch, fp32, greedy.

usage: moonshine_torch.py FOLDER ID...

Hears FOLDER/ID.wav (16 kHz, 16 bit, mono) on one thread and prints `ID words`.
Weights and vocabulary are those that tools/train/fetch.py made.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sys
import wave

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]
                       / "tools/train"))

import numpy as np
import torch

from common import FRAME_SAMPLES, WORK
from model import encode_whole, greedy, teacher_stem
from text import BOS, EOS, Tokenizer


def hear(weights, tokenizer, path):
    with wave.open(str(path)) as sound:
        data = sound.readframes(sound.getnframes())
    samples = torch.from_numpy(np.frombuffer(data, "<i2") / np.float32(32768))
    count = torch.tensor([len(samples)])
    lengths = count // FRAME_SAMPLES
    # Silence so that the last frame's convolutions have all they need.
    audio = torch.cat([samples, torch.zeros(2 * FRAME_SAMPLES)])[None]
    stem = teacher_stem(weights, audio, count)[:, :int(lengths)]
    memory = encode_whole(weights, stem, lengths, ctc=False)
    return tokenizer.decode(greedy(weights, memory, lengths, BOS, EOS, 200)[0])


def main():
    torch.set_num_threads(1)
    start = torch.load(WORK / "start.pt")
    tokenizer = Tokenizer(start["pieces"], start["merges"])
    weights = {n: v.float() for n, v in start["weights"].items()}
    folder = pathlib.Path(sys.argv[1])
    with torch.no_grad():
        for utt in sys.argv[2:]:
            print(utt, hear(weights, tokenizer, folder / f"{utt}.wav"),
                  flush=True)


if __name__ == "__main__":
    main()
