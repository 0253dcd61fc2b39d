#!/usr/bin/env python3
"""The program as a user meets it: called with the path of flopmeter, checks what it says and returns."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
SOURCE = pathlib.Path(__file__).resolve().parent.parent
QUICK = ["--benchmark_repetitions=2", "--benchmark_min_time=0.001"]


def flopmeter(*args, code=0, cwd=None):
    """Runs the program, demands the exit code, returns the finished process."""
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode != code:
        raise AssertionError(f"{args}: exit code {done.returncode}, not {code}: {done.stderr}")
    return done


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def retired_once(test, text):
    """The CPU's own count is there for the cases, or one line says why it is not."""
    lines = [line for line in text.splitlines() if "retired" in line]
    absences = [line.strip() for line in lines if "retired: unavailable" in line]
    test.assertTrue(lines)
    if absences:
        test.assertEqual(len(lines), 1, lines)
        test.assertRegex(absences[0], r"^retired: unavailable: \S")


class Count(unittest.TestCase):
    def check(self, layer, shape, parameters, dense, in_bounds):
        found = json.loads(flopmeter("count", layer, shape, "--json").stdout)
        self.assertEqual(found["parameters"], parameters)
        self.assertEqual(found["formula"]["dense"]["macs"], dense)
        self.assertEqual(found["formula"]["in_bounds"]["macs"], in_bounds)
        self.assertEqual(found["counted"]["reference"], found["formula"]["in_bounds"])
        self.assertGreaterEqual(found["counted"]["eigen"]["macs"], in_bounds)
        self.assertEqual(found["retired"].keys(), found["executed"].keys())
        for retired in found["retired"].values():
            self.assertEqual(retired["flops"] is None, retired["status"] == "unavailable")
            self.assertEqual(retired["reason"] == "", retired["status"] == "agrees")
        for executed in found["executed"].values():
            if "unavailable" not in executed:
                self.assertEqual(executed["disagreement"], "")
                self.assertGreaterEqual(executed["full"]["multiplies"], executed["active"]["multiplies"])
        return found

    def test_hand_arithmetic(self):
        linear = self.check("linear", "mb32ic512oc1000", 513000, 16384000, 16384000)
        self.assertEqual(linear["case"], "linear/forward/reference/f32/mb32ic512oc1000")
        self.assertEqual(linear["counted"]["reference"]["adds"], 16384000)
        matmul = self.check("matmul", "32x512:512x1000", 0, 16384000, 16384000)
        self.assertEqual(matmul["counted"]["reference"]["adds"], 16384000 - 32000)
        self.check("conv2d", "mb1ic3ih224oc64oh224kh3ph1", 1792, 86704128, 86188800)
        self.check("embedding", "mb4vocab9dim64", 9 * 64, 0, 0)

    def test_the_layer_may_be_an_option_as_elsewhere(self):
        by_option = flopmeter("count", "--layer", "linear", "mb2ic3oc5", "--json").stdout
        self.assertEqual(json.loads(by_option)["formula"]["dense"]["macs"], 30)

    def test_retired_or_one_reason(self):
        retired_once(self, flopmeter("count", "linear", "mb1ic8oc8").stdout)

    def test_published_counters_beside_the_count(self):
        rows = json.loads(flopmeter("count", "linear", "mb32ic512oc1000", "--convention=all",
                                    "--json").stdout)["published"]
        printed = {(row["counter"], row["quantity"]): row for row in rows}
        self.assertEqual(len({row["counter"] for row in rows}), 11)
        self.assertEqual(printed["thop", "params"]["printed"], 0)
        self.assertEqual(printed["thop", "params"]["verdict"], "silent zero")
        self.assertEqual(printed["ptflops", "macs"]["printed"], 513000)
        self.assertEqual(printed["ptflops", "macs"]["counted"]["dense"], 16384000)
        self.assertEqual(printed["torchinfo", "macs"]["printed"], 16416000)
        self.assertEqual(printed["torch", "flops"]["verdict"], "exact")
        for row in rows:
            self.assertTrue(row["rule"] and row["url"] and row["version"], row)

    def test_conventions_are_chosen(self):
        found = json.loads(flopmeter("count", "linear", "mb3ic4oc5", "--convention=mac,fvcore",
                                     "--json").stdout)
        self.assertEqual(found["conventions"]["dense"], {"mac": 60})
        self.assertEqual({row["counter"] for row in found["published"]}, {"fvcore"})
        self.assertNotIn("published", json.loads(flopmeter("count", "linear", "mb3ic4oc5",
                                                           "--json").stdout))

    def test_text_names_the_counts(self):
        text = flopmeter("count", "linear", "mb32ic512oc1000").stdout
        self.assertIn("16,384,000", text)
        self.assertIn("FLOPs (exact)", text)


