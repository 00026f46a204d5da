#!/usr/bin/env python3
"""The recipe's word times: best path against every path there is.

Exit status 77 (skipped) without NumPy.
SPDX-License-Identifier: Apache-2.0
"""
import itertools
import pathlib
import sys
import unittest

try:
    import numpy as np
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import text  # noqa: E402
import times  # noqa: E402


def collapse(path):
    """Labels of a path and the first and last frame of each."""
    labels, spans, last = [], [], 0
    for i, label in enumerate(path):
        if label and label != last:
            labels.append(label)
            spans.append([i, i])
        elif label:
            spans[-1][1] = i
        last = label
    return labels, spans


class BestPath(unittest.TestCase):
    def test_no_path_is_better(self):
        rng = np.random.default_rng(1)
        frames, classes = 6, 4
        for labels in ([1, 1], [1, 2], [3], [1, 2, 1]):
            logp = rng.normal(size=(frames, classes))
            best = max((p for p in itertools.product(range(classes),
                                                     repeat=frames)
                        if collapse(p)[0] == labels),
                       key=lambda p: sum(logp[range(frames), p]))
            found = times.best_path(np.stack((logp, logp)), [frames, 4],
                                    [labels, [2]])
            self.assertEqual(found[0].tolist(), collapse(best)[1])

    def test_labels_that_do_not_fit_have_no_path(self):
        logp = np.zeros((1, 2, 3))
        self.assertIsNone(times.best_path(logp, [2], [[1, 1]])[0])

    def test_no_labels_have_an_empty_path(self):
        logp = np.zeros((2, 2, 3))
        self.assertEqual(len(times.best_path(logp, [2, 2], [[], [1]])[0]), 0)


class WordEnds(unittest.TestCase):
    def setUp(self):
        self.labels = text.letters_to_labels("A BE")
        # Letters A, space, B, E.
        self.spans = np.array([[2, 3], [5, 5], [20, 21], [30, 31]])

    def test_a_word_sounds_on_after_its_last_letter(self):
        self.assertEqual(times.word_ends(self.labels, self.spans, "A be.", 90),
                         [3 + 1 + times.TRAIL, 31 + 1 + times.TRAIL])

    def test_a_word_ends_where_the_next_begins_and_with_the_audio(self):
        self.spans[2, 0] = 6
        self.assertEqual(times.word_ends(self.labels, self.spans, "A be.", 33),
                         [6, 33])

    def test_other_words_have_no_times(self):
        self.assertEqual(times.word_ends(self.labels, self.spans, "A.", 90),
                         [])
        self.assertEqual(times.word_ends(self.labels, None, "A be.", 90), [])


if __name__ == "__main__":
    unittest.main()
