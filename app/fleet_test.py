#!/usr/bin/env python3
"""Shards, merge, and the job arrays of fleet submit."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

FLOPMETER = sys.argv[1]
BENCH = ["bench", "--layer", "relu", "--backend", "eigen", "--benchmark_repetitions=1",
         "--benchmark_min_time=0.001"]


class FleetTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def run_it(self, *args, code=0, **more):
        done = subprocess.run([FLOPMETER, *args], capture_output=True, text=True, check=False, **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code != 2 else done.stderr

    def path(self, name):
        return os.path.join(self.folder, name)

    def names(self, path):
        with open(path, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return sorted(row["name"] for row in rows if row["type"] == "record")

    def shard(self, index, count=3):
        self.run_it(*BENCH, "--shard", f"{index}/{count}", "-o", self.path(f"{index}.jsonl"))

    def test_shards_join_to_the_whole_and_a_lost_one_is_named(self):
        for index in (0, 1):
            self.shard(index)
        out = self.run_it("merge", self.folder, "-o", self.path("lost.jsonl"), code=1)
        self.assertIn("missing: shard 2/3", out)
        os.remove(self.path("lost.jsonl"))
        self.shard(2)
        with open(self.path("2.jsonl"), "a", encoding="utf-8") as file:
            file.write('{"type":"record","na')  # cut off while it was written
        with open(self.path("0.jsonl"), encoding="utf-8") as one:
            again = one.read()
        with open(self.path("again.jsonl"), "w", encoding="utf-8") as copy:
            copy.write(again)
        all_rows = self.path("all.jsonl")
        out = self.run_it("merge", self.folder, "-o", all_rows)
        repeats = len(self.names(self.path("again.jsonl")))
        self.assertIn(f"{repeats} repeats dropped, 1 last lines that were cut off", out)
        self.run_it(*BENCH, "-o", self.path("whole.jsonl"))
        self.assertEqual(self.names(all_rows), self.names(self.path("whole.jsonl")))
        self.assertIn("holds something", self.run_it("merge", self.folder, "-o", all_rows, code=2))
        self.run_it("report", all_rows, "-o", self.path("page.html"))

    def test_status_says_how_far_each_shard_is(self):
        for index in (0, 1):
            self.shard(index)
        path = self.path("1.jsonl")
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(lines[:-1]) + lines[-1][:20])  # as it is while a row is being written
        out = self.run_it("fleet", "status", self.folder, code=1)
        rows = {line.split("  ")[-1].strip(): line for line in out.splitlines()}
        whole = len(self.names(self.path("0.jsonl")))
        self.assertRegex(rows["0.jsonl"], rf"0/3 +{whole} +{whole} +\d+ +0  complete")
        self.assertRegex(rows["1.jsonl"], rf"1/3 +{len(lines) - 3} +{len(lines) - 2} .*cut off, or being written")
        self.assertRegex(rows["-"], r"2/3 +0 +0 .*left no file")
        self.assertIn("1 of 3 shards complete", out)
        os.remove(path)
        self.shard(1)
        self.shard(2)
        self.assertIn("3 of 3 shards complete", self.run_it("fleet", "status", self.folder))
        self.assertIn("name a folder", self.run_it("fleet", "status", self.path("nowhere"), code=2))

    def test_mixed_builds_are_refused(self):
        self.shard(0)
        with open(self.path("0.jsonl"), encoding="utf-8") as file:
            environment = json.loads(file.readline())
        environment.update(commit="0123456", fingerprint="f" * 16)
        with open(self.path("1.jsonl"), "w", encoding="utf-8") as file:
            file.write(json.dumps(environment) + "\n")
        error = self.run_it("merge", self.folder, "-o", self.path("all.jsonl"), code=2)
        self.assertIn("of another build", error)
        self.assertEqual(error.count("\n"), 1)

    def test_a_kind_of_machine_lacks_what_another_has(self):
        self.shard(0, 1)
        with open(self.path("0.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        lines[0].update(cpu="Other", fingerprint="f" * 16)
        with open(self.path("1.jsonl"), "w", encoding="utf-8") as file:
            for line in [lines[0]] + lines[2:]:
                line["environment"] = "f" * 16
                file.write(json.dumps(line) + "\n")
        out = self.run_it("merge", self.folder, "-o", self.path("all.jsonl"), code=1)
        self.assertIn(f"missing: {lines[1]['name']}", out)
        self.assertIn("Other", out)

    def test_a_shard_that_is_none_is_refused(self):
        for wrong in ("3/3", "x", "1"):
            self.assertIn("i/n", self.run_it(*BENCH, "--shard", wrong, code=2))

    def test_random_shapes_of_validate_are_divided(self):
        def lines(*args):
            out = self.run_it("validate", "--layer", "relu", "--random", "20", "--json", *args)
            return sorted(line for line in out.splitlines() if line.startswith("{"))

        parts = lines("--shard", "0/2") + lines("--shard", "1/2")
        self.assertEqual(sorted(parts), lines())

    def test_submit_prints_an_array_a_kind_of_machine_and_a_merge(self):
        script = self.run_it("fleet", "submit", "--constraint", "amx,avx512", "--shards", "4",
                             "--folder", self.path("out"), "--program", FLOPMETER, "--", *BENCH,
                             "--filter", "tiny|it's")
        self.assertEqual(script.count("#SBATCH --array=0-3"), 2)
        self.assertIn("#SBATCH --constraint=amx\n", script)
        # A cluster of one line: what is sent is kept, and a number comes back.
        fake = self.path("sbatch")
        with open(fake, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "args $*" >> "$LOG"\ncat >> "$LOG"\n'
                       'n=$(grep -c ^args "$LOG"); echo "10$n;cluster"\n')
        os.chmod(fake, 0o755)
        env = dict(os.environ, PATH=self.folder + ":" + os.environ["PATH"], LOG=self.path("log"))
        subprocess.run(["/bin/sh"], input=script, text=True, check=True, env=env,
                       stdout=subprocess.PIPE)
        with open(self.path("log"), encoding="utf-8") as file:
            log = file.read()
        self.assertIn("--dependency=afterany:101:102", log)
        self.assertIn("'tiny|it'\\''s'", log)
        # A task is a shell script that runs.
        task = log[log.index("#!/bin/sh"):log.index("args", log.index("#!/bin/sh"))]
        subprocess.run(["/bin/sh"], input=task.replace("'tiny|it'\\''s'", "tiny"), text=True,
                       check=True, env=dict(env, SLURM_ARRAY_TASK_ID="1"), stdout=subprocess.PIPE)
        self.assertTrue(os.path.exists(self.path("out/amx-1.jsonl")))

    def test_submit_refuses_what_cannot_be_divided(self):
        self.assertIn("--shard", self.run_it("fleet", "submit", "--constraint", "a", "--", "count",
                                             code=2))
        self.assertIn("features", self.run_it("fleet", "submit", "--constraint", "a b", "--", "run",
                                              code=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
