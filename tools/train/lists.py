#!/usr/bin/env python3
"""Step 5: what heed hears in its training set, for mwer.py to learn from.

    lists.py CHECKPOINT MODEL.gguf [--heed PATH] [--noise DIR] [--rir DIR]
             [--live SHARE] [--seed N] [--lists DIR] [--texts-only]
             [--every N] [--first K]

CHECKPOINT is what MODEL.gguf was exported from. Of each utterance, made worse
as in training, the heed command writes the best texts, and the checkpoint's
encoder the memory: a SHARE of them in the chunks of `live`, the others in those
of `file`. Writes to DIR (default $HEED_TRAIN_DIR/lists): index.pt (the
utterances and their texts) and memory.f16 (frames of 288), of which sequence.py
needs the texts only. Every N-th utterance from number K on: several processes.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import tempfile
import time

import numpy as np
import soundfile
import torch

from augment import Augment
from common import DEVICE, DTYPE, FRAME_SAMPLES, WORK, setup_torch
from evaluate import CHUNKS, LEFT
from features import TAIL_SAMPLES, log_mel
from model import encode_chunks, encode_whole, stem
from text import Tokenizer, errors
from train import Data

# Share of the utterances of a narrow set that take part.
SHARES = {"so": 0.6, "digits": 0.1, "keywords": 0.1, "grid": 0.2,
          "prompts": 0.5}
PART = 400  # utterances heard at a time
BATCH_FRAMES = 2500
MAX_TOKENS = 120


def texts_of(result, item, tokenizer):
    """[(tokens, log probability of the letters, words, word errors)] of a line
    of the command's JSON, the best first; of speech with a pause, nothing."""
    segments = result.get("segments") or []
    if len(segments) != 1:
        return []
    out = {}
    for text in segments[0]["alternatives"]:
        tokens = tuple(tokenizer.encode(text["text"]))
        if tokens and 0 not in tokens and len(tokens) <= MAX_TOKENS:
            wrong = sum(errors(item["text"], text["text"])[:3])
            out.setdefault(tokens, (text["letters"],
                                    len(text["text"].split()), wrong))
    return [(list(tokens), *rest) for tokens, rest in out.items()]


def hear(args, folder, items, kinds, tokenizer):
    """Texts of the recordings 0.wav, 1.wav, ... of `items` in `folder`, heard
    as `kinds` say. `live` commits words before the end, after which its best
    texts differ in their last words only: its chunks alone are what counts."""
    out = [[] for _ in items]
    for kind, (chunk, ahead) in CHUNKS.items():
        numbers = [n for n, k in enumerate(kinds) if k == kind]
        if not numbers:
            continue
        done = subprocess.run(
            [str(args.heed), "transcribe", "-q", "-m", str(args.model), "-o",
             "json", "--beam", "8", "--nbest", "8", "--min-confidence", "-1",
             "--chunk", str(chunk), "--lookahead", str(ahead),
             *(f"{folder}/{n}.wav" for n in numbers)],
            stdout=subprocess.PIPE, check=True)
        for n, line in zip(numbers, done.stdout.splitlines()):
            out[n] = texts_of(json.loads(line), items[n], tokenizer)
    return out


@torch.no_grad()
def encode(state, w, audio, chunk, ahead):
    """The memories [frames, 288], float16, of some recordings."""
    lengths = [math.ceil(len(a) / FRAME_SAMPLES) for a in audio]
    whole = max(lengths) <= chunk
    unit = 9 if whole else chunk
    frames = math.ceil(max(lengths) / unit) * unit
    x = torch.zeros(len(audio), frames * FRAME_SAMPLES + TAIL_SAMPLES)
    for row, samples in zip(x, audio):
        row[:len(samples)] = torch.from_numpy(samples)
    x = (log_mel(x.to(DEVICE)) - state["mean"].to(DEVICE)) \
        / state["std"].to(DEVICE)
    x, n = stem(w, x.to(DTYPE)), torch.tensor(lengths, device=DEVICE)
    memory = encode_whole(w, x, n)[0] if whole \
        else encode_chunks(w, x, n, chunk, ahead, LEFT)[0]
    return [m[:k].half().cpu().numpy() for m, k in zip(memory, lengths)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--heed", default="heed")
    parser.add_argument("--noise", type=pathlib.Path)
    parser.add_argument("--rir", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--texts-only", action="store_true")
    parser.add_argument("--live", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lists", type=pathlib.Path, default=WORK / "lists")
    args = parser.parse_args()
    setup_torch()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    start = torch.load(WORK / "start.pt")
    tokenizer = Tokenizer(start["pieces"], start["merges"])
    data = Data(tokenizer, 60)
    state = torch.load(args.checkpoint)
    w = {n: v.to(DEVICE, DTYPE) for n, v in state["weights"].items()}
    augment = Augment(state["mean"], state["std"], args.noise, args.rir, rng)
    for number, item in enumerate(data.items):
        item["number"] = number
    items = [i for i in data.items[args.first::args.every] if i["frames"] > 20
             and len(i["tokens"]) <= MAX_TOKENS
             and rng.random() < SHARES.get(i["set"], 1)]
    items.sort(key=lambda i: i["frames"])
    args.lists.mkdir(exist_ok=True)
    out = open(args.lists / "memory.f16", "wb")
    index, frame, began = [], 0, time.time()
    for at in range(0, len(items), PART):
        part = items[at:at + PART]
        kinds = ["live" if rng.random() < args.live else "file" for _ in part]
        recordings = []
        with tempfile.TemporaryDirectory() as folder:
            for number, item in enumerate(part):
                audio = torch.from_numpy(
                    data.audio[item["offset"]:item["offset"] + item["samples"]]
                    .astype(np.float32) / 32768)[None]
                augment.waveform(audio)
                recordings.append(audio[0].numpy())
                soundfile.write(f"{folder}/{number}.wav", audio[0].numpy(),
                                16000)
            texts = hear(args, folder, part, kinds, tokenizer)
        for kind, chunks in CHUNKS.items():
            numbers = [n for n, k in enumerate(kinds) if k == kind]
            size = max(1, BATCH_FRAMES // part[-1]["frames"])
            for first in range(0, len(numbers), size):
                batch = numbers[first:first + size]
                memories = [] if args.texts_only else encode(
                    state, w, [recordings[n] for n in batch], *chunks)
                for n in batch:
                    item = part[n]
                    frames = math.ceil(item["samples"] / FRAME_SAMPLES)
                    index.append({
                        "set": item["set"], "heard": kind,
                        "number": item["number"],
                        "words": len(item["text"].split()),
                        "tokens": item["tokens"], "texts": texts[n],
                        "frame": frame, "frames": frames})
                    frame += frames
                for memory in memories:
                    memory.tofile(out)
        print(f"{at + len(part)} of {len(items)} utterances, "
              f"{time.time() - began:.0f} s", flush=True)
    out.close()
    torch.save(index, args.lists / "index.pt")


if __name__ == "__main__":
    main()
