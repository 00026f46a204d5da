"""Makes large activations small before they are rounded to 8 bits.

After a layer normalisation a few of the values are always large, ten times the
others, so that a row rounded to so many steps of the largest has few left for
the rest. As in SmoothQuant (arXiv 2211.10438) they are divided by what the
matrices' columns are multiplied by: the network computes the same. So are what
the decoder's heads mix and what its gates let through. How large values get is
measured on the training set.
SPDX-License-Identifier: Apache-2.0
"""
import math

import numpy as np
import torch

import model
from common import FRAME_SAMPLES, WORK
from features import TAIL_SAMPLES, log_mel
from losses import token_batch
from text import Tokenizer

UTTERANCES = 96
MEMORY = "enc.norm.weight"  # makes it; voice.weight reads it, too
CHUNK, AHEAD, LEFT = 108, 54, 216
# How much of the difference between columns the activations lose.
SHARE = 0.5


def groups(w):
    """[(makers, readers)]: values that can be scaled are the first outputs of
    the makers (a normalisation, or a matrix and its bias), and the inputs of
    the readers, matrices, and go nowhere else."""
    layers = range(model.decoder_layers(w))
    out = [([MEMORY],
            [f"dec.{i}.cross.{m}.weight" for i in layers for m in "kv"])]
    for p in [f"enc.{i}." for i in range(model.LAYERS)] + ["ctc."]:
        out.append(([p + "attn_norm.weight"],
                    [p + f"attn.{m}.weight" for m in "qkv"]))
        out.append(([p + "ffn_norm.weight"], [p + "ffn.fc1.weight"]))
    out.append((["ctc.norm.weight"], ["ctc.conv.weight"]))
    for p in [f"dec.{i}." for i in layers]:
        out += [
            ([p + "self_norm.weight"],
             [p + f"self.{m}.weight" for m in "qkv"]),
            ([p + "self.v.weight"], [p + "self.o.weight"]),
            ([p + "cross_norm.weight"], [p + "cross.q.weight"]),
            ([p + "cross.v.weight"], [p + "cross.o.weight"]),
            ([p + "ffn_norm.weight"], [p + "ffn.up.weight"]),
            ([p + "ffn.up.weight", p + "ffn.up.bias"],
             [p + "ffn.down.weight"])]
    return out


def width_of(w, makers, readers):
    """How many values a group has."""
    maker = w[makers[0]]
    return len(maker) if maker.dim() == 1 else w[readers[0]].shape[1]


def divide(w, makers, readers, by):
    """Makes values of a group smaller by `by`: the network computes the
    same."""
    for name in makers:
        value, n = w[name].clone(), len(by)
        value[:n] /= by.reshape(-1, *[1] * (value.dim() - 1))
        w[name] = value
    if makers == [MEMORY] and "voice.weight" in w:
        readers = readers + ["voice.weight"]
    for name in readers:
        rows = w[name].reshape(-1, len(by))
        w[name] = (rows * by).reshape(w[name].shape)


def utterances():
    """(audio, tokens) of some of the training set, evenly spread."""
    cache = WORK / "cache"
    if not (cache / "index.pt").exists():
        raise SystemExit(f"{cache}: no audio to measure activations with; "
                         "teacher.py writes it, --activation-bits 12 does "
                         "without")
    start = torch.load(WORK / "start.pt")
    tokenizer = Tokenizer(start["pieces"], start["merges"])
    items = torch.load(cache / "index.pt")
    audio = np.memmap(cache / "audio.i16", dtype="<i2", mode="r")
    for item in items[::max(1, len(items) // UTTERANCES)][:UTTERANCES]:
        samples = audio[item["offset"]:item["offset"] + item["samples"]]
        tokens = sum((tokenizer.encode(word)
                      for word in item["target"].split()), [])
        if 0 not in tokens:
            yield torch.from_numpy(samples.astype(np.float32) / 32768), tokens


@torch.no_grad()
def hear(w, mean, std, samples, tokens):
    """The whole network over one utterance, in chunks, and its text: the
    memory [1, T, D], the logits of letters and tokens."""
    n = math.ceil(len(samples) / FRAME_SAMPLES)
    frames = math.ceil(n / CHUNK) * CHUNK
    audio = torch.zeros(1, frames * FRAME_SAMPLES + TAIL_SAMPLES)
    audio[0, :len(samples)] = samples
    lengths = torch.tensor([n])
    x = model.stem(w, (log_mel(audio) - mean) / std)
    memory, spelled = model.encode_chunks(w, x, lengths, CHUNK, AHEAD, LEFT)
    letters = model.ctc_logits(w, spelled, lengths)
    inputs, _ = token_batch([{"tokens": tokens}])
    return memory, letters, model.decode(w, inputs[:, :len(tokens) + 1],
                                         memory, lengths)


def peaks(w, heard):
    """{matrix: largest size of each of its inputs} while heard() computes."""
    names = {id(value): name for name, value in w.items()}
    found = {}
    plain = model.F.linear

    def measured(x, weight, bias=None):
        name = names.get(id(weight))
        most = x.abs().flatten(0, -2).amax(0)
        found[name] = torch.maximum(found.get(name, most), most)
        return plain(x, weight, bias)

    model.F.linear = measured
    try:
        heard()
    finally:
        model.F.linear = plain
    return found


def smooth(w, mean, std):
    """Weights (float32, by name) that compute the same as `w`."""
    w = dict(w)

    def heard():
        for samples, tokens in utterances():
            hear(w, mean, std, samples, tokens)

    found = peaks(w, heard)
    for makers, readers in groups(w):
        width = width_of(w, makers, readers)
        most = torch.stack([found[name].reshape(-1, width).amax(0)
                            for name in readers]).amax(0)
        weight = torch.cat([w[name].reshape(-1, width) for name in readers])
        by = most.clamp(min=1e-5) ** SHARE \
            / weight.abs().amax(0).clamp(min=1e-5) ** (1 - SHARE)
        divide(w, makers, readers, by / by.log().mean().exp())
    return w


def unsmooth(w, start):
    """The inverse: values of a group are as large as the starting weights
    make them, near which they were. The memory is then as the teacher's, and
    weights can be averaged."""
    w = dict(w)
    for makers, readers in groups(w):
        origin = start[{"ctc.norm.weight": MEMORY}.get(
            makers[0], makers[0].replace("ctc.", f"enc.{model.CTC_BRANCH}."))]
        width = width_of(w, makers, readers)

        def size(value):
            return value[:width].float().reshape(width, -1).norm(dim=1)

        divide(w, makers, readers, size(w[makers[0]]) / size(origin))
    return w
