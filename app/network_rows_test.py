#!/usr/bin/env python3
"""Networks as rows of result files: model --time and plan --check with -o, --shard and --resume, and what merge, fleet and
report make of them. Called with the path of flopmeter."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from plan_test import machine, rate, small_network  # noqa: E402

FLOPMETER = os.path.abspath(sys.argv[1])


class NetworkRows(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "net.onnx").write_bytes(small_network())
        (self.folder / "rows").mkdir()

    def run_it(self, *args, code=0):
        done = subprocess.run([FLOPMETER, *map(str, args)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code != 2 else done.stderr

    def time_it(self, *args, code=0):
        return self.run_it("model", self.folder / "net.onnx", "--time", "--seconds", "0", "--batch", "1,2,4", *args,
                           code=code)

    def rows(self, path):
        with open(path, encoding="utf-8") as file:
            return [row for row in map(json.loads, file) if row["type"] == "record"]

    def test_shards_are_rows_that_merge_knows(self):
        for index in (0, 1):
            self.time_it("--shard", f"{index}/2", "-o", self.folder / f"rows/{index}.jsonl")
        parts = [self.rows(self.folder / f"rows/{index}.jsonl") for index in (0, 1)]
        names = sorted(row["name"] for part in parts for row in part)
        self.assertEqual(names, [f"network/forward/chain/f32/net_batch{batch}" for batch in (1, 2, 4)])
        self.assertTrue(all(parts))
        row = parts[0][0]
        self.assertEqual((row["layer"], row["backend"], row["threads"]), ("network", "chain", 1))
        self.assertIn(row["status"], ("ok", "noisy"))
        self.assertGreater(row["seconds"], 0)
        # Two convolutions of 8 channels on 6 x 6: 2 x 8 x 8 x (16 x 9 + 16 x 6 + 4 x 4) MACs, and the ReLU between.
        batch = int(row["name"].rsplit("batch", 1)[1])
        self.assertGreaterEqual(row["flops"], 2 * 2 * 64 * 256 * batch - 2 * 288 * batch)
        out = self.run_it("merge", self.folder / "rows", "-o", self.folder / "all.jsonl")
        self.assertIn("2 files, 3 rows, 0 repeats", out)
        self.assertIn("2 of 2 shards complete", self.run_it("fleet", "status", self.folder / "rows"))
        os.remove(self.folder / "rows/1.jsonl")
        out = self.run_it("merge", self.folder / "rows", "-o", self.folder / "lost.jsonl", code=1)
        self.assertIn("missing: shard 1/2 on ", out)

    def test_resume_leaves_out_what_is_there(self):
        path = self.folder / "rows/a.jsonl"
        self.time_it("-o", path)
        text = path.read_text(encoding="utf-8").replace('"status":"noisy"', '"status":"ok"')
        path.write_text(text, encoding="utf-8")
        self.assertIn("nothing is left to measure", self.time_it("-o", path, "--resume"))
        self.assertEqual(len(self.rows(path)), 3)
        self.assertIn("--resume", self.time_it("-o", path, code=2))
        self.assertIn("-o", self.time_it("--resume", code=2))

    def test_other_builds_are_refused(self):
        self.time_it("-o", self.folder / "rows/a.jsonl")
        with open(self.folder / "rows/a.jsonl", encoding="utf-8") as file:
            environment = json.loads(file.readline()) | {"commit": "0123456", "fingerprint": "f" * 16}
        (self.folder / "rows/b.jsonl").write_text(json.dumps(environment, separators=(",", ":")) + "\n", encoding="utf-8")
        error = self.run_it("merge", self.folder / "rows", "-o", self.folder / "all.jsonl", code=2)
        self.assertIn("of another build", error)

    def test_plans_that_are_checked(self):
        slow = machine([rate(1, 1e11)])
        (self.folder / "m.json").write_text(json.dumps(slow), encoding="utf-8")
        for index in (0, 1):
            done = subprocess.run(
                [FLOPMETER, "plan", self.folder / "net.onnx", "--machine", self.folder / "m.json", "--batch", "1,2,4",
                 "--check", "--seconds", "0", "--shard", f"{index}/2", "-o", self.folder / f"rows/{index}.jsonl"],
                capture_output=True, text=True, check=False)
            self.assertIn(done.returncode, (0, 1), done.stderr)
        rows = self.rows(self.folder / "rows/0.jsonl") + self.rows(self.folder / "rows/1.jsonl")
        self.assertEqual(sorted(row["shape"] for row in rows), ["net_batch1", "net_batch2", "net_batch4"])
        self.assertTrue(all(row["implementation"].startswith("predicted ") for row in rows))
        self.assertIn("3 rows", self.run_it("merge", self.folder / "rows", "-o", self.folder / "all.jsonl"))

    def test_a_page_ranks_them(self):
        self.time_it("-o", self.folder / "rows/amx-0.jsonl")
        path = self.folder / "rows/amx-0.jsonl"
        path.write_text(path.read_text(encoding="utf-8").replace('"status":"noisy"', '"status":"ok"'), encoding="utf-8")
        (self.folder / "prices.csv").write_text("machine,price_per_hour\namx,2\n", encoding="utf-8")
        self.run_it("fleet", "report", self.folder / "rows", "-o", self.folder / "f.html", "--target-latency", "100s",
                    "--prices", self.folder / "prices.csv")
        page = (self.folder / "f.html").read_text(encoding="utf-8")
        self.assertIn('id="cheapest-kinds"', page)
        self.assertIn("<td>net_batch4</td>", page)
        self.run_it("report", path, "-o", self.folder / "r.html")

    def test_what_other_engines_need_is_dumped(self):
        dump = ("--dump", self.folder / "dump")
        self.assertIn("here are 3", self.time_it(*dump, code=2))
        self.run_it("model", self.folder / "net.onnx", "--time", "--seconds", "0", "--batch", "2", *dump)
        index = json.loads((self.folder / "dump/index.json").read_text(encoding="utf-8"))
        self.assertEqual([one["name"] for one in index["results"]], ["y"])
        self.assertIn("x", [one["name"] for one in index["inputs"]])
        for one in index["inputs"] + index["results"]:
            count = 1
            for size in one["dims"]:
                count *= size
            self.assertEqual((self.folder / "dump" / one["file"]).stat().st_size, 4 * count)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
