"""The network in PyTorch: the offline teacher and heed's streaming model.

Parameters live in plain dictionaries named as in asr/FORMAT.md; everything
runs in the dtype of the parameters (bf16 in training). Shapes: B utterances,
T encoder frames of 24 ms, U tokens, D model width, H heads, E head width.
SPDX-License-Identifier: Apache-2.0
"""
import math

import torch
import torch.nn.functional as F

D, HEADS, HEAD, ROTARY, LAYERS = 288, 8, 36, 32, 6
CEPSTRA = 80
CTC_LABELS, CTC_TAPS = 29, 5
CTC_BRANCH = 4  # the CTC's own layer reads what this many layers made
# Decoder (layer, head) pairs whose cross-attention follows the speech from
# left to right; found by alignment.py. Layers before shrink.py.
ALIGNMENT_HEADS = ((2, 0), (2, 1), (3, 0), (3, 2), (3, 5), (3, 6), (4, 1),
                   (4, 3), (4, 7))
NEG = -1e4  # masks: large enough, finite in bf16


def layer_norm(x, weight):
    return F.layer_norm(x, (x.shape[-1],), weight, None, 1e-5)


def rotate(x, cos, sin):
    """Rotary positions on the first ROTARY of HEAD dimensions, adjacent
    pairs. x [..., N, H, E]; cos, sin [..., N, 1, ROTARY/2]."""
    turned, rest = x[..., :ROTARY], x[..., ROTARY:]
    even, odd = turned[..., 0::2], turned[..., 1::2]
    turned = torch.stack((even * cos - odd * sin, even * sin + odd * cos),
                         dim=-1).flatten(-2)
    return torch.cat((turned, rest), dim=-1)


def rotary(positions, dtype):
    """cos, sin [N, 1, ROTARY/2] of integer positions [N]."""
    rates = 10000.0 ** (-torch.arange(0, ROTARY, 2, device=positions.device)
                        / ROTARY)
    angle = positions[:, None].float() * rates
    return angle.cos().to(dtype)[:, None], angle.sin().to(dtype)[:, None]


def heads(x):
    return x.unflatten(-1, (HEADS, HEAD))


def attend(q, k, v, mask=None):
    """q [B, N, H, E], k and v [B, M, H, E], mask broadcast to [B, H, N, M]
    and added. Returns [B, N, D]."""
    q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
    scores = (q * HEAD ** -0.5) @ k.transpose(-1, -2)
    if mask is not None:
        scores = scores + mask
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


def ffn(w, p, x):
    return F.linear(F.gelu(F.linear(x, w[p + "fc1.weight"],
                                    w[p + "fc1.bias"])),
                    w[p + "fc2.weight"], w[p + "fc2.bias"])


def run_layers(w, x, layer, last, branch):
    """Runs `layer(prefix, x)` for every encoder layer but the last, which is
    `last`, and, on what comes out of the first CTC_BRANCH of them, `branch`
    for the CTC's own layer. Returns the memory and the CTC's states, both
    normalised."""
    for i in range(LAYERS):
        x = (layer if i + 1 < LAYERS else last)(f"enc.{i}.", x)
        if i + 1 == CTC_BRANCH:
            states = x
    states = branch("ctc.", states)
    return (layer_norm(x, w["enc.norm.weight"]),
            layer_norm(states, w["ctc.norm.weight"]))


def encode_whole(w, x, lengths, ctc=True):
    """Full-context encoder: x [B, T, D], lengths [B] frames. Returns memory
    and, if asked, the CTC's states, [B, T, D] each."""
    t = x.shape[1]
    places = torch.arange(t, device=x.device)
    cos, sin = rotary(places, x.dtype)
    mask = torch.where(places[None] < lengths[:, None], 0.0, NEG) \
        .to(x.dtype)[:, None, None]

    def layer(p, x):
        h = layer_norm(x, w[p + "attn_norm.weight"])
        q, k, v = (heads(F.linear(h, w[p + f"attn.{n}.weight"]))
                   for n in "qkv")
        h = attend(rotate(q, cos, sin), rotate(k, cos, sin), v, mask)
        x = x + F.linear(h, w[p + "attn.o.weight"])
        return x + ffn(w, p + "ffn.",
                       layer_norm(x, w[p + "ffn_norm.weight"]))

    if ctc:
        return run_layers(w, x, layer, layer, layer)
    for i in range(LAYERS):
        x = layer(f"enc.{i}.", x)
    return layer_norm(x, w["enc.norm.weight"])


