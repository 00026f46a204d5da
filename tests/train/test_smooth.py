#!/usr/bin/env python3
"""Weights that make large activations small, and back again.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sys
import unittest
from unittest import mock

try:
    import numpy  # noqa: F401
    import torch
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import model  # noqa: E402
import smooth  # noqa: E402
from features import BINS  # noqa: E402
from test_losses import random_decoder  # noqa: E402

SAMPLES, TOKENS = 16000, [3, 4, 5, 6]


def random_start():
    """Starting weights without an audio stem, a few values always large."""
    torch.manual_seed(1)
    w, d = random_decoder(model.LAYERS), model.D
    for i in range(model.LAYERS):
        p = f"enc.{i}."
        for m in "qkvo":
            w[p + f"attn.{m}.weight"] = torch.randn(d, d) / d ** 0.5
        for name, shape in (("fc1", (4 * d, d)), ("fc2", (d, 4 * d))):
            w[p + f"ffn.{name}.weight"] = \
                torch.randn(shape) / shape[1] ** 0.5
            w[p + f"ffn.{name}.bias"] = torch.randn(shape[0]) / 10
        for name in ("attn_norm", "ffn_norm"):
            w[p + name + ".weight"] = torch.rand(d) + 0.5
    w["enc.norm.weight"] = torch.rand(d) + 0.5
    for name, value in w.items():
        if name.endswith("norm.weight"):
            value[:3] *= 30
    return w


class Smooth(unittest.TestCase):
    def setUp(self):
        self.start = random_start()
        self.w = model.new_student(self.start)
        self.w["voice.weight"] = torch.randn(model.D)
        self.audio = torch.randn(SAMPLES) / 10

    def hear(self, w):
        return smooth.hear(w, torch.zeros(BINS), torch.ones(BINS), self.audio,
                           TOKENS)

    def smoothed(self):
        with mock.patch.object(smooth, "utterances",
                               lambda: [(self.audio, TOKENS)]):
            return smooth.smooth(self.w, torch.zeros(BINS), torch.ones(BINS))

    def results(self, w):
        memory, letters, logits = self.hear(w)
        return memory @ w["voice.weight"], letters, logits

    def spread(self, w):
        """How much larger the largest inputs of matrices are than most."""
        found = smooth.peaks(w, lambda: self.hear(w))
        return {readers[0]: float(found[readers[0]].max()
                                  / found[readers[0]].median())
                for _, readers in smooth.groups(w)}

    def test_the_network_computes_the_same(self):
        w = self.smoothed()
        changed = sum(not torch.equal(w[n], self.w[n]) for n in w)
        self.assertGreater(changed, 100)
        for before, after in zip(self.results(self.w), self.results(w)):
            gap = float((before - after).norm() / before.norm())
            self.assertLess(gap, 1e-3)

    def test_large_values_get_smaller(self):
        before, after = self.spread(self.w), self.spread(self.smoothed())
        for name in ("enc.2.attn.q.weight", "enc.0.ffn.fc1.weight",
                     "dec.1.self.q.weight", "dec.3.ffn.up.weight",
                     "dec.0.cross.k.weight", "ctc.conv.weight"):
            self.assertLess(after[name], before[name] / 2, name)

    def test_the_inverse_gives_the_weights_back(self):
        w = smooth.unsmooth(self.smoothed(), self.start)
        self.assertEqual(set(w), set(self.w))
        for name, value in self.w.items():
            gap = float((w[name] - value).norm() / value.norm().clamp(1e-9))
            self.assertLess(gap, 1e-4, name)


if __name__ == "__main__":
    unittest.main()
