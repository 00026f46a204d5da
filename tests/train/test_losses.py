#!/usr/bin/env python3
"""What training minimises: the errors to be expected of a list of texts.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import math
import pathlib
import sys
import unittest

try:
    import torch
except ImportError:
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]
                       / "tools/train"))
import losses  # noqa: E402
import model  # noqa: E402


class ExpectedErrors(unittest.TestCase):
    ROWS = torch.tensor([0, 1, 0, 1, 1])
    ERRORS = torch.tensor([2.0, 1.0, 0.0, 4.0, 4.0])

    def test_texts_count_as_often_as_they_are_chosen(self):
        scores = torch.tensor([math.log(0.5), -3.0, math.log(1.5), -3.0,
                               -300.0])
        found = losses.expected_errors(scores, self.ERRORS, self.ROWS, 2)
        self.assertAlmostEqual(float(found[0]), 0.25 * 2, places=5)
        self.assertAlmostEqual(float(found[1]), 0.5 * 1 + 0.5 * 4, places=5)

    def test_worse_texts_are_pushed_down(self):
        scores = torch.zeros(5, requires_grad=True)
        losses.expected_errors(scores, self.ERRORS, self.ROWS, 2).sum() \
            .backward()
        # More score for a text with more errors than the mean is more loss.
        self.assertEqual((scores.grad > 0).tolist(),
                         [True, False, False, True, True])
        self.assertAlmostEqual(float(scores.grad.sum()), 0, places=5)


def random_decoder(layers):
    """Weights of a decoder of 11 tokens."""
    torch.manual_seed(1)
    w = {"dec.embed.weight": torch.randn(11, model.D),
         "dec.norm.weight": torch.ones(model.D)}
    for i in range(layers):
        for part in ("self", "cross"):
            w[f"dec.{i}.{part}_norm.weight"] = torch.ones(model.D)
            for m in "qkvo":
                w[f"dec.{i}.{part}.{m}.weight"] = \
                    torch.randn(model.D, model.D) / 30
        w[f"dec.{i}.ffn_norm.weight"] = torch.ones(model.D)
        w[f"dec.{i}.ffn.up.weight"] = torch.randn(16, model.D) / 20
        w[f"dec.{i}.ffn.up.bias"] = torch.zeros(16)
        w[f"dec.{i}.ffn.down.weight"] = torch.randn(model.D, 8) / 3
        w[f"dec.{i}.ffn.down.bias"] = torch.zeros(model.D)
    return w


class SharedMemory(unittest.TestCase):
    def test_texts_hear_the_rows_they_are_given(self):
        w = random_decoder(model.LAYERS)
        tokens = torch.randint(11, (3, 5))
        memory, lengths = torch.randn(2, 7, model.D), torch.tensor([7, 4])
        rows = torch.tensor([1, 0, 1])
        shared = model.decode(w, tokens, memory, lengths, rows=rows)
        alone = model.decode(w, tokens, memory[rows], lengths[rows])
        self.assertLess(float((shared - alone).abs().max()), 1e-4)
        other = model.decode(w, tokens, memory, lengths, rows=1 - rows)
        self.assertGreater(float((shared - other).abs().max()), 0.1)


if __name__ == "__main__":
    unittest.main()
