#!/usr/bin/env python3
"""A decoder with layers left out: which weights it has, what it learns from,
and which heads its word times rest on.

Exit status 77 (skipped) without PyTorch.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
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
import export  # noqa: E402
import model  # noqa: E402
import shrink  # noqa: E402
from test_losses import random_decoder  # noqa: E402


class KeepLayers(unittest.TestCase):
    whole = {**random_decoder(4), "enc.0.attn.q.weight": torch.zeros(2, 2),
             "voice.weight": torch.zeros(2)}

    def test_layers_kept_move_up(self):
        w = shrink.keep_layers(self.whole, [0, 3])
        self.assertEqual(model.decoder_layers(self.whole), 4)
        self.assertEqual(model.decoder_layers(w), 2)
        self.assertEqual({name.split(".")[0] for name in w}, {"dec"})
        for name, old in (("dec.1.cross.q.weight", "dec.3.cross.q.weight"),
                          ("dec.0.ffn.up.bias", "dec.0.ffn.up.bias"),
                          ("dec.embed.weight", "dec.embed.weight")):
            self.assertIs(w[name], self.whole[old])

    def test_the_whole_decoder_diverges_not_from_itself(self):
        rng = np.random.default_rng(1)
        memory = rng.standard_normal((20, model.D)).astype(np.float16)
        batch = [{"tokens": [3, 4], "frame": 0, "frames": 12,
                  "memory": memory},
                 {"tokens": [5], "frame": 12, "frames": 8, "memory": memory}]
        whole = {n: v.to(shrink.DTYPE) for n, v in self.whole.items()
                 if n.startswith("dec.")}
        whole["dec.embed.weight"] = whole["dec.embed.weight"] / 20
        same, entropy = shrink.losses(shrink.keep_layers(whole, [0, 1, 2, 3]),
                                      whole, batch)
        self.assertLess(abs(float(same)), 1e-5)
        self.assertGreater(float(entropy), 0)
        less, _ = shrink.losses(shrink.keep_layers(whole, [0, 2, 3]), whole,
                                batch)
        self.assertGreater(float(less), 0.01)


class Alignment(unittest.TestCase):
    def test_heads_keep_their_layers(self):
        whole = export.alignment(list(range(model.LAYERS)))
        for layer, head in model.ALIGNMENT_HEADS:
            self.assertGreater(whole[layer, head], 0)
        kept = [0, 1, 3, 5]
        fewer = export.alignment(kept)
        self.assertEqual((fewer > 0).tolist(), (whole[kept] > 0).tolist())
        for shares in (whole, fewer):
            self.assertAlmostEqual(float(shares.sum()), 1, places=5)


if __name__ == "__main__":
    unittest.main()
