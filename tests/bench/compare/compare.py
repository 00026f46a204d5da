#!/usr/bin/env python3
"""compare.py - heed beside other recognisers on the same audio.

usage: compare.py [OPTION...] MANIFEST.tsv

MANIFEST has the columns utt_id, path and text, perhaps speaker, set and
duration_s; paths begin at its folder. Every recogniser hears the same 16 kHz
samples, one thread each, one after the other, and its words go through the
same `heed eval`. Prints Markdown tables: word error rate with its interval,
probability that heed (the first) is worse, processor time by audio time (models
loaded once, loading included); and the rate of each set.

  heed          `heed eval --latency file`, and as heed-live `live`
  pocketsphinx  pocketsphinx_batch and en-us (Debian: pocketsphinx,
                pocketsphinx-en-us)
  onnx          the original weights, int8, in ONNX Runtime: node, the npm
                package onnxruntime-node in --node-modules, and the files that
                tools/train/fetch.py has fetched
  torch         the original weights in PyTorch, fp32, by tools/train
  heed-torch    heed's own weights there, whole utterances, greedy

  --with LIST          of these (default: heed,heed-live,pocketsphinx)
  --every N            only every N-th utterance (default: 1)
  --jobs N             processes of one recogniser at a time (default: 1)
  --heed PATH          the command (default: heed)
  --model PATH         of heed (heed-torch: default asr/models/heed-en.gguf)
  --work DIR           samples and words are kept here, and what is there is
                       not heard again (default: compare-work)
  --conditions LIST    how the recordings are made worse, one after the other,
                       in one table: see samples.py (opus16 wants opus-tools)
  --noise DIR          recordings for noiseN and before5; the words written
                       where there is nothing but them are in the table, too
  --node-modules DIR   default: node_modules
  --python PATH        that has numpy, scipy and soundfile, and torch if asked
                       for (default: python3)

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import wave

HERE = pathlib.Path(__file__).resolve().parent
HEED_MODEL = HERE.parents[2] / "asr/models/heed-en.gguf"
MODELS = pathlib.Path("/usr/share/pocketsphinx/model/en-us")


def parse_arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("manifest", type=pathlib.Path)
    parser.add_argument("--with", dest="which",
                        default="heed,heed-live,pocketsphinx")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--heed", default="heed")
    parser.add_argument("--model")
    parser.add_argument("--work", type=pathlib.Path, default="compare-work")
    parser.add_argument("--conditions")
    parser.add_argument("--noise", type=pathlib.Path)
    parser.add_argument("--node-modules", default="node_modules")
    parser.add_argument("--python", default="python3")
    args = parser.parse_args()
    args.work = args.work.resolve()
    return args


def run(command, **options):
    """Runs it; returns its output."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          text=True, check=False, **options)
    if done.returncode not in (0, 1):
        sys.exit(f"compare: {command[0]} failed: {done.returncode}")
    return done.stdout


