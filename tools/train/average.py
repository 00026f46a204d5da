#!/usr/bin/env python3
"""Step 4: average the weights of checkpoints, and go part of the way back.

    average.py OUT.pt CHECKPOINT... [--encoder SHARE] [--decoder SHARE]

SHARE is how much of the encoder or decoder is the starting weights' again
(arXiv 2109.01903): a small corpus teaches streaming, but makes the network
forget voices and words that only the weights it started from have seen.
SPDX-License-Identifier: Apache-2.0
"""
import argparse

import torch

from common import WORK


def mean(paths):
    """The last checkpoint with the mean of all their weights."""
    state = torch.load(paths[-1])
    state.pop("adam", None)
    total = {}
    for path in paths:
        for name, value in torch.load(path)["weights"].items():
            if name.startswith("voice."):  # learnt anew from the mean
                continue
            total[name] = total.get(name, 0) + value.float()
    state["weights"] = {n: v / len(paths) for n, v in total.items()}
    return state


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--encoder", type=float, default=0.0)
    parser.add_argument("--decoder", type=float, default=0.0)
    args = parser.parse_args()
    state = mean(args.checkpoints)
    start = torch.load(WORK / "start.pt")["weights"]
    share = {"enc": args.encoder, "dec": args.decoder}
    for name, value in state["weights"].items():
        back = share.get(name.split(".")[0], 0.0)
        if back:
            state["weights"][name] = \
                (1 - back) * value + back * start[name].float()
    torch.save(state, args.out)
    print(f"{args.out}: mean of {len(args.checkpoints)} checkpoints")


if __name__ == "__main__":
    main()
