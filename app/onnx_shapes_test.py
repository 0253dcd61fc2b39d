#!/usr/bin/env python3
"""Shapes of all nodes' first results, held against those that ONNX itself infers (Debian's python3-onnx).

The example networks and the models of ONNX's own tests, of the operator sets that its version knows. Skipped
where a package is missing. FLOPMETER_ONNX_MODELS may name a folder of further models.
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import onnx
except ImportError:
    print("skipped: python3-onnx is missing")
    sys.exit(77)

FLOPMETER = sys.argv[1]
DATA = "/usr/share/libonnx-testdata/data"
FREE = 64  # what free dimensions are bound to


def bound(model):
    """The model with its free dimensions set, and without the shapes that its writer left in it."""
    for value in model.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if not dim.HasField("dim_value"):
                dim.dim_value = FREE
    del model.graph.value_info[:]
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    return model


def expected_shapes(path):
    """What ONNX infers for the first result of each node, by the node's name: sizes, None where one is not known."""
    model = bound(onnx.load(path, load_external_data=False))
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {}
    for value in [*inferred.value_info, *inferred.output]:
        tensor = value.type.tensor_type
        if value.type.HasField("tensor_type") and tensor.HasField("shape"):
            shapes[value.name] = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
    found = {}
    for node in inferred.node:
        if node.output and node.output[0] in shapes:
            found.setdefault(node.name or node.output[0], shapes[node.output[0]])
    return found


def our_shapes(path):
    """By node, of whole sizes, None where not even their number is known; nothing, and why, where the file is
    refused."""
    done = subprocess.run(
        [FLOPMETER, "model", path, "--as-is", "--json", "--dim", f"*={FREE}"], capture_output=True, text=True
    )
    if done.returncode != 0:
        return None, done.stderr.strip()
    found = {}
    for node in json.loads(done.stdout)["nodes"]:
        unknown = node["output"] == "?"
        if re.fullmatch(r"(\d+(x\d+)*)?", node["output"]) or (unknown and "reason" not in node):
            sizes = [int(size) for size in node["output"].split("x") if size and not unknown]
            found.setdefault(node["name"].split(":")[0], None if unknown else sizes)
    return found, ""


def disagreements(path):
    expected = expected_shapes(path)
    ours, refused = our_shapes(path)
    if ours is None:
        return len(expected), [f"refused: {refused}"]
    wrong = []
    for name, shape in expected.items():
        key = name.split(":")[0]
        if key not in ours:
            continue
        own = ours[key]
        if own is None:
            if None not in shape:
                wrong.append(f"{name}: {shape}, here not known")
        elif len(own) != len(shape) or any(a is not None and a != b for a, b in zip(shape, own)):
            wrong.append(f"{name}: {shape}, here {own}")
    return len(expected), wrong


class Shapes(unittest.TestCase):
    def hold(self, paths, fewest):
        compared = 0
        for path in sorted(paths):
            with self.subTest(path):
                try:
                    count, wrong = disagreements(path)
                except onnx.shape_inference.InferenceError as error:
                    self.skipTest(str(error))
                compared += count
                self.assertEqual(wrong, [], path)
        self.assertGreaterEqual(compared, fewest)

    def test_example_networks(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "models/examples/make.py", folder], check=True)
            paths = glob.glob(f"{folder}/*.onnx")
            with open(f"{folder}/weights.bin", "wb") as weights:
                weights.truncate(1 << 30)  # of nothing
            for path in paths:
                onnx.checker.check_model(path)
            self.hold(paths, 800)

    @unittest.skipUnless(os.path.isdir(DATA), "libonnx-testdata is missing")
    def test_models_of_onnx(self):
        self.hold(glob.glob(f"{DATA}/pytorch-*/*/model.onnx") + glob.glob(f"{DATA}/simple/*/model.onnx"), 100)

    def test_further_models(self):
        folder = os.environ.get("FLOPMETER_ONNX_MODELS", "")
        self.hold(glob.glob(f"{folder}/**/*.onnx", recursive=True) if folder else [], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
