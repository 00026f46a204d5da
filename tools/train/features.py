"""Log-mel features as the C frontend makes them (before its DCT).

Kaldi definitions (torchaudio.compliance.kaldi.mfcc): 25 ms Povey window,
8 ms hop, DC removal, pre-emphasis 0.97, power spectrum, 80 mel bins from
20 Hz to Nyquist, log floored at FLT_EPSILON, samples in [-1, 1].
SPDX-License-Identifier: Apache-2.0
"""
import math
from functools import lru_cache

import torch

WINDOW, HOP, FFT, BINS = 400, 128, 512, 80
STEM_FRAMES = 3  # feature frames per encoder frame
# Zeros after the last sample, so that N samples give N // 384 frames.
TAIL_SAMPLES = 784


def mel(hz):
    return 1127.0 * torch.log1p(torch.as_tensor(hz, dtype=torch.float64)
                                / 700.0)


@lru_cache(None)
def constants(device):
    n = torch.arange(WINDOW, dtype=torch.float64)
    window = (0.5 - 0.5 * torch.cos(2 * math.pi * n / (WINDOW - 1))) ** 0.85

    low, high = mel(20.0), mel(8000.0)
    step = (high - low) / (BINS + 1)
    bins = mel(torch.arange(FFT // 2 + 1, dtype=torch.float64)
               * 16000 / FFT)
    left = low + torch.arange(BINS, dtype=torch.float64)[:, None] * step
    up, down = (bins - left) / step, (left + 2 * step - bins) / step
    bank = torch.minimum(up, down).clamp(min=0)
    bank[:, -1] = 0  # Kaldi's bank has no Nyquist bin
    return window.float().to(device), bank.float().t().to(device)


def bin_centres():
    """Hz of the BINS bins' middles [BINS]."""
    step = float(mel(8000.0) - mel(20.0)) / (BINS + 1)
    middles = mel(20.0) + step * torch.arange(1, BINS + 1)
    return 700.0 * torch.expm1(middles / 1127.0)


def bin_places(hz):
    """Where the frequencies lie among the bins: bin_centres() are 0, 1, ..."""
    step = float(mel(8000.0) - mel(20.0)) / (BINS + 1)
    return (mel(hz) - mel(20.0)) / step - 1


def dct_matrix():
    """Orthonormal DCT-II [cepstra, bins]."""
    k = torch.arange(BINS, dtype=torch.float64)[:, None]
    n = torch.arange(BINS, dtype=torch.float64)[None]
    matrix = torch.cos(math.pi / BINS * (n + 0.5) * k) * math.sqrt(2 / BINS)
    matrix[0] = math.sqrt(1 / BINS)
    return matrix


def log_mel(audio):
    """audio [B, S] float in [-1, 1] -> [B, (S - 400) // 128 + 1, 80]."""
    window, bank = constants(audio.device)
    x = audio.unfold(1, WINDOW, HOP)
    x = x - x.mean(-1, keepdim=True)
    x = x - 0.97 * torch.cat((x[..., :1], x[..., :-1]), -1)
    spectrum = torch.fft.rfft(x * window, n=FFT)
    power = spectrum.real ** 2 + spectrum.imag ** 2
    return torch.log((power @ bank).clamp(min=1.1920929e-7))