def encode_chunks(w, x, lengths, chunk, ahead, left, copies=False):
    """The streaming encoder, all chunks at once. x [B, T, D], T a multiple
    of `chunk`. A chunk is encoded with copies of the next `ahead` frames and
    sees itself, those copies and the `left` main frames before it; copies
    are thrown away in the end. Returns memory and the CTC's states, and if
    asked the copies' memory [B, n, ahead, D]."""
    b, t, _ = x.shape
    n = t // chunk
    left = min(left, t - chunk)
    dev = x.device
    places = torch.arange(t, device=dev)
    # Frame index of each key: [n, left + chunk] of main, [n, ahead] copies.
    first = torch.arange(n, device=dev)[:, None] * chunk
    main = first + torch.arange(-left, chunk, device=dev)
    copy = first + chunk + torch.arange(ahead, device=dev)
    keys = torch.cat((main, copy), 1)
    valid = (keys >= 0)[None] & (keys[None] < lengths[:, None, None])
    # A chunk that lies wholly in the padding sees itself: no row is empty.
    own = ((keys >= first) & (keys < first + chunk))[None]
    valid = valid | (own & ~valid.any(-1, keepdim=True))
    mask = torch.where(valid, 0.0, NEG).to(x.dtype) \
        .reshape(b * n, 1, 1, left + chunk + ahead)
    # Rows: all main frames, then all copies.
    rows = torch.cat((places, copy.reshape(-1)))
    cos, sin = rotary(rows, x.dtype)
    x = x[:, rows.clamp(max=t - 1)]

    def windows(k):
        """[B, T, H, E] -> [B * n, left + chunk, H, E]"""
        k = F.pad(k.flatten(2), (0, 0, left, 0))
        k = k.unfold(1, left + chunk, chunk)  # [B, n, D, left + chunk]
        return k.permute(0, 1, 3, 2).reshape(b * n, left + chunk, HEADS,
                                             HEAD)

    def with_copies(main, a):
        """`main` and the chunks' copies in a, side by side."""
        if not ahead:
            return main
        return torch.cat((main, a[:, t:].reshape(b * n, ahead, HEADS, HEAD)),
                         1)

    def layer(p, x):
        h = layer_norm(x, w[p + "attn_norm.weight"])
        q, k, v = (heads(F.linear(h, w[p + f"attn.{m}.weight"]))
                   for m in "qkv")
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        h = attend(with_copies(q[:, :t].reshape(b * n, chunk, HEADS, HEAD),
                               q),
                   with_copies(windows(k[:, :t]), k),
                   with_copies(windows(v[:, :t]), v), mask)
        h = torch.cat((h[:, :chunk].reshape(b, t, D),
                       h[:, chunk:].reshape(b, n * ahead, D)), 1)
        return finish(p, x, h)

    def main_layer(p, x):
        """As `layer`, but only the main frames [B, T, D] are wanted."""
        h = layer_norm(x, w[p + "attn_norm.weight"])
        q = rotate(heads(F.linear(h[:, :t], w[p + "attn.q.weight"])),
                   cos[:t], sin[:t])
        k, v = (heads(F.linear(h, w[p + f"attn.{m}.weight"])) for m in "kv")
        k = rotate(k, cos, sin)
        h = attend(q.reshape(b * n, chunk, HEADS, HEAD),
                   with_copies(windows(k[:, :t]), k),
                   with_copies(windows(v[:, :t]), v), mask)
        return finish(p, x[:, :t], h.reshape(b, t, D))

    def finish(p, x, h):
        x = x + F.linear(h, w[p + "attn.o.weight"])
        return x + ffn(w, p + "ffn.",
                       layer_norm(x, w[p + "ffn_norm.weight"]))

    memory, states = run_layers(w, x, layer, layer if copies else main_layer,
                                main_layer)
    if copies:
        return memory[:, :t], states, memory[:, t:].reshape(b, n, ahead, D)
    return memory, states


