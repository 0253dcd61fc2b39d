#!/usr/bin/env python3
"""Writes an ONNX file whose weights are inputs as one that holds them: with_weights.py FROM TO [--free-batch]

Engines fold, pack and fuse what is constant alone, so a file without weights is no fair input. Every real input of
known dimensions but the first, and every real tensor whose data are in a file beside it, becomes an initializer,
drawn at random from a fixed seed: matrices and kernels with a variance of 2 over the terms of their sums, scales and
variances of norms from 1/2 to 3/2, all else from -0.1 to 0.1. --free-batch makes the first dimension of the input and
of the results a free one, `batch`: engines refuse other batches than a file has. Where the graph itself has that batch
among its constants, the file does not run then.
"""

import array
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "models" / "examples"))

from onnx_writer import FLOAT, field, tensor  # noqa: E402

POSITIVE = {"BatchNormalization": (1, 4), "LayerNormalization": (1,), "InstanceNormalization": (1,)}


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, wire type, value or bytes, the field as it is written)"""
    at = 0
    while at < len(data):
        begin = at
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = read_varint(data, at)
        elif kind == 2:
            size, at = read_varint(data, at)
            value = data[at:at + size]
            at += size
        else:
            size = 8 if kind == 1 else 4
            value = data[at:at + size]
            at += size
        yield number, kind, value, data[begin:at]


def first(data, number, otherwise=b""):
    return next((value for n, _, value, _ in fields(data) if n == number), otherwise)


def value_info(data):
    """Name, element type, and dimensions; None where one is free."""
    tensor = first(first(data, 2), 1)
    dims = []
    for number, _, value, _ in fields(first(tensor, 2)):
        if number == 1:
            size = first(value, 1, None)
            dims.append(size if isinstance(size, int) and size > 0 else None)
    return bytes(first(data, 1)).decode(), first(tensor, 1, 0), None if None in dims else dims


def positive_names(graph):
    names = set()
    for number, _, value, _ in fields(graph):
        if number == 1:
            inputs = [bytes(v).decode() for n, _, v, _ in fields(value) if n == 1]
            for place in POSITIVE.get(bytes(first(value, 4)).decode(), ()):
                names.update(inputs[place:place + 1])
    return names


def numbers(name, dims, positive):
    count = 1
    for dim in dims:
        count *= dim
    if name in positive:
        low, high = 0.5, 1.5
    elif len(dims) > 1:
        terms = max(1, count // dims[0]) if len(dims) > 2 else dims[0]
        high = (6 / terms) ** 0.5
        low = -high
    else:
        low, high = -0.1, 0.1
    draw = random.Random(name)
    block = array.array("f", (draw.uniform(low, high) for _ in range(min(count, 65536))))
    whole = (block * (count // len(block) + 1))[:count] if count else block
    return whole.tobytes()


def initializer(name, dims, positive):
    return field(5, tensor(name, dims, FLOAT, numbers(name, dims, positive)))


def elsewhere(stored):
    """Name and dimensions of a tensor of real numbers that lies in a file beside the model; else None."""
    dims, external = [], False
    for number, kind, value, _ in fields(stored):
        external = external or (number == 14 and value == 1)
        if number == 1 and kind == 0:
            dims.append(value)
        at = 0
        while number == 1 and kind == 2 and at < len(value):  # packed
            size, at = read_varint(value, at)
            dims.append(size)
    return (bytes(first(stored, 8)).decode(), dims) if external and first(stored, 2, 0) == FLOAT else None


def replaced(message, path, new):
    """The message with the first field at a path of numbers made anew."""
    out, found = [], False
    for number, _, value, raw in fields(message):
        if number == path[0] and not found:
            found = True
            out.append(field(number, replaced(value, path[1:], new) if path[1:] else new))
        else:
            out.append(bytes(raw))
    return b"".join(out)


def of_any_batch(number, info):
    """An input or a result, as the graph's field: type, tensor, shape, first dimension, its name."""
    return field(number, replaced(info, (2, 1, 2, 1), field(2, b"batch")))


def with_weights(graph, free_batch):
    positive = positive_names(graph)
    kept, made, seen = [], [], 0
    for number, _, value, raw in fields(graph):
        if number == 11:
            seen += 1
            name, elem, dims = value_info(value)
            if seen > 1 and elem == FLOAT and dims is not None:
                made.append(initializer(name, dims, positive))
                continue
        outside = elsewhere(value) if number == 5 else None
        if outside:
            made.append(initializer(*outside, positive))
        elif free_batch and (number == 12 or (number == 11 and seen == 1)):
            kept.append(of_any_batch(number, value))
        else:
            kept.append(bytes(raw))
    return b"".join(kept + made)


def main():
    free_batch = sys.argv[3:] == ["--free-batch"]
    if len(sys.argv) != 3 + free_batch:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        model = memoryview(file.read())
    out = []
    for number, _, value, raw in fields(model):
        if number == 7:
            out.append(field(7, with_weights(value, free_batch)))
        elif number == 1:
            out.append(field(1, max(value, 8)))  # before 4, initializers have to be inputs as well
        else:
            out.append(bytes(raw))
    with open(sys.argv[2], "wb") as file:
        file.write(b"".join(out))


if __name__ == "__main__":
    main()
