#!/usr/bin/env python3
"""Writes the example networks beside this script: small files without weights, for trying `flopmeter model`.

    python3 models/examples/make.py [folder]

Weights are initializers whose data lies in a file that is not there, which is how models above 2 GB are stored too.
"""

import json
import pathlib
import sys

from onnx_writer import Network, reals


class Layers(Network):
    """Layers of several nodes, and nodes that have weights."""

    def conv(self, x, path, ic, oc, kernel, stride=1, group=1, pad=None):
        pad = kernel // 2 if pad is None else pad
        w = self.weight(path + ".weight", oc, ic // group, kernel, kernel)
        b = self.weight(path + ".bias", oc)
        return self.node(
            "Conv",
            [x, w, b],
            path,
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            group=group,
        )

    def linear(self, x, path, ic, oc):
        y = self.node("MatMul", [x, self.weight(path + ".weight", ic, oc)], path)
        return self.node("Add", [y, self.weight(path + ".bias", oc)], path + "/bias")

    def layernorm(self, x, path, size):
        return self.node(
            "LayerNormalization",
            [x, self.weight(path + ".weight", size), self.weight(path + ".bias", size)],
            path,
            axis=-1,
        )

    def heads(self, x, path, tokens, heads, size, perm):
        shape = self.integers(path + ".shape", [0, tokens, heads, size])
        y = self.node("Reshape", [x, shape], path + "/split")
        return self.node("Transpose", [y], path + "/heads", perm=perm)

    def gelu(self, x, path):
        for name, value in (("root", 2**0.5), ("one", 1.0), ("half", 0.5)):
            if f"gelu.{name}".encode() not in self.weights:
                self.number(f"gelu.{name}", value)
        d = self.node("Div", [x, "gelu.root"], path + "/div")
        e = self.node("Erf", [d], path + "/erf")
        a = self.node("Add", [e, "gelu.one"], path + "/add")
        m = self.node("Mul", [x, a], path + "/mul")
        return self.node("Mul", [m, "gelu.half"], path + "/half")

    def attention(self, x, path, tokens, size, heads):
        each = size // heads
        q = self.heads(self.linear(x, path + "/q", size, size), path + "/q", tokens, heads, each, [0, 2, 1, 3])
        k = self.heads(self.linear(x, path + "/k", size, size), path + "/k", tokens, heads, each, [0, 2, 3, 1])
        v = self.heads(self.linear(x, path + "/v", size, size), path + "/v", tokens, heads, each, [0, 2, 1, 3])
        s = self.node("MatMul", [q, k], path + "/scores")
        s = self.node("Div", [s, self.number(path + ".scale", each**0.5)], path + "/scale")
        w = self.node("Softmax", [s], path + "/softmax", axis=-1)
        y = self.node("MatMul", [w, v], path + "/values")
        y = self.node("Transpose", [y], path + "/join", perm=[0, 2, 1, 3])
        y = self.node("Reshape", [y, self.integers(path + ".joined", [0, tokens, size])], path + "/joined")
        return self.linear(y, path + "/out", size, size)


def resnet50():
    n = Layers()
    x = n.conv(n.input("image", ["batch", 3, 224, 224]), "conv1", 3, 64, 7, 2)
    x = n.node("Relu", [x], "relu1")
    x = n.node("MaxPool", [x], "maxpool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], 1):
        for block in range(blocks):
            path = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = n.node("Relu", [n.conv(x, path + "/conv1", channels, width, 1)], path + "/relu1")
            y = n.node("Relu", [n.conv(y, path + "/conv2", width, width, 3, stride)], path + "/relu2")
            y = n.conv(y, path + "/conv3", width, 4 * width, 1)
            if block == 0:
                x = n.conv(x, path + "/downsample", channels, 4 * width, 1, stride, pad=0)
            x = n.node("Relu", [n.node("Add", [y, x], path + "/add")], path + "/relu3")
            channels = 4 * width
    x = n.node("Flatten", [n.node("GlobalAveragePool", [x], "pool")], "flatten")
    n.output(n.linear(x, "fc", 2048, 1000), ["batch", 1000])
    return n


def mobilenet_v2():
    n = Layers()

    def clipped(x, path):
        return n.node("Clip", [x, "zero", "six"], path)

    n.number("zero", 0.0)
    n.number("six", 6.0)
    x = clipped(n.conv(n.input("image", ["batch", 3, 224, 224]), "conv0", 3, 32, 3, 2), "relu0")
    channels, block = 32, 0
    for expand, out, times, first in [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]:
        for i in range(times):
            block += 1
            path, stride, wide = f"features.{block}", first if i == 0 else 1, expand * channels
            y = x
            if expand > 1:
                y = clipped(n.conv(y, path + "/expand", channels, wide, 1), path + "/relu1")
            y = clipped(n.conv(y, path + "/depthwise", wide, wide, 3, stride, wide), path + "/relu2")
            y = n.conv(y, path + "/project", wide, out, 1)
            x = n.node("Add", [x, y], path + "/add") if stride == 1 and channels == out else y
            channels = out
    x = clipped(n.conv(x, "conv18", channels, 1280, 1), "relu18")
    x = n.node("Flatten", [n.node("GlobalAveragePool", [x], "pool")], "flatten")
    n.output(n.linear(x, "classifier", 1280, 1000), ["batch", 1000])
    return n


def encoder(n, x, tokens, size, heads, hidden, layers, before):
    for i in range(layers):
        path = f"layer.{i}"
        y = n.layernorm(x, path + "/norm1", size) if before else x
        x = n.node("Add", [x, n.attention(y, path + "/attention", tokens, size, heads)], path + "/add1")
        x = x if before else n.layernorm(x, path + "/norm1", size)
        y = n.layernorm(x, path + "/norm2", size) if before else x
        y = n.gelu(n.linear(y, path + "/up", size, hidden), path + "/gelu")
        x = n.node("Add", [x, n.linear(y, path + "/down", hidden, size)], path + "/add2")
        x = x if before else n.layernorm(x, path + "/norm2", size)
    return x


def bert_base(tokens=128):
    n = Layers()
    ids = n.input("tokens", ["batch", tokens], 7)
    x = n.node("Gather", [n.weight("words.weight", 30522, 768), ids], "words")
    x = n.node("Add", [x, n.weight("positions.weight", 1, tokens, 768)], "positions")
    x = n.layernorm(x, "norm", 768)
    n.output(encoder(n, x, tokens, 768, 12, 3072, 12, False), ["batch", tokens, 768])
    return n


def vit_b_16():
    n = Layers()
    x = n.conv(n.input("image", ["batch", 3, 224, 224]), "patches", 3, 768, 16, 16, pad=0)
    x = n.node("Reshape", [x, n.integers("patches.shape", [0, 768, 196])], "patches/flat")
    x = n.node("Transpose", [x], "patches/rows", perm=[0, 2, 1])
    images = n.node("Shape", [x], "class/images", start=0, end=1)
    sizes = n.node("Concat", [images, n.integers("class.shape", [1, 768])], "class/sizes", axis=0)
    token = n.node("Expand", [n.weight("class", 1, 1, 768), sizes], "class/token")
    x = n.node("Concat", [token, x], "class/join", axis=1)
    x = n.node("Add", [x, n.weight("positions", 1, 197, 768)], "positions/add")
    x = encoder(n, x, 197, 768, 12, 3072, 12, True)
    x = n.layernorm(x, "norm", 768)
    x = n.node("Gather", [x, n.integers("first", [0])], "class/take", axis=1)
    n.output(n.linear(x, "head", 768, 1000), ["batch", 1000])
    return n


def lstm_tagger():
    n = Layers(14)
    ids = n.input("tokens", ["steps", "batch"], 7)
    x = n.node("Gather", [n.weight("words.weight", 10000, 128), ids], "words")
    w, r, b = n.weight("lstm.w", 2, 1024, 128), n.weight("lstm.r", 2, 1024, 256), n.weight("lstm.b", 2, 2048)
    x = n.node("LSTM", [x, w, r, b], "lstm", hidden_size=256, direction="bidirectional")
    x = n.node("Transpose", [x], "lstm/join", perm=[0, 2, 1, 3])
    x = n.node("Reshape", [x, n.integers("lstm.shape", [0, 0, 512])], "lstm/flat")
    n.output(n.linear(x, "tags", 512, 20), ["steps", "batch", 20])
    return n


def detector():
    """A backbone of three scales, and a head that upsamples and joins them."""
    n = Layers()
    x = n.input("image", ["batch", 3, "height", "width"])
    channels, scales = 3, []
    for i, width in enumerate([16, 32, 64, 128, 256]):
        x = n.conv(x, f"backbone.{i}/conv", channels, width, 3, 2)
        gate = n.node("Sigmoid", [x], f"backbone.{i}/sigmoid")
        x = n.node("Mul", [x, gate], f"backbone.{i}/silu")
        channels = width
        scales.append((x, width))
    n.weights += reals("scales", [1.0, 1.0, 2.0, 2.0])
    for i, (skip, width) in enumerate(reversed(scales[2:4])):
        x = n.conv(x, f"neck.{i}/reduce", channels, width, 1)
        x = n.node("Resize", [x, "", "scales"], f"neck.{i}/upsample", mode="nearest")
        x = n.node("Concat", [x, skip], f"neck.{i}/join", axis=1)
        x = n.conv(x, f"neck.{i}/mix", 2 * width, width, 3)
        channels = width
    n.output(n.conv(x, "head/boxes", channels, 85 * 3, 1), ["batch", 255, "rows", "columns"])
    return n


LANGUAGE_MODEL = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    for make in (resnet50, mobilenet_v2, bert_base, vit_b_16, lstm_tagger, detector):
        (folder / f"{make.__name__}.onnx").write_bytes(make().bytes("models/examples/make.py"))
    (folder / "llama_8b.config.json").write_text(json.dumps(LANGUAGE_MODEL, indent=2) + "\n")


if __name__ == "__main__":
    main()
