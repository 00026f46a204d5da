#!/usr/bin/env python3
"""What sequence.py learns from at a time, and in which chunks it hears it.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import random
import sys
import unittest

try:
    import soundfile  # noqa: F401
    import torch  # noqa: F401
    import torchaudio  # noqa: F401
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import sequence  # noqa: E402
from evaluate import CHUNKS  # noqa: E402


class Batches(unittest.TestCase):
    rng = random.Random(1)
    index = [{"number": n, "frames": 40 + n % 500, "heard":
              "live" if n % 3 else "file", "tokens": [3] * (n % 40),
              "texts": [([4] * (n % 50), 0.0, 1, 1)] * 4}
             for n in range(600)]

    def test_each_utterance_is_learnt_from_once_a_pass(self):
        found = [item["number"]
                 for batch in sequence.batches(self.index, 4, self.rng)
                 for item in batch]
        self.assertEqual(sorted(found), list(range(600)))

    def test_a_batch_has_one_kind_of_chunks_and_fits(self):
        for batch in sequence.batches(self.index, 4, self.rng):
            self.assertEqual(len({item["heard"] for item in batch}), 1)
            longest = max(item["frames"] for item in batch)
            self.assertLess(longest * (len(batch) - 1) * 0.024,
                            sequence.SECONDS * 1.2)

    def test_chunks_are_those_of_the_presets_or_fit(self):
        for frames in range(1, 900):
            chunk, ahead = sequence.chunks_of("file", frames, self.rng)
            most, wanted = CHUNKS["file"]
            self.assertLessEqual(chunk, most)
            self.assertEqual(ahead, wanted if chunk else 0)
            self.assertEqual(chunk == 0, frames <= most)
            chunk, ahead = sequence.chunks_of("live", frames, self.rng)
            self.assertIn(chunk, (0, 12, 24))
            self.assertEqual(chunk == 0, frames <= 12)


if __name__ == "__main__":
    unittest.main()
