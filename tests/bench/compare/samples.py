#!/usr/bin/env python3
"""samples.py - recordings as 16 kHz WAV files, as they are or made worse.

usage: samples.py CONDITION [NOISE-FOLDER] < PAIRS

PAIRS are lines of a source (any format that libsndfile reads, 16 kHz), a tab,
and the WAV file to write; what exists is kept. The same source, condition and
noise give the same samples. CONDITION is one of

  clean       as it is, the channels' mean
  8khz        what a telephone line of 8 kHz leaves
  noiseN      one of the noise recordings, N dB below the speech
  reverb      a room with a reverberation time of 0.5 s
  quiet, loud an eighth of the level; twice the level, clipped
  opus16      Opus at 16 kbit/s (opusenc and opusdec)
  silence5    five seconds of silence before
  before5     five seconds of a noise recording before

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import soundfile
from scipy import signal

RATE = 16000
ROOM_S = 0.5  # until the reverberation has fallen by 60 dB
BEFORE_S = 5
FULL_SCALE = 32767 / 32768


def read(path):
    """What can be decoded: some Opus files end early for libsndfile."""
    blocks = [np.zeros(0)]
    with soundfile.SoundFile(path) as file:
        if file.samplerate != RATE:
            sys.exit(f"{path}: {file.samplerate} Hz instead of {RATE}")
        try:
            for block in file.blocks(RATE // 10, always_2d=True):
                blocks.append(block.mean(1))
        except soundfile.LibsndfileError as error:
            print(f"{path}: {error}", file=sys.stderr)
    return np.concatenate(blocks)


def level(samples):
    return np.sqrt(np.mean(samples ** 2)) + 1e-9


def noise_of(folder, rng, count):
    """`count` samples of one of the recordings in the folder."""
    found = []
    for path in sorted(pathlib.Path(folder).iterdir()):
        try:
            if soundfile.info(path).samplerate == RATE:
                found.append(path)
        except soundfile.LibsndfileError:
            pass
    if not found:
        sys.exit(f"{folder}: no recording of {RATE} Hz")
    noise = read(found[rng.integers(len(found))])
    return np.resize(np.roll(noise, -rng.integers(len(noise))), count)


def reverberated(samples, rng):
    """In a room that answers with noise that dies away, as loud as the direct
    sound."""
    t = np.arange(int(ROOM_S * RATE)) / RATE
    room = rng.standard_normal(len(t)) * 10 ** (-3 * t / ROOM_S)
    room /= np.sqrt(np.sum(room ** 2))
    room[0] += 1
    wet = signal.fftconvolve(samples, room)
    return wet * (level(samples) / level(wet[:len(samples)]))


def through_opus(samples):
    with tempfile.TemporaryDirectory() as folder:
        wav, opus = (os.path.join(folder, "a." + e) for e in ("wav", "opus"))
        soundfile.write(wav, samples, RATE, subtype="PCM_16")
        for command in (["opusenc", "--quiet", "--bitrate", "16", wav, opus],
                        ["opusdec", "--quiet", "--rate", str(RATE), opus,
                         wav]):
            subprocess.run(command, check=True)
        return read(wav)


def worse(samples, condition, folder, rng):
    if condition == "8khz":
        half = signal.resample_poly(samples, 1, 2)
        return signal.resample_poly(half, 2, 1)
    if condition.startswith("noise"):
        noise = noise_of(folder, rng, len(samples))
        return samples + noise * (level(samples) / level(noise)
                                  * 10 ** (-float(condition[5:]) / 20))
    if condition == "reverb":
        return reverberated(samples, rng)
    if condition in ("quiet", "loud"):
        return samples * (0.125 if condition == "quiet" else 2)
    if condition == "opus16":
        return through_opus(samples)
    if condition == "silence5":
        return np.concatenate((np.zeros(BEFORE_S * RATE), samples))
    if condition == "before5":
        noise = noise_of(folder, rng, BEFORE_S * RATE)
        return np.concatenate((noise * (level(samples) / level(noise) * 0.3),
                               samples))
    if condition != "clean":
        sys.exit(f"{condition}: no such condition")
    return samples


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    condition, folder = (sys.argv[1:] + [""])[:2]
    for line in sys.stdin:
        source, wav = line.rstrip("\n").split("\t")
        if os.path.exists(wav):
            continue
        name = os.path.basename(wav)
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        samples = worse(read(source), condition, folder, rng)
        soundfile.write(wav, samples.clip(-1, FULL_SCALE), RATE,
                        subtype="PCM_16")


if __name__ == "__main__":
    main()