class BadInput(unittest.TestCase):
    def refused(self, *args, says):
        done = flopmeter(*args, code=2)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_shapes(self):
        self.refused("count", "conv4d", "mb1", says="unknown layer 'conv4d'")
        self.refused("count", "softmaxx", says="unknown layer 'softmaxx': nearest are softmax")
        self.refused("count", "conv", says="as in flopmeter count conv mb")
        self.refused("count", "mha", says="as in flopmeter count attention mb")
        self.refused("count", "linear", "mb0ic5oc5", says="mb (samples) is 0")
        self.refused("count", "linear", "mb1ic-5oc5", says="ic (input features) is -5")
        self.refused("count", "conv2d", "mb1ic1ih5oc1kh7", says="the kernel spans 7")
        self.refused("count", "conv2d", "g3mb1ic4ih5oc4kh3", says="g 3 must divide")
        self.refused("count", "linear", "mb4294967296ic4294967296oc1", says="2^63 - 1")
        self.refused("count", "linear", "mb1ic99999999999999999999oc1", says="2^63 - 1")

    def test_options(self):
        self.refused("bench", "--layer", "conv4d", says="unknown layer 'conv4d'")
        self.refused("bench", "--backend", "mkl", says="unknown backend 'mkl'")
        self.refused("bench", "--dtype", "fp32", says="unknown dtype 'fp32'")
        self.refused("bench", "--threads", "0", says="0")
        self.refused("bench", "--benchmark_repetitions=x", says="benchmark_repetitions")
        self.refused("bench", "--shape", "mb1ic1oc1", says="exactly one --layer")
        self.refused("count", "linear", "mb1ic2oc3", "--convention=mac,flopco",
                     says="unknown convention 'flopco': one of all, mac, flop2, exact, thop,")
        self.refused("validate", "--dtype", "f64", says="unknown dtype 'f64'")
        for command in ("validate", "bench"):
            self.refused(command, "--layer", "embedding", "--pass", "backward_data",
                         says="embedding has no backward_data pass: forward")
        self.refused("training", "--layer", "embedding", says="embedding has no backward pass")
        self.refused("fma", "--dtype", "bf16", says="unknown number type 'bf16': f32 or f64")
        self.refused("fma", "--rounds", "0", says="0")
        self.refused("isa", "linear", "--isa=avx3", says="isa 'avx3': ")
        self.refused("isa", "linear", "--here", says="isa")
        self.refused("isa", "linear", "--benchmark_format=json", says="not all of")
        self.refused("isa", "linear", "--frobnicate", says="frobnicate")
        self.refused("frobnicate", says="frobnicate")
        self.refused("check", "linear", "macs = mb*foo", says="unknown symbol 'foo': known are")
        self.refused("check", "linear", "mac = mb", says="unknown quantity 'mac': one of macs")
        self.refused("check", "linear", "macs", says="or --fit to find one")
        self.refused("check", "linear", "macs = 1", "--padding", "no", says="dense, in-bounds")
        self.refused("check", "linear", "macs = 1", "--pass", "both", says="or all")
        self.refused("claims", "--claims", "/nonexistent.json", says="/nonexistent.json")

    def test_batch_file_names_the_line(self):
        with tempfile.TemporaryDirectory() as folder:
            batch = os.path.join(folder, "my.shapes")
            with open(batch, "w", encoding="utf-8") as file:
                file.write('mb1ic2oc3n"good"\nmb1ic2\n')
            done = flopmeter("count", "linear", "--batch", batch)
            self.assertIn("linear/forward/mb1ic2oc3 good", done.stdout)
            self.assertIn("my.shapes:2: 'mb1ic2'", done.stderr)
            self.refused("bench", "--layer", "linear", "--batch", folder + "/no", says="/no")

    def test_unwritable_output(self):
        self.refused("bench", "--layer", "linear", "--shape", "mb1ic2oc3", "-o",
                     "/nonexistent/folder/x.jsonl", says="/nonexistent/folder/x.jsonl")


