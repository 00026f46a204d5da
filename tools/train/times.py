"""When does a word end? The best path of its letters through the CTC branch.

SPDX-License-Identifier: Apache-2.0
"""
import numpy as np

from text import LETTERS, normalise

NEVER = -1e9
SPACE = LETTERS.index(" ") + 1
TRAIL = 5  # frames that a word may sound on after its last letter's spike


def best_path(logp, lengths, labels):
    """The best CTC path through log posteriors logp [B, T, C] of lengths [B]
    for B lists of labels. Returns per row the first and last frame of each
    label, int [L, 2], or None where the labels do not fit."""
    b, t, _ = logp.shape
    s = 2 * max(map(len, labels)) + 1
    states = np.zeros((b, s), dtype=np.int64)
    for row, ids in enumerate(labels):
        states[row, 1:2 * len(ids):2] = ids
    emit = np.take_along_axis(logp, states[:, None].repeat(t, 1), 2)
    # A label may follow another one without a blank between, if it differs.
    skip = np.full((b, s), NEVER)
    skip[:, 3::2] = np.where(states[:, 3::2] != states[:, 1:-2:2], 0, NEVER)
    # Three candidates a state: to stay, to come from one or two before.
    score = np.full((3, b, s), NEVER)
    scores, steps = np.full((t, b, s), NEVER), np.zeros((t, b, s), np.int8)
    scores[0, :, :2] = emit[:, 0, :2]
    for i in range(1, t):
        score[0] = scores[i - 1]
        score[1, :, 1:] = score[0, :, :-1]
        score[2, :, 2:] = score[0, :, :-2]
        score[2] += skip
        steps[i] = score.argmax(0)
        scores[i] = score.max(0) + emit[:, i]
        score[2] = NEVER
    return [trace(scores[:n, row], steps[:, row], len(ids))
            for row, (n, ids) in enumerate(zip(lengths, labels))]


def trace(scores, steps, count):
    """best_path's way back through one row's scores and steps [T, S]."""
    last = len(scores) - 1
    state = 2 * count
    if count and scores[last, state - 1] > scores[last, state]:
        state -= 1
    if scores[last, state] < NEVER / 2:
        return None
    spans = np.full((count, 2), -1)
    for i in range(last, -1, -1):
        if state % 2:
            k = state // 2
            spans[k] = i, max(i, spans[k, 1])
        state -= steps[i, state]
    return spans


def word_ends(labels, spans, target, frames):
    """The frames at which the words of the text `target` end, whose letters'
    labels are on the frames `spans` of so many `frames`; none if the two do
    not have the same words."""
    if spans is None or not labels:
        return []
    gaps = [k for k, label in enumerate(labels) if label == SPACE]
    first = [spans[k + 1, 0] for k in gaps] + [frames]  # of the next word
    last = [spans[k - 1, 1] for k in gaps + [len(labels)]]
    ends = [min(a, b + 1 + TRAIL) for a, b in zip(first, last)]
    said = np.cumsum([len(normalise(w).split()) for w in target.split()])
    if said[-1] != len(ends):
        return []
    return [ends[max(0, k - 1)] for k in said]
