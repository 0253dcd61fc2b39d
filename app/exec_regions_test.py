#!/usr/bin/env python3
"""Regions under flopmeter exec: marks of C, C++ and Python."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
REGIONS = str(pathlib.Path(PROGRAM).parent / "app" / "exec_test_regions")
ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, timeout=300, **options)


def count(*command, options=(), **others):
    """The finished process of `flopmeter exec` and its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counts.json")
        done = run(PROGRAM, "exec", "--json", "-o", path, *options, "--", *command, **others)
        with open(path, encoding="utf-8") as file:
            return done, json.load(file)


def regions_of(found):
    return {region["name"]: region for region in found["regions"]}


def flops(region):
    return region["flops_exact"]["active"]


class Marks(unittest.TestCase):
    def regions(self, way, *options):
        done, found = count(REGIONS, way, options=options)
        self.assertEqual(done.returncode, 0, done)
        return regions_of(found), [line for line in found["remarks"] if "rep prefix" not in line]

    def test_nested(self):
        regions, remarks = self.regions("nested")
        self.assertEqual(list(regions), ["outer", "inner"])
        self.assertEqual({name: flops(region) for name, region in regions.items()},
                         {"outer": 3630, "inner": 600})
        self.assertEqual(regions["inner"]["calls"], 3)
        self.assertEqual(regions["inner"]["flops_exact_of_a_call"],
                         {"mean": 200, "fewest": 100, "most": 300, "not_of_the_call_at_most": 0})
        self.assertEqual(regions["outer"]["flops_exact_of_a_call"]["most"], 1310)
        self.assertEqual(regions["outer"]["operations"][0]["operation"], "multiply")
        self.assertGreaterEqual(regions["outer"]["seconds"], regions["inner"]["seconds"])
        self.assertEqual((regions["outer"]["fma_share"], regions["outer"]["lane_use"]), (0, 1))
        self.assertEqual(remarks, [])

    def test_overlapping(self):
        regions, remarks = self.regions("overlapping")
        self.assertEqual((flops(regions["a"]), flops(regions["b"])), (11, 110))
        self.assertEqual(remarks, [])

    def test_within_itself_nothing_counts_twice(self):
        regions, _ = self.regions("self")
        self.assertEqual((flops(regions["self"]), regions["self"]["calls"]), (3, 3))

    def test_threads_with_marks_are_summed(self):
        regions, remarks = self.regions("threads")
        self.assertEqual(flops(regions["each"]), 5 * 100 * (1 + 2 + 3 + 4))
        self.assertEqual((regions["each"]["calls"], regions["each"]["threads"]), (20, 4))
        self.assertEqual(regions["each"]["flops_exact_of_a_call"]["fewest"], 100)
        self.assertEqual(regions["each"]["flops_exact_by_other_threads"], 0)
        self.assertEqual(remarks, [])

    def test_threads_that_make_marks_later_were_no_helpers(self):
        regions, remarks = self.regions("late")
        late = regions["late"]
        self.assertEqual((flops(late), late["calls"], late["threads"]), (113, 4, 3))
        self.assertEqual(late["flops_exact_by_other_threads"], 0)
        # The call of 10 had ended when it turned out that 7000 were not its own; that of 100 had not.
        self.assertEqual(late["flops_exact_of_a_call"],
                         {"mean": 28.25, "fewest": 1, "most": 7010, "not_of_the_call_at_most": 7000})
        self.assertEqual(remarks, [])

    def test_a_forked_child_knows_nothing_of_its_parents_threads(self):
        regions, remarks = self.regions("forked", "--children")
        self.assertEqual({name: flops(region) for name, region in regions.items()},
                         {"of the parent": 1, "of the child": 1110})
        self.assertEqual(regions["of the child"]["flops_exact_by_other_threads"], 1100)
        self.assertEqual([line for line in remarks if "had not ended" not in line], [])

    def test_threads_without_marks_help(self):
        regions, remarks = self.regions("helpers")
        self.assertEqual(flops(regions["helped"]), 1110)
        self.assertEqual(regions["helped"]["flops_exact_by_other_threads"], 1100)
        self.assertEqual(remarks, [])

    def test_marks_that_do_not_match(self):
        regions, remarks = self.regions("faulty")
        self.assertEqual(list(regions), ["unended"])
        self.assertEqual(flops(regions["unended"]), 110)
        self.assertTrue(any("1 ends of regions" in line for line in remarks), remarks)
        self.assertTrue(any("'unended': 2 of its 2 calls" in line for line in remarks), remarks)

    def test_more_names_than_there_is_room_for(self):
        regions, remarks = self.regions("many")
        self.assertEqual(len(regions), 512)
        self.assertEqual({flops(region) for region in regions.values()}, {1})
        self.assertEqual([line for line in remarks if "88 marks" in line and "512" in line], remarks)

    def test_what_was_counted_survives_sigkill(self):
        done, found = count(REGIONS, "killed")
        self.assertEqual(done.returncode, -9)
        self.assertEqual(flops(regions_of(found)["killed"]), 1000)

    def test_the_table(self):
        done = run(PROGRAM, "exec", "--", REGIONS, "nested", text=True)
        line = [line for line in done.stderr.splitlines() if line.endswith("  outer")]
        self.assertEqual(len(line), 1, done.stderr)
        words = line[0].split()
        self.assertEqual((words[:2], words[4:6]), (["3", "1"], ["3,630", "1,210"]))

    def test_one_region_alone(self):
        _, found = count(REGIONS, "nested", options=["--region", "inner"])
        self.assertEqual(list(regions_of(found)), ["inner"])
        self.assertEqual((found["region"], found["flops_exact"]["active"]), ("inner", 600))
        self.assertEqual(found["operations"], found["regions"][0]["operations"])
        self.assertEqual((found["hot_spots"], found["modules"]), ([], []))
        self.assertEqual(found["seconds"], found["regions"][0]["seconds"])
        done = run(PROGRAM, "exec", "--region", "inner", "--", REGIONS, "nested", text=True)
        self.assertIn("region 'inner' alone", done.stderr)
        self.assertNotIn("outer", done.stderr)

    def test_a_region_that_is_not_there(self):
        _, found = count(REGIONS, "nested", options=["--region", "no such"])
        self.assertEqual(found["flops_exact"]["active"], 0)
        self.assertTrue(any("no region 'no such' has begun" in line for line in found["remarks"]))
        done = run(PROGRAM, "exec", "--region", "", "--", REGIONS, "nested", text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--region", done.stderr)

    def test_one_region_alone_by_its_first_119_bytes(self):
        _, found = count(REGIONS, "many", options=["--region", "region 7" + 200 * "x"])
        self.assertEqual((found["flops_exact"]["active"], len(found["regions"])), (1, 1))

    def test_remarks_on_other_regions_are_left_out(self):
        _, found = count(REGIONS, "faulty", options=["--region", "other"])
        self.assertFalse(any("'unended'" in line for line in found["remarks"]), found["remarks"])

    def test_without_the_counter_marks_are_nothing(self):
        self.assertEqual(run(REGIONS, "nested").returncode, 0)
        self.assertNotIn("regions", run(PROGRAM, "exec", "--", "true", text=True).stderr)


class Header(unittest.TestCase):
    """The header by itself, in every kind of program."""

    SOURCE = """#include <flopmeter/region.h>
int main(void) {
  flopmeter_region_begin("c");
  { volatile double x = 1; int i; for (i = 0; i < 1000; i++) x = x * 1.0000001; }
  flopmeter_region_end("c");
  return 3;
}
"""

    def program(self, folder, compiler, *options):
        path = os.path.join(folder, "program")
        done = run(compiler, "-I", str(ROOT / "include"), "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                   *options, "-o", path, "-", input=self.SOURCE.encode())
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return path

    def test_programs(self):
        kinds = [("gcc", "-xc", "-std=c99"), ("gcc", "-xc", "-O2", "-no-pie", "-fno-pie"),
                 ("g++", "-xc++", "-O2"), ("clang", "-xc", "-O2"), ("gcc", "-xc", "-fsanitize=undefined")]
        for kind in kinds:
            with self.subTest(kind), tempfile.TemporaryDirectory() as folder:
                if shutil.which(kind[0]) is None:
                    self.skipTest(f"no {kind[0]}")
                program = self.program(folder, *kind)
                self.assertEqual(run(program).returncode, 3)
                done, found = count(program)
                self.assertEqual(done.returncode, 3)
                self.assertEqual(flops(regions_of(found)["c"]), 1000)

    @unittest.skipUnless(shutil.which("gcc"), "no gcc")
    def test_a_static_program_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run(self.program(folder, "gcc", "-xc", "-static")).returncode, 3)


class Python(unittest.TestCase):
    ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}

    def same(self, script, python=sys.executable, **environment):
        environment = {**self.ENVIRONMENT, **environment}
        alone = run(python, "-c", script, env=environment)
        done, found = count(python, "-c", script, env=environment)
        self.assertEqual((done.stdout, done.returncode), (alone.stdout, alone.returncode), done)
        return regions_of(found)

    def test_marks(self):
        script = """
import flopmeter, math
@flopmeter.region("sines")
def sines(n): return sum(math.sin(i) for i in range(n))
with flopmeter.region("all"):
    print(sines(1000))
    try:
        with flopmeter.region("raises"): raise KeyError(1)
    except KeyError: print("caught")
flopmeter.begin("pair"); print(1.5 * 2.5); flopmeter.end("pair")
"""
        regions = self.same(script)
        self.assertEqual(list(regions), ["all", "sines", "raises", "pair"])
        self.assertGreater(flops(regions["sines"]), 1000)
        self.assertGreaterEqual(flops(regions["all"]), flops(regions["sines"]))
        self.assertEqual(sum(region["open_calls"] for region in regions.values()), 0)

    def test_names(self):
        regions = self.same("import flopmeter\nwith flopmeter.region('größe → 1'): print(1)")
        self.assertEqual(list(regions), ["größe → 1"])
        for name in ("''", "None", r"'a\0b'"):
            done = run(sys.executable, "-c", f"import flopmeter; flopmeter.region({name})",
                       env=self.ENVIRONMENT)
            self.assertIn(b"ValueError: the name of a region", done.stderr)

    def test_it_says_whether_it_is_counted(self):
        script = "import flopmeter, sys; sys.exit(3 if flopmeter.counted() else 4)"
        self.assertEqual(run(sys.executable, "-c", script, env=self.ENVIRONMENT).returncode, 4)
        self.assertEqual(count(sys.executable, "-c", script, env=self.ENVIRONMENT)[0].returncode, 3)

    def test_a_product_of_numpy_on_one_and_two_threads(self):
        pythons = [python for python in (sys.executable, "/usr/bin/python3")
                   if run(python, "-c", "import numpy").returncode == 0]
        if not pythons:
            self.skipTest("no python3-numpy")
        script = """
import flopmeter, numpy
a = numpy.ones((1024, 1024)); b = 2 * a
with flopmeter.region("product"): c = a @ b
print(c[3, 5])
"""
        found = {self.same(script, pythons[0], OPENBLAS_NUM_THREADS=threads)["product"]
                 ["flops_exact"]["active"] for threads in ("1", "2")}
        # A BLAS scales the product and adds it to what was there: an order of n less than 2 n^3.
        self.assertTrue(all(0 <= flops - 2147483648 <= 6 * 1024**2 for flops in found), found)


if __name__ == "__main__":
    unittest.main()
