#!/usr/bin/env python3
"""Writes a GGUF file of a LLaMA with drawn weights, for engines that want some: random_gguf.py CONFIG.JSON TYPE TO

TYPE is q8_0, q4_0, bf16 or f32, of all matrices; norms are ones in f32. The weights are one drawn row of blocks,
repeated: speed does not depend on them. Tokens are bytes and made-up words.
"""

import json
import random
import struct
import sys

ALIGNMENT = 32
# Number of the type, elements and bytes of a block, and a block drawn from bytes.
TYPES = {
    "f32": (0, 1, 4, lambda draw: struct.pack("<f", draw.uniform(-0.02, 0.02))),
    "q4_0": (2, 32, 18, lambda draw: struct.pack("<e", 0.004) + draw.randbytes(16)),
    "q8_0": (8, 32, 34, lambda draw: struct.pack("<e", 0.0002) + draw.randbytes(32)),
    "bf16": (30, 1, 2, lambda draw: struct.pack("<f", draw.uniform(-0.02, 0.02))[2:]),
}


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def settings_of(config):
    """(key, GGUF's type of the value, the value as it is written)"""
    heads = config["num_attention_heads"]
    whole = {
        "block_count": config["num_hidden_layers"],
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": heads,
        "attention.head_count_kv": config.get("num_key_value_heads", heads),
        "rope.dimension_count": config["hidden_size"] // heads,
        "vocab_size": config["vocab_size"],
    }
    yield "general.architecture", 8, text("llama")
    yield "tokenizer.ggml.model", 8, text("llama")
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    words += [f"word{i}" for i in range(len(words), config["vocab_size"])]
    unknown, control, byte, normal = 2, 3, 6, 1
    kinds = [unknown, control, control, *[byte] * 256, *[normal] * (len(words) - 259)]
    yield "tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, len(words)) + b"".join(map(text, words))
    yield "tokenizer.ggml.scores", 9, struct.pack(f"<IQ{len(words)}f", 6, len(words), *[0.0] * len(words))
    yield "tokenizer.ggml.token_type", 9, struct.pack(f"<IQ{len(words)}i", 5, len(words), *kinds)
    yield "llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5)
    for key, value in whole.items():
        yield f"llama.{key}", 4, struct.pack("<I", value)


def tensors_of(config):
    """(name, dimensions, the first one contiguous)"""
    width, hidden, vocabulary = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    heads = config["num_attention_heads"]
    values = width // heads * config.get("num_key_value_heads", heads)
    yield "token_embd.weight", (width, vocabulary)
    for i in range(config["num_hidden_layers"]):
        yield f"blk.{i}.attn_norm.weight", (width,)
        yield f"blk.{i}.attn_q.weight", (width, width)
        yield f"blk.{i}.attn_k.weight", (width, values)
        yield f"blk.{i}.attn_v.weight", (width, values)
        yield f"blk.{i}.attn_output.weight", (width, width)
        yield f"blk.{i}.ffn_norm.weight", (width,)
        yield f"blk.{i}.ffn_gate.weight", (width, hidden)
        yield f"blk.{i}.ffn_up.weight", (width, hidden)
        yield f"blk.{i}.ffn_down.weight", (hidden, width)
    yield "output_norm.weight", (width,)
    yield "output.weight", (width, vocabulary)


def numbers(dims, kind):
    """The type's number, and the tensor's bytes."""
    count = dims[0] * (dims[1] if len(dims) > 1 else 1)
    if len(dims) == 1:
        return TYPES["f32"][0], struct.pack("<f", 1.0) * count
    number, elements, size, block = TYPES[kind]
    draw = random.Random(1)
    row = b"".join(block(draw) for _ in range(min(4096, count // elements)))
    bytes_of_all = count // elements * size
    return number, (row * (bytes_of_all // len(row) + 1))[:bytes_of_all]


def main():
    if len(sys.argv) != 4 or sys.argv[2] not in TYPES:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf8") as file:
        config = json.load(file)
    settings, tensors = list(settings_of(config)), list(tensors_of(config))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))
    head += b"".join(text(key) + struct.pack("<I", kind) + value for key, kind, value in settings)
    offset = 0
    for name, dims in tensors:
        kind, data = numbers(dims, sys.argv[2])
        head += text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset)
        offset += -(-len(data) // ALIGNMENT) * ALIGNMENT
    with open(sys.argv[3], "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        for _, dims in tensors:
            data = numbers(dims, sys.argv[2])[1]
            file.write(data + bytes(-len(data) % ALIGNMENT))


if __name__ == "__main__":
    main()
