#!/usr/bin/env python3
"""Step 7: what follows closely, for mwer.py to learn from.

    joins.py CHECKPOINT [--noise DIR] [--rir DIR] [--hours H] [--seed N]
             [--joins DIR]

Joins utterances of the training set, of one speaker or of several, with 0 to
0.6 s between them, as long as a segment of the search can be, made worse as in
training, and encodes them in the chunks of `file` and of `live`. Each such
recording is heard

- whole: with the texts that leave one of its utterances out, to be refused;
- from a word in its middle on, as the search leaves the last seconds of a long
  segment to the next one, the tokens of up to 4 s given;
- up to one of its chunks and the look-ahead, as the search hears it before the
  end: the target is the words that have ended, then the end.

Writes to DIR (default $HEED_TRAIN_DIR/joins) index.pt and memory.f16, as
lists.py does. An item has besides `begins`, the tokens with which its
utterances begin, `given`, how many tokens are not to be learnt, and `open`,
whether another word has begun before its end.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from augment import Augment
from common import DEVICE, DTYPE, FRAME_SAMPLES, WORK, setup_torch
from evaluate import CHUNKS, LEFT
from features import TAIL_SAMPLES
from lists import BATCH_FRAMES, MAX_TOKENS, SHARES
from losses import ctc_loss
from model import encode_chunks, heard_so_far, stem
from text import Tokenizer, letters_to_labels, normalise
from times import SPACE, best_path, word_ends
from train import HEARD_FRAMES, SPELLED, Data

MAX_PARTS = 5
FRAMES = (200, 780)  # of the utterances joined: 5 to 19 s
SAME_SPEAKER = 0.5
GAP_S = 0.6  # at most
TRIMMED = 0.7  # share of the utterances whose silence is cut off
WORSE_ALONE = 0.5  # share of the recordings each part of which sounds its own
GIVEN_FRAMES = 160  # that the search leaves to the next segment, at most
LATE_FRAMES = 8  # by which a word may be spelled after it has begun
SILENT_FRAMES = 24  # heard after the last letter
PREROLL_FRAMES = 25  # and before the first
PART = 48  # recordings at a time


def groups(items, rng):
    """Lists of 2 to MAX_PARTS utterances, most utterances in one of them."""
    speakers, anybody = {}, []
    for item in items:
        if rng.random() < SAME_SPEAKER:
            speakers.setdefault((item["set"], item["speaker"]),
                                []).append(item)
        else:
            anybody.append(item)
    out = []
    for pool in [*speakers.values(), anybody]:
        rng.shuffle(pool)
        while pool:
            wanted, parts, frames = rng.randint(*FRAMES), [], 0
            while pool and frames < wanted and len(parts) < MAX_PARTS \
                    and frames + pool[-1]["frames"] <= FRAMES[1]:
                parts.append(pool.pop())
                frames += parts[-1]["frames"]
            if len(parts) > 1:
                out.append(parts)
            elif pool is not anybody:
                anybody += parts or [pool.pop()]
            elif not parts:
                pool.pop()  # too long to be joined
    rng.shuffle(out)
    return out


def trim(samples):
    """A recording from its first to its last sound."""
    loud = np.convolve(np.abs(samples), np.full(400, 1 / 400), "same")
    where = np.flatnonzero(loud > 0.03 * loud.max())
    return samples[where[0]:where[-1] + 1] if len(where) > 1 else samples


def record(data, parts, lead, augment, rng):
    """One recording of some utterances, `lead` samples of silence first."""
    alone = rng.random() < WORSE_ALONE
    floor = 10 ** (-rng.uniform(45, 85) / 20)
    pieces = [torch.zeros(lead)]
    for n, part in enumerate(parts):
        samples = data.audio[part["offset"]:part["offset"] + part["samples"]] \
            .astype(np.float32) / 32768
        if rng.random() < TRIMMED:
            samples = trim(samples)
        sound = torch.from_numpy(np.ascontiguousarray(samples))[None]
        if alone:
            augment.waveform(sound)
        if n:
            pieces.append(torch.zeros(int(rng.uniform(0, GAP_S) * 16000)))
        pieces.append(sound[0])
    pieces.append(torch.zeros(SILENT_FRAMES * FRAME_SAMPLES))
    audio = torch.cat(pieces)[None]
    audio += floor * torch.randn(audio.shape)
    if not alone:
        augment.waveform(audio)
    return audio[0]


def joined(parts):
    """The utterance that some utterances are one after the other; `begins`
    are their first tokens, `words` the number of tokens up to each word."""
    tokens, begins, words = [], [], []
    for part in parts:
        begins.append(len(tokens))
        words += [len(tokens) + int(n) for n in part["word_tokens"]]
        tokens = tokens + part["tokens"]
    return {"set": parts[0]["set"], "parts": parts, "tokens": tokens,
            "begins": begins, "word_tokens": words,
            "target": " ".join(p["target"] for p in parts),
            "labels": labels_of(parts)}


def labels_of(parts):
    return letters_to_labels(" ".join(normalise(p["text"]) for p in parts))


def skipping(item, logp, length, rng):
    """The right text of an utterance joined, and texts that leave a part of
    it out, as lists.py has them. logp [T, C] are the letters' posteriors."""
    parts = item["parts"]
    left_out = [None] + rng.sample(range(len(parts)), min(3, len(parts)))
    kept = [[p for n, p in enumerate(parts) if n != gone] for gone in left_out]
    labels = [labels_of(some) for some in kept]
    each = F.ctc_loss(
        logp[:length, None].expand(-1, len(kept), -1),
        torch.tensor(sum(labels, []), dtype=torch.long),
        torch.full((len(kept),), length), torch.tensor([*map(len, labels)]),
        reduction="none", zero_infinity=True)
    said = [sum(len(p["text"].split()) for p in some) for some in kept]
    return [(sum((p["tokens"] for p in some), []), -float(loss),
             words, said[0] - words)
            for some, loss, words in zip(kept, each, said)]