class Bench(unittest.TestCase):
    def test_rows_are_kept_and_resumed(self):
        with tempfile.TemporaryDirectory() as folder:
            base = ["bench", "--layer", "linear", "-o", "r.jsonl", *QUICK]
            flopmeter(*base, "--shape", "mb1ic64oc64", cwd=folder)
            path = os.path.join(folder, "r.jsonl")
            first = rows(path)
            self.assertEqual(first[0]["type"], "environment")
            row = first[1]
            for key in ("name", "status", "seconds", "samples", "spread", "gflops", "convention",
                        "gmacs_per_second", "gbytes_per_second", "intensity", "percent_of_peak",
                        "peak_instruction", "command"):
                self.assertIsNotNone(row[key], key)
            # Without --resume nothing is overwritten.
            done = flopmeter(*base, "--shape", "mb1ic32oc32", cwd=folder, code=2)
            self.assertIn("--resume", done.stderr)
            self.assertEqual(rows(path), first)
            # With it, what is measured stays and the rest follows.
            flopmeter(*base, "--resume", "--shape", "mb1ic64oc64,mb1ic32oc32", cwd=folder)
            names = [line["name"] for line in rows(path)[1:] if line["type"] == "record"]
            self.assertEqual(names[: len(first) - 1], [line["name"] for line in first[1:]])
            self.assertTrue(any("mb1ic32oc32" in name for name in names))

    def test_without_macs_or_without_any_operation(self):
        cases = {("silu", "mb4ic64"): ("exact in-bounds", True),
                 ("relu", "mb4ic64"): ("exact in-bounds", False),
                 ("embedding", "mb4vocab9dim64"): ("exact in-bounds", False)}
        for (layer, shape), (convention, rated) in cases.items():
            with tempfile.TemporaryDirectory() as folder:
                flopmeter("bench", "--layer", layer, "--shape", shape, "--backend", "eigen", "-o",
                          "r.jsonl", *QUICK, cwd=folder)
                row = rows(os.path.join(folder, "r.jsonl"))[1]
                self.assertEqual(row["convention"], convention)
                self.assertIsNotNone(row["gbytes_per_second"])
                self.assertIsNone(row["gmacs_per_second"])
                for key in ("gflops", "intensity", "percent_of_peak"):
                    self.assertEqual(row[key] is not None, rated, key)

    def test_the_absence_of_counters_is_said_once(self):
        done = flopmeter("bench", "--layer", "linear", "--shape", "mb4ic64oc64,mb4ic64oc32", "--backend",
                         "eigen,onednn", "--executed", *QUICK)
        retired_once(self, done.stdout)

    def test_executed_counts_stand_in_the_row(self):
        with tempfile.TemporaryDirectory() as folder:
            done = flopmeter("bench", "--layer", "linear", "--shape", "mb4ic64oc64", "--backend", "eigen",
                             "--executed", "-o", "r.jsonl", *QUICK, cwd=folder)
            row = rows(os.path.join(folder, "r.jsonl"))[1]
            self.assertIn("executed: " + row["executed"], done.stdout)
            self.assertTrue(row["command"].endswith(" --executed"))
            if not row["executed"].startswith("unavailable"):
                self.assertGreaterEqual(row["executed_flops"], row["flops"])

    def test_absence_has_a_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            flopmeter("bench", "--layer", "linear", "--shape", "mb1ic8oc8", "--backend", "eigen",
                      "--dtype", "bf16", "-o", "r.jsonl", *QUICK, cwd=folder)
            row = rows(os.path.join(folder, "r.jsonl"))[1]
            self.assertEqual(row["status"], "unavailable")
            self.assertNotEqual(row["reason"], "")

    def test_machine_formats_hold_nothing_else(self):
        case = ["bench", "--layer", "linear", "--shape", "mb1ic8oc8", "--backend", "eigen", *QUICK]
        google = json.loads(flopmeter(*case, "--benchmark_format=json").stdout)
        self.assertIn("GFLOPS", google["benchmarks"][0])
        for line in flopmeter(*case, "--json").stdout.splitlines():
            json.loads(line)


