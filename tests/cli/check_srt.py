"""check_srt.py - are these subtitles? SPDX-License-Identifier: Apache-2.0"""
import re
import sys

TIME = r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})"


def to_ms(groups):
    h, m, s, ms = map(int, groups)
    return ((h * 60 + m) * 60 + s) * 1000 + ms


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        text = file.read()
    if not text:
        return
    assert text.endswith("\n") and not text.endswith("\n\n")
    end = 0
    for number, cue in enumerate(text[:-1].split("\n\n"), 1):
        lines = cue.split("\n")
        assert lines[0] == str(number), lines
        match = re.fullmatch(f"{TIME} --> {TIME}", lines[1])
        assert match, lines
        start, stop = to_ms(match.groups()[:4]), to_ms(match.groups()[4:])
        assert end <= start < stop <= start + 6000, (end, lines)
        assert 1 <= len(lines[2:]) <= 2, lines
        for line in lines[2:]:
            assert 1 <= len(line) <= 42 and line == line.strip(), line
        end = stop


if __name__ == "__main__":
    main()
