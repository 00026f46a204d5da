#!/usr/bin/env python3
"""What sequence.py learns from at a time, and in which chunks it hears it.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import random
import sys
import types
import unittest

try:
    import soundfile  # noqa: F401
    import torch  # noqa: F401
    import torchaudio  # noqa: F401
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import augment  # noqa: E402
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
                 for batch in sequence.batches(self.index, 4, 30.0,
                                               self.rng)
                 for item in batch]
        self.assertEqual(sorted(found), list(range(600)))

    def test_a_batch_has_one_kind_of_chunks_and_fits(self):
        for batch in sequence.batches(self.index, 4, 30.0, self.rng):
            self.assertEqual(len({item["heard"] for item in batch}), 1)
            longest = max(item["frames"] for item in batch)
            self.assertLess(longest * (len(batch) - 1) * 0.024,
                            30.0 * 1.2)

    def test_chunks_are_those_of_the_presets_or_fit(self):
        for frames in range(1, 900):
            chunk, ahead = sequence.chunks_of("file", frames, self.rng)
            most, wanted = CHUNKS["file"]
            self.assertLessEqual(chunk, most)
            self.assertEqual(ahead, wanted if chunk else 0)
            self.assertEqual(chunk == 0, frames <= most)
            chunk, ahead = sequence.chunks_of("live", frames, self.rng)
            self.assertIn((chunk, ahead), ((0, 0), (12, 39), (24, 39)))
            self.assertEqual(chunk == 0, frames <= 12)

    def test_sets_take_part_as_often_as_asked(self):
        index = [{"set": name} for name in "abc" * 400]
        found = [item["set"] for item in
                 sequence.one_pass(index, sequence.shares("a=2.5,b=0"),
                                   self.rng)]
        self.assertAlmostEqual(found.count("a"), 1000, delta=60)
        self.assertEqual(found.count("b"), 0)
        self.assertEqual(found.count("c"), 400)

    def test_what_no_list_has_is_learnt_from_by_its_reference(self):
        data = types.SimpleNamespace(items=[{"tokens": [n], "frames": 9}
                                            for n in range(500)])
        found = sequence.unlisted(data, [{"number": 7}], 0.3, self.rng)
        self.assertEqual([item["number"] for item in found],
                         [n for n in range(500) if n != 7])
        for item in found:
            self.assertEqual(item["tokens"], [item["number"]])
            self.assertEqual(item["texts"], [])
        live = sum(item["heard"] == "live" for item in found)
        self.assertTrue(100 < live < 200)


class Level(unittest.TestCase):
    def test_less_is_masked_and_noisy(self):
        for level in (augment.FULL, augment.MILD):
            made = augment.Augment(torch.zeros(80), torch.ones(80), None, None,
                                   random.Random(2), level)
            masked = made.mask(torch.ones(200, 200, 80))
            bins = (masked.amax(1) == 0).sum(1).float().mean()
            self.assertAlmostEqual(float(bins), 7 * level["bands"], delta=1.5)
            audio = torch.full((400, 64), 0.001)
            made.waveform(audio)
            noisy = (audio.std(1) > 1e-6).float().mean()
            self.assertAlmostEqual(float(noisy), level["noisy"], delta=0.05)


if __name__ == "__main__":
    unittest.main()
