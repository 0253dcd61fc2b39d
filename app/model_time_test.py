"""flopmeter model --time: small networks run, agree, and say what a run needs. Speed is never judged."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models" / "examples"))

from onnx_writer import model, node, value, weight  # noqa: E402

FLOPMETER = sys.argv[1]


def runnable():
    """Two convolutions and a sum, with weights that are drawn."""
    nodes = (
        node("Conv", ["x", "w"], ["c"], "stem", pads=[1, 1, 1, 1])
        + node("Relu", ["c"], ["r"], name="relu")
        + node("Conv", ["r", "v"], ["d"], "body", pads=[1, 1, 1, 1])
        + node("Add", ["d", "r"], ["y"], name="sum")
    )
    values = (
        value(11, "x", ["batch", 3, 8, 8])
        + value(12, "y", ["batch", 4, 8, 8])
        + weight("w", [4, 3, 3, 3])
        + weight("v", [4, 4, 3, 3])
    )
    return model(nodes + values)


class Time(unittest.TestCase):
    """flopmeter model --time: the network runs."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, data):
        path = os.path.join(self.folder.name, "m.onnx")
        with open(path, "wb") as file:
            file.write(data)
        return path

    def run_model(self, data, *options):
        return subprocess.run(
            [FLOPMETER, "model", self.write(data), "--dim", "*=2", "--time", "--seconds", "0"]
            + list(options),
            capture_output=True,
            text=True,
        )

    def test_json_has_latency_rows_and_agreement(self):
        result = self.run_model(runnable(), "--check", "--json")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        data = json.loads(result.stdout)
        self.assertGreater(data["latency_seconds"], 0)
        low, high = data["latency_interval_seconds"]
        self.assertLessEqual(low, data["latency_seconds"])
        self.assertLessEqual(data["latency_seconds"], high)
        nodes = [n for n in data["nodes"] if n["kind"] == "node"]
        self.assertEqual([n["fused"] for n in nodes], [["stem", "relu"], ["body", "sum"]])
        self.assertEqual(nodes[1]["after"], ["add"])
        rows = sum(n["seconds"] for n in data["nodes"])
        self.assertAlmostEqual(rows, data["sum_of_rows_seconds"])
        self.assertLessEqual(abs(rows / data["latency_seconds"] - 1), 0.01 + 1e-9)
        self.assertEqual(data["nodes"][-1]["kind"], "clock")
        for one in nodes:
            self.assertIn(one["bound"], ["compute", "DRAM", "overhead", "code"])
        self.assertTrue(data["agreement"]["agrees"])
        self.assertLess(data["agreement"]["max_error"], data["agreement"]["tolerance"])
        self.assertTrue(data["random_weights"])

    def test_threads_are_a_list(self):
        data = json.loads(self.run_model(runnable(), "--threads", "1,2", "--json").stdout)
        self.assertEqual([one["threads"] for one in data["by_threads"]], [1, 2])

    def test_memory_of_every_run_is_its_own(self):
        # What a run before has freed is no memory that this one did without.
        weights = 1024 * 1024 * 4
        product = model(
            node("MatMul", ["x", "w"], ["y"], "product")
            + value(11, "x", ["batch", 1024])
            + value(12, "y", ["batch", 1024])
            + weight("w", [1024, 1024])
        )
        data = json.loads(self.run_model(product, "--threads", "1,2,1", "--json").stdout)
        grown = [one["resident_bytes"] for one in data["by_threads"]]
        self.assertGreaterEqual(min(grown), weights, grown)
        self.assertNotIn("agreement", data)

    def test_instances_serve_what_arrives(self):
        data = json.loads(self.run_model(runnable(), "--instances", "1", "--arrivals", "1000",
                                         "--json").stdout)["instances"]
        self.assertEqual((data["instances"], data["threads"]), (1, 1))
        self.assertGreater(data["inferences_per_second"], 0)
        self.assertEqual(data["open_loop"]["offered_inferences_per_second"], 1000)
        self.assertGreaterEqual(data["open_loop"]["runs"], 1)
        many = self.run_model(runnable(), "--instances", "4096")
        self.assertEqual(many.returncode, 2)
        self.assertIn("--instances 4096", many.stderr)

    def test_nodes_alone_stand_beside(self):
        data = json.loads(self.run_model(runnable(), "--alone", "--json").stdout)
        for node in data["nodes"]:
            if node["kind"] == "node":
                self.assertGreater(node["alone_warm_seconds"], 0)

    def test_eight_bits_agree_and_say_their_error(self):
        result = self.run_model(runnable(), "--dtype", "s8", "--check", "--json")
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        data = json.loads(result.stdout)
        bits = data["eight_bits"]
        self.assertIn("2 of 2 nodes have 8-bit steps", bits["how"])
        self.assertEqual(bits["against"], "the file's own graph in double")
        error = bits["errors"][0]
        self.assertGreater(error["largest_error"], 0)
        self.assertLess(error["largest_error"], 0.1 * error["largest"])
        self.assertTrue(data["agreement"]["agrees"])
        against = [one["against"] for one in data["agreement"]["results"]]
        self.assertIn("the file's own graph in double", against)
        ran = [n for n in data["nodes"] if n["kind"] == "node"]
        if any(n["dtype"] == "s8" for n in ran):
            self.assertIn("the same 8-bit integers in double", against)
            self.assertGreater(data["seconds_by_backend"]["onednn s8"], 0)
        text = self.run_model(runnable(), "--dtype", "s8").stdout
        self.assertIn("against the same nodes in f32", text)
        self.assertIn("root mean square", text)

    def test_the_machine_code_of_each_node_is_counted_in_place(self):
        result = self.run_model(runnable(), "--executed", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        data = json.loads(result.stdout)["executed"]
        nodes = [n for n in data["nodes"] if n["kind"] == "node"]
        self.assertEqual([n["fused"] for n in nodes], [["stem", "relu"], ["body", "sum"]])
        self.assertEqual(data["of"], 2)
        # In bounds: 22 of 24 taps an axis; what is done to results is no MAC.
        macs = [2 * 22 * 22 * ic * 4 for ic in (3, 4)]
        self.assertEqual([n["formula_in_bounds"]["macs"] for n in nodes], macs)
        # A sum starts with its first product, and the node adds a tensor to each.
        self.assertEqual(nodes[1]["formula_in_bounds"]["adds"], macs[1])
        if not data["whole"]:
            self.assertTrue(all("unavailable" in n or n["instructions"] for n in data["nodes"]))
            self.assertTrue(data["left_out"])
            return
        self.assertEqual(data["instructions"], sum(n["instructions"] for n in nodes))
        self.assertEqual(data["active"]["macs"], sum(n["active"]["macs"] for n in data["nodes"]))
        for one in nodes:
            count = one["formula"]
            for factor in one["factors"]:
                self.assertEqual(factor["denominator"], count)
                count = factor["numerator"]
            self.assertEqual(one["executed"], count + one["unexplained"])
            self.assertEqual(one["explained"], one["unexplained"] == 0)
        self.assertEqual(data["explained"], sum(n["explained"] for n in nodes))
        text = self.run_model(runnable(), "--executed").stdout
        self.assertIn(f"{data['explained']} of 2 nodes explained exactly", text)

    def test_what_is_left_out_of_a_count_is_said(self):
        result = self.run_model(runnable(), "--executed", "--limit", "1", "--json")
        data = json.loads(result.stdout)["executed"]
        self.assertFalse(data["whole"])
        self.assertTrue(any("not counted" in line for line in data["left_out"]), data["left_out"])
        self.assertIn("left out: 2 parts were not counted",
                      self.run_model(runnable(), "--executed", "--limit", "1").stdout)

    def test_options_of_the_table_of_nodes_are_refused(self):
        for options in (["--csv"], ["--markdown"], ["--counted"], ["--by", "layer"]):
            result = self.run_model(runnable(), *options)
            self.assertEqual(result.returncode, 2, options)
            self.assertIn(options[0], result.stderr)

    def test_batches_are_a_list(self):
        data = json.loads(self.run_model(runnable(), "--batch", "1,3", "--check", "--json").stdout)
        self.assertEqual([one["batch"] for one in data["sets"]], [1, 3])
        shapes = [one["nodes"][0]["shape"][:3] for one in data["sets"]]
        self.assertEqual(shapes, ["mb2", "mb6"])
        self.assertTrue(all(one["agreement"]["agrees"] for one in data["sets"]))

    def test_the_trace_has_an_event_a_part(self):
        path = os.path.join(self.folder.name, "trace.json")
        result = self.run_model(runnable(), "--trace", path, "--json")
        with open(path, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]
        parts = [n["name"] for n in json.loads(result.stdout)["nodes"] if n["kind"] != "clock"]
        self.assertEqual([event["name"] for event in events], parts)
        for event, after in zip(events, events[1:]):
            self.assertEqual(event["ph"], "X")
            self.assertAlmostEqual(event["ts"] + event["dur"], after["ts"])

    def test_a_node_that_cannot_run_is_named(self):
        mystery = node("Mystery", ["x"], ["y"], name="net/head")
        result = self.run_model(model(mystery + value(11, "x", ["batch", 3]) + value(12, "y", [])))
        self.assertEqual(result.returncode, 2)
        self.assertIn("node 'net/head' (Mystery) cannot run", result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)

    def test_what_is_not_run_is_refused(self):
        for options, message in [
            (["--dtype", "s4"], "s4"),
            (["--threads", "0"], "0"),
            (["--arrivals", "3"], "--arrivals needs --instances"),
            (["--trace", "t.json", "--batch", "1,2"], "--trace is of one batch"),
        ]:
            result = self.run_model(runnable(), *options)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(message, result.stderr)
        plain = subprocess.run(
            [FLOPMETER, "model", self.write(runnable()), "--dim", "*=2", "--check"],
            capture_output=True,
            text=True,
        )
        self.assertEqual(plain.returncode, 2)
        self.assertIn("--check needs --time", plain.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
