#!/usr/bin/env python3
"""Go on from a committed model: heed's GGUF back to a training checkpoint.

    import_gguf.py MODEL.gguf CHECKPOINT.pt

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib

import torch

import gguf
from common import WORK
from features import BINS, dct_matrix
from model import D
from smooth import unsmooth


def load(path):
    """(weights as the file has them, metadata); int8 rows are scaled back."""
    keys, tensors = gguf.read(path)
    w = {}
    for name, array in tensors.items():
        if name.endswith(".scale") and name != "frontend.scale":
            continue
        value = torch.tensor(array).float()
        scale = tensors.get(name.removesuffix(".weight") + ".scale")
        if array.dtype.kind == "i" and scale is not None:
            value = value * torch.tensor(scale)[:, None]
        w[name] = value
    return w, keys


def unfold_frontend(w):
    """The inverse of export.py's fold_frontend: weights for normalised
    log-mel, and its mean and deviation per bin."""
    dct = dct_matrix()
    mean = dct.t() @ w.pop("frontend.mean").double()
    cepstra_std = 1 / w.pop("frontend.scale").double()
    # The deviation per bin is not stored; any choice gives the same network.
    std = (dct.t() ** 2 @ cepstra_std ** 2).sqrt()
    first = w["stem.0.weight"].double().reshape(D, 5, BINS)
    first = first / cepstra_std @ dct * std
    w["stem.0.weight"] = first.reshape(D, 5 * BINS).float()
    return mean.float(), std.float()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("checkpoint", type=pathlib.Path)
    args = parser.parse_args()
    w, keys = load(args.model)
    w.pop("dec.alignment")
    mean, std = unfold_frontend(w)
    if keys.get("heed.encoder.activation_bits", 12) == 8:
        w = unsmooth(w, torch.load(WORK / "start.pt")["weights"])
    torch.save({"weights": w, "mean": mean, "std": std,
                "pieces": keys["tokenizer.ggml.tokens"],
                "merges": [tuple(m.split(" ")) for m in
                           keys["tokenizer.ggml.merges"]]},
               args.checkpoint)
    print(f"{args.checkpoint}: {len(w)} tensors")


if __name__ == "__main__":
    main()
