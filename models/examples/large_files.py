"""Large model files, for tests and for timing the readers: large_files.py FOLDER"""

import os
import pathlib
import struct
import sys

from make import Layers
from onnx_writer import FLOAT, field, fields, node, opset, value, varint

LARGE = 3 << 30  # bytes of weights


def many_nodes(count):
    """A convolutional network of about `count` nodes, with blocks of seven and names as PyTorch's exporter writes."""
    n = Layers()
    x = n.conv(n.input("image", ["batch", 3, 32, 32]), "/stem/conv/Conv", 3, 16, 3)
    for block in range(count // 7):
        path = f"/layers.{block}/block"
        y = n.conv(x, f"{path}/conv1/Conv", 16, 16, 3)
        y = n.node("Mul", [y, n.node("Sigmoid", [y], f"{path}/act/Sigmoid")], f"{path}/act/Mul")
        y = n.conv(y, f"{path}/conv2/Conv", 16, 16, 1)
        y = n.node("Relu", [y], f"{path}/relu/Relu")
        y = n.conv(y, f"{path}/conv3/Conv", 16, 16, 3, group=16)
        x = n.node("Add", [y, x], f"{path}/Add")
    n.output(x)
    return n.bytes()


def large_weights(size):
    """A product whose weights are `size` bytes that are not written: they follow as a hole in the file."""
    rows = size // 4096
    start = fields(1, [rows, 1024]) + field(2, FLOAT) + field(8, "w") + varint(9 << 3 | 2) + varint(size)
    tensor = varint(5 << 3 | 2) + varint(len(start) + size) + start
    graph = node("MatMul", ["x", "w"], ["y"]) + field(2, "graph")
    graph += value(11, "x", [1, rows]) + value(12, "y", []) + tensor
    return field(1, 8) + opset(17) + varint(7 << 3 | 2) + varint(len(graph) + size) + graph


def gguf_text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def gguf_settings(architecture, settings):
    """Integers and texts, and lists of texts: how many, and their bytes."""
    out = gguf_text("general.architecture") + struct.pack("<I", 8) + gguf_text(architecture)
    for key, setting in settings.items():
        out += gguf_text(key)
        if isinstance(setting, int):
            out += struct.pack("<II", 4, setting)
        elif isinstance(setting, list):
            out += struct.pack("<IIQ", 9, 8, len(setting)) + b"".join(map(gguf_text, setting))
        else:
            out += struct.pack("<I", 8) + gguf_text(setting)
    return struct.pack("<Q", len(settings) + 1), out


def gguf_tensors(tensors):
    """Of (name, dimensions, type)."""
    return b"".join(
        gguf_text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, 0) for name, dims, kind in tensors
    )


def gguf_8b():
    """The header of a LLaMA 3.1 8B in Q4_0, with a vocabulary of 128,256 tokens and as many merges."""
    settings = {
        "llama.block_count": 32,
        "llama.embedding_length": 4096,
        "llama.feed_forward_length": 14336,
        "llama.attention.head_count": 32,
        "llama.attention.head_count_kv": 8,
        "llama.vocab_size": 128256,
        "llama.context_length": 131072,
        "tokenizer.ggml.tokens": [f"token{i}" for i in range(128256)],
        "tokenizer.ggml.merges": [f"to ken{i}" for i in range(280147)],
    }
    tensors = [("token_embd.weight", [4096, 128256], 2), ("output.weight", [4096, 128256], 14),
               ("output_norm.weight", [4096], 0)]
    for i in range(32):
        for name, dims, kind in [
            ("attn_norm", [4096], 0), ("ffn_norm", [4096], 0), ("attn_q", [4096, 4096], 2),
            ("attn_k", [4096, 1024], 2), ("attn_v", [4096, 1024], 2), ("attn_output", [4096, 4096], 2),
            ("ffn_gate", [4096, 14336], 2), ("ffn_up", [4096, 14336], 2), ("ffn_down", [14336, 4096], 2),
        ]:
            tensors.append((f"blk.{i}.{name}.weight", dims, kind))
    count, text = gguf_settings("llama", settings)
    return b"GGUF" + struct.pack("<IQ", 3, len(tensors)) + count + text + gguf_tensors(tensors)


def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "many_nodes.onnx").write_bytes(many_nodes(20_000))
    (folder / "8b.gguf").write_bytes(gguf_8b())
    start = large_weights(LARGE)
    (folder / "large.onnx").write_bytes(start)
    os.truncate(folder / "large.onnx", len(start) + LARGE)


if __name__ == "__main__":
    main()
