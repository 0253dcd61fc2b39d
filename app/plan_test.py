#!/usr/bin/env python3
"""flopmeter plan on a machine file written by hand: exact predictions, ranking, what is refused."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models" / "examples"))

from onnx_writer import model, node, value  # noqa: E402

FLOPMETER = sys.argv[1]
FOLDER = pathlib.Path(__file__).resolve().parent.parent

CONFIG = {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 1000,
    "max_position_embeddings": 128, "type_vocab_size": 2, "hidden_act": "gelu",
}


LLAMA = {
    "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 32, "torch_dtype": "float32",
}


def small_network():
    """Two convolutions of 8 channels with a ReLU in between, without weights."""
    graph = (node("Conv", ["x", "w"], ["c"], "stem", pads=[1] * 4)
             + node("Relu", ["c"], ["r"], "relu")
             + node("Conv", ["r", "v"], ["y"], "body", pads=[1] * 4) + value(11, "x", [1, 8, 6, 6])
             + value(11, "w", [8, 8, 3, 3]) + value(11, "v", [8, 8, 3, 3])
             + value(12, "y", [1, 8, 6, 6]))
    return model(graph, 13)


def rate(threads, operations, dtype="f32"):
    return {"dtype": dtype, "threads": threads, "operations_per_second": operations,
            "bytes_per_second": 1e10, "fixed_seconds": 1e-5}


def machine(rates, **more):
    profile = {"source": "data sheet", "rates": rates,
               "constants": [{"kind": "*", "efficiency": 0.5, "within": 2}]}
    profile.update(more)
    return {"schema": 1, "profile": profile}


class PlanTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.config = self.write("config.json", CONFIG)
        self.machine = self.write("slow.json", machine([rate(1, 1e11), rate(2, 2e11)]))

    def write(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def write_bytes(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def run_it(self, *args, code=0):
        done = subprocess.run([FLOPMETER, *args], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def plan(self, *args):
        text = self.run_it("plan", self.config, "--tokens", "64", "--machine", self.machine,
                           "--json", *args)
        return json.loads(text)

    def test_every_combination_has_a_prediction_and_its_interval(self):
        plans = self.plan("--batch", "1,4")["plans"]
        self.assertEqual({(p["threads"], p["batch"]) for p in plans},
                         {(1, 1), (1, 4), (2, 1), (2, 4)})
        for plan in plans:
            low, high = plan["interval_seconds"]
            self.assertLessEqual(low, plan["predicted_seconds"] / 2 * 1.0001)
            self.assertGreaterEqual(high, plan["predicted_seconds"] * 2 * 0.9999)
            self.assertIsNone(plan["measured_seconds"])
            self.assertAlmostEqual(sum(plan["shares"].values()), 1)
            self.assertLess(plan["simple_rules_seconds"]["operations_over_peak"],
                            plan["predicted_seconds"])

    def test_the_check_measures_what_was_predicted(self):
        network = self.write_bytes("net.onnx", small_network())
        args = ("plan", network, "--machine", self.machine, "--threads", "1", "--batch", "1,2",
                "--seconds", "0", "--json")
        plain = json.loads(self.run_it(*args))
        done = subprocess.run([FLOPMETER, *args, "--check"], capture_output=True, text=True,
                              check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        checked = json.loads(done.stdout)
        self.assertEqual([p["predicted_seconds"] for p in plain["plans"]],
                         [p["predicted_seconds"] for p in checked["plans"]])
        inside = 0
        for plan in checked["plans"]:
            seconds = plan["measured_seconds"]
            self.assertGreater(seconds, 0)
            self.assertAlmostEqual(plan["error"], plan["predicted_seconds"] / seconds - 1)
            low, high = plan["interval_seconds"]
            self.assertEqual(plan["inside_interval"], low <= seconds <= high)
            inside += plan["inside_interval"]
            self.assertEqual([n["name"] for n in plan["nodes"]], ["stem", "body", "reorders"])
            self.assertAlmostEqual(sum(n["predicted_seconds"] for n in plan["nodes"]),
                                   plan["predicted_seconds"])
            # The machine file was written by hand: it has no points that could be timed again.
            self.assertIsNone(plan["drift"])
            self.assertIsNone(plan["error_times_drift"])
            self.assertEqual(set(plan["simple_rules_errors"]),
                             {"operations_over_peak", "roofline", "bytes_over_bandwidth",
                              "sum_of_warm_layers"})
        self.assertAlmostEqual(checked["check"]["coverage"], inside / 2)
        self.assertEqual(done.returncode, 0 if inside == 2 else 1)
        self.assertEqual(checked["check"]["rules"]["planner"]["count"], 2)

    def test_what_is_of_another_machine_is_not_checked(self):
        network = self.write_bytes("net.onnx", small_network())
        other = machine([rate(1, 1e11)])
        other["environment"] = {"cpu": "Another CPU", "cpu_id": "x-1-2-3"}
        path = self.write("other.json", other)
        error = self.run_it("plan", network, "--machine", path, "--check", code=2)
        self.assertIn("Another CPU", error)
        self.assertEqual(error.count("\n"), 1, error)

    def test_a_node_is_explained_exactly(self):
        nodes = json.loads(self.run_it("model", self.config, "--tokens", "64", "--json"))["nodes"]
        linear = next(n for n in nodes if n["shape"].startswith("mb64ic64oc128"))
        text = self.run_it("plan", self.config, "--tokens", "64", "--machine", self.machine,
                           "--threads", "1", "--why", linear["name"])
        # 2 x 64 x 64 x 128 FLOPs at half of 100 GFLOPS: 20.97 us
        self.assertIn("roofline: 1.049e+06 FLOPs 10.49 us, weights from memory 3.328 us, fixed 10.00 us; "
                      "of it 50.0 % are reached", text)
        self.assertIn("bound: compute", text)
        self.assertIn("no such node", self.run_it(
            "plan", self.config, "--machine", self.machine, "--why", "nothing", code=2))

    def test_targets_and_prices_rank(self):
        dear = self.write("dear.json", machine([rate(1, 1e12)]))
        prices = self.write("p.csv", "machine,price_per_hour\nslow,1\ndear.json,100\n")
        text = self.run_it("plan", self.config, "--machine", self.machine, dear, "--prices", prices,
                           "--target-latency", "10s", "--json")
        plans = json.loads(text)["plans"]
        self.assertEqual([p["meets"] for p in plans], ["yes"] * 3)
        costs = [p["cost_per_million"] for p in plans]
        self.assertEqual(costs, sorted(costs))
        self.assertTrue(plans[0]["pareto"])
        seconds = plans[0]["predicted_seconds"]
        self.assertAlmostEqual(costs[0], 1 / 3600 * seconds * 1e6, places=9)
        impossible = self.plan("--target-latency", "1ns")["plans"]
        self.assertEqual({p["meets"] for p in impossible}, {"no"})

    def test_language_models_have_tokens_and_a_cache(self):
        config = self.write("llama.json", LLAMA)

        def first(*options):
            text = self.run_it("plan", config, "--machine", self.machine, "--threads", "1", "--json", *options)
            return json.loads(text)["plans"][0]

        prompt = first("--tokens", "64")
        self.assertEqual(prompt["tokens"], 64)
        self.assertAlmostEqual(prompt["tokens_per_second"] * prompt["predicted_seconds"], 64)
        near, far = (first("--phase", "decode", "--past", past) for past in ("64", "1064"))
        self.assertAlmostEqual(near["tokens_per_second"] * near["predicted_seconds"], 1)
        # Keys and values of 2 layers with 1 head of 32 that is shared, in f32.
        self.assertGreaterEqual(far["memory_bytes"] - near["memory_bytes"], 1000 * 2 * 2 * 32 * 4)
        text = self.run_it("plan", config, "--machine", self.machine, "--phase", "decode")
        self.assertIn("tokens/s", text)
        self.assertIn("kernels of its own", text)
        self.assertNotIn("tokens", json.loads(self.run_it(
            "plan", self.write_bytes("net.onnx", small_network()), "--machine", self.machine,
            "--json"))["plans"][0])

    def test_language_models_are_predicted_on_the_kernels_that_generate(self):
        config = self.write("small.json", {
            "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "intermediate_size": 96, "vocab_size": 96, "torch_dtype": "bfloat16",
            "tie_word_embeddings": False})
        file = machine([dict(rate(1, 1e11), cache_bytes=10**8)])
        file["profile"]["generation"] = [
            {"format": "q8_0", "threads": 1, "kind": kind, "rows": 1, "keys": 1, "amount": 1, "seconds": seconds}
            for kind, seconds in [("products", 1e-6), ("sdpa", 1e-9), ("embedding", 1e-12), ("attention.rotary", 1e-12)]]
        path = self.write("generates.json", file)
        options = ["plan", config, "--machine", path, "--threads", "1", "--phase", "decode", "--past", "7"]
        plan = json.loads(self.run_it(*options, "--json"))
        first = plan["plans"][0]
        self.assertEqual((first["dtype"], plan["unfused"]), ("q8_0", ""))
        # Two blocks and the head, 34 bytes for 32 weights, 1 us a byte.
        weights = 2 * (64 * (64 + 32 + 32 + 64) + 3 * 64 * 96) + 96 * 64
        self.assertAlmostEqual(first["predicted_seconds"], weights * 34 / 32 * 1e-6, delta=1e-4)
        self.assertGreater(first["interval_seconds"][0], 0)
        self.assertIn("caches", plan["in_caches"])
        self.assertIn("layers.0.attention.qkv", self.run_it(*options, "--why", "layers.0.attention.qkv"))
        self.assertIn("q8_0 on 1", self.run_it(*options, "--dtype", "bf16", code=2))
        done = subprocess.run([FLOPMETER, *options, "--check", "--seconds", "0", "--json"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 1, "far faster than predicted")
        checked = json.loads(done.stdout)
        self.assertGreater(checked["plans"][0]["measured_seconds"], 0)
        self.assertLess(checked["plans"][0]["measured_seconds"], first["predicted_seconds"])
        self.assertNotIn("sum_of_warm_layers", checked["check"]["rules"])

    def test_what_was_hardly_held_against_runs_is_said(self):
        path = self.write("s8.json", machine([rate(1, 1e11), rate(1, 3e11, "s8")]))
        for dtypes, said in [("f32", False), ("f32,s8", True)]:
            data = json.loads(self.run_it("plan", self.config, "--machine", path, "--dtype", dtypes, "--json"))
            self.assertEqual("s8" in data["unproved"], said)

    def test_intervals_that_rest_on_no_point_are_said_to(self):
        recorded = FOLDER / "results" / "recorded" / "machines" / "epyc-avx512-2-cores.json"
        own = f"of {self.machine}, which has no points, as it states them itself"
        self.assertEqual(self.plan()["intervals"], own)
        both = json.loads(self.run_it("plan", self.config, "--tokens", "64", "--json", "--machine", recorded,
                                      self.machine))
        points = {plan["points"] for plan in both["plans"]} - {0}
        self.assertGreater(len(points), 1)
        self.assertIn(f"from what {min(points)} to {max(points)} points of single nodes", both["intervals"])
        self.assertTrue(both["intervals"].endswith("; " + own))

    def test_the_page_says_what_the_plan_says(self):
        recorded = FOLDER / "results" / "recorded" / "machines" / "epyc-avx512-2-cores.json"
        for model, unit in [(self.config, "inferences"), (self.write("llama.json", LLAMA), "tokens")]:
            text = self.run_it("plan", model, "--machine", recorded, "--tokens", "64", "--batch", "64", "--json")
            plan = json.loads(text)
            self.assertGreater(plan["plans"][0]["share_outside_points"], 0.01)
            page = os.path.join(self.folder.name, "page.html")
            self.run_it("report", self.write("plan-of-it.json", text), "-o", page)
            with open(page, encoding="utf-8") as file:
                html = file.read().replace("&nbsp;", " ")
            self.assertIn("% is outside the points", html)
            self.assertIn(f"{unit} a second", html)
            self.assertIn(plan["intervals"], html)
            self.assertIn(plan["unproved"], html)
            self.assertIn("Not in it: reorders", html)
            self.assertIn(plan["left_out"], self.run_it("plan", model, "--machine", recorded, "--tokens", "64"))

    def test_points_in_s8_that_ran_in_f32_are_refused(self):
        point = {"kind": "gemm", "dtype": "s8", "threads": 1, "at": [64, 64, 64], "layer": "linear",
                 "shape": "mb64ic64oc64", "work": 1e6, "weight_bytes": 4e3, "activation_bytes": 4e3,
                 "seconds": 1e-4, "cache_seconds": 1e-4, "own_seconds": 1e-4, "samples": [1e-4],
                 "cache_samples": [1e-4], "own_samples": [1e-4], "left_out": 0.1, "implementation": "brgemm"}
        for more, code in [({}, 2), ({"ran_in": "s8"}, 0)]:
            path = self.write("old.json", machine([rate(1, 3e11, "s8")], points=[{**point, **more}]))
            said = self.run_it("plan", self.config, "--machine", path, "--dtype", "s8", code=code)
            self.assertEqual("measure anew" in said, code == 2, said)

    def test_the_single_change_that_helps_most_is_named(self):
        self.assertIn("threads 1 -> 2", self.plan()["changes"][0])

    def test_what_is_not_there_is_refused_in_one_line(self):
        for args, word in [(["--threads", "3"], "no profile of f32 on 3 threads"),
                           (["--dtype", "s8"], "no profile of s8"),
                           (["--target-latency", "20"], "20ms"),
                           (["--check"], "cannot run here"),
                           (["--shard", "0/2"], "--shard needs --check"),
                           (["--input", "sr"], "NAME=16000")]:
            error = self.run_it("plan", self.config, "--machine", self.machine, *args, code=2)
            self.assertIn(word, error)
            self.assertEqual(error.count("\n"), 1, error)
        for content, word in [({"schema": 1}, "--profile"), ("[]", "JSON"),
                              (machine([rate(1, 0)]), "above 0"),
                              (machine([rate(1, 1)], source="guess"), "data sheet")]:
            wrong = self.write("wrong.json", content)
            self.assertIn(word, self.run_it("plan", self.config, "--machine", wrong, code=2))

    def test_machines_are_compared(self):
        other = self.write("b.json", machine([rate(1, 3e11)]))
        text = self.run_it("machine", "--compare", self.machine, other)
        self.assertIn("3.000", text)
        self.assertIn("only in a", text)

    def test_a_profile_of_another_machine_is_not_resumed(self):
        error = self.run_it("machine", "--profile", "--resume", "-o", self.machine, code=2)
        self.assertIn("another machine or build", error)
        self.assertIn("-o", self.run_it("machine", "--profile", code=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
