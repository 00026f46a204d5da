#!/usr/bin/env python3
"""bars.py - how many times faster than other recognisers heed is.

usage: bars.py [OPTION...] MANIFEST.tsv

Recognisers hear the same utterances in turn, round after round, on one thread
each, and so does each encoder alone: heed's with MFCC and stem, as `heed bench`
splits it, and that of the original weights in ONNX Runtime. Prints a Markdown
table: processor time (user and system) without loading, whose median is
measured over no utterance; median, least and most of the rounds; real-time
factor; and medians by those of heed as `file` (of its encoder).

MANIFEST, recognisers and the options not told here are compare.py's.

  --with LIST         of heed, heed-live, heed-greedy (as `file`, one text in
                      the beam, as the others but PocketSphinx have), onnx,
                      torch, heed-torch, pocketsphinx (default: all)
  --count N           utterances, evenly spread (default: 24)
  --rounds N          default: 5
  --slow-rounds N     of torch, heed-torch and pocketsphinx (default: 2)
  --wall LIST         instead, utterances a second by the wall clock, with so
                      many heard at a time, as 1,2,4: heed by its --jobs, the
                      others in as many processes. The machine must be quiet
  --seconds S         audio for the encoders, at least (default: 60)
  --heed PATH, --model PATH, --work DIR, --node-modules DIR, --python PATH

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import sys
import time
import wave

import compare

SLOW = ("torch", "heed-torch", "pocketsphinx")
ENCODERS = ("heed encoder", "onnx encoder")
HEED = {"heed": ["--latency", "file"], "heed-live": ["--latency", "live"],
        "heed-greedy": ["--latency", "file", "--beam", "1"]}


def parse_arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("manifest", type=pathlib.Path)
    parser.add_argument("--with", dest="which",
                        default="heed,heed-live,heed-greedy,onnx,torch,"
                        "heed-torch,pocketsphinx")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow-rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--wall", type=lambda text: [
        int(n) for n in text.split(",")])
    parser.add_argument("--heed", default="heed")
    parser.add_argument("--model")
    parser.add_argument("--work", type=pathlib.Path, default="bars-work")
    parser.add_argument("--node-modules", default="node_modules")
    parser.add_argument("--python", default="python3")
    args = parser.parse_args()
    args.work = args.work.resolve()
    if args.wall and min(args.wall) < 1:
        parser.error("--wall wants numbers from 1 on")
    args.jobs, args.noise = 1, None
    with open(args.manifest, encoding="utf-8") as file:
        args.every = max(1, (len(file.readlines()) - 1) // args.count)
    return args


def seconds_of(args, ids):
    total = 0.0
    for utt in ids:
        with wave.open(str(args.work / "wav" / f"{utt}.wav")) as sound:
            total += sound.getnframes() / 16000
    return total


def join(args, ids):
    """One file of utterances, for `heed bench`."""
    path = args.work / "joined.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", None))
        for utt in ids:
            with wave.open(str(args.work / "wav" / f"{utt}.wav")) as sound:
                out.writeframes(sound.readframes(sound.getnframes()))
    return path


def spent_by(work, *arguments):
    before = compare.spent_s()
    work(*arguments)
    return compare.spent_s() - before


def hear(args, name, ids):
    """Over no utterance it loads what it needs, and that is all."""
    if name not in HEED:
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            list(pool.map(lambda part: compare.HEARERS[name](
                args, ids[part::args.jobs], part), range(args.jobs)))
        return
    command = [args.heed, "transcribe", "-q", "--jobs", args.jobs, *HEED[name]]
    if not ids:
        command = [args.heed, "info"]
    compare.run(command + (["--model", args.model] if args.model and ids else
                           [args.model] if args.model else []) +
                [args.work / "wav" / f"{utt}.wav" for utt in ids])


def heed_encoder(args, ids, path):
    """By the stages of `heed bench`."""
    command = [args.heed, "bench", "--json", "-s", "0.01", "-t", "1"]
    if args.model:
        command += ["--model", args.model]
    stages = json.loads(compare.run([*command, path]))["stages"]
    return seconds_of(args, ids) * sum(
        stages[name]["real_time_factor"] for name in ("mfcc", "stem",
                                                      "encoder"))


def onnx_encoder(args, ids):
    return float(compare.run(
        ["node", compare.HERE / "moonshine_onnx.mjs", "--encoder",
         args.node_modules, args.work / "wav", *ids]))


def measure(args, names, ids, some):
    """Seconds of each round by name."""
    path = join(args, some)
    spent = {name: [] for name in (*names, *ENCODERS)}
    loads = {name: [] for name in spent}
    for i in range(args.rounds):
        for name in names:
            if name not in SLOW or i < args.slow_rounds:
                loads[name].append(spent_by(hear, args, name, []))
                spent[name].append(spent_by(hear, args, name, ids))
                print(f"bars: {name} {spent[name][-1]:.2f} s, "
                      f"{loads[name][-1]:.2f} s of them loading",
                      file=sys.stderr)
        spent["heed encoder"].append(heed_encoder(args, some, path))
        if "onnx" in names:
            spent["onnx encoder"].append(onnx_encoder(args, some))
        print(f"bars: round {i + 1} of {args.rounds}", file=sys.stderr)
    for name, values in loads.items():
        load = statistics.median(values) if values else 0.0
        spent[name] = [seconds - load for seconds in spent[name]]
    return spent


def wall_of(args, name, ids):
    """Seconds that hearing takes, without those of loading."""
    def seconds(some):
        before = time.monotonic()
        hear(args, name, some)
        return time.monotonic() - before

    return seconds(ids) - seconds([])


def print_wall(args, names, ids):
    """Median of the rounds by name and number at a time."""
    print("| | at a time | seconds | utterances a second | times the first |\n"
          "|---|---|---|---|---|")
    for name in names:
        first = None
        for args.jobs in args.wall:
            rounds = args.slow_rounds if name in SLOW else args.rounds
            median = statistics.median(wall_of(args, name, ids)
                                       for _ in range(rounds))
            first = first or median
            print(f"| {name} | {args.jobs} | {median:.2f} | "
                  f"{len(ids) / median:.2f} | "
                  f"{first / median:.2f} |",
                  flush=True)


def print_table(spent, audio_s):
    middle = {name: statistics.median(values) for name, values
              in spent.items() if values}
    print("| | rounds | seconds | least - most | real-time factor | "
          "by heed's |\n|---|---|---|---|---|---|")
    for name, median in middle.items():
        mine = middle["heed encoder" if name in ENCODERS else "heed"]
        values = spent[name]
        print(f"| {name} | {len(values)} | {median:.2f} | {min(values):.2f} - "
              f"{max(values):.2f} | {median / audio_s[name]:.4f} | "
              f"{median / mine:.1f} |")


def main():
    args = parse_arguments()
    os.environ["OMP_NUM_THREADS"] = "1"
    rows = compare.read_manifest(args)[:args.count]
    compare.prepare(args, rows)
    ids = [row["utt_id"] for row in rows]
    if args.wall:
        print_wall(args, args.which.split(","), ids)
        return
    some = []
    while len(some) < len(ids) and seconds_of(args, some) < args.seconds:
        some.append(ids[len(some)])
    names = args.which.split(",")
    spent = measure(args, names, ids, some)
    audio_s = {name: seconds_of(args, some if name in ENCODERS else ids)
               for name in spent}
    print(f"{len(ids)} utterances, {seconds_of(args, ids):.0f} s; encoders: "
          f"{seconds_of(args, some):.0f} s\n")
    print_table(spent, audio_s)


if __name__ == "__main__":
    main()
