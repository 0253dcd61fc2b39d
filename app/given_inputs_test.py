#!/usr/bin/env python3
"""flopmeter model --time --input: inputs that are given run as they are, and what is wrong with them is one line."""

import array
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models" / "examples"))

from onnx_writer import INT64, model, node, reals, value  # noqa: E402

FLOPMETER = sys.argv[1]


def npy(numbers, dims, code):
    """As numpy.save writes it."""
    descr = {"q": "<i8", "f": "<f4", "d": "<f8"}[code]
    shape = "(" + "".join(f"{dim}, " for dim in dims) + ")"
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + array.array(code, numbers).tobytes()


def lookup():
    """y = table[ids] * s, as often as k says."""
    nodes = (
        node("Gather", ["table", "ids"], ["rows"])
        + node("Mul", ["rows", "s"], ["scaled"])
        + node("Tile", ["scaled", "k"], ["y"])
    )
    values = (
        value(11, "ids", ["tokens"], INT64)
        + value(11, "s", [])
        + value(11, "k", [1], INT64)
        + value(12, "y", [])
    )
    return model(nodes + values + reals("table", [10.0, 11.0, 12.0, 13.0, 14.0]))


class GivenInputs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "lookup.onnx").write_bytes(lookup())

    def run_model(self, *options, tokens=3):
        return subprocess.run(
            [FLOPMETER, "model", str(self.path / "lookup.onnx"), "--dim", f"tokens={tokens}", "--time", "--seconds", "0"]
            + list(options),
            capture_output=True,
            text=True,
        )

    def results(self):
        dump = self.path / "dump"
        index = json.loads((dump / "index.json").read_text())
        numbers = array.array("f", (dump / index["results"][0]["file"]).read_bytes())
        return index, list(numbers)

    def test_numbers_and_arrays_are_what_runs(self):
        (self.path / "ids.npy").write_bytes(npy([4, -5, 2], [3], "q"))
        result = self.run_model(
            "--input", f"ids={self.path}/ids.npy", "--input", "s=0.5", "--input", "k=2",
            "--check", "--json", "--dump", str(self.path / "dump"),
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        index, numbers = self.results()
        self.assertEqual(numbers, [7.0, 5.0, 6.0] * 2)
        self.assertEqual(sorted(one["name"] for one in index["inputs"]), ["ids", "k", "s"])
        data = json.loads(result.stdout)
        self.assertTrue(data["agreement"]["agrees"])
        self.assertEqual(len(data["inputs"]), 3)
        remarks = " ".join(data["remarks"])
        self.assertIn("the input 'k' is 2 in every run", remarks)
        self.assertIn("the input 'ids' is ", remarks)

    def test_one_number_is_that_of_every_element(self):
        result = self.run_model("--input", "ids=3", "--input", "s=2", "--input", "k=1", "--dump", str(self.path / "dump"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.results()[1], [26.0] * 3)

    def test_what_does_not_fit_is_one_line(self):
        (self.path / "two.npy").write_bytes(npy([1, 2], [2], "q"))
        (self.path / "half.npy").write_bytes(npy([0.5, 1, 2], [3], "d"))
        for option, message in [
            ("ids=5,0,0", "5 is no place among 5"),
            ("ids=1,2", "as many numbers as 2"),
            (f"ids={self.path}/two.npy", "dimensions 2, the input 3 elements"),
            (f"ids={self.path}/half.npy", "0.5 is no number of int64"),
            (f"ids={self.path}/none.npy", "cannot be read"),
            ("idx=1", "no such input; there are ids, s, k"),
            ("ids", "NAME=16000"),
        ]:
            result = self.run_model("--input", "k=1", "--input", option)
            self.assertEqual(result.returncode, 2, option)
            self.assertIn(message, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_counts_follow_settings_alone(self):
        for given, remark in [("k=1", "the input 'k' is 1 in every run"), ("ids=1", "the numbers of the input 'ids' are for runs")]:
            result = subprocess.run(
                [FLOPMETER, "model", str(self.path / "lookup.onnx"), "--dim", "*=3", "--input", given, "--json"],
                capture_output=True,
                text=True,
            )
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(remark, " ".join(json.loads(result.stdout)["remarks"]))

    def test_types_are_a_list(self):
        result = self.run_model("--input", "k=1", "--dtype", "f32,bf16", "--check", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        data = json.loads(result.stdout)
        self.assertEqual([one["dtype"] for one in data["sets"]], ["f32", "bf16"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
