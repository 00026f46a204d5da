"""check_long.py - recordings joined to a long one, as file and live. SPDX-License-Identifier: Apache-2.0

usage: check_long.py HEED MODEL MAKE_AUDIO SPEECH MINUTES

Joins read speech of SPEECH/dev.tsv to a long recording, with pauses and noise
between its parts. It must have about as many wrong words as its parts heard one
by one, times that never go back, nothing lost at its ends, and need no more
memory than a short one. What was said twice is heard twice, and clips of
SPEECH/noise give hardly any words.
"""
import array
import json
import os
import random
import resource
import subprocess
import sys

RATE = 16000
# A joined recording may have so many more wrong words than its parts (segments
# are cut elsewhere), and so many KiB more of memory.
MORE_ERRORS = 1.2
MORE_ERRORS_OF_WORDS = 0.06
MORE_KIB = 4096
NOISE_STEP = 12  # of the clips of noise
MINUTES = 5.0  # of which less lets the other recordings be fewer, too


def words_of(text):
    return "".join(c for c in text.upper() if c.isalpha() or c in "' \n").split()


def count_errors(expected, heard):
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1,
                                       last + (word != other))
    return row[-1]


def trim(samples):
    """Without the silence at both ends."""
    least = max(map(abs, samples)) // 30
    loud = [i for i in range(0, len(samples), 80)
            if max(map(abs, samples[i:i + 80])) > least]
    return samples[loud[0]:loud[-1] + 80]


def read_rows(folder):
    with open(f"{folder}/dev.tsv", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file][1:]


def read_sound(make_audio, path):
    subprocess.run([make_audio, "convert", path, "one.raw", str(RATE), "1"],
                   check=True)
    samples = array.array("h")
    with open("one.raw", "rb") as file:
        samples.frombytes(file.read())
    return samples


def read_speech(make_audio, folder, seconds):
    """(samples, text) of recordings until there are enough."""
    total = 0
    rows = [row for row in read_rows(folder) if row[1] == "ls"]
    random.Random(1).shuffle(rows)
    for row in rows:
        samples = trim(read_sound(make_audio, f"{folder}/{row[3]}"))
        yield samples, row[5]
        total += len(samples)
        if total > seconds * RATE:
            return


def write(path, samples):
    with open(path, "wb") as file:
        file.write(samples.tobytes())


def hear(command, latency, paths, options=("--raw", "s16le")):
    """What was heard in each file, and the most memory of any heed so far."""
    result = subprocess.run(
        command + ["--latency", latency, "-q", "-o", "json", *options] + paths,
        stdout=subprocess.PIPE, text=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    results = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(results) == len(paths)
    return results, memory


def check(latency, result, expected, limit, end_s):
    words = result["words"]
    errors = count_errors(expected, words_of(result["text"]))
    print(f"{latency}: {result['duration_s']:.0f} s, {errors} of "
          f"{len(expected)} words wrong, {limit:.0f} allowed")
    assert errors <= limit
    past = 0.0
    for word in words:
        assert past <= word["start_s"] <= word["end_s"], word
        past = word["end_s"]
    assert words[0]["start_s"] < 2.0, words[0]
    assert end_s - 2.0 < past <= result["duration_s"], (end_s, past)


def has_repetition(words):
    return any(a == b for a, b in zip(words, words[1:]))


def check_repetitions(command, make_audio, folder, every):
    """Words said twice in a row, four of five times at least."""
    rows = [row for row in read_rows(folder)
            if has_repetition(row[5].split())][::every]
    paths = [f"twice{i}.raw" for i in range(len(rows))]
    for path, row in zip(paths, rows):
        write(path, read_sound(make_audio, f"{folder}/{row[3]}"))
    for latency in "file", "live":
        results, _ = hear(command, latency, paths)
        heard = sum(has_repetition(words_of(one["text"])) for one in results)
        print(f"repetitions, {latency}: {heard} of {len(rows)}")
        assert 5 * heard >= 4 * len(rows)


def check_noise(command, folder, every):
    """Two words a minute at most where nobody speaks."""
    clips = sorted(os.listdir(f"{folder}/noise"))[::NOISE_STEP * every]
    paths = [f"{folder}/noise/{clip}" for clip in clips]
    for latency in "file", "live":
        results, _ = hear(command, latency, paths, ())
        n_words = sum(len(one["words"]) for one in results)
        minutes = sum(one["duration_s"] for one in results) / 60.0
        print(f"noise, {latency}: {n_words} words in {minutes:.1f} minutes")
        assert n_words <= 2 * minutes


def main():
    heed, model, make_audio, folder = sys.argv[1:5]
    minutes = float(sys.argv[5])
    every = max(1, round(MINUTES / minutes))
    command = [heed, "transcribe", "-m", model]
    check_repetitions(command, make_audio, folder, every)
    check_noise(command, folder, every)
    noise = random.Random(2)
    parts = list(read_speech(make_audio, folder, 60.0 * minutes))
    paths = [f"{i}.raw" for i in range(len(parts))]
    joined = array.array("h")
    for path, (samples, _) in zip(paths, parts):
        level = 10 ** noise.uniform(0.0, 1.7)
        pause = int(RATE * noise.uniform(0.3, 6.0))
        write(path, samples)
        end_s = (len(joined) + len(samples)) / RATE
        joined += samples + array.array(
            "h", [int(noise.gauss(0.0, level)) for _ in range(pause)])
    write("long.raw", joined)
    expected = words_of(" ".join(text for _, text in parts))
    for latency in "file", "live":
        single, memory = hear(command, latency, paths)
        wrong = sum(count_errors(words_of(text), words_of(one["text"]))
                    for one, (_, text) in zip(single, parts))
        print(f"one by one, {latency}: {wrong} of {len(expected)} words wrong")
        limit = MORE_ERRORS * wrong + MORE_ERRORS_OF_WORDS * len(expected)
        (result,), more = hear(command, latency, ["long.raw"])
        check(latency, result, expected, limit, end_s)
        assert more - memory < MORE_KIB, f"{more - memory} KiB more"


if __name__ == "__main__":
    main()
