"""What train.py minimises.

SPDX-License-Identifier: Apache-2.0
"""
import math

import torch
import torch.nn.functional as F

from common import DEVICE
from model import ctc_logits, decode
from text import BOS, EOS

SMOOTHING = 0.05
TEACHER = 0.5  # share of the teacher's distribution where it is asked


def relative_mse(x, target, lengths):
    """Squared error over valid frames relative to the target's energy."""
    valid = (torch.arange(x.shape[1], device=x.device)[None]
             < lengths[:, None])[..., None]
    diff = ((x - target) * valid).float().pow(2).sum()
    return diff / (target * valid).float().pow(2).sum().clamp(min=1.0)


def ctc_loss(w, states, lengths, batch):
    """Negative log likelihood of the letters, per letter, and the letters'
    log posteriors [B, T, C]."""
    logp = ctc_logits(w, states, lengths).float().log_softmax(-1)
    labels = torch.tensor([x for i in batch for x in i["labels"]],
                          dtype=torch.long, device=DEVICE)
    counts = torch.tensor([len(i["labels"]) for i in batch], device=DEVICE)
    loss = F.ctc_loss(logp.transpose(0, 1), labels, lengths, counts,
                      reduction="none", zero_infinity=True)
    return loss.sum() / max(1, int(counts.sum())), logp.detach()


def token_batch(batch):
    """Decoder inputs and targets [B, U], U a multiple of 8; -100 pads."""
    u = math.ceil((max(len(i["tokens"]) for i in batch) + 1) / 8) * 8
    inputs = torch.full((len(batch), u), EOS)
    targets = torch.full((len(batch), u), -100)
    for row, item in enumerate(batch):
        ids = torch.tensor(item["tokens"], dtype=torch.long)
        n = len(ids)
        inputs[row, 0], inputs[row, 1:n + 1] = BOS, ids
        targets[row, :n], targets[row, n] = ids, EOS
    return inputs.to(DEVICE), targets.to(DEVICE)


@torch.no_grad()
def teacher_log_probs(teacher, inputs, targets, states, lengths, taught):
    """What the teacher's decoder, which hears the whole utterance (its own
    final states), thinks of the next token. Asked only in the rows `taught`
    and believed only where it would write the target too. Returns log
    probabilities [N, V] and their places [B, U], N of them true."""
    places = torch.zeros_like(targets, dtype=torch.bool)
    rows = torch.tensor(taught, device=DEVICE).nonzero()[:, 0]
    if not len(rows):
        return None, places
    logits = decode(teacher, inputs[rows], states[rows], lengths[rows])
    agrees = logits.argmax(-1) == targets[rows]
    places[rows] = agrees
    return logits[agrees].float().log_softmax(-1), places


def decoder_loss(logits, targets, teacher_logp, places):
    """Cross-entropy with the targets; where the teacher is believed (what
    teacher_log_probs returns) TEACHER of it gives way to the divergence from
    the teacher's distribution. Returns the loss per token and, for the log,
    the plain cross-entropy and the divergence."""
    valid = targets >= 0
    logp = logits[valid].float().log_softmax(-1)
    hard = F.nll_loss(logp, targets[valid], reduction="none")
    smooth = (1 - SMOOTHING) * hard - SMOOTHING * logp.mean(-1)
    asked = places[valid]
    if not asked.any():
        return smooth.mean(), float(hard.mean()), 0.0
    divergence = (teacher_logp.exp() * (teacher_logp - logp[asked])).sum(-1)
    loss = smooth.sum() - TEACHER * smooth[asked].sum() \
        + TEACHER * divergence.sum()
    return loss / len(hard), float(hard.mean()), float(divergence.mean())


def expected_errors(scores, errors, rows, n):
    """The word errors to be expected of each of n lists of texts, when a text
    is chosen as often as its score says (arXiv 1712.01818). scores, errors
    and rows (the list that a text is in) [T]; returns [n]."""
    top = torch.full((n,), -math.inf, device=scores.device) \
        .scatter_reduce(0, rows, scores.detach(), "amax")
    mass = (scores - top[rows]).exp()
    whole = torch.zeros(n, device=scores.device).index_add(0, rows, mass)
    return torch.zeros(n, device=scores.device) \
        .index_add(0, rows, mass / whole[rows] * errors)
