#!/usr/bin/env python3
"""flopmeter compare on files that are made here: what it finds, what it says, what it returns."""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
LAYERS = ("conv2d", "linear", "matmul", "relu")
BACKENDS = ("eigen", "onednn")


def compare(*args, code=0):
    done = subprocess.run([PROGRAM, "compare", *args], capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"{args}: exit code {done.returncode}, not {code}: {done.stderr}")
    return done


def significant(found):
    """Verdicts that are findings, by group or case."""
    named = {f"{group['backend']} {group['layer']}".strip(): group for group in found["groups"]}
    named |= {case["a"]: case for case in found["cases"]}
    return {name: row["verdict"] for name, row in named.items()
            if row["verdict"] in ("slower", "faster")}


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def record(self, layer, backend, shape, seconds, **changes):
        name = f"{layer}/forward/{backend}/f32/{shape}"
        samples = [seconds * random.gauss(1, 0.005) for _ in range(5)]
        return {"type": "record", "environment": "e", "name": name, "layer": layer,
                "pass": "forward", "backend": backend, "dtype": "f32", "shape": shape, "threads": 1,
                "cache": "warm", "status": "ok", "seconds": sorted(samples)[2],
                "samples": samples, "peak_samples": [100.0] * 5, "peak_instruction": "fma",
                "percent_of_peak": 50.0} | changes

    def file(self, name, seed, slower=None, environment=None, changes=None):
        """40 cases with 1 % between runs; `slower` gives the factor of a backend or of a case."""
        random.seed(seed)
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            line = {"type": "environment", "fingerprint": "e"} | (environment or {})
            print(json.dumps(line, separators=(",", ":")), file=file)
            for layer in LAYERS:
                for shape in range(1, 6):
                    for backend in BACKENDS:
                        row = self.record(layer, backend, f"s{shape}",
                                          1e-3 * shape * random.gauss(1, 0.01))
                        factor = (slower or {}).get(backend, 1) * (slower or {}).get(row["name"], 1)
                        row["samples"] = [factor * sample for sample in row["samples"]]
                        row["seconds"] *= factor
                        row |= (changes or {}).get(row["name"], {})
                        print(json.dumps(row), file=file)
        return path

    def found(self, *args, code=0):
        return json.loads(compare(*args, "--json", code=code).stdout)


class Findings(Compare):
    def test_nothing_between_runs_of_one_build(self):
        before = self.file("a", 1)
        for seed in range(2, 7):
            found = self.found(before, self.file("b", seed), "--fail-on-regression=0%")
            self.assertEqual(significant(found), {})
            self.assertEqual(len(found["cases"]), 40)
            self.assertEqual(found["environment_differences"], [])

    def test_exactly_one_backend(self):
        a, b = self.file("a", 1), self.file("b", 2, {"eigen": 1.1})
        found = self.found(a, b)
        named = significant(found)
        self.assertEqual(named["eigen"], "slower")
        self.assertFalse([name for name in named if "onednn" in name], named)
        self.assertAlmostEqual(found["groups"][0]["ratio"], 1.1, delta=0.02)
        compare(a, b, "--fail-on-regression=5%", code=1)
        compare(b, a, "--fail-on-regression=5%")
        compare(a, b, "--fail-on-regression=20%")
        compare(a, b, "--backend=onednn", "--fail-on-regression=5%")

    def test_exactly_one_case(self):
        name = "matmul/forward/onednn/f32/s3"
        found = self.found(self.file("a", 1), self.file("b", 2, {name: 1.3}))
        self.assertEqual(significant(found), {name: "slower"})

    def test_two_backends_of_one_run(self):
        a = self.file("a", 1, {"eigen": 2})
        found = self.found(a, "--by", "backend=eigen,onednn", "--layer=linear")
        self.assertEqual(len(found["cases"]), 5)
        self.assertEqual(found["groups"][0]["verdict"], "faster")
        self.assertFalse(found["between_runs"][0]["estimated"])

    def test_noisy_rows_are_not_judged(self):
        name = "matmul/forward/onednn/f32/s3"
        a = self.file("a", 1)
        b = self.file("b", 2, {name: 3}, changes={name: {"status": "noisy"}})
        found = self.found(a, b)
        self.assertEqual(significant(found), {})
        case, = [case for case in found["cases"] if case["a"] == name]
        self.assertEqual((case["verdict"], case["status_b"]), ("not judged", "noisy"))
        self.assertIn("1 of 40 cases were not judged", compare(a, b).stdout)


