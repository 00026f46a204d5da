"""count_errors.py - wrong words of a transcript. SPDX-License-Identifier: Apache-2.0

usage: count_errors.py EXPECTED TRANSCRIPT

Prints the word edit distance, capitals and punctuation apart.
"""
import re
import sys


def words_of(path):
    with open(path, encoding="utf-8") as file:
        return re.findall(r"[a-z']+", file.read().lower())


def main():
    expected, heard = map(words_of, sys.argv[1:])
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1,
                                       last + (word != other))
    print(row[-1])


if __name__ == "__main__":
    main()
