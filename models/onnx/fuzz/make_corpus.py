#!/usr/bin/env python3
"""Writes the corpus beside this script: files of few bytes that reach every part of the readers.

    python3 models/onnx/fuzz/make_corpus.py
"""

import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "examples"))

from make import Layers  # noqa: E402
from onnx_writer import Network, field, node, opset  # noqa: E402


def convolution():
    net = Layers()
    x = net.input("x", ["batch", 3, 8, 8])
    y = net.conv(x, "net/conv", 3, 4, 3)
    y = net.node("Relu", [y], "net/relu")
    y = net.node("MaxPool", [y], "net/pool", kernel_shape=[2, 2], strides=[2, 2])
    net.output(net.node("Softmax", [y], "net/softmax", axis=1))
    return net.bytes()


def shapes():
    net = Network()
    x = net.input("x", [2, 3, 4])
    shape = net.node("Shape", [x], "shape")
    net.integers("zero", [0])
    net.integers("rest", [-1])
    first = net.node("Gather", [shape, "zero"], "first", axis=0)
    to = net.node("Concat", [first, "rest"], "to", axis=0)
    y = net.node("Reshape", [x, to], "reshaped")
    net.integers("ends", [2])
    y = net.node("Slice", [y, "zero", "ends"], "sliced")
    net.output(net.node("Transpose", [y], "turned", perm=[1, 0]))
    return net.bytes()


def attention():
    net = Network(23)
    q = net.input("q", [1, 2, 3, 8])
    k = net.input("k", [1, 2, 5, 8])
    net.output(net.node("Attention", [q, k, k], "attention", is_causal=1))
    net.output(net.node("Einsum", [q, k], "products", equation="bhqd,bhkd->bhqk"))
    return net.bytes()


def recurrent():
    net = Network()
    x = net.input("x", [3, 2, 4])
    w = net.weight("w", 1, 20, 4)
    r = net.weight("r", 1, 20, 5)
    net.output(net.node("LSTM", [x, w, r], "lstm", hidden_size=5, direction="forward"))
    return net.bytes()


def control():
    net = Network()
    x = net.input("x", [2, 3])
    net.input("c", [], 9)
    bodies = []
    for op in ("Relu", "Tanh"):
        body = Network()
        body.output(body.node(op, [x], f"{op}.r"))
        bodies.append(body.graph("body"))
    net.nodes += node("If", ["c"], ["y"], then_branch=bodies[0], else_branch=bodies[1])
    loop = Network()
    loop.input("i", [], 7)
    loop.input("go", [], 9)
    loop.input("s", [])
    loop.output(loop.node("Identity", ["go"], "on"))
    loop.output(loop.node("Relu", ["s"], "t"))
    net.integers("n", [5])
    net.nodes += node("Loop", ["n", "", "y"], ["z"], body=loop.graph("body"))
    net.output("z")
    return net.bytes()


def function():
    net = Network()
    x = net.input("x", [2, 3])
    net.nodes += node("Twice", [x], ["y"], domain="local")
    net.output("y")
    nodes = b""
    for name, source in (("h", "a"), ("b", "h")):
        nodes += field(7, field(1, source) + field(2, name) + field(4, "Relu"))
    body = field(1, "Twice") + field(4, "a") + field(5, "b") + nodes + field(10, "local") + field(9, field(2, 17))
    return net.bytes(more=opset(1, "local") + field(25, body))


def quantised():
    net = Network()
    x = net.input("x", [1, 2, 5, 5], 2)
    net.number("s", 1.0)
    net.input("z", [], 2)
    w = net.input("w", [4, 2, 3, 3], 2)
    y = net.node("QLinearConv", [x, "s", "z", w, "s", "z", "s", "z"], "conv")
    net.output(net.node("DequantizeLinear", [y, "s", "z"], "real"))
    return net.bytes()


def gguf():
    settings = {
        "llama.block_count": 2,
        "llama.embedding_length": 8,
        "llama.feed_forward_length": 16,
        "llama.attention.head_count": 2,
        "llama.attention.head_count_kv": 1,
        "llama.vocab_size": 32,
    }
    text = lambda s: struct.pack("<Q", len(s)) + s.encode()
    out = b"GGUF" + struct.pack("<IQQ", 3, 1, len(settings) + 1)
    out += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    for key, number in settings.items():
        out += text(key) + struct.pack("<II", 4, number)
    return out + text("token_embd.weight") + struct.pack("<IQQIQ", 2, 8, 32, 1, 0)


def config():
    settings = {
        "model_type": "llama",
        "hidden_size": 8,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "vocab_size": 32,
    }
    return json.dumps(settings).encode()


def main():
    folder = HERE / "corpus"
    folder.mkdir(exist_ok=True)
    for make in (convolution, shapes, attention, recurrent, control, function, quantised, gguf, config):
        (folder / make.__name__).write_bytes(make())


if __name__ == "__main__":
    main()
