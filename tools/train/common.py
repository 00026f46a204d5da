"""Paths, devices and corpus readers shared by every step of the recipe.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import os
import pathlib
from dataclasses import dataclass

import torch

SAMPLE_RATE = 16000
FRAME_SAMPLES = 384  # one encoder frame: 24 ms

# Everything the recipe makes (checkpoints, caches) lives here, not in the
# repository.
WORK = pathlib.Path(os.environ.get("HEED_TRAIN_DIR",
                                   pathlib.Path.home() / "heed-train"))

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# Without AMX float32 is the faster one on a processor (see README.md).
DTYPE = getattr(torch, os.environ.get("HEED_TRAIN_DTYPE", "bfloat16"))


def setup_torch():
    """Threads as many as cores: Debian's build may start with one."""
    torch.set_num_threads(int(os.environ.get("HEED_TRAIN_THREADS",
                                             os.cpu_count() or 1)))
    torch.manual_seed(1)


@dataclass
class Utterance:
    utt_id: str
    set: str
    speaker: str
    path: str
    text: str  # A-Z, apostrophe, space
    start_s: float = 0.0
    end_s: float = -1.0  # -1: to the end of the file


def read_tsv(path):
    """A TSV with a header naming utt_id, path, text (set, speaker optional).
    Relative audio paths are relative to the TSV's folder."""
    base = pathlib.Path(path).parent
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t",
                                  quoting=csv.QUOTE_NONE):
            yield Utterance(row["utt_id"], row.get("set") or "all",
                            row.get("speaker") or row["utt_id"],
                            str(base / row["path"]), row["text"].upper())


def read_librispeech(root):
    """A LibriSpeech folder: SPEAKER/CHAPTER/*.trans.txt beside *.flac."""
    root = pathlib.Path(root)
    for trans in sorted(root.rglob("*.trans.txt")):
        for line in trans.read_text(encoding="utf-8").splitlines():
            utt_id, _, text = line.partition(" ")
            yield Utterance(utt_id, root.name, utt_id.split("-")[0],
                            str(trans.parent / f"{utt_id}.flac"),
                            text.upper())


def read_kaldi(root):
    """A Kaldi data folder: wav.scp (plain paths), text, optionally segments
    and utt2spk. Relative paths are relative to the folder's parent."""
    root = pathlib.Path(root)

    def table(name):
        path = root / name
        if not path.exists():
            return {}
        lines = path.read_text(encoding="utf-8").splitlines()
        return dict(line.split(None, 1) for line in lines if line.strip())

    wavs, texts = table("wav.scp"), table("text")
    speakers, segments = table("utt2spk"), table("segments")
    for utt_id, text in texts.items():
        recording, start, end = utt_id, 0.0, -1.0
        if utt_id in segments:
            recording, first, last = segments[utt_id].split()
            start, end = float(first), float(last)
        source = wavs[recording].strip()
        if source.endswith("|"):
            raise SystemExit(f"{root}/wav.scp: pipes are not run: {source}")
        yield Utterance(utt_id, root.name, speakers.get(utt_id, utt_id),
                        str(root.parent / source), text.upper(), start, end)


def read_corpus(path):
    """TSV file, Kaldi data folder or LibriSpeech folder, told apart by what
    is there."""
    path = pathlib.Path(path)
    if path.is_file():
        return list(read_tsv(path))
    if (path / "wav.scp").exists():
        return list(read_kaldi(path))
    found = list(read_librispeech(path))
    if not found:
        raise SystemExit(f"{path}: no TSV, no wav.scp and no *.trans.txt")
    return found
