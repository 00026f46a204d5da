#!/usr/bin/env python3
"""Step 4: average the weights of several checkpoints of one run.

    average.py OUT.pt CHECKPOINT...

SPDX-License-Identifier: Apache-2.0
"""
import sys

import torch


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__.split("\n\n")[1].strip())
    out, paths = sys.argv[1], sys.argv[2:]
    state = torch.load(paths[-1])
    state.pop("adam", None)
    total = {}
    for path in paths:
        for name, value in torch.load(path)["weights"].items():
            total[name] = total.get(name, 0) + value.float()
    state["weights"] = {n: v / len(paths) for n, v in total.items()}
    torch.save(state, out)
    print(f"{out}: mean of {len(paths)} checkpoints")


if __name__ == "__main__":
    main()