def spent_s():
    """Processor seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def read_manifest(args):
    """The rows of the utterances; their paths are absolute."""
    with open(args.manifest, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))[::args.every]
    for row in rows:
        row["path"] = (args.manifest.parent / row["path"]).resolve()
    return rows


def noise_rows(folder):
    """The recordings of a folder as utterances in which nothing is said."""
    return [{"utt_id": f"noise-{i}", "path": path, "text": ""}
            for i, path in enumerate(sorted(folder.resolve().iterdir()))
            if path.suffix in (".flac", ".ogg", ".opus", ".wav")]


def prepare(args, rows, condition="clean"):
    """Writes 16 kHz WAV files and their manifest; returns their seconds."""
    (args.work / "wav").mkdir(parents=True, exist_ok=True)
    seconds = 0.0
    wavs = [args.work / "wav" / f"{row['utt_id']}.wav" for row in rows]
    subprocess.run([args.python, HERE / "samples.py", condition]
                   + ([args.noise] if args.noise else []),
                   input="".join(f"{row['path']}\t{wav}\n"
                                 for row, wav in zip(rows, wavs)),
                   text=True, check=True)
    for wav in wavs:
        with wave.open(str(wav)) as sound:
            seconds += sound.getnframes() / 16000
    with open(args.work / "wav.tsv", "w", encoding="utf-8") as manifest:
        manifest.write("id\tspeaker\taudio\ttext\n")
        for row in rows:
            manifest.write(f"{row['utt_id']}\t{row.get('speaker', '')}\t"
                           f"wav/{row['utt_id']}.wav\t{row['text']}\n")
    return seconds


def hear_heed(args, ids, part, latency):
    del ids
    folder = args.work / f"heed-{latency}.run{part}"
    for name in ("run.json", "utterances.jsonl", "timing.jsonl"):
        (folder / name).unlink(missing_ok=True)
    command = [args.heed, "eval", "-q", "--run", folder, "--latency", latency,
               "--shard", f"{part + 1}/{args.jobs}", "--bootstrap", "0", "-o",
               os.devnull]
    if args.model:
        command += ["--model", args.model]
    run([*command, args.work / "wav.tsv"])
    with open(folder / "utterances.jsonl", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return {line["id"]: line["hypothesis"] or "" for line in lines}


def hear_pocketsphinx(args, ids, part):
    control = args.work / f"pocketsphinx.ids{part}"
    out = args.work / f"pocketsphinx.hyp{part}"
    control.write_text("\n".join(ids) + "\n", encoding="utf-8")
    run(["pocketsphinx_batch", "-hmm", MODELS / "en-us", "-lm",
         MODELS / "en-us.lm.bin", "-dict", MODELS / "cmudict-en-us.dict",
         "-adcin", "yes", "-adchdr", "44", "-cepdir", args.work / "wav",
         "-cepext", ".wav", "-ctl", control, "-hyp", out],
        stderr=subprocess.DEVNULL)
    texts = {}
    for line in out.read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"(.*?) ?\((\S+) -?\d+\)", line)
        # The second pronunciation of a word is written as `a(2)`.
        texts[match[2]] = re.sub(r"\(\d+\)", "", match[1])
    return texts


def read_lines(text):
    """`id words` lines, as the two scripts print them."""
    return dict((line + " ").split(" ", 1) for line in text.splitlines())


def hear_onnx(args, ids, part):
    del part
    return read_lines(run(["node", HERE / "moonshine_onnx.mjs",
                           args.node_modules, args.work / "wav", *ids]))


def hear_torch(args, ids, part):
    del part
    return read_lines(run([args.python, HERE / "moonshine_torch.py",
                           args.work / "wav", *ids]))


def hear_heed_torch(args, ids, part):
    del part
    return read_lines(run([args.python, HERE / "heed_torch.py",
                           args.model or HEED_MODEL, args.work / "wav",
                           *ids]))


HEARERS = {
    "heed": lambda *what: hear_heed(*what, "file"),
    "heed-live": lambda *what: hear_heed(*what, "live"),
    "pocketsphinx": hear_pocketsphinx,
    "onnx": hear_onnx,
    "torch": hear_torch,
    "heed-torch": hear_heed_torch,
}


def hear(args, name, ids):
    """The texts by utterance and the processor seconds; those that an earlier
    call has written, if there are any."""
    words, cost = (args.work / f"{name}.{end}" for end in ("text", "seconds"))
    if cost.exists():
        return (read_lines(words.read_text(encoding="utf-8")),
                float(cost.read_text(encoding="utf-8")))
    texts, before = {}, spent_s()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for found in pool.map(
                lambda part: HEARERS[name](args, ids[part::args.jobs], part),
                range(args.jobs)):
            texts.update(found)
    seconds = spent_s() - before
    write_lines(words, ids, texts)
    cost.write_text(f"{seconds:.2f}\n", encoding="utf-8")
    return texts, seconds


def write_lines(path, ids, texts):
    with open(path, "w", encoding="utf-8") as file:
        for utt in ids:
            file.write(f"{utt} {texts.get(utt, '').strip()}\n")


def score(args, rows, heard):
    """The report on the texts of each recogniser for these rows."""
    ids = [row["utt_id"] for row in rows]
    (args.work / "scored").mkdir(exist_ok=True)
    ref = args.work / "scored" / "ref.text"
    write_lines(ref, ids, {row["utt_id"]: row["text"] for row in rows})
    command = [args.heed, "eval", "-q", "-n", "english", "-f", "json", "--ref",
               ref]
    for name, texts in heard.items():
        hyp = args.work / "scored" / f"{name}.text"
        write_lines(hyp, ids, texts)
        command += ["--hyp", hyp]
    return json.loads(run(command))


def print_pooled(report, spent, audio_s):
    print("| | WER % | 95 % | S | D | I | P(better than the first) % | "
          "real-time factor |\n|---|---|---|---|---|---|---|---|")
    better = {c["name"]: c for c in report["compared_with_first"]}
    for name, system in zip(spent, report["systems"]):
        words = system["total"]["words"]
        low, high = system["wer_interval_by_utterance"]
        against = better.get(f"{name}.text")
        chance = f"{100 * against['probability_of_improvement']:.1f}" \
            if against else "-"
        print(f"| {name} | {100 * system['total']['wer']:.1f} | "
              f"{100 * low:.1f} - {100 * high:.1f} | {words['substitutions']} "
              f"| {words['deletions']} | {words['insertions']} | {chance} | "
              f"{spent[name] / audio_s:.4f} |")


def print_sets(args, rows, heard):
    """The rates of each set, if there are any."""
    sets = sorted({row.get("set", "") for row in rows})
    if sets == [""]:
        return
    found = {one: score(args, [row for row in rows if row["set"] == one],
                        heard)["systems"] for one in sets}
    print("\n| WER % |", " | ".join(sets), "|\n|---|" + "---|" * len(sets))
    for i, name in enumerate(heard):
        print(f"| {name} |", " | ".join(
            f"{100 * found[one][i]['total']['wer']:.1f}" for one in sets), "|")


def hear_all(args, rows):
    """The texts and the processor seconds of each recogniser."""
    heard, spent = {}, {}
    for name in args.which.split(","):
        heard[name], spent[name] = hear(args, name,
                                        [row["utt_id"] for row in rows])
    return heard, spent


def print_conditions(args, rows):
    """One line for each condition, and one of words from noise alone."""
    names, folder = args.which.split(","), args.work
    print("| WER % |", " | ".join(names), "|\n|---|" + "---|" * len(names))
    for condition in args.conditions.split(","):
        args.work = folder / condition
        prepare(args, rows, condition)
        report = score(args, rows, hear_all(args, rows)[0])
        print(f"| {condition} |", " | ".join(
            f"{100 * system['total']['wer']:.1f}"
            for system in report["systems"]), "|", flush=True)
    if args.noise:
        args.work = folder / "noise"
        rows = noise_rows(args.noise)
        hours = prepare(args, rows) / 3600
        heard = hear_all(args, rows)[0]
        print("| words an hour of noise |", " | ".join(
            f"{sum(len(t.split()) for t in heard[name].values()) / hours:.0f}"
            for name in names), "|")


def main():
    args = parse_arguments()
    os.environ["OMP_NUM_THREADS"] = "1"
    rows = read_manifest(args)
    if args.conditions:
        print_conditions(args, rows)
        return
    audio_s = prepare(args, rows)
    heard, spent = hear_all(args, rows)
    report = score(args, rows, heard)
    print(f"{len(rows)} utterances, {audio_s / 60:.1f} minutes, normalisation "
          f"{report['normalisation']} {report['normalisation_version']}\n")
    print_pooled(report, spent, audio_s)
    print_sets(args, rows, heard)


if __name__ == "__main__":
    main()