def heard_so_far(memory, copies, chunks):
    """What a stream's decoder sees after `chunks` [B] chunks (at least 1):
    their frames of `memory` [B, T, D], then the last one's look-ahead
    `copies` [B, n, A, D]. Returns [B, T, D]; what follows is to be masked."""
    b, t, _ = memory.shape
    n, ahead = copies.shape[1:3]
    frames = torch.arange(t, device=memory.device)[None]
    last = chunks[:, None] * (t // n)
    copied = (frames >= last) & (frames < last + ahead)
    rows = torch.where(copied, t + (chunks[:, None] - 1) * ahead
                       + frames - last, frames)
    both = torch.cat((memory, copies.flatten(1, 2)), 1)
    return both.gather(1, rows[..., None].expand(b, t, D))


def window_frames(x, width, stride):
    """[B, T, C] -> [B, (T - width) // stride + 1, width * C]: a convolution
    is a matrix product over these rows (tap-major, as in the file)."""
    return x.unfold(1, width, stride).transpose(2, 3).flatten(2)


def stem(w, x):
    """Normalised log-mel or cepstra [B, 3 T + 4, 80] -> [B, T, D]."""
    x = F.gelu(F.linear(window_frames(x, 5, 1), w["stem.0.weight"],
                        w["stem.0.bias"]))
    x = F.gelu(F.linear(window_frames(x, 3, 3), w["stem.1.weight"],
                        w["stem.1.bias"]))
    x = F.pad(x, (0, 0, 2, 0))
    return F.gelu(F.linear(window_frames(x, 3, 1), w["stem.2.weight"],
                           w["stem.2.bias"]))


def ctc_logits(w, states, lengths):
    """The CTC's states [B, T, D] -> [B, T, CTC_LABELS]: a convolution over
    CTC_TAPS frames (zeros beyond either end), GELU, a linear layer."""
    frames = torch.arange(states.shape[1], device=states.device)
    valid = (frames[None] < lengths[:, None])[..., None]
    x = F.pad(states * valid, (0, 0, CTC_TAPS // 2, CTC_TAPS // 2))
    h = F.gelu(F.linear(window_frames(x, CTC_TAPS, 1), w["ctc.conv.weight"],
                        w["ctc.conv.bias"]))
    return F.linear(h, w["ctc.output.weight"], w["ctc.output.bias"])


def decoder_layers(w):
    """How many layers the decoder of the parameters w has."""
    return sum(name.startswith("dec.") and name.endswith(".self_norm.weight")
               for name in w)


def decode(w, tokens, memory, lengths, cache=None, attention=None, rows=None):
    """Decoder logits [B, U, V]. tokens [B, U], memory [B, T, D], lengths [B]
    memory frames; with `rows` [B] the texts hear these rows of another number
    of memories. With `cache` (a dict, kept by the caller) tokens are the next
    ones and earlier keys and values are reused; `attention`, a list, collects
    per layer the cross-attention [B, H, U, T]."""
    b, u = tokens.shape
    past = cache["n"] if cache else 0
    dev = memory.device
    places = torch.arange(past, past + u, device=dev)
    cos, sin = rotary(places, memory.dtype)
    frames = torch.arange(memory.shape[1], device=dev)
    cross_mask = torch.where(frames[None] < lengths[:, None], 0.0, NEG) \
        .to(memory.dtype)[:, None, None]
    if rows is not None:
        cross_mask = cross_mask[rows]
    keys = torch.arange(past + u, device=dev)
    causal = torch.where(keys[None] <= places[:, None], 0.0, NEG) \
        .to(memory.dtype)[None, None]
    x = F.embedding(tokens, w["dec.embed.weight"])
    for i in range(decoder_layers(w)):
        p = f"dec.{i}."
        h = layer_norm(x, w[p + "self_norm.weight"])
        q, k, v = (heads(F.linear(h, w[p + f"self.{m}.weight"]))
                   for m in "qkv")
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            if past:
                k = torch.cat((cache[p + "k"], k), 1)
                v = torch.cat((cache[p + "v"], v), 1)
            cache[p + "k"], cache[p + "v"] = k, v
        x = x + F.linear(attend(q, k, v, causal), w[p + "self.o.weight"])
        h = layer_norm(x, w[p + "cross_norm.weight"])
        q = heads(F.linear(h, w[p + "cross.q.weight"]))
        if cache is not None and p + "ck" in cache:
            k, v = cache[p + "ck"], cache[p + "cv"]
        else:
            k, v = (heads(F.linear(memory, w[p + f"cross.{m}.weight"]))
                    for m in "kv")
            if rows is not None:
                k, v = k[rows], v[rows]
            if cache is not None:
                cache[p + "ck"], cache[p + "cv"] = k, v
        if attention is not None:
            s = (q.transpose(1, 2) * HEAD ** -0.5) \
                @ k.transpose(1, 2).transpose(-1, -2) + cross_mask
            attention.append(s.softmax(-1))
        x = x + F.linear(attend(q, k, v, cross_mask),
                         w[p + "cross.o.weight"])
        h = layer_norm(x, w[p + "ffn_norm.weight"])
        h, g = F.linear(h, w[p + "ffn.up.weight"],
                        w[p + "ffn.up.bias"]).chunk(2, -1)
        x = x + F.linear(F.silu(g) * h, w[p + "ffn.down.weight"],
                         w[p + "ffn.down.bias"])
    if cache is not None:
        cache["n"] = past + u
    x = layer_norm(x, w["dec.norm.weight"])
    return F.linear(x, w["dec.embed.weight"])


@torch.no_grad()
def greedy(w, memory, lengths, bos, eos, max_tokens):
    """Batched greedy decoding: a list of token lists."""
    b = memory.shape[0]
    tokens = torch.full((b, 1), bos, device=memory.device)
    limit = (lengths.float() * 0.024 * 6.5).ceil().long() + 2
    done = torch.zeros(b, dtype=torch.bool, device=memory.device)
    out, cache = [[] for _ in range(b)], {"n": 0}
    for step in range(max_tokens):
        logits = decode(w, tokens, memory, lengths, cache)[:, -1]
        tokens = logits.argmax(-1, keepdim=True)
        done |= (tokens[:, 0] == eos) | (step >= limit)
        if done.all():
            break
        for i, token in enumerate(tokens[:, 0].tolist()):
            if not done[i]:
                out[i].append(token)
    return out


def teacher_stem(w, audio, samples):
    """The teacher's own audio stem: audio [B, S] (S such that the frames
    come out), samples [B] valid samples -> [B, T, D]. GroupNorm statistics
    are those of each utterance's valid part."""
    dtype = audio.dtype
    x = torch.tanh(F.linear(audio.unfold(1, 127, 64),
                            w["audio.conv1.weight"].squeeze(1)))
    frames = (samples - 127) // 64 + 1
    valid = (torch.arange(x.shape[1], device=x.device)[None]
             < frames[:, None])[..., None]
    y = x.float() * valid
    count = frames.float()[:, None, None] * D
    mean = y.sum((1, 2), keepdim=True) / count
    var = ((y - mean) * valid).pow(2).sum((1, 2), keepdim=True) / count
    x = ((y - mean) * torch.rsqrt(var + 1e-5)).to(dtype) \
        * w["audio.gn.weight"] + w["audio.gn.bias"]
    for name, width, stride in (("conv2", 7, 3), ("conv3", 3, 2)):
        weight = w[f"audio.{name}.weight"].permute(0, 2, 1).flatten(1)
        x = F.gelu(F.linear(window_frames(x, width, stride), weight,
                            w[f"audio.{name}.bias"]))
    return x


def new_student(start, seed=1):
    """heed's parameters from the teacher's: encoder and decoder as they are,
    the stem and the CTC branch new."""
    generator = torch.Generator().manual_seed(seed)
    w = {name: value.clone() for name, value in start.items()
         if not name.startswith("audio.")}

    def linear(name, n_out, n_in):
        bound = 1 / math.sqrt(n_in)
        w[name + ".weight"] = torch.empty(n_out, n_in).uniform_(
            -bound * math.sqrt(3), bound * math.sqrt(3),
            generator=generator)
        w[name + ".bias"] = torch.zeros(n_out)

    linear("stem.0", D, 5 * CEPSTRA)
    linear("stem.1", 2 * D, 3 * D)
    linear("stem.2", D, 3 * 2 * D)
    for name, value in start.items():  # the CTC's layer begins as the next
        if name.startswith(f"enc.{CTC_BRANCH}."):
            w["ctc." + name.split(".", 2)[2]] = value.clone()
    w["ctc.norm.weight"] = start["enc.norm.weight"].clone()
    linear("ctc.conv", 2 * D, CTC_TAPS * D)
    linear("ctc.output", CTC_LABELS, 2 * D)
    return w
