"""What happens to the audio and the features in training only.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sys

import numpy as np
import soundfile
import torch

from common import DEVICE, DTYPE
from features import bin_centres, bin_places, log_mel

WARPED, WARP = 0.5, 0.1  # share of the voices, and by how much at most
# Shares of the rows with noise and of those that had come over a telephone
# line, and how many bands of the spectrum are masked.
FULL = {"noisy": 0.25, "telephone": 0.05, "bands": 2}
MILD = {"noisy": 0.12, "telephone": 0.02, "bands": 1}
SILENT = -15.9  # log-mel of no sound at all

AUDIO = {".wav", ".flac", ".ogg", ".opus", ".mp3"}


def read_folder(folder):
    """Every recording below `folder`, 16 kHz mono float tensors."""
    out = []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix.lower() in AUDIO:
            try:
                data, rate = soundfile.read(path, dtype="float32",
                                            always_2d=True)
            except soundfile.LibsndfileError as error:
                print(f"{path}: left out: {error}", file=sys.stderr)
                continue
            if rate == 16000 and len(data) > 800:
                out.append(torch.from_numpy(
                    np.ascontiguousarray(data.mean(1))))
    return out


def warp_voice(x, factor):
    """Log-mel x [F, 80] of a vocal tract `factor` times as long (VTLP, Jaitly
    and Hinton 2013)."""
    places = bin_places(bin_centres() * factor).clamp(0, x.shape[1] - 1)
    below = places.floor().long().clamp(max=x.shape[1] - 2)
    share = (places - below).to(x)
    below = below.to(x.device)
    return x[:, below] * (1 - share) + x[:, below + 1] * share


class Augment:
    """Noise at 3-25 dB, rooms, gain; then log-mel features of longer and
    shorter vocal tracts and of telephone lines, normalised."""

    def __init__(self, mean, std, noise, rir, rng, level=FULL):
        self.level = level
        self.mean, self.std = mean.to(DEVICE), std.to(DEVICE)
        self.noises = read_folder(noise) if noise else []
        self.rooms = [r / r.abs().max() for r in read_folder(rir)] \
            if rir else []
        self.rng = rng

    def _noise(self, n):
        noise = self.rng.choice(self.noises)
        first = self.rng.randrange(len(noise))
        return noise.roll(-first).repeat(n // len(noise) + 1)[:n]

    def noise_only(self, n):
        """n samples without speech: a noise recording, hiss, or silence."""
        kind = self.rng.random()
        if kind < 0.1:
            return torch.zeros(n)
        if kind < 0.25 or not self.noises:
            return torch.randn(n) * 10 ** self.rng.uniform(-4.5, -1.5)
        noise = self._noise(n)
        return noise * (10 ** self.rng.uniform(-2.5, -0.5)
                        / (noise.abs().max() + 1e-6))

    def waveform(self, audio):
        """Changes audio [B, S] in place: rooms, noise, gain."""
        rng = self.rng
        for row in audio:
            if self.rooms and rng.random() < 0.08:
                room = rng.choice(self.rooms)
                room = room[int(room.abs().argmax()):][:8000]
                size = 1 << (len(row) + len(room) - 1).bit_length()
                wet = torch.fft.irfft(torch.fft.rfft(row, size)
                                      * torch.fft.rfft(room, size),
                                      size)[:len(row)]
                row.copy_(wet * (row.norm() / (wet.norm() + 1e-6)))
            roll = rng.random()
            if roll < self.level["noisy"]:
                noise = self._noise(len(row)) if self.noises \
                    and roll < 0.8 * self.level["noisy"] \
                    else torch.randn(len(row))
                snr = rng.uniform(3, 25)
                scale = row.norm() / (noise.norm() + 1e-6) \
                    * 10 ** (-snr / 20)
                row.add_(noise * scale)
        gain = torch.tensor([10 ** (rng.uniform(-14, 10) / 20)
                             for _ in range(len(audio))])
        audio.mul_(gain[:, None]).clamp_(-1, 1)

    def features(self, audio):
        """[B, S] -> normalised log-mel [B, F, 80] in the training dtype."""
        rng = self.rng
        x = log_mel(audio.to(DEVICE))
        for row in x:
            if rng.random() < WARPED:
                row.copy_(warp_voice(row, rng.uniform(1 - WARP, 1 + WARP)))
            if rng.random() < self.level["telephone"]:
                row[:, bin_centres() > rng.uniform(3300, 4000)] = SILENT
        return ((x - self.mean) / self.std).to(DTYPE)

    def mask(self, x):
        """SpecAugment (arXiv 1904.08779) for small data, in place: bands of at
        most 14 bins, a span of at most 25 frames (0.2 s) every two seconds."""
        rng = self.rng
        for row in x:
            for _ in range(self.level["bands"]):
                width = rng.randrange(15)
                first = rng.randrange(x.shape[2] - width)
                row[:, first:first + width] = 0
            for _ in range(x.shape[1] // 250 + 1):
                width = rng.randrange(26)
                first = rng.randrange(max(1, x.shape[1] - width))
                row[first:first + width] = 0
        return x
