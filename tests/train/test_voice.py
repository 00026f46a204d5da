#!/usr/bin/env python3
"""What tells speech from other sounds: which frames teach it, and what is learnt.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import random
import sys
import unittest

try:
    import numpy as np
    import soundfile  # noqa: F401
    import torch
    import torchaudio  # noqa: F401
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import voice  # noqa: E402
from common import Utterance  # noqa: E402
from text import letters_to_labels  # noqa: E402


class Frames(unittest.TestCase):
    def test_words_are_speech_and_gaps_are_not(self):
        labels = letters_to_labels("AB C")
        spans = np.array([[2, 2], [5, 6], [8, 8], [10, 10]])
        inside = voice.word_frames(spans, labels, 12)
        self.assertEqual(np.flatnonzero(inside).tolist(), [2, 3, 4, 5, 6, 10])

    def test_frames_next_to_a_letter_are_hard(self):
        probs = np.full((20, 29), 1e-6)
        probs[:, 0] = 0.5
        probs[:, voice.SPACE] = 0.499
        probs[10, 7], probs[10, 0] = 0.4, 0.1
        hard = voice.hard_frames(np.log(probs))
        self.assertEqual(np.flatnonzero(hard).tolist(), list(range(7, 14)))


class Fit(unittest.TestCase):
    def test_kinds_are_told_apart(self):
        rng = np.random.default_rng(1)
        y = np.arange(400) % 2
        x = rng.normal(3, 2, (400, 5))
        x[:, 2] += 8 * y
        w, b = voice.fit(x, y, np.ones(400))
        self.assertEqual(w.shape, (5,))
        self.assertEqual(b.shape, (1,))
        right = ((torch.tensor(x).float() @ w + b).numpy() >= 0) == y
        self.assertGreater(right.mean(), 0.95)
        self.assertEqual(int(w.abs().argmax()), 2)

    def test_rows_of_no_weight_do_not_matter(self):
        x = np.array([[0.0], [1.0], [0.0], [1.0]])
        w, _ = voice.fit(x, np.array([0, 1, 1, 0]), np.array([1, 1, 0, 0]))
        self.assertGreater(float(w), 0)


class Pick(unittest.TestCase):
    def test_small_sets_are_not_drowned(self):
        everything = [Utterance(str(i), "small" if i < 5 else "large", "", "",
                                "") for i in range(100)]
        picked = voice.pick(everything, 10, random.Random(1))
        self.assertEqual(sum(u.set == "small" for u in picked), 5)


if __name__ == "__main__":
    unittest.main()
