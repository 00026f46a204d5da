#!/usr/bin/env python3
"""Writes tests/golden/data/mfcc_*.f32 by torchaudio's Kaldi-compatible MFCC.

Needs torchaudio (made with 0.13). The signal is synthetic and made of integers
only, so that test_mfcc_golden.c makes the same floats; keep the two alike.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib

import numpy
import torch
import torchaudio

N_SAMPLES = 8000
SEGMENT = 1600

# name: rate_hz, window, hop, mels, cepstra, low_hz, high_hz, lifter
CONFIGS = {
    "8ms_80_80": (16000, 400, 128, 80, 80, 20.0, 0.0, 0.0),
    "10ms_40_40": (16000, 400, 160, 40, 40, 20.0, 0.0, 0.0),
    "10ms_23_13": (16000, 400, 160, 23, 13, 20.0, 0.0, 22.0),
    "8ms_80_80_band": (16000, 400, 128, 80, 80, 60.0, -400.0, 0.0),
    "8khz_10ms_23_13": (8000, 200, 80, 23, 13, 20.0, 3700.0, 0.0),
}


def make_signal():
    """Five segments: chirp and noise, silence, the same on an offset, noise
    near the floor, noise at full scale. No chirp is without noise: it would
    leave bins 90 dB below others, where every float transform is off by 1e-2,
    torchaudio's too."""
    samples = numpy.zeros(N_SAMPLES, dtype=numpy.float32)
    seed, phase, step = 1, 0, 1 << 22
    for i in range(N_SAMPLES):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        noise = (seed >> 8) - (1 << 23)  # [-2^23, 2^23)
        phase = (phase + step) & 0xFFFFFFFF
        step += 1 << 18
        # A parabola in place of each half of a sine, [-2^23, 2^23].
        half = (phase >> 16) & 0x7FFF
        wave = (half * (0x8000 - half)) >> 5
        if phase >= 1 << 31:
            wave = -wave
        segment = i // SEGMENT
        value = (wave // 2 + noise // 64, 0, wave // 4 + noise // 32 + (1 << 21),
                 noise // 4096, noise)[segment]
        samples[i] = numpy.float32(value) / numpy.float32(1 << 23)
    return samples


def main():
    data = pathlib.Path(__file__).parent / "data"
    data.mkdir(exist_ok=True)
    waveform = torch.from_numpy(make_signal())[None]
    for name, config in CONFIGS.items():
        rate, window, hop, mels, cepstra, low, high, lifter = config
        frames = torchaudio.compliance.kaldi.mfcc(
            waveform, sample_frequency=rate,
            frame_length=1000.0 * window / rate,
            frame_shift=1000.0 * hop / rate,
            num_mel_bins=mels, num_ceps=cepstra, low_freq=low, high_freq=high,
            cepstral_lifter=lifter, dither=0.0, window_type="povey",
            preemphasis_coefficient=0.97, remove_dc_offset=True,
            use_energy=False, snip_edges=True)
        expected = ((N_SAMPLES - window) // hop + 1, cepstra)
        assert tuple(frames.shape) == expected, (name, frames.shape)
        path = data / f"mfcc_{name}.f32"
        path.write_bytes(frames.numpy().astype("<f4").tobytes())
        print(path.name, expected)


if __name__ == "__main__":
    main()