class Pages(unittest.TestCase):
    def test_the_page_of_layers_is_up_to_date(self):
        """Run: flopmeter list --markdown > docs/layers.md"""
        self.assertEqual(flopmeter("list", "--markdown").stdout,
                         (SOURCE / "docs" / "layers.md").read_text())


class Training(unittest.TestCase):
    def test_a_step_of_a_linear_layer_is_three_forward_passes(self):
        row = json.loads(flopmeter("training", "--layer", "linear", "--shape", "mb32ic512oc1000",
                                   "--json").stdout)
        self.assertEqual(row["macs"]["step_over_forward"], 3)
        self.assertEqual(row["macs"]["backward_weights"], 16384000)

    def test_the_first_layer_of_a_network_has_no_data_gradient(self):
        rows = [json.loads(line) for line in flopmeter("training", "--json").stdout.splitlines()]
        networks = {row["name"]: row["macs"] for row in rows if row["kind"] == "network"}
        mlp = networks["MLP 128-64-10 with ReLU, batch 32"]
        self.assertEqual(mlp["forward"], 282624)
        self.assertEqual(mlp["backward_data"], 32 * 64 * 10)
        self.assertLess(mlp["step_over_forward"], 3)


class Fma(unittest.TestCase):
    QUICK = ["fma", "--rounds=1", "--milliseconds=0.01"]

    def test_the_same_work_in_half_the_instructions(self):
        lines = [json.loads(line) for line in
                 flopmeter(*self.QUICK, "--dtype=f32,f64", "--json").stdout.splitlines()]
        self.assertEqual(lines[0]["type"], "environment")
        loops = {(loop["dtype"], loop["width"], loop["mix"], loop["form"]): loop
                 for loop in lines if loop["type"] == "loop"}
        self.assertEqual(len(loops), 2 * 4 * 8)
        self.assertEqual(len([line for line in lines if line["type"] == "answer"]), 2 * 4)
        for key, loop in loops.items():
            if loop["executed"] is None:
                self.assertEqual(loop["status"], "unavailable", key)
                self.assertNotEqual(loop["reason"], "", key)
                continue
            both = {"multiply": (1, 0), "add": (0, 1), "multiply, add": (1, 1), "FMA": (1, 1)}
            multiplies, adds = both[loop["form"]]
            fused = loop["form"] == "FMA"
            work = 96 * loop["lanes"]
            self.assertEqual(loop["executed"], {
                "instructions": 2 + 96 * (1 if fused else multiplies + adds),
                "multiplies": work * multiplies, "adds": work * adds, "fmas": work * fused}, key)
            self.assertEqual(loop["flops"], work * (multiplies + adds), key)
            self.assertGreater(loop["gflops"], 0, key)
            self.assertEqual(len(loop["samples"]), 1)

    def test_the_verdict_names_every_width(self):
        last = flopmeter(*self.QUICK).stdout.splitlines()[-1]
        for word in ("flop2", "scalar:", "128:", "256:", "512:"):
            self.assertIn(word, last)


