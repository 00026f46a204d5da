"""GGUF v3, just what a heed model needs: write, and read back.

SPDX-License-Identifier: Apache-2.0
"""
import struct

import numpy as np

U32, I32, F32, STRING, ARRAY = 4, 5, 6, 8, 9
STRINGS, I32S = (ARRAY, STRING), (ARRAY, I32)  # kinds of metadata values
TENSOR_TYPES = {np.dtype(np.float32): 0, np.dtype(np.float16): 1,
                np.dtype(np.int8): 24, np.dtype(np.int32): 26}
ALIGNMENT = 64


def _string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _value(kind, value):
    if kind == STRINGS:
        return struct.pack("<IIQ", ARRAY, STRING, len(value)) \
            + b"".join(_string(v) for v in value)
    if kind == I32S:
        return struct.pack("<IIQ", ARRAY, I32, len(value)) \
            + struct.pack(f"<{len(value)}i", *value)
    body = {U32: lambda: struct.pack("<I", value),
            F32: lambda: struct.pack("<f", value),
            STRING: lambda: _string(value)}[kind]()
    return struct.pack("<I", kind) + body


def write(path, metadata, tensors):
    """metadata: (key, kind, value); tensors: (name, array)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, kind, value in metadata:
        head += _string(key) + _value(kind, value)
    infos, offset = b"", 0
    for name, array in tensors:
        shape = array.shape[::-1]
        infos += _string(name) + struct.pack("<I", len(shape)) \
            + struct.pack(f"<{len(shape)}Q", *shape) \
            + struct.pack("<IQ", TENSOR_TYPES[array.dtype], offset)
        offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
    head += infos
    with open(path, "wb") as file:
        file.write(head)
        file.write(b"\0" * (-len(head) % ALIGNMENT))
        for _, array in tensors:
            data = np.ascontiguousarray(array).tobytes()
            file.write(data + b"\0" * (-len(data) % ALIGNMENT))


def read(path):
    """({key: value}, {name: array}) of a file that write() made."""
    data = open(path, "rb").read()
    at = 4

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def string():
        nonlocal at
        n = take("Q")
        at += n
        return data[at - n:at].decode("utf-8")

    def value(kind):
        if kind == STRING:
            return string()
        if kind == ARRAY:
            of, n = take("IQ")
            return [value(of) for _ in range(n)]
        return take({U32: "I", I32: "i", F32: "f"}[kind])

    if data[:4] != b"GGUF":
        raise SystemExit(f"{path}: not a GGUF file")
    _, n_tensors, n_keys = take("IQQ")
    keys = {}
    for _ in range(n_keys):
        key = string()
        keys[key] = value(take("I"))
    infos = []
    for _ in range(n_tensors):
        name = string()
        n = take("I")
        shape = [take("Q") for _ in range(n)][::-1]
        kind, offset = take("IQ")
        infos.append((name, shape, kind, offset))
    base = -(-at // ALIGNMENT) * ALIGNMENT
    types = {v: k for k, v in TENSOR_TYPES.items()}
    return keys, {
        name: np.frombuffer(data, types[kind], int(np.prod(shape)),
                            base + offset).reshape(shape)
        for name, shape, kind, offset in infos}
