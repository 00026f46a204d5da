"""check_sound.py - a recording is whole in another. SPDX-License-Identifier: Apache-2.0

usage: check_sound.py PART.wav WHOLE.wav

Both are 8 kHz, 16 bits, one channel. Finds where PART begins in the first
seconds of WHOLE, and then every loud tenth of a second of it at that very
place: nothing was dropped, repeated or moved in between.
"""
import array
import math
import sys
import wave

RATE_HZ = 8000
BLOCK = RATE_HZ // 10
SEARCH_S = 10


def read(path):
    with wave.open(path) as file:
        assert file.getframerate() == RATE_HZ and file.getnchannels() == 1
        return array.array("h", file.readframes(file.getnframes()))


def correlation(a, b):
    energy = sum(x * x for x in a) * sum(y * y for y in b)
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(energy or 1)


def main():
    part, whole = read(sys.argv[1]), read(sys.argv[2])
    blocks = range(0, len(part) - BLOCK, BLOCK)
    power = {i: sum(x * x for x in part[i:i + BLOCK]) for i in blocks}
    loudest = max(power, key=power.get)
    # A short piece of the loudest block finds the place.
    piece = part[loudest:loudest + BLOCK // 4]
    start = max(range(min(SEARCH_S * RATE_HZ, len(whole) - BLOCK)),
                key=lambda i: correlation(piece, whole[i:i + len(piece)]))
    offset = start - loudest
    assert offset >= 0, offset
    loud = [i for i in blocks if power[i] > power[loudest] / 1000]
    found = [i for i in loud if correlation(
        part[i:i + BLOCK], whole[i + offset:i + offset + BLOCK]) > 0.9]
    print(f"begins at {offset / RATE_HZ:.3f} s; {len(found)} of {len(loud)} "
          "loud tenths of a second are where they belong")
    assert len(found) >= 0.95 * len(loud)


if __name__ == "__main__":
    main()
