"""Writes ONNX files field by field, as protobuf lays them out: for the examples and for tests.

Numbers of fields are those of onnx.proto. Weights are initializers whose data lies in a file that is not there,
which is how models above 2 GB are stored too, unless numbers are given.
"""

import struct

FLOAT, UINT8, INT8, INT32, INT64, BOOL = 1, 2, 3, 6, 7, 9


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    """A field of a message: an integer, or text, or the bytes of an inner message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (2**64 - 1))
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(number, values):
    return b"".join(field(number, value) for value in values)


def attribute(name, value):
    """An attribute of a node: an integer, a real number, text, the bytes of a graph, or a list of integers."""
    if isinstance(value, int):
        content = field(3, value) + field(20, 2)
    elif isinstance(value, float):
        content = varint(2 << 3 | 5) + struct.pack("<f", value) + field(20, 1)
    elif isinstance(value, str):
        content = field(4, value) + field(20, 3)
    elif isinstance(value, bytes):
        content = field(6, value) + field(20, 5)
    else:
        content = fields(8, value) + field(20, 7)
    return field(5, field(1, name) + content)


def node_message(op, inputs, outputs, name, domain="", **attributes):
    content = fields(1, inputs) + fields(2, outputs) + field(3, name) + field(4, op)
    content += b"".join(attribute(key, value) for key, value in attributes.items())
    return content + (field(7, domain) if domain else b"")


def node(op, inputs, outputs, name=None, domain="", **attributes):
    return field(1, node_message(op, inputs, outputs, name or outputs[0], domain, **attributes))


def value(number, name, dims, elem=FLOAT):
    """An input (11), result (12) or other tensor (13) of a graph; a dimension that is text is free."""
    shape = b"".join(field(1, field(1 if isinstance(dim, int) else 2, dim)) for dim in dims)
    return field(number, field(1, name) + field(2, field(1, field(1, elem) + field(2, shape))))


def tensor(name, dims, elem, raw):
    return fields(1, dims) + field(2, elem) + field(8, name) + field(9, raw)


def weight(name, dims, elem=FLOAT, location="weights.bin", offset=None):
    entries = field(13, field(1, "location") + field(2, location))
    if offset is not None:
        entries += field(13, field(1, "offset") + field(2, str(offset)))
    return field(5, fields(1, dims) + field(2, elem) + field(8, name) + entries + field(14, 1))


def integers(name, values):
    raw = b"".join(v.to_bytes(8, "little", signed=True) for v in values)
    return field(5, tensor(name, [len(values)], INT64, raw))


def reals(name, values, dims=None):
    dims = [len(values)] if dims is None else dims
    return field(5, tensor(name, dims, FLOAT, struct.pack(f"<{len(values)}f", *values)))


def opset(version, domain=""):
    return field(8, field(1, domain) + field(2, version) if domain else field(2, version))


def model(graph, version=17, producer="onnx_writer.py", ir=8, more=b""):
    """`graph`: fields of a graph. `more`: fields of the model, as further opsets and functions."""
    return field(1, ir) + field(2, producer) + field(7, graph) + opset(version) + more


class Network:
    """Nodes in order; every method takes names of tensors and returns that of its result."""

    def __init__(self, version=17):
        self.version = version
        self.nodes, self.weights, self.inputs, self.outputs = (bytearray() for _ in range(4))

    def node(self, op, inputs, path, outputs=1, domain="", **attributes):
        names = [f"{path}.{i}" if i else path for i in range(outputs)]
        self.nodes += node(op, inputs, names, path, domain, **attributes)
        return names[0] if outputs == 1 else names

    def input(self, name, dims, elem=FLOAT):
        self.inputs += value(11, name, dims, elem)
        return name

    def output(self, name, dims=None):
        """ONNX wants type and dimensions of a model's results, and none of a body's."""
        self.outputs += field(12, field(1, name)) if dims is None else value(12, name, dims)

    def weight(self, name, *dims, elem=FLOAT):
        self.weights += weight(name, dims, elem)
        return name

    def integers(self, name, values):
        self.weights += integers(name, values)
        return name

    def number(self, name, number):
        self.weights += reals(name, [number], [])
        return name

    def graph(self, name="network"):
        return bytes(self.nodes + field(2, name) + self.weights + self.inputs + self.outputs)

    def bytes(self, producer="onnx_writer.py", more=b""):
        return model(self.graph(), self.version, producer, more=more)