class Isa(unittest.TestCase):
    QUICK = ["--benchmark_repetitions=2", "--benchmark_min_time=0.001"]

    def sweep(self, *args, code=0):
        lines = flopmeter("isa", *args, *self.QUICK, "--json", code=code).stdout.splitlines()
        found = [json.loads(line) for line in lines]
        self.assertEqual(found[0]["type"], "environment")
        return found[1:]

    def setUp(self):
        done = subprocess.run([PROGRAM, "isa", "linear", "--isa=sse41", "--here"],
                              capture_output=True, text=True, check=False)
        if "no oneDNN" in done.stderr:
            self.skipTest("this build has no oneDNN")

    def test_every_limit_is_the_one_in_use_or_has_a_reason(self):
        rows = self.sweep("linear", "mb1ic64oc64")
        names = [row["isa"] for row in rows]
        self.assertEqual(names[:3], ["sse41", "avx", "avx2"])
        self.assertEqual(len(set(names)), len(names))
        for row in rows:
            timed = row["record"]["seconds"] is not None
            self.assertEqual(timed, row["isa"] == row["effective"], row)
            self.assertEqual(row["ratio_to_best"] is not None, timed)
            if not timed:
                self.assertEqual(row["record"]["status"], "unavailable")
                self.assertIn(row["effective"], row["record"]["reason"])
        self.assertEqual(max(row["ratio_to_best"] or 0 for row in rows), 1)

    def test_fused_or_not_the_multiplies_are_those_of_the_formula(self):
        """SSE4.1 and AVX have no FMA; 16 channels fill the registers of each."""
        for row in self.sweep("conv2d", "mb1ic16ih8oc16oh8kh3ph1", "--isa=sse41,avx,avx2,avx512_core"):
            if "active" not in (row["executed"] or {}):
                continue  # this machine lacks it
            macs = row["record"]["macs_in_bounds"]
            self.assertEqual(macs, 16 * 16 * (3 * 8 - 2) ** 2)
            active = row["executed"]["active"]
            # And what oneDNN's own code multiplies: the size of a hash table, now and then.
            self.assertLessEqual(0, active["multiplies"] - macs)
            self.assertLessEqual(active["multiplies"] - macs, 16)
            self.assertEqual(active["fmas"], 0 if row["isa"] in ("sse41", "avx") else macs)
            self.assertEqual(row["executed"]["disagreement"], "")

    def test_a_table_a_case(self):
        text = flopmeter("isa", "linear", "mb1ic64oc64", "--pass=forward,backward_data",
                         "--isa=sse41,avx2", *self.QUICK).stdout
        self.assertIn("linear/forward/onednn/f32/mb1ic64oc64\n", text)
        self.assertIn("linear/backward_data/onednn/f32/mb1ic64oc64\n", text)
        self.assertIn("flop2", text)

    def test_bad_input_is_refused_before_any_process_starts(self):
        for words, says in ((["mb0ic5oc5"], "mb (samples) is 0"),
                            (["--here"], "--here measures one case with one --isa"),
                            (["--isa=avx3"], "unknown isa 'avx3': one of sse41, avx, ")):
            self.assertIn(says, flopmeter("isa", "linear", *words, code=2).stderr)

    def test_a_row_can_be_made_alone(self):
        row = self.sweep("linear", "mb1ic64oc64", "--isa=sse41")[0]
        limit, _, command = row["record"]["command"].partition(" flopmeter ")
        name, _, value = limit.partition("=")
        done = subprocess.run([PROGRAM, *command.split()], capture_output=True, text=True,
                              check=True, env={**os.environ, name: value})
        again = json.loads(done.stdout)
        self.assertEqual(again["effective"], "sse41")
        self.assertEqual(again["executed"]["active"]["fmas"], 0)


class OlderCpus(unittest.TestCase):
    """Prevents a fault where oneDNN has other kernels than on the CPU at hand."""

    def test_a_projection_is_packed(self):
        words = ["validate", "--layer", "lstm", "--shape", "l1t1mb1slc17dhc10dic5", "--random", "0"]
        for isa in ("SSE41", "AVX2"):
            done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False,
                                  env={**os.environ, "DNNL_MAX_CPU_ISA": isa})
            self.assertEqual(done.returncode, 0, f"{isa}: {done.stdout}{done.stderr}")


