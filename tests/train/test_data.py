#!/usr/bin/env python3
"""What the recipe makes of its utterances: long ones, other voices.

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
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import augment  # noqa: E402
import features  # noqa: E402
import train  # noqa: E402
from text import letters_to_labels, normalise  # noqa: E402


def utterance(number, frames):
    text = f"So {'ab'[number % 2]}."
    return {"set": "s", "speaker": number % 3, "frames": frames,
            "text": normalise(text), "target": text,
            "tokens": [7, 8, number], "word_tokens": np.array([1, 3]),
            "labels": letters_to_labels(normalise(text)),
            "taught": number != 4}


class Join(unittest.TestCase):
    def test_nothing_is_lost_and_speakers_stay_apart(self):
        items = [utterance(i, 100) for i in range(400)]
        out = train.join(items, random.Random(1))
        parts = [p for i in out for p in i.get("parts", [i])]
        self.assertEqual(sorted(p["tokens"][2] for p in parts),
                         list(range(400)))
        joined = [i for i in out if "parts" in i]
        self.assertGreater(len(joined), 5)
        for item in joined:
            self.assertEqual(len({p["speaker"] for p in item["parts"]}), 1)

    def test_a_joined_utterance_is_whole(self):
        item = train.joined([utterance(4, 50), utterance(7, 60)])
        self.assertEqual(item["frames"], 110)
        self.assertEqual(item["tokens"], [7, 8, 4, 7, 8, 7])
        self.assertEqual(item["word_tokens"].tolist(), [1, 3, 4, 6])
        self.assertEqual(item["target"], "So a. So b.")
        self.assertEqual(item["labels"], letters_to_labels("SO A SO B"))
        self.assertFalse(item["taught"])


class WarpVoice(unittest.TestCase):
    def test_a_tone_moves_in_proportion(self):
        tone = torch.sin(torch.arange(8000) * 2 * np.pi * 1000 / 16000)
        x = features.log_mel(tone[None])[0]
        for factor in (0.9, 1.0, 1.1):
            loudest = augment.warp_voice(x, factor)[20].argmax()
            place = features.bin_places(torch.tensor(1000 / factor))
            self.assertLessEqual(abs(float(loudest - place)), 0.5)

    def test_the_middles_of_bins_are_their_numbers(self):
        places = features.bin_places(features.bin_centres())
        self.assertLess(float((places - torch.arange(80)).abs().max()), 1e-5)


if __name__ == "__main__":
    unittest.main()
