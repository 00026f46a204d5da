#!/usr/bin/env python3
"""Step 2: decode the audio once and run the teacher over the training set.

    teacher.py CORPUS...      (TSV, LibriSpeech folder or Kaldi data folder)

Writes to $HEED_TRAIN_DIR/cache: audio.i16 (all utterances, 16 kHz),
states.f16 and stem.f16 (teacher's encoder states and stem outputs, 24 ms
frames of 288), and index.pt (per utterance: offsets, texts, targets).
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import time

import numpy as np
import soundfile
import torch
import torchaudio

from common import (DEVICE, DTYPE, FRAME_SAMPLES, SAMPLE_RATE, WORK,
                    read_corpus, setup_torch)
from model import encode_whole, greedy, teacher_stem
from text import BOS, EOS, Tokenizer, normalise, restore


def read_audio(utterance):
    """Mono float samples at 16 kHz."""
    with soundfile.SoundFile(utterance.path) as file:
        rate = file.samplerate
        if utterance.start_s:
            file.seek(int(utterance.start_s * rate))
        count = -1 if utterance.end_s < 0 else \
            int((utterance.end_s - utterance.start_s) * rate)
        data = file.read(count, dtype="float32", always_2d=True).mean(1)
    if rate != SAMPLE_RATE:
        data = torchaudio.functional.resample(torch.from_numpy(data), rate,
                                              SAMPLE_RATE).numpy()
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--max-seconds", type=float, default=26.0)
    parser.add_argument("--batch-seconds", type=float, default=100.0)
    args = parser.parse_args()
    setup_torch()
    start = torch.load(WORK / "start.pt")
    tokenizer = Tokenizer(start["pieces"], start["merges"])
    w = {n: v.to(DEVICE, DTYPE) for n, v in start["weights"].items()}
    cache = WORK / "cache"
    cache.mkdir(exist_ok=True)

    began = time.time()
    items, offset, frames = [], 0, 0
    with open(cache / "audio.i16", "wb") as out:
        for u in (u for path in args.corpus for u in read_corpus(path)):
            samples = read_audio(u)
            n = len(samples)
            if not 0.3 <= n / SAMPLE_RATE <= args.max_seconds:
                continue
            (samples.clip(-1, 1) * 32767).round().astype("<i2").tofile(out)
            items.append({"id": u.utt_id, "set": u.set,
                          "speaker": u.speaker, "text": u.text,
                          "offset": offset, "samples": n,
                          "frame": frames, "frames": n // FRAME_SAMPLES})
            offset += n
            frames += n // FRAME_SAMPLES
    print(f"{len(items)} utterances, {offset / SAMPLE_RATE / 3600:.2f} h, "
          f"audio read in {time.time() - began:.0f} s", flush=True)

    audio = np.memmap(cache / "audio.i16", dtype="<i2", mode="r")
    shape = (frames, 288)
    states = np.memmap(cache / "states.f16", dtype=np.float16, mode="w+",
                       shape=shape)
    stems = np.memmap(cache / "stem.f16", dtype=np.float16, mode="w+",
                      shape=shape)
    order = sorted(items, key=lambda item: -item["frames"])
    done, at = 0.0, 0
    while at < len(order):
        # Pad to multiples of 25 frames: few distinct shapes.
        longest = math.ceil(order[at]["frames"] / 25) * 25
        size = max(1, int(args.batch_seconds / (longest * 0.024)))
        size = min(size, 128)
        batch = order[at:at + size]
        at += size
        # 895 samples make a frame, 384 each further one.
        x = torch.zeros(len(batch), longest * FRAME_SAMPLES + 511)
        for row, item in enumerate(batch):
            n = item["frames"] * FRAME_SAMPLES
            x[row, :n] = torch.from_numpy(
                audio[item["offset"]:item["offset"] + n]
                .astype(np.float32) / 32768)
        lengths = torch.tensor([item["frames"] for item in batch])
        with torch.no_grad():
            x = x.to(DEVICE, DTYPE)
            n_frames = lengths.to(DEVICE)
            s = teacher_stem(w, x, n_frames * FRAME_SAMPLES + 511)
            memory = encode_whole(w, s, n_frames, ctc=False)
            texts = greedy(w, memory, n_frames, BOS, EOS, 200)
        s, memory = s.float().cpu().numpy(), memory.float().cpu().numpy()
        for row, item in enumerate(batch):
            first, n = item["frame"], item["frames"]
            states[first:first + n] = memory[row, :n]
            stems[first:first + n] = s[row, :n]
            item["teacher"] = tokenizer.decode(texts[row])
            item["target"] = restore(normalise(item["text"]),
                                     item["teacher"])
        seconds = sum(item["samples"] for item in batch) / SAMPLE_RATE
        if int(done / 3600) != int((done + seconds) / 3600):
            print(f"{(done + seconds) / 3600:.1f} h after "
                  f"{time.time() - began:.0f} s", flush=True)
        done += seconds
    states.flush()
    stems.flush()
    torch.save(items, cache / "index.pt")
    print(f"done in {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
