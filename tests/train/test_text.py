#!/usr/bin/env python3
"""The recipe's text handling: what targets and scores are made of.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import text  # noqa: E402


class Normalise(unittest.TestCase):
    def test_case_and_punctuation_do_not_count(self):
        self.assertEqual(text.normalise('He said: "Don\u2019t, John!"'),
                         "HE SAID DON'T JOHN")

    def test_numbers_are_read_out(self):
        for written, said in (
                ("61", "SIXTY ONE"), ("1,234", "ONE THOUSAND TWO HUNDRED AND "
                                     "THIRTY FOUR"),
                ("1984", "NINETEEN EIGHTY FOUR"), ("1900", "NINETEEN HUNDRED"),
                ("1905", "NINETEEN OH FIVE"), ("2000", "TWO THOUSAND"),
                ("007", "ZERO ZERO SEVEN"), ("21st", "TWENTY FIRST"),
                ("3%", "THREE PERCENT"), ("2.5", "TWO POINT FIVE")):
            self.assertEqual(text.normalise(written), said)

    def test_titles_are_read_out(self):
        self.assertEqual(text.normalise("Mr. and Mrs. Smith"),
                         "MISTER AND MISSUS SMITH")


class Errors(unittest.TestCase):
    def test_substitutions_deletions_insertions_are_counted(self):
        self.assertEqual(text.errors("A B C D", "a x c d e"), (1, 0, 1, 4))
        self.assertEqual(text.errors("A B C D", "b d"), (0, 2, 0, 4))
        self.assertEqual(text.errors("A B", ""), (0, 2, 0, 2))


class Restore(unittest.TestCase):
    def test_words_come_from_the_reference_forms_from_the_teacher(self):
        self.assertEqual(
            text.restore("HE SAW JOHN SMYTHE IN MAY",
                         "He saw John Smith, in May."),
            "He saw John Smythe in May.")

    def test_spelled_letters_become_capitals(self):
        self.assertEqual(text.restore("P R I N C E", "P. r. i. n. c. e."),
                         "P R I N C E.")

    def test_numbers_stay_words(self):
        self.assertEqual(text.restore("X I SIXTY ONE", "Xi 61"),
                         "X I sixty one.")

    def test_a_silent_teacher_leaves_plain_words(self):
        self.assertEqual(text.restore("I LOVE IT", ""), "I love it.")

    def test_the_words_are_always_the_reference(self):
        for reference, teacher in (
                ("AND HE'S NOT IN LOVE", "And he is, not in love."),
                ("SEVENTY ONE NATIONS", "Seventy-one nations have."),
                ("", "Thank you.")):
            restored = text.restore(reference, teacher)
            self.assertEqual(text.normalise(restored), reference)


class Bpe(unittest.TestCase):
    def setUp(self):
        space = text.SPACE
        pieces = ["<unk>", "<s>", "</s>", space, "a", "b", "c", space + "a",
                  "bc", space + "abc"]
        merges = [(space, "a"), ("b", "c"), (space + "a", "bc")]
        self.tokenizer = text.Tokenizer(pieces, merges)

    def test_merges_in_order_of_rank(self):
        self.assertEqual(self.tokenizer.encode("abc ab"), [9, 7, 5])

    def test_decode_inverts_encode(self):
        ids = self.tokenizer.encode("abc ab")
        self.assertEqual(self.tokenizer.decode(ids), "abc ab")

    def test_unknown_characters_become_unknown(self):
        self.assertEqual(self.tokenizer.encode("z"), [3, text.UNK])


class Ctc(unittest.TestCase):
    def test_best_path_drops_blanks_and_repeats(self):
        a, b = text.letters_to_labels("AB")
        self.assertEqual(text.ctc_greedy([0, a, a, 0, a, b, b, 0]), "AAB")


if __name__ == "__main__":
    unittest.main()