class Claims(unittest.TestCase):
    def test_json_keys_and_misprints(self):
        """All of them are judged by the tests of claims."""
        ids = ("S0-linear-params", "S3-conv-muls", "S2-mlp-macs")
        found = {one: json.loads(flopmeter("claims", "--id", one, "--json").stdout)[0] for one in ids}
        for claim in found.values():
            self.assertLessEqual({"id", "verdict", "measured", "stated", "evidence"}, claim.keys())
        self.assertIn("misprinted", found["S0-linear-params"]["verdict"])
        self.assertEqual(found["S0-linear-params"]["measured"], 513000)
        self.assertEqual(found["S0-linear-params"]["stated"], 51300)
        self.assertIn("misprinted", found["S3-conv-muls"]["verdict"])
        self.assertIn("matches", found["S2-mlp-macs"]["verdict"])


class Check(unittest.TestCase):
    def test_verdicts_are_exit_codes(self):
        flopmeter("check", "linear", "macs = mb*features*oc")
        flopmeter("check", "linear", "flops(flop2) = 6*mb*features*oc", "--pass", "all")
        wrong = flopmeter("check", "conv2d", "macs = mb*ic*oc*oh*ow*kh*kw", code=1).stdout
        self.assertIn("holds when g = 1 (", wrong)
        self.assertIn("not on g2mb1ic2ih1oc2oh1kh1ph0bias0: formula 4, measured 2 (+100 %)", wrong)

    def test_the_command_shows_the_measured_number(self):
        found = json.loads(flopmeter("check", "linear", "macs = mb*ic*oc + mb", "--json",
                                     code=1).stdout)
        wrong = found["readings"][0]["counterexample"]
        counted = flopmeter(*wrong["command"].split()[1:], "--json").stdout
        self.assertEqual(json.loads(counted)["counted"]["reference"]["macs"], wrong["measured"])

    def test_fit(self):
        self.assertIn("macs = mb*ic*oc*oh*ow*kh*kw/g\n",
                      flopmeter("check", "conv2d", "macs", "--fit").stdout)
        found = json.loads(flopmeter("check", "conv2d", "macs = mb*ic*oc*oh*ow*kh*kw", "--fit",
                                     "--padding", "dense", "--json", code=1).stdout)
        self.assertEqual(found["fit"]["forms"][0]["closed_form"], "mb*ic*oc*oh*ow*kh*kw/g")
        self.assertEqual(found["difference"]["forms"][0]["closed_form"],
                         "mb*ic*oc*oh*ow*kh*kw*(1 - 1/g)")


class Validate(unittest.TestCase):
    def test_one_object_a_case(self):
        out = flopmeter("validate", "--json", "--random", "0", "--layer", "linear", "--shape",
                        "mb1ic8oc8").stdout
        cases = [json.loads(line) for line in out.splitlines()]
        self.assertTrue(all(case["status"] in ("ok", "unavailable") for case in cases))
        self.assertEqual(cases[0]["counts"], "exact")
        self.assertNotIn("executed", cases[0])

    def test_executed(self):
        case = ["validate", "--executed", "--random", "0", "--layer", "linear", "--shape", "mb1ic8oc8"]
        text = flopmeter(*case).stdout
        self.assertRegex(text, "explained exactly by named factors|executed: .* unavailable: ")
        retired_once(self, text)
        reference = json.loads(flopmeter(*case, "--json").stdout.splitlines()[0])
        self.assertTrue({"active", "unavailable"} & set(reference["executed"]))
        self.assertIn(reference["retired"]["status"],
                      ("agrees", "deviates", "not compared", "unavailable"))


    def test_one_output_of_any_number_of_workers(self):
        case = ["validate", "--executed", "--random", "3", "--layer", "rnn", "--pass", "forward",
                "--dtype", "f32", "--json"]
        once = flopmeter(*case, "--workers", "1").stdout
        self.assertGreater(once.count("executed"), 3)
        for workers in "4", "4":
            self.assertEqual(flopmeter(*case, "--workers", workers).stdout, once)


class Help(unittest.TestCase):
    def test_every_command_has_examples(self):
        for command in ("run", "count", "validate", "claims", "check", "bench", "machine", "fma",
                        "isa", "exec", "list"):
            self.assertIn("Examples:", flopmeter(command, "--help").stdout, command)
        self.assertIn("Examples:", flopmeter("--help").stdout)


if __name__ == "__main__":
    unittest.main()