def word_begins(labels, spans, target):
    """The frames at which the words of `target` begin; as word_ends()."""
    gaps = [k for k, label in enumerate(labels) if label == SPACE]
    first = [int(spans[k, 0]) for k in [0] + [k + 1 for k in gaps]]
    said = np.cumsum([0] + [len(normalise(w).split())
                            for w in target.split()])
    return [first[min(k, len(first) - 1)] for k in said[:-1]]


def cuts(item, times, memory, copies, first, chunk, ahead, n, rng):
    """`n` times: what has been heard at the end of some chunk."""
    begins, ends = times
    low = math.ceil((first + HEARD_FRAMES - ahead) / chunk)
    high = (ends[-1] - ahead) // chunk
    for count in rng.sample(range(max(1, low), high + 1),
                            max(0, min(n, high + 1 - max(1, low)))):
        heard = count * chunk + ahead
        said = sum(1 for end in ends if end <= heard)
        tokens = item["word_tokens"][said - 1] if said else 0
        open_end = said < len(begins) and begins[said] < heard + LATE_FRAMES
        if not tokens and open_end:
            continue
        yield (heard_so_far(memory[None], copies[None],
                            torch.tensor([count]))[0, first:heard],
               dict(tokens=item["tokens"][:tokens], given=0, open=open_end,
                    begins=[b for b in item["begins"] if b < tokens],
                    texts=[], words=said))


