"""Makes large activations small before they are rounded to 8 bits.

After a layer normalisation a few of the values are always large, ten times the
others, so that a row rounded to so many steps of the largest has few left for
the rest. As in SmoothQuant (arXiv 2211.10438) they are divided by what the
matrices' columns are multiplied by: the network computes the same. How large
they get is measured on the training set.
SPDX-License-Identifier: Apache-2.0
"""
import math

import numpy as np
import torch

import model
from common import FRAME_SAMPLES, WORK
from features import TAIL_SAMPLES, log_mel

UTTERANCES = 64
CHUNK, AHEAD, LEFT = 108, 54, 216
# How much of the difference between columns the activations lose.
SHARE = 0.5


def readers(w):
    """{norm: matrices that multiply what it makes}, before the decoder."""
    out = {}
    for p in [f"enc.{i}." for i in range(model.LAYERS)] + ["ctc."]:
        out[p + "attn_norm.weight"] = [p + f"attn.{m}.weight" for m in "qkv"]
        out[p + "ffn_norm.weight"] = [p + "ffn.fc1.weight"]
    out["enc.norm.weight"] = [f"dec.{i}.cross.{m}.weight"
                              for i in range(model.decoder_layers(w))
                              for m in "kv"]
    out["ctc.norm.weight"] = ["ctc.conv.weight"]
    return out


def recordings():
    """Some of the training set's audio, evenly spread."""
    cache = WORK / "cache"
    if not (cache / "index.pt").exists():
        raise SystemExit(f"{cache}: no audio to measure activations with; "
                         "teacher.py writes it, --activation-bits 12 does "
                         "without")
    items = torch.load(cache / "index.pt")
    audio = np.memmap(cache / "audio.i16", dtype="<i2", mode="r")
    for item in items[::max(1, len(items) // UTTERANCES)][:UTTERANCES]:
        samples = audio[item["offset"]:item["offset"] + item["samples"]]
        yield torch.from_numpy(samples.astype(np.float32) / 32768)


@torch.no_grad()
def encode(w, mean, std, samples):
    """Both heads' states of one utterance, in chunks."""
    n = math.ceil(len(samples) / FRAME_SAMPLES)
    frames = math.ceil(n / CHUNK) * CHUNK
    audio = torch.zeros(1, frames * FRAME_SAMPLES + TAIL_SAMPLES)
    audio[0, :len(samples)] = samples
    x = model.stem(w, (log_mel(audio) - mean) / std)
    return model.encode_chunks(w, x, torch.tensor([n]), CHUNK, AHEAD, LEFT)


def peaks(w, mean, std):
    """{norm: largest size of each of the values that it makes [D]}."""
    names = {id(w[name]): name for name in readers(w)}
    found = {}
    plain = model.layer_norm

    def measured(x, weight):
        y = plain(x, weight)
        name = names[id(weight)]
        most = y.abs().flatten(0, -2).amax(0)
        found[name] = torch.maximum(found.get(name, most), most)
        return y

    model.layer_norm = measured
    try:
        for samples in recordings():
            encode(w, mean, std, samples)
    finally:
        model.layer_norm = plain
    return found


def smooth(w, mean, std):
    """Weights (float32, by name) that compute the same as `w`."""
    w = dict(w)
    for norm, most in peaks(w, mean, std).items():
        matrices = readers(w)[norm]
        width = len(most)
        weight = torch.cat([w[name].reshape(-1, width) for name in matrices])
        by = most.clamp(min=1e-5) ** SHARE \
            / weight.abs().amax(0).clamp(min=1e-5) ** (1 - SHARE)
        by = by / by.log().mean().exp()
        w[norm] = w[norm] / by
        for name in matrices:
            rows = w[name].reshape(len(w[name]), -1, width)
            w[name] = (rows * by).reshape(w[name].shape)
        if norm == "enc.norm.weight" and "voice.weight" in w:
            w["voice.weight"] = w["voice.weight"] * by
    return w
