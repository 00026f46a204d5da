"""Text: the BPE vocabulary, the scoring normalisation, word error rate, and
the restoration of case and punctuation in training targets.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import re
import struct
from functools import lru_cache

SPACE = "\u2581"
UNK, BOS, EOS = 0, 1, 2
LETTERS = " 'ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # CTC label k + 1; label 0 is blank


def read_llama_js(path):
    """(pieces, merges) of the npm package llama-tokenizer-js."""
    source = open(path, encoding="utf-8").read()

    def blob(name):
        found = re.search(name + r"[^\"'`]*[\"'`]([A-Za-z0-9+/=\s]{1000,})",
                          source)
        return base64.b64decode(found.group(1))

    pieces = blob("llama_vocab_base64").decode("utf-8").split("\n")
    data = blob("llama_merges_binary")
    ids = struct.unpack(f"<{len(data) // 2}H", data)
    merges = [(pieces[a], pieces[b]) for a, b in zip(ids[::2], ids[1::2])]
    return pieces, merges


class Tokenizer:
    """Llama-style BPE over a (possibly pruned) list of pieces."""

    def __init__(self, pieces, merges):
        self.pieces = pieces
        self.ids = {piece: i for i, piece in enumerate(pieces)}
        self.ranks = {}
        for rank, (left, right) in enumerate(merges):
            if left in self.ids and right in self.ids \
                    and left + right in self.ids:
                self.ranks.setdefault((left, right), rank)
        self.encode_word = lru_cache(maxsize=400000)(self._encode_word)

    def _encode_word(self, word):
        parts = list(word)
        while len(parts) > 1:
            ranked = [(self.ranks.get(pair, 1 << 30), i)
                      for i, pair in enumerate(zip(parts, parts[1:]))]
            rank, i = min(ranked)
            if rank == 1 << 30:
                break
            parts[i:i + 2] = [parts[i] + parts[i + 1]]
        return [self.ids.get(part, UNK) for part in parts]

    def encode(self, text):
        """Ids of `text` without BOS or EOS; unknown characters become UNK."""
        out = []
        for word in text.split():
            out += self.encode_word(SPACE + word)
        return out

    def decode(self, ids):
        text = "".join(self.pieces[i] for i in ids if i > EOS)
        return text.replace(SPACE, " ").strip()


def prune_pieces(pieces, merges, words):
    """Ids of the pieces English text uses: control and single ASCII pieces,
    every piece that some word of `words` needs in lower, Title or UPPER case,
    and what the merges on the way to them need."""
    tokenizer = Tokenizer(pieces, merges)
    used = {0, 1, 2}
    for i, piece in enumerate(pieces):
        body = piece.lstrip(SPACE)
        if len(body) == 1 and 32 < ord(body) < 127 and len(piece) <= 2:
            used.add(i)
        if re.fullmatch(SPACE + "?[0-9.,:;?!%$&'\"/()-]{1,3}", piece):
            used.add(i)
    used.add(tokenizer.ids[SPACE])
    marks = set()
    for word in words:
        for form in (word.lower(), word.capitalize(), word.upper()):
            marks.update(tokenizer.encode_word(SPACE + form))
    used |= marks
    # A merge step is kept only if both its parts are kept.
    made_of = {}
    for left, right in merges:
        made_of.setdefault(left + right, (left, right))
    queue = [pieces[i] for i in used]
    while queue:
        for part in made_of.get(queue.pop(), ()):
            if tokenizer.ids[part] not in used:
                used.add(tokenizer.ids[part])
                queue.append(part)
    used.discard(UNK)
    return [UNK] + sorted(used)


_ONES = ("ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN "
         "TWELVE THIRTEEN FOURTEEN FIFTEEN SIXTEEN SEVENTEEN EIGHTEEN "
         "NINETEEN").split()
_TENS = "- - TWENTY THIRTY FORTY FIFTY SIXTY SEVENTY EIGHTY NINETY".split()
_ORDINALS = {"ONE": "FIRST", "TWO": "SECOND", "THREE": "THIRD",
             "FIVE": "FIFTH", "EIGHT": "EIGHTH", "NINE": "NINTH",
             "TWELVE": "TWELFTH"}


def number_words(n):
    """An integer below 10^9 as people say it."""
    if n < 20:
        return [_ONES[n]]
    if n < 100:
        return [_TENS[n // 10]] + ([_ONES[n % 10]] if n % 10 else [])
    for unit, name in ((1000000, "MILLION"), (1000, "THOUSAND"),
                       (100, "HUNDRED")):
        if n >= unit:
            head = number_words(n // unit) + [name]
            rest = n % unit
            if not rest:
                return head
            return head + (["AND"] if rest < 100 else []) + number_words(rest)
    raise ValueError(n)


def _say_number(match):
    digits, suffix = match.group(1).replace(",", ""), match.group(2) or ""
    n = int(digits)
    if n >= 10 ** 9 or (len(digits) > 1 and digits[0] == "0"):
        return " " + " ".join(_ONES[int(d)] for d in digits) + " "
    if not suffix and 1100 <= n <= 1999 and "," not in match.group(1) \
            and n % 1000:
        words = number_words(n // 100)
        rest = n % 100
        words += (["HUNDRED"] if rest == 0 else
                  ["OH", _ONES[rest]] if rest < 10 else number_words(rest))
    else:
        words = number_words(n)
    if suffix:
        last = words[-1]
        words[-1] = _ORDINALS.get(last, last[:-1] + "IETH"
                                  if last.endswith("Y") else last + "TH")
    return " " + " ".join(words) + " "


def normalise(text):
    """The scoring form: capitals, apostrophes, numbers read out, nothing
    else. Both sides of a comparison go through it."""
    text = text.upper().replace("\u2019", "'")
    text = text.replace("%", " PERCENT ").replace("&", " AND ")
    text = re.sub(r"\$([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)", r"\1 DOLLARS", text)
    text = re.sub(r"\b(MR|MRS|DR|ST|MS)\.",
                  lambda m: {"MR": "MISTER", "MRS": "MISSUS", "DR": "DOCTOR",
                             "ST": "SAINT", "MS": "MISS"}[m.group(1)], text)
    text = re.sub(r"\b(MR|MRS|DR)\b",
                  lambda m: {"MR": "MISTER", "MRS": "MISSUS",
                             "DR": "DOCTOR"}[m.group(1)], text)
    text = re.sub(r"([0-9]+)\.([0-9]+)",
                  lambda m: m.group(1) + " POINT " + " ".join(m.group(2)),
                  text)
    text = re.sub(r"([0-9]+(?:,[0-9]{3})*)(ST|ND|RD|TH)?(?![0-9])",
                  _say_number, text)
    text = re.sub(r"[^A-Z']+", " ", text)
    words = [word.strip("'") if word.strip("'") == "" else word
             for word in text.split()]
    return " ".join(re.sub(r"^'+|'+$", "", w) for w in words
                    if w.strip("'"))


def align(ref, hyp):
    """Levenshtein alignment of two lists: pairs (i or None, j or None)."""
    n, m = len(ref), len(hyp)
    cost = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        cost[i][0] = i
    for j in range(m + 1):
        cost[0][j] = j
    for i in range(1, n + 1):
        row, above = cost[i], cost[i - 1]
        for j in range(1, m + 1):
            row[j] = min(above[j - 1] + (ref[i - 1] != hyp[j - 1]),
                         above[j] + 1, row[j - 1] + 1)
    pairs, i, j = [], n, m
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] \
                + (ref[i - 1] != hyp[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def errors(ref, hyp):
    """(substitutions, deletions, insertions, reference words) of two texts,
    both normalised here."""
    ref, hyp = normalise(ref).split(), normalise(hyp).split()
    sub = dele = ins = 0
    for i, j in align(ref, hyp):
        if j is None:
            dele += 1
        elif i is None:
            ins += 1
        elif ref[i] != hyp[j]:
            sub += 1
    return sub, dele, ins, len(ref)


def _plain_form(word, start):
    """A reference word the teacher did not hear, as one would write it."""
    form = word.lower()
    if word == "I" or word.startswith("I'"):
        form = word[0] + word[1:].lower()
    return form[0].upper() + form[1:] if start else form


def restore(reference, teacher):
    """The reference's words in the teacher's written form where the two
    agree, elsewhere in small letters (a capital where the teacher wrote a
    name). Case and punctuation come from the teacher, words from the
    reference; spelled letters become capitals without full stops."""
    ref = reference.split()
    written = []  # (normalised word, written form) per teacher word
    for word in teacher.replace('"', "").split():
        norm = normalise(word).split()
        if len(norm) == 1:
            written.append((norm[0], word))
        else:  # a number or "a.m.": the reference has it in words
            written += [(part, None) for part in norm]
    form_of, named = {}, set()
    for i, j in align(ref, [norm for norm, _ in written]):
        if i is None or j is None or written[j][1] is None:
            continue
        if ref[i] == written[j][0]:
            form_of[i] = written[j][1]
        elif j and written[j - 1][1] and written[j][1][0].isupper() \
                and written[j - 1][1][-1] not in ".?!":
            named.add(i)
    spelled = {i + k for i in range(len(ref) - 1) for k in (0, 1)
               if len(ref[i]) == len(ref[i + 1]) == 1}
    out, start = [], True
    for i, word in enumerate(ref):
        form = form_of.get(i)
        if i in spelled or (len(word) == 1 and word not in "AIO"):
            form = word
        elif form is not None:
            form = re.sub(r"^[^\w']+|[^\w'.,?!;:]+$", "", form)
            if normalise(form) != word:
                form = None
            elif not start and form.lower() in _COMMON:
                form = form.lower()
        if form is None:
            form = _plain_form(word, start or i in named)
        out.append(form)
        start = form[-1] in ".?!"
    text = " ".join(out).rstrip(",;:-")
    if not text:
        return ""
    if text[-1] not in ".?!":
        text += "."
    text = text[0].upper() + text[1:]
    return text if normalise(text) == normalise(reference) \
        else reference.lower()


_COMMON = set("the a an and or but if of to in on at for with from by as is "
              "was are were be been it he she they we you this that".split())


def letters_to_labels(text):
    """CTC labels of a normalised text."""
    return [LETTERS.index(c) + 1 for c in text if c in LETTERS]


def ctc_greedy(labels):
    """Text of a best-path label sequence."""
    out, last = [], 0
    for label in labels:
        if label != last and label:
            out.append(LETTERS[label - 1])
        last = label
    return "".join(out)
