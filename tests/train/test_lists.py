#!/usr/bin/env python3
"""The best texts that mwer.py learns from: what is kept, and whose they are.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib
import sys
import tempfile
import unittest

try:
    import soundfile  # noqa: F401
    import torch  # noqa: F401
    import torchaudio  # noqa: F401
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import lists  # noqa: E402

# Writes of N.wav "word N", and the chunk that it was told to listen in.
HEED = r"""#!/bin/sh
for last; do
    [ "$before" = --chunk ] && chunk=$last
    before=$last
    case $last in *.wav)
        number=$(basename "$last" .wav)
        printf '{"segments": [{"alternatives": [{"text": "word %s %s", ' \
            "$number" "$chunk"
        printf '"letters": -1.5}]}]}\n';;
    esac
done
"""


class Letters:
    """A tokenizer: 1 and up for the letters, 0 for what it does not know."""

    def encode(self, text):
        return [max(0, ord(c) - 31) for c in text]


def alternative(text, letters):
    return {"text": text, "letters": letters}


class Texts(unittest.TestCase):
    item = {"text": "THE CAT SAT"}

    def test_equal_texts_count_once_and_errors_are_words(self):
        found = lists.texts_of({"segments": [{"alternatives": [
            alternative("The cat sat.", -2.0), alternative("The hat.", -3.0),
            alternative("The cat sat.", -9.0), alternative("\n", -1.0)]}]},
            self.item, Letters())
        self.assertEqual([(t[1], t[2], t[3]) for t in found],
                         [(-2.0, 3, 0), (-3.0, 2, 2)])

    def test_speech_with_a_pause_has_no_list(self):
        segment = {"alternatives": [alternative("The", -1.0)]}
        for segments in ([], None, [segment, segment]):
            self.assertEqual(lists.texts_of({"segments": segments}, self.item,
                                            Letters()), [])


class Hear(unittest.TestCase):
    def test_each_utterance_gets_the_texts_of_its_own_chunks(self):
        kinds = ["live", "file", "file", "live"]
        items = [{"text": f"WORD {n}"} for n in range(len(kinds))]
        with tempfile.TemporaryDirectory() as folder:
            heed = pathlib.Path(folder) / "heed"
            heed.write_text(HEED, encoding="utf-8")
            heed.chmod(0o755)
            args = argparse.Namespace(heed=heed, model="model")
            found = lists.hear(args, folder, items, kinds, Letters())
        written = ["".join(chr(t + 31) for t in texts[0][0])
                   for texts in found]
        self.assertEqual(written, ["word 0 12", "word 1 135", "word 2 135",
                                   "word 3 12"])


if __name__ == "__main__":
    unittest.main()
