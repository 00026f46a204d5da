#!/usr/bin/env python3
"""Utterances joined: who is joined with whom, what is heard of the recording,
and how much of its text is to be learnt.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import random
import sys
import unittest

try:
    import soundfile  # noqa: F401
    import torch
    import torchaudio  # noqa: F401
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import joins  # noqa: E402
import mwer  # noqa: E402


def part(text, frames=100, speaker="a"):
    """An utterance of which each letter is a token."""
    words = [[ord(c) for c in word] for word in text.split()]
    ends, n = [], 0
    for word in words:
        n += len(word)
        ends.append(n)
    return {"set": "s", "speaker": speaker, "text": text.upper(),
            "target": text, "tokens": sum(words, []), "word_tokens": ends,
            "frames": frames}


def text_of(tokens):
    return "".join(map(chr, tokens))


class Groups(unittest.TestCase):
    def test_each_utterance_is_in_one_group_at_most(self):
        rng = random.Random(1)
        items = [part("a", rng.randint(20, 250), f"{n % 9}")
                 for n in range(300)]
        groups = joins.groups(items, rng)
        told = [id(p) for group in groups for p in group]
        self.assertEqual(len(told), len(set(told)))
        self.assertGreater(len(told), 250)
        for group in groups:
            self.assertTrue(2 <= len(group) <= joins.MAX_PARTS)
            self.assertLessEqual(sum(p["frames"] for p in group),
                                 joins.FRAMES[1])
        same = sum(len({p["speaker"] for p in g}) == 1 for g in groups)
        self.assertTrue(0.3 < same / len(groups) < 0.8)


class Heard(unittest.TestCase):
    # ab cd | ef; the words lie on the frames 10-20, 30-40 and 50-60.
    item = joins.joined([part("ab cd"), part("ef")])
    times = [10, 30, 50], [20, 40, 60]

    def test_the_parts_follow_each_other(self):
        self.assertEqual(text_of(self.item["tokens"]), "abcdef")
        self.assertEqual(self.item["begins"], [0, 4])
        self.assertEqual(self.item["word_tokens"], [2, 4, 6])

    def test_texts_that_leave_a_part_out_have_its_words_as_errors(self):
        logp = torch.full((30, 29), -3.0)
        texts = joins.skipping(self.item, logp, 30, random.Random(1))
        self.assertEqual(text_of(texts[0][0]), "abcdef")
        self.assertEqual(texts[0][2:], (3, 0))
        self.assertEqual(sorted((text_of(t), w, n) for t, _, w, n in
                                texts[1:]), [("abcd", 2, 1), ("ef", 1, 2)])

    def test_a_cut_asks_for_the_words_that_have_ended(self):
        memory, copies = torch.zeros(96, 288), torch.ones(8, 4, 288)
        found = {}
        for seed in range(20):
            for part_heard, told in joins.cuts(
                    self.item, self.times, memory, copies, 5, 12, 4, 1,
                    random.Random(seed)):
                found[len(part_heard) + 5] = text_of(told["tokens"]), \
                    told["open"]
                self.assertEqual(int(part_heard[:, 0].sum()), 4)
        # Where a word has begun the end of the text is not to be learnt.
        self.assertEqual(found, {40: ("abcd", False), 52: ("abcd", True)})

    def test_the_search_gives_the_tokens_before_the_middle(self):
        memory = torch.arange(70.0)[:, None]
        for seed in range(9):
            (heard, told), = joins.later(self.item, self.times, memory, 70,
                                         random.Random(seed))
            said = text_of(told["tokens"])
            if said == "ef":  # a sentence begins there
                self.assertEqual((told["given"], told["begins"]), (0, [0]))
                self.assertEqual(int(heard[0]), 45)
            else:
                self.assertEqual(said, "cdef")
                self.assertEqual((told["given"], told["begins"]), (2, [2]))
                self.assertEqual(int(heard[0]), 25)


class Batches(unittest.TestCase):
    def test_a_batch_holds_no_more_tokens_than_allowed(self):
        rng = random.Random(1)
        items = [{"frames": rng.randint(20, 800), "texts":
                  [([1] * rng.randint(1, 90), 0.0, 1, 0)] * 9,
                  "tokens": [1] * rng.randint(1, 90)} for _ in range(200)]
        batches = mwer.batches(items, 32, 4, rng)
        self.assertEqual(sum(map(len, batches)), 200)
        for batch in batches:
            texts = [i["tokens"] for i in batch] + [
                t[0] for i in batch for t in i["texts"][:4]]
            self.assertLessEqual(len(texts) * max(map(len, texts)),
                                 mwer.MAX_TOKENS)

    def test_what_is_given_or_open_has_no_weight(self):
        weights = mwer.token_weights(
            [{"tokens": [1, 2, 3]},
             {"tokens": [1] * 7, "given": 2, "end": 0.0,
              "begins": [0, 3]}], (2, 9))
        self.assertEqual(weights.tolist(),
                         [[1, 1, 1, 1, 0, 0, 0, 0, 0],
                          [0, 0, 1, 2, 2, 2, 1, 0, 0]])


if __name__ == "__main__":
    unittest.main()
