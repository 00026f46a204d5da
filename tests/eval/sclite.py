"""sclite.py - heed eval counts what NIST's sclite counts. SPDX-License-Identifier: Apache-2.0

usage: sclite.py HEED SCLITE SC_STATS

Makes files of random transcripts, with alternatives and ties of all kinds,
and compares the totals of both programs, words and characters. Compares the
matched-pairs test with that of sc_stats, too.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

WORDS = "a b c d e the cat sat on mat hello world it's Foo BAR".split()
N_CASES = 30


def some(rng, n):
    return [rng.choice(WORDS) for _ in range(n)]


def mishear(rng, words):
    out = []
    for word in words:
        r = rng.random()
        if r < 0.1:
            continue
        out.append(rng.choice(WORDS) if r < 0.25 else word)
        if 0.25 <= r < 0.35:
            out.append(rng.choice(WORDS))
    return out


def branch(rng, words):
    """Some of the words, with alternatives."""
    out = []
    for word in words:
        if rng.random() < 0.15:
            ways = [[word]] + [some(rng, rng.randint(0, 2))
                               for _ in range(rng.randint(1, 2))]
            rng.shuffle(ways)
            out.append("{ " + " / ".join(" ".join(w) or "@" for w in ways)
                       + " }")
        else:
            out.append(word)
    return " ".join(out)


def make_trn(rng):
    ref, hyps = [], [[], []]
    for s in range(3):
        for u in range(12):
            words = some(rng, rng.randint(1, 14))
            ref.append(f"{branch(rng, words)} (spk{s}-u{u})")
            for hyp in hyps:
                heard = mishear(rng, words)
                if rng.random() < 0.2:
                    heard = branch(rng, heard).split()
                hyp.append(" ".join(heard) + f" (spk{s}-u{u})")
    return ref, hyps


def make_ctm(rng):
    ref, hyp = [";; segments, then words"], []
    for f in range(2):
        for ch in "AB":
            t = at = 0.0
            for _ in range(6):
                words = some(rng, rng.randint(1, 10))
                begin, at = t, max(t, at)
                for word in mishear(rng, words):
                    d = rng.uniform(0.1, 0.5)
                    line = f"f{f} {ch} {at:.2f} {d:.2f}"
                    if rng.random() < 0.1:
                        hyp += [f"f{f} {ch} * * <ALT_BEGIN>", f"{line} {word}",
                                f"f{f} {ch} * * <ALT>",
                                f"{line} {rng.choice(WORDS)}",
                                f"f{f} {ch} * * <ALT_END>"]
                    else:
                        hyp.append(f"{line} {word} {rng.random():.2f}")
                    at += d
                t = begin + 0.3 * len(words) + rng.uniform(0, 0.5)
                text = branch(rng, words)
                if rng.random() < 0.1:
                    text = "IGNORE_TIME_SEGMENT_IN_SCORING"
                ref.append(f"f{f} {ch} s{f}{ch} {begin:.2f} {t:.2f} <o> {text}")
    return ref, hyp


def save(name, lines):
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def run(command):
    return subprocess.run(command, capture_output=True, text=True,
                          check=True).stdout


def theirs(sclite, kind, names, *options):
    """Utterances, words, C, S, D, I, errors, utterances with errors."""
    text = run([sclite, "-r", names[0], kind[0], "-h", names[1], kind[1],
                "-i", "spu_id", "-o", "rsum", "stdout", *options])
    sums = re.search(r"\| *Sum *\|([^|]*)\|([^|]*)\|", text)
    return [int(n) for n in (sums[1] + sums[2]).split()]


def ours(heed, names, *options):
    """The same, of words and of characters."""
    out = json.loads(run([heed, "eval", "-q", "--ref", names[0], "--hyp",
                          names[1], "-f", "json", *options]))
    total = out["systems"][0]["total"]
    rows = []
    for unit in ("words", "characters"):
        n = total[unit]
        sdi = [n["substitutions"], n["deletions"], n["insertions"]]
        rows.append([total["utterances"], n["reference"], n["correct"], *sdi,
                     sum(sdi), total["utterances_with_errors"]])
    return rows


def check(what, left, right):
    if left != right:
        raise SystemExit(f"{what}: sclite {left}, heed {right}")


def compare(heed, sclite, seed):
    rng = random.Random(seed)
    ref, hyps = make_trn(rng)
    save("ref.trn", ref)
    save("hyp.trn", hyps[0])
    save("other.trn", hyps[1])
    names, kind = ["ref.trn", "hyp.trn"], ["trn", "trn"]
    words, _ = ours(heed, names)
    check(f"{seed} trn", theirs(sclite, kind, names), words)
    words, _ = ours(heed, names, "-n", "none")
    check(f"{seed} trn -s", theirs(sclite, kind, names, "-s"), words)
    ref, hyp = make_ctm(rng)
    save("ref.stm", ref)
    save("hyp.ctm", hyp)
    names, kind = ["ref.stm", "hyp.ctm"], ["stm", "ctm"]
    words, _ = ours(heed, names)
    check(f"{seed} ctm", theirs(sclite, kind, names), words)


def take_first_alternatives():
    for name in ("ref.trn", "hyp.trn", "other.trn"):
        with open(name, encoding="utf-8") as file:
            lines = [re.sub(r"\{ (.*?) / .*?\}", r"\1", line).replace("@", "")
                     for line in file.read().splitlines()]
        save(name, lines)


def compare_plain(heed, sclite, seed):
    """Characters, without alternatives: among those that cost the same,
    sclite chooses by the order in which it happened to split the words."""
    take_first_alternatives()
    names, kind = ["ref.trn", "hyp.trn"], ["trn", "trn"]
    _, characters = ours(heed, names)
    check(f"{seed} trn -c", theirs(sclite, kind, names, "-c"), characters)


def compare_tests(heed, sclite, sc_stats):
    """The two hypotheses of the last case, without alternatives, of which
    the two systems may choose different ones."""
    piped = run([sclite, "-r", "ref.trn", "trn", "-h", "hyp.trn", "trn", "-h",
                 "other.trn", "trn", "-i", "spu_id", "-o", "sgml", "stdout"])
    subprocess.run([sc_stats, "-p", "-t", "mapsswe", "-v", "-n", "stats", "-O",
                    "."], input=piped, capture_output=True, text=True,
                   check=True)
    with open("stats.stats.mapsswe", encoding="utf-8") as file:
        text = file.read()
    found = re.search(r"\(# segs: (\d+)\).*\(Z Stat: *(-?[\d.]+)\)", text)
    out = json.loads(run([heed, "eval", "-q", "--ref", "ref.trn", "--hyp",
                          "hyp.trn", "--hyp", "other.trn", "-f", "json"]))
    test = out["compared_with_first"][0]
    check("segments", int(found[1]), test["segments"])
    check("Z", round(abs(float(found[2])), 2), round(abs(test["z"]), 2))


def main():
    heed, sclite, sc_stats = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for seed in range(N_CASES):
            compare(heed, sclite, seed)
            compare_plain(heed, sclite, seed)
        compare_tests(heed, sclite, sc_stats)
    print(f"{N_CASES} cases agree")


if __name__ == "__main__":
    main()
