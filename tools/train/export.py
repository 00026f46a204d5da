#!/usr/bin/env python3
"""Step 10: write a checkpoint as heed's model file (GGUF v3, asr/FORMAT.md).

    export.py CHECKPOINT OUT.gguf [--card CARD.md] [--f32]
              [--activation-bits 8|12]

Matrices become int8 with one scale per output row; norms, biases and the
first convolution stay fp32. The DCT and the two normalisations (per mel bin in
training, per cepstrum in the file) are folded into the first convolution, so
that the network computes the same from MFCC. For activations of 8 bits, the
default, the large ones are made small first (smooth.py), which takes the audio
that teacher.py has written.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib

import numpy as np
import torch

import gguf
from common import WORK
from features import BINS, dct_matrix
from model import (ALIGNMENT_HEADS, CTC_BRANCH, D, HEADS, LAYERS, ROTARY,
                   decoder_layers)
from smooth import smooth
from text import LETTERS

NOTICES = pathlib.Path(__file__).resolve().parents[2] / \
    "THIRD-PARTY-NOTICES.md"


def fold_frontend(w, mean, std, cepstra_std):
    """Weights of stem.0 for normalised cepstra, from those for normalised
    log-mel: W x = W diag(1/std) D^T diag(cepstra_std) c."""
    first = w["stem.0.weight"].double().reshape(D, 5, BINS)
    dct = dct_matrix()
    first = first / std.double() @ dct.t() * cepstra_std
    return first.reshape(D, 5 * BINS).float()


def quantise(value):
    """int8 rows and their scales, symmetric."""
    scale = value.abs().amax(1).clamp(min=1e-12) / 127
    return (value / scale[:, None]).round().to(torch.int8), scale


def alignment(layers):
    """How much each head, of those layers that the decoder still has, counts
    in what the decoder is said to look at [len(layers), HEADS]."""
    heads = [(layers.index(layer), head) for layer, head in ALIGNMENT_HEADS
             if layer in layers]
    out = np.zeros((len(layers), HEADS), np.float32)
    for layer, head in heads:
        out[layer, head] = 1 / len(heads)
    return out


def metadata(args, start, state):
    card = args.card.read_text(encoding="utf-8") if args.card else ""
    notices = NOTICES.read_text(encoding="utf-8") if NOTICES.exists() else ""
    pieces = start["pieces"]
    types = [2, 3, 3] + [1] * (len(pieces) - 3)
    u32, f32, string = gguf.U32, gguf.F32, gguf.STRING
    return [
        ("general.architecture", string, "heed"),
        ("general.name", string, args.name),
        ("general.license", string, "MIT"),
        ("general.description", string, card),
        ("general.alignment", u32, 64),
        ("heed.notices", string, notices),
        ("heed.training.passes", f32, float(state.get("passes", 0))),
        ("heed.frontend.sample_rate_hz", u32, 16000),
        ("heed.frontend.window_samples", u32, 400),
        ("heed.frontend.hop_samples", u32, 128),
        ("heed.frontend.mel_bins", u32, BINS),
        ("heed.frontend.cepstra", u32, BINS),
        ("heed.frontend.low_hz", f32, 20.0),
        ("heed.frontend.high_hz", f32, 0.0),
        ("heed.frontend.preemphasis", f32, 0.97),
        ("heed.frontend.lifter", f32, 0.0),
        ("heed.width", u32, D),
        ("heed.heads", u32, HEADS),
        ("heed.rotary", u32, ROTARY),
        ("heed.rope_base", f32, 10000.0),
        ("heed.norm_eps", f32, 1e-5),
        ("heed.encoder.layers", u32, LAYERS),
        ("heed.encoder.left_frames", u32, 216),
        ("heed.encoder.activation_bits", u32, args.activation_bits),
        ("heed.decoder.layers", u32, decoder_layers(state["weights"])),
        ("heed.decoder.activation_bits", u32, args.activation_bits),
        ("heed.ctc.branch_layer", u32, CTC_BRANCH),
        ("heed.ctc.labels", gguf.STRINGS, [""] + list(LETTERS)),
        ("heed.file.chunk_frames", u32, args.file_chunk[0]),
        ("heed.file.lookahead_frames", u32, args.file_chunk[1]),
        ("heed.live.chunk_frames", u32, args.live_chunk[0]),
        ("heed.live.lookahead_frames", u32, args.live_chunk[1]),
        ("tokenizer.ggml.model", string, "llama"),
        ("tokenizer.ggml.tokens", gguf.STRINGS, pieces),
        ("tokenizer.ggml.token_type", gguf.I32S, types),
        ("tokenizer.ggml.merges", gguf.STRINGS,
         [f"{a} {b}" for a, b in start["merges"]]),
        ("tokenizer.ggml.bos_token_id", u32, 1),
        ("tokenizer.ggml.eos_token_id", u32, 2),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--name", default="heed-en")
    parser.add_argument("--card", type=pathlib.Path)
    parser.add_argument("--f32", action="store_true",
                        help="no int8 (golden tests)")
    parser.add_argument("--file-chunk", type=int, nargs=2, default=(135, 45),
                        metavar=("CHUNK", "AHEAD"))
    parser.add_argument("--live-chunk", type=int, nargs=2, default=(12, 27),
                        metavar=("CHUNK", "AHEAD"))
    parser.add_argument("--activation-bits", type=int, choices=(8, 12),
                        default=8)
    args = parser.parse_args()
    if args.f32:
        args.activation_bits = 12
    state = torch.load(args.checkpoint)
    start = torch.load(WORK / "start.pt")
    w = {n: v.float() for n, v in state["weights"].items()}
    mean, std = state["mean"].double(), state["std"].double()
    dct = dct_matrix()
    # Per-cepstrum deviation of decorrelated bins: a scaling, undone below.
    cepstra_std = (dct ** 2 @ std ** 2).sqrt()
    layers = state.get("decoder_layers", list(range(LAYERS)))
    if len(layers) != decoder_layers(w):
        raise SystemExit(f"{args.checkpoint}: which layers of the decoder "
                         "these are is not said")
    tensors = [
        ("dec.alignment", alignment(layers).reshape(-1)),
        ("frontend.mean", (dct @ mean).float().numpy()),
        ("frontend.scale", (1 / cepstra_std).float().numpy()),
    ]
    if args.activation_bits == 8:
        w = smooth(w, state["mean"], state["std"])
    w["stem.0.weight"] = fold_frontend(w, mean, std, cepstra_std)
    for name in sorted(w):
        value = w[name]
        if value.dim() == 2 and name != "stem.0.weight" and not args.f32:
            rows, scale = quantise(value)
            tensors.append((name, rows.numpy()))
            tensors.append((name.removesuffix(".weight") + ".scale",
                            scale.numpy()))
        else:
            tensors.append((name, value.numpy().astype(np.float32)))
    gguf.write(args.out, metadata(args, start, state), tensors)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB, "
          f"{len(tensors)} tensors")


if __name__ == "__main__":
    main()