class Said(Compare):
    def test_text(self):
        text = compare(self.file("a", 1), self.file("b", 2, {"eigen": 1.1})).stdout
        self.assertIn("Significantly slower: eigen as a whole (1.", text)
        self.assertIn("The environments are the same.", text)
        self.assertIn("40 of 40 cases are normalised by the peak beside each sample (n).", text)
        self.assertRegex(text, r"eigen +all +20 +0 +1\.\d+ +1\.\d+ \.\. 1\.\d+ +\d+\.\d % slower")
        self.assertRegex(text, r"eigen 0?\.?\d+.* % \(estimated\), onednn")

    def test_raw(self):
        found = self.found(self.file("a", 1), self.file("b", 2), "--raw")
        self.assertTrue(found["raw"])
        self.assertFalse(any(case["normalised"] for case in found["cases"]))

    def test_environments_and_unpaired_cases(self):
        gone, broken = "relu/forward/eigen/f32/s1", "relu/forward/eigen/f32/s2"
        a = self.file("a", 1, environment={"commit": "abc"})
        b = self.file("b", 2, environment={"commit": "def"}, changes={
            gone: {"shape": "s9", "name": "relu/forward/eigen/f32/s9"},
            broken: {"status": "failed", "reason": "wrong", "seconds": None, "samples": []}})
        found = self.found(a, b)
        self.assertEqual(found["environment_differences"],
                         [{"field": "commit", "a": "abc", "b": "def"}])
        self.assertEqual({(one["case"], one["reason"]) for one in found["unpaired"]},
                         {(gone, "only in a"), (broken, "b: failed: wrong"),
                          ("relu/forward/eigen/f32/s9", "only in b")})
        text = compare(a, b).stdout
        self.assertIn("- commit: abc in a, def in b", text)
        self.assertIn("38 cases compared, 3 not", text)
        self.assertIn("- 1 b: failed: wrong: " + broken, text)

    def test_markdown(self):
        text = compare(self.file("a", 1), self.file("b", 2), "--markdown").stdout
        tables = [line for line in text.splitlines() if line.startswith("|")]
        self.assertEqual(len(tables), 2 + 40 + 2 + 10)
        self.assertEqual({line.count("|") for line in tables}, {8})


class BadInput(Compare):
    def refused(self, *args, says):
        done = compare(*args, code=2)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(says, done.stderr)

    def test_files(self):
        good = self.file("a", 1)
        bad = os.path.join(self.folder, "bad")
        for text, says in (("hello\n", "is not a file of flopmeter results"), ("", "holds no rows"),
                           ('{"type":"environment",\n{}\n', "line 1")):
            with open(bad, "w", encoding="utf-8") as file:
                file.write(text)
            self.refused(good, bad, says=says)
            self.refused(bad, good, says=bad)
        self.refused(good, "/nonexistent.jsonl", says="/nonexistent.jsonl")
        self.refused(good, good, "--filter=nothing-has-this", says="no case of")

    def test_options(self):
        good = self.file("a", 1)
        self.refused(good, says="Give a second file, or --by")
        self.refused(says="files")
        self.refused(good, "--by=colour=1,2", says="one of backend, dtype, threads")
        self.refused(good, "--by=backend=eigen", says="two of its values")
        self.refused(good, "--by=backend=eigen,mkl", says="backend: eigen and mkl")
        self.refused(good, good, "--fail-on-regression=lots", says="'lots': must be a number from 0 to 99.9")
        self.refused(good, good, "--confidence=100%", says="must be a number from 50 to 99.999")
        self.refused(good, good, "--confidence=10%", says="must be a number from 50 to 99.999")
        self.refused(good, good, "--filter=(", says="regular expression")
        self.refused(good, good, "--json", "--markdown", says="--json")


if __name__ == "__main__":
    unittest.main()
