#!/usr/bin/env python3
"""`flopmeter machine` as a user meets it: called with the path of flopmeter. No speed is judged."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
LISTS = ("caches", "clock", "throughput", "bandwidth", "latency", "ridges")


def machine(*args, code=0):
    """Runs the command, demands the exit code, returns the finished process."""
    done = subprocess.run([PROGRAM, "machine", *args], capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"{args}: exit code {done.returncode}, not {code}: {done.stderr}")
    return done


class Machine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.path = os.path.join(folder, "machine.json")
            cls.text = machine("--quick", "--threads=1", "-o", cls.path).stdout
            with open(cls.path, encoding="utf-8") as file:
                cls.document = json.load(file)
            cls.refused = machine("--quick", "-o", cls.path, code=2).stderr

    def rows(self, **wanted):
        return [row for row in self.document["throughput"]
                if all(row[key] == value for key, value in wanted.items())]

    def test_the_document(self):
        self.assertEqual(self.document["schema"], 1)
        self.assertIn("cpu", self.document["environment"])
        self.assertGreaterEqual(self.document["cores"], 1)
        self.assertGreater(self.document["seconds"], 0)
        for name in LISTS:
            self.assertIsInstance(self.document[name], list, name)

    def test_what_the_cpu_lacks_is_a_row_with_a_reason(self):
        for row in self.document["throughput"]:
            self.assertIn(row["status"], ("ok", "noisy", "unavailable"), row)
            self.assertEqual(row["burst"] is None, row["status"] == "unavailable", row)
            self.assertEqual(row["reason"] == "", row["status"] == "ok", row)
            if row["burst"] is not None:
                for key in ("sustained", "ghz", "instructions_per_cycle", "latency_cycles"):
                    self.assertGreater(row[key], 0, row)
        for isa in ("amx_bf16", "amx_int8", "avx512_bf16", "avx512_vnni", "avx_vnni"):
            self.assertTrue(self.rows(isa=isa), isa)

    def test_quick_has_the_peaks_alone(self):
        self.assertEqual({row["dtype"] for row in self.document["throughput"]},
                         {"f32", "bf16", "s8"})
        self.assertEqual({row["operation"] for row in self.rows(dtype="f32")}, {"FMA"})
        self.assertEqual({row["cores"] for row in self.document["throughput"]}, {1})

    def test_clock(self):
        idle = [row["when"] for row in self.document["clock"] if row["load"] == "none"]
        self.assertEqual(idle, ["before", "after"])
        self.assertTrue(all(row["ghz"] > 0 for row in self.document["clock"]))

    def test_text_has_units(self):
        for words in ("GHz", "f32, GFLOPS", "s8, GOPS", "instr./cycle", "latency", "measured in"):
            self.assertIn(words, self.text)

    def test_bad_usage(self):
        self.assertIn("holds something already", self.refused)
        cores = len(os.sched_getaffinity(0))
        self.assertEqual(machine("--threads=1000000", code=2).stderr,
                         f"flopmeter: --threads '1000000': must be a whole number from 1 to {cores}, "
                         "the cores that this process may use\n")
        self.assertIn("name a file in a folder that exists",
                      machine("-o", "/nowhere/machine.json", code=2).stderr)
        self.assertIn("Examples:", machine("--help").stdout)


if __name__ == "__main__":
    unittest.main()
