#!/usr/bin/env python3
"""flopmeter exec on programs that make threads, rewrite code or give up rights: all is counted."""
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
PROGRAMS = pathlib.Path(PROGRAM).parent / "app"
PROCESS = str(PROGRAMS / "exec_test_process")
STRESS = str(PROGRAMS / "exec_test_stress")
LOADED = str(PROGRAMS / "libexec_test_loaded.so")
BEFORE_MAIN = 12345  # mulss of the thread that a library starts
SECONDS = int(os.environ.get("FLOPMETER_STRESS_SECONDS", "5"))


def count(*command, options=(), timeout=240):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counts.json")
        done = subprocess.run([PROGRAM, "exec", "--json", "-o", path, *options, "--", *command],
                              capture_output=True, check=False, timeout=timeout)
        with open(path, encoding="utf-8") as file:
            return done, json.load(file)


def multiplies(found):
    return sum(row["active"] for row in found["operations"]
               if (row["operation"], row["element"], row["lanes"]) == ("multiply", "f32", 1))


class Processes(unittest.TestCase):
    def counted(self, way, *arguments, times=1, options=(), threads=None, before_main=1,
                remarks=0, command=()):
        """1,000 in the way that is asked for, `times` in all, and those of before main."""
        alone = subprocess.run([*command, PROCESS, "1000", way, *arguments], capture_output=True,
                               check=False, timeout=120)
        done, found = count(*command, PROCESS, "1000", way, *arguments, options=options)
        self.assertEqual(done.stdout, alone.stdout)
        self.assertEqual(done.stderr, alone.stderr)
        self.assertEqual(done.returncode, alone.returncode)
        self.assertEqual(multiplies(found), 1000 * times + BEFORE_MAIN * before_main)
        said = [remark for remark in found["remarks"] if "rep prefix" not in remark]
        self.assertEqual(len(said), remarks, said)
        if threads is not None:
            self.assertEqual(found["threads"], threads)
        return found

    def test_code_that_is_rewritten(self):
        self.counted("in_place")
        self.counted("mapped_twice", "0")
        self.counted("mapped_twice", "1")
        self.counted("mapped_twice_from_a_file")
        self.counted("memory_as_a_file")
        self.counted("moved")

    def test_threads_at_once_with_small_stacks(self):
        for threads in (1, 64, 500):
            self.counted("threads", str(threads), times=threads + 1, threads=threads + 2)

    def test_threads_one_after_another(self):
        self.counted("one_after_another", "200", times=201, threads=202)

    def test_threads_without_the_c_library(self):
        self.counted("raw_clone", times=2, threads=3)

    def test_a_probe_for_clone3(self):
        self.counted("probe")

    def test_no_address_randomisation(self):
        self.counted("threads", "2", times=3, command=("setarch", "-R"))

    def test_handlers(self):
        self.counted("handlers", "20", times=21)

    def test_rights_files_and_root_that_are_given_up(self):
        for way in ("own_rights", "own_root", "closed"):
            with self.subTest(way):
                self.counted(way)

    def test_a_process_that_is_killed(self):
        self.counted("killed")

    def test_children_that_only_fork(self):
        self.counted("fork", "3", remarks=1)
        found = self.counted("fork", "3", times=7, options=["--children"], threads=8)
        self.assertEqual(len(found["processes"]), 4)

    def test_no_restartable_sequences(self):
        done, _ = count(PROCESS, "1", "restartable")
        self.assertEqual(done.stdout, b"size 0, registered 0\n")

    def test_everything_at_once(self):
        done, found = count(STRESS, str(SECONDS), LOADED, options=["--children"],
                            timeout=10 * SECONDS + 120)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(multiplies(found), int(done.stdout.split()[1]), found["remarks"])


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main()
