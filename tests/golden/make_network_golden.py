#!/usr/bin/env python3
"""Golden tensors of the network: what PyTorch makes of a recording.

    make_network_golden.py MODEL.gguf RECORDING.wav OUT.bin

Runs torchaudio's MFCC and the recipe's PyTorch network with the model file's
own (dequantised) weights over the first two seconds or so of the recording,
in the same chunks as the C test, and writes little-endian: a head of int32
(magic, chunk, ahead, n_frames, width, n_labels, n_tokens, n_vocabulary,
stride), then float32 arrays: MFCC frames, stem, memory, CTC states, CTC log
posteriors, and int32 tokens, then every `stride`-th logit after each token.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import struct
import sys

import numpy as np
import soundfile
import torch
import torchaudio

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import import_gguf  # noqa: E402
import model  # noqa: E402
from features import TAIL_SAMPLES  # noqa: E402

CHUNK, AHEAD, FRAMES, STRIDE, TOKENS = 20, 12, 80, 37, 8


def main():
    path, recording, out = sys.argv[1:]
    w, keys = import_gguf.load(path)
    audio, rate = soundfile.read(recording, dtype="float32")
    if rate != 16000:
        raise SystemExit(f"{recording}: not 16 kHz")
    audio = torch.from_numpy(audio)[:FRAMES * 384]
    audio = torch.nn.functional.pad(audio, (0, TAIL_SAMPLES))
    mfcc = torchaudio.compliance.kaldi.mfcc(
        audio[None], num_ceps=80, num_mel_bins=80, frame_length=25.0,
        frame_shift=8.0, dither=0.0, cepstral_lifter=0.0, low_freq=20.0,
        high_freq=0.0, sample_frequency=16000.0)
    x = (mfcc - w["frontend.mean"]) * w["frontend.scale"]
    lengths = torch.tensor([FRAMES])
    left = keys["heed.encoder.left_frames"]
    with torch.no_grad():
        stem = model.stem(w, x[None])
        memory, spelled = model.encode_chunks(w, stem, lengths, CHUNK, AHEAD,
                                              left)
        ctc = model.ctc_logits(w, spelled, lengths).log_softmax(-1)
        tokens = [1] + model.greedy(w, memory, lengths, 1, 2,
                                    TOKENS - 1)[0]
        tokens = (tokens + [1] * TOKENS)[:TOKENS]
        logits = model.decode(w, torch.tensor([tokens]), memory, lengths)
    with open(out, "wb") as file:
        file.write(struct.pack("<9i", 0x64656568, CHUNK, AHEAD, FRAMES,
                               memory.shape[-1], ctc.shape[-1], TOKENS,
                               logits.shape[-1], STRIDE))
        for array in (mfcc, stem[0], memory[0], spelled[0], ctc[0]):
            file.write(array.numpy().astype("<f4").tobytes())
        file.write(np.array(tokens, "<i4").tobytes())
        file.write(logits[0, :, ::STRIDE].numpy().astype("<f4").tobytes())
    print(f"{out}: {mfcc.shape[0]} MFCC frames, {FRAMES} encoder frames")


if __name__ == "__main__":
    main()
