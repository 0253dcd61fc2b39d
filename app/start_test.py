#!/usr/bin/env python3
"""Which libraries a command loads: called with the path of flopmeter. Those that few commands need are loaded at
their first use (cmake/delayed.cmake)."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
SOURCE = pathlib.Path(__file__).resolve().parent.parent
RESULTS = str(SOURCE / "results/report/fixture.jsonl")
QUICK = ["--benchmark_repetitions=1", "--benchmark_min_time=0.001"]
DELAYED = {"dnnl", "hwloc", "re2", "muparser", "simdjson"}


def run(*arguments, **variables):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env={**os.environ, **variables},
                          check=False)


def loads(*arguments):
    """Which of the delayed libraries the command loads, by what the dynamic linker says."""
    done = run(*arguments, LD_DEBUG="files")
    names = set(re.findall(r"calling init: \S*/lib([\w+]+)\.so", done.stderr))
    assert done.returncode <= 1 and "stdc++" in names, f"{arguments}: {done.returncode}, {done.stderr[-2000:]}"
    return DELAYED & names


WITH_ONEDNN = "oneDNN" in run("--version").stdout


class Start(unittest.TestCase):
    # Prevents a library that costs every command milliseconds, and nobody sees it.
    def test_commands_load_nothing_that_they_do_not_use(self):
        self.assertEqual(loads("exec", "--", "true"), set())
        self.assertEqual(loads("list"), set())
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, SOURCE / "models/examples/make.py", folder], check=True,
                           capture_output=True)
            self.assertEqual(loads("model", os.path.join(folder, "resnet50.onnx"), "--dim", "*=1"), set())

    # Each of the libraries, used by a command that would end without it.
    def test_what_a_command_uses_is_loaded(self):
        self.assertIn("muparser", loads("check", "linear", "macs = mb*ic*oc"))
        self.assertIn("simdjson", loads("table", RESULTS, "--where", "status=ok"))
        bench = loads("bench", "--layer", "linear", "--shape", "mb1ic8oc8", "--filter", "eigen", *QUICK)
        self.assertIn("re2", bench)
        if WITH_ONEDNN:
            self.assertIn("dnnl", loads("validate", "--layer", "linear", "--shape", "mb1ic8oc8", "--random", "0"))

    def test_a_library_that_cannot_be_loaded_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            name = re.search(r"libmuparser\.so\.\d+", run("check", "linear", "macs = mb*ic*oc", LD_DEBUG="files").stderr)
            pathlib.Path(folder, name.group()).write_text("no library", encoding="utf-8")
            done = run("check", "linear", "macs = mb*ic*oc", LD_LIBRARY_PATH=folder)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(f"cannot use {name.group()}", done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