def later(item, times, memory, last, rng):
    """The recording from a word in its first two thirds on."""
    begins, ends = times
    n = len(begins)
    k = rng.randint(1, max(1, 2 * n // 3))
    if k >= n:
        return
    first = (ends[k - 1] + begins[k]) // 2
    skipped = item["word_tokens"][k - 1]
    given = 0
    if skipped not in item["begins"]:
        reach = first + rng.uniform(0.25, 1) \
            * min(GIVEN_FRAMES, (last - first) / 2)
        given = max(item["word_tokens"][j] for j in range(k, n)
                    if j == k or ends[j] <= reach) - skipped
    yield (memory[first:last],
           dict(tokens=item["tokens"][skipped:], given=given, open=False,
                begins=[b - skipped for b in item["begins"]
                        if b >= skipped], texts=[], words=n - k))


@torch.no_grad()
def hear(w, items, audio, leads, kind, augment, rng):
    """Yields (memory [T, D], item) of recordings heard in the chunks of
    `kind`, each several times."""
    chunk, ahead = CHUNKS[kind]
    lengths = [math.ceil(len(a) / FRAME_SAMPLES) for a in audio]
    frames = math.ceil(max(lengths) / chunk) * chunk
    x = torch.zeros(len(audio), frames * FRAME_SAMPLES + TAIL_SAMPLES)
    for row, samples in zip(x, audio):
        row[:len(samples)] = samples
    n = torch.tensor(lengths, device=DEVICE)
    memories, states, copies = encode_chunks(
        w, stem(w, augment.features(x)), n, chunk, ahead, LEFT, True)
    for row, item in enumerate(items):
        loss, logp = ctc_loss(w, states[row:row + 1], n[row:row + 1], [item])
        spans, = best_path(logp.cpu().numpy(), [lengths[row]],
                           [item["labels"]])
        ends = word_ends(item["labels"], spans, item["target"], lengths[row])
        if loss > SPELLED or not ends:
            continue
        begins = word_begins(item["labels"], spans, item["target"])
        times = begins, ends
        memory = memories[row]
        first = max(0, leads[row] - 2, begins[0] - PREROLL_FRAMES)
        last = min(lengths[row], int(spans[-1, 1]) + SILENT_FRAMES)
        heard = [(memory[first:last],
                  dict(tokens=item["tokens"], given=0, open=False,
                       begins=item["begins"], words=len(ends),
                       texts=skipping(item, logp[0].cpu(), lengths[row],
                                      rng)))]
        heard += later(item, times, memory, last, rng)
        heard += cuts(item, times, memory, copies[row], first, chunk, ahead,
                      1 if kind == "file" else 2, rng)
        for part, told in heard:
            yield part, dict(told, set=item["set"], heard=kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--noise", type=pathlib.Path)
    parser.add_argument("--rir", type=pathlib.Path)
    parser.add_argument("--hours", type=float, default=5.0, help="of sound")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--joins", type=pathlib.Path, default=WORK / "joins")
    args = parser.parse_args()
    setup_torch()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    start = torch.load(WORK / "start.pt")
    data = Data(Tokenizer(start["pieces"], start["merges"]), 60)
    state = torch.load(args.checkpoint)
    w = {n: v.to(DEVICE, DTYPE) for n, v in state["weights"].items()}
    augment = Augment(state["mean"], state["std"], args.noise, args.rir, rng)
    queue, index, frame = [], [], 0
    frames, began = 0, time.time()
    args.joins.mkdir(exist_ok=True)
    out = open(args.joins / "memory.f16", "wb")
    while frames * 0.024 < args.hours * 3600:
        if len(queue) < PART:
            queue += groups([i for i in data.items
                             if rng.random() < SHARES.get(i["set"], 1)], rng)
        part, queue = queue[:PART], queue[PART:]
        items = [i for i in map(joined, part) if len(i["tokens"]) < MAX_TOKENS]
        items.sort(key=lambda i: sum(p["frames"] for p in i["parts"]))
        for kind, some in (("file", items[::2]), ("live", items[1::2])):
            size = max(1, BATCH_FRAMES // FRAMES[1])
            for first in range(0, len(some), size):
                batch = some[first:first + size]
                leads = [rng.randrange(CHUNKS[kind][0]) for _ in batch]
                audio = [record(data, i["parts"], lead * FRAME_SAMPLES,
                                augment, rng)
                         for i, lead in zip(batch, leads)]
                frames += sum(map(len, audio)) / FRAME_SAMPLES
                for memory, item in hear(w, batch, audio, leads, kind,
                                         augment, rng):
                    memory.half().cpu().numpy().tofile(out)
                    index.append(dict(item, frame=frame, frames=len(memory)))
                    frame += len(memory)
        out.flush()
        torch.save(index, args.joins / "index.tmp")
        (args.joins / "index.tmp").rename(args.joins / "index.pt")
        print(f"{frames * 0.024 / 3600:.2f} hours, {len(index)} memories, "
              f"{time.time() - began:.0f} s", flush=True)
    out.close()


if __name__ == "__main__":
    main()
