"""spoken.py - `spoken` does what tools/train/text.py does. SPDX-License-Identifier: Apache-2.0

usage: spoken.py HEED SOURCE

The model's training texts went through that function; figures that were made
with it stay comparable.
"""
import pathlib
import random
import subprocess
import sys

TEXTS = """
It's 5 o'clock, Mr. Grey & Mrs. Brown; Dr No met St. John. MR MRS DR ST MS.
In 1905, 1900, 1999, 2001, 1100 and 1,234,567 of 12,34 or 1,2345 cost $5.50
The 1st 2nd 3rd 4th 12th 20th 21st 100th 1,000th 5s 1sta 33% and 007 or 0
'quoted' rock'n'roll ''tis '' ' dogs' $1,000.50 $ 5 3.14.15 1.5% 10000000000
well-known e-mail a.m. U.S.A. x86_64 10:30 1/2 #5 50,000,000 999999999
""".strip().splitlines()
PIECES = ["1", "2", "0", "9", "12", "345", ",", ",", ".", "$", "%", "&", "'",
          "st", "ND", "th", "mr", "Dr", "ms.", "MRS.", " ", " ", "a", "B", "_",
          "-", "1,234", "1999", "2005", "\u2019"]


def main():
    heed, source = sys.argv[1:]
    sys.path.insert(0, str(pathlib.Path(source) / "tools/train"))
    from text import normalise
    rng = random.Random(1)
    texts = TEXTS + ["".join(rng.choices(PIECES, k=rng.randint(1, 12)))
                     for _ in range(20000)]
    done = subprocess.run([heed, "eval", "normalise", "-n", "spoken"],
                          input="\n".join(texts) + "\n", capture_output=True,
                          text=True, check=True)
    lines = done.stdout.split("\n")[:-1]
    assert len(lines) == len(texts), (len(lines), len(texts))
    wrong = [(t, normalise(t), line) for t, line in zip(texts, lines)
             if normalise(t) != line]
    for case in wrong[:10]:
        print(*map(repr, case))
    print(len(wrong), "of", len(texts), "differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
