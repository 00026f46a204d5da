#!/usr/bin/env python3
"""heed_torch.py - heed's own weights in PyTorch, fp32, greedy.

usage: heed_torch.py MODEL.gguf FOLDER ID...

Hears FOLDER/ID.wav (16 kHz, 16 bit, mono) on one thread and prints `ID words`.
The least that PyTorch has to do: the whole utterance in one piece, so that no
look-ahead is encoded twice, and neither the CTC's layer nor a beam.
SPDX-License-Identifier: Apache-2.0
"""
import math
import pathlib
import sys
import wave

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3]
                       / "tools/train"))

import numpy as np
import torch

import import_gguf
from common import FRAME_SAMPLES
from features import TAIL_SAMPLES, log_mel
from model import encode_whole, greedy, stem
from text import BOS, EOS, Tokenizer


class Recogniser:
    def __init__(self, path):
        self.weights, keys = import_gguf.load(path)
        self.mean, self.std = import_gguf.unfold_frontend(self.weights)
        self.tokenizer = Tokenizer(
            keys["tokenizer.ggml.tokens"],
            [tuple(m.split(" ")) for m in keys["tokenizer.ggml.merges"]])

    def hear(self, path):
        with wave.open(str(path)) as sound:
            data = sound.readframes(sound.getnframes())
        samples = torch.from_numpy(np.frombuffer(data, "<i2")
                                   / np.float32(32768))
        frames = math.ceil(len(samples) / FRAME_SAMPLES)
        audio = torch.zeros(1, frames * FRAME_SAMPLES + TAIL_SAMPLES)
        audio[0, :len(samples)] = samples
        x = stem(self.weights, (log_mel(audio) - self.mean) / self.std)
        lengths = torch.tensor([frames])
        memory = encode_whole(self.weights, x, lengths, ctc=False)
        return self.tokenizer.decode(
            greedy(self.weights, memory, lengths, BOS, EOS, 200)[0])


def main():
    torch.set_num_threads(1)
    recogniser = Recogniser(sys.argv[1])
    folder = pathlib.Path(sys.argv[2])
    with torch.no_grad():
        for utt in sys.argv[3:]:
            print(utt, recogniser.hear(folder / f"{utt}.wav"), flush=True)


if __name__ == "__main__":
    main()
