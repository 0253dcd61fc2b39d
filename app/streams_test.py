#!/usr/bin/env python3
"""Every subcommand where its output cannot be written, and where it is interrupted: called with the path of
flopmeter. A command that could not write is no success, and never an abort."""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
SOURCE = pathlib.Path(__file__).resolve().parent.parent
RESULTS = str(SOURCE / "results/report/fixture.jsonl")
RECORDED = str(SOURCE / "results/recorded/xeon-amx-2-cores.jsonl")
QUICK = ["--benchmark_repetitions=1", "--benchmark_min_time=0.001"]
SMALL = ["--layer", "linear", "--shape", "mb1ic8oc8"]

# Files that commands need, made once: a run that is done, so that `run --resume` has nothing to measure but
# prints, and a description of a small model.
FOLDER = tempfile.TemporaryDirectory()
RUN = os.path.join(FOLDER.name, "run.jsonl")
MODEL = os.path.join(FOLDER.name, "config.json")
MACHINE = os.path.join(FOLDER.name, "machine.json")
SHARDS = os.path.join(FOLDER.name, "shards")
MERGED = os.path.join(FOLDER.name, "merged.jsonl")
RUN_OPTIONS = ["--per-layer", "1", "--random", "0", *SMALL]

# What each subcommand is called with, so that it prints something soon.
COMMANDS = {
    "run": [*RUN_OPTIONS, "-o", RUN, "--resume"],
    "machine": ["--quick", "--threads=1"],
    "machine --json": ["--quick", "--threads=1"],
    "isa": ["linear", "mb1ic8oc8", "--isa=sse41", *QUICK],
    "exec": ["--", "true"],
    "report": [RESULTS, "-o", os.path.join(FOLDER.name, "page.html")],
    "table": [RESULTS, "--where", "status=ok"],
    # So that no remark stands on standard error.
    "table --csv": [RECORDED, "--value=seconds", "--where", "layer=relu", "--where", "threads=1", "--where",
                    "status=ok"],
    "model": [MODEL],
    "model --json": [MODEL],
    "diff": [MODEL, MODEL],
    "plan": [MODEL, "--machine", MACHINE],
    "plan --json": [MODEL, "--machine", MACHINE, "--json"],
    "merge": [SHARDS, "-o", MERGED],
    "fleet status": [SHARDS],
    "fleet submit": ["--constraint", "amx", "--", "run"],
    "count": ["linear", "mb1ic8oc8"],
    "count --json": ["linear", "mb1ic8oc8", "--json"],
    "validate": ["--random", "0", *SMALL],
    "validate --json": ["--random", "0", *SMALL, "--json"],
    "claims": ["--id", "S0-linear-params"],
    "claims --json": ["--id", "S0-linear-params", "--json"],
    "check": ["linear", "macs = mb*ic*oc"],
    "training": SMALL,
    "training --json": [*SMALL, "--json"],
    "bench": [*SMALL, *QUICK],
    "bench --json": [*SMALL, *QUICK, "--json"],
    "compare": [RESULTS, "--by", "backend=eigen,onednn"],
    "fma": ["--rounds", "1", "--milliseconds", "0.01"],
    "list": [],
    "--help": [],
    "--version": [],
}

# Standard output belongs to the program under exec; what it says itself goes to standard error, and where that
# fails it ends with a code of its own, as env and timeout do.
NOT_ON_STANDARD_OUTPUT = ("exec",)
UNSAID = {"exec": 125}

# It measures for seconds, and differs from the same without --json in what is written at the end.
ONCE = ("machine --json",)


def call(name, **streams):
    words = name.split()
    pathlib.Path(MERGED).unlink(missing_ok=True)  # merge writes new files only
    return subprocess.run([PROGRAM, *words[:1], *words[1:], *COMMANDS[name]], check=False,
                          stdin=subprocess.DEVNULL, text=True, timeout=300, **streams)


def make_files():
    subprocess.run([PROGRAM, "run", *RUN_OPTIONS, "-o", RUN], check=True, stdout=subprocess.DEVNULL, timeout=300)
    pathlib.Path(MODEL).write_text(json.dumps({
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "intermediate_size": 128,
        "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100,
        "hidden_act": "silu", "rms_norm_eps": 1e-6, "tie_word_embeddings": False}), encoding="utf-8")
    rate = {"dtype": "f32", "threads": 1, "operations_per_second": 1e11, "bytes_per_second": 1e10, "fixed_seconds": 1e-5}
    pathlib.Path(MACHINE).write_text(json.dumps({"schema": 1, "profile": {
        "source": "data sheet", "rates": [rate],
        "constants": [{"kind": "*", "efficiency": 0.5, "within": 2}]}}), encoding="utf-8")
    os.mkdir(SHARDS)
    shutil.copy(RESULTS, SHARDS)


def closing(descriptor):
    return lambda: os.close(descriptor)


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        make_files()
        listed = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        cls.subcommands = re.findall(r"^  ([a-z]+) {2,}", listed.split("ubcommands:")[-1], re.MULTILINE)

    def one_line(self, text, reason):
        # exec says beside that what its program did was counted in part, where it was.
        self.assertRegex(text, rf"(?m)^flopmeter: cannot write [^\n]*{reason}[^\n]*\n\Z")
        self.assertEqual(text.count("\n"), 1, text)

    def test_every_subcommand_is_tried(self):
        self.assertGreater(len(self.subcommands), 10)
        self.assertEqual(set(self.subcommands) - {name.split()[0] for name in COMMANDS}, set())

    def each(self, without=()):
        for name in COMMANDS:
            if name not in without:
                with self.subTest(command=name):
                    yield name

    def test_standard_output_is_full(self):
        for name in self.each(NOT_ON_STANDARD_OUTPUT):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = call(name, stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 2)
            self.one_line(done.stderr, "No space left on device")

    def test_standard_output_is_closed(self):
        for name in self.each(NOT_ON_STANDARD_OUTPUT + ONCE):
            done = call(name, stderr=subprocess.PIPE, preexec_fn=closing(1))
            self.assertEqual(done.returncode, 2)
            self.one_line(done.stderr, "it is closed")

    def test_standard_error_is_closed_or_full(self):
        for name in self.each(ONCE):
            plain = call(name, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            # What has nothing to say there does not need it; what has is no success.
            expected = plain.returncode if plain.stderr == "" else UNSAID.get(name, 2)
            closed = call(name, stdout=subprocess.PIPE, preexec_fn=closing(2))
            self.assertEqual(closed.returncode, expected)
            with open("/dev/full", "w", encoding="utf-8") as full:
                self.assertEqual(call(name, stdout=subprocess.PIPE, stderr=full).returncode, expected)

    def test_a_message_that_cannot_be_written(self):
        for words in (["count", "nope", "1"], ["nope"], ["validate", "--random=-1"], ["report", "absent"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([PROGRAM, *words], stdout=full, stderr=full, check=False)
            self.assertEqual(done.returncode, 2, words)

    def test_a_reader_that_leaves(self):
        """SIGPIPE ends the program as it ends others."""
        for name in self.each(NOT_ON_STANDARD_OUTPUT + ONCE):
            read, write = os.pipe()
            os.close(read)
            done = call(name, stdout=write, stderr=subprocess.PIPE)
            os.close(write)
            self.assertEqual(done.returncode, -signal.SIGPIPE)

    def test_closed_streams_do_not_become_files(self):
        """A results file must not get the number of a closed standard output, and the table with it."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.jsonl")
            subprocess.run([PROGRAM, "bench", *SMALL, *QUICK, "-o", path], preexec_fn=closing(1),
                           stderr=subprocess.DEVNULL, check=False)
            for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
                self.assertTrue(line.startswith('{"type":'), line)

    def test_interrupted(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.jsonl")
            with subprocess.Popen([PROGRAM, "bench", "--layer", "relu", *QUICK, "-o", path],
                                  stdout=subprocess.PIPE) as running:
                for _ in range(3):
                    running.stdout.readline()
                running.send_signal(signal.SIGINT)
                running.stdout.read()
                self.assertEqual(running.wait(), -signal.SIGINT)
            kept = pathlib.Path(path).read_text(encoding="utf-8")
            self.assertTrue(kept.endswith("\n"))
            self.assertGreater(kept.count('"type":"record"'), 0)


# What takes long enough to be interrupted in the middle; with a file, its rows so far are whole.
LONG = {
    "bench": ["--layer", "relu"],
    "validate": ["--layer", "conv2d", "--random", "100000"],
    "machine": [],
    "run": [],
    "fma": ["--rounds", "10000"],
    "isa": ["conv2d"],
    "training": ["--time"],
    "exec": ["--", "sleep", "60"],
}


class Interrupts(unittest.TestCase):
    def test_in_the_middle(self):
        for name, arguments in LONG.items():
            with self.subTest(command=name), tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "r.jsonl")
                output = ["-o", path] if name in ("bench", "run") else []
                with subprocess.Popen([PROGRAM, name, *output, *arguments], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
                    time.sleep(0.7)
                    self.assertIsNone(running.poll(), "it was to take longer")
                    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
                    _, said = running.communicate(timeout=60)
                self.assertIn(running.returncode, (-signal.SIGINT, 128 + signal.SIGINT))
                self.assertLessEqual(len([line for line in said.splitlines() if "flopmeter:" in line]), 1, said)
                if output and os.path.exists(path):
                    text = pathlib.Path(path).read_text(encoding="utf-8")
                    for line in text.splitlines():
                        json.loads(line)


class Files(unittest.TestCase):
    def test_a_disk_that_is_full(self):
        """A file system of 64 KiB, all of it taken: one line that names the file, exit code 2."""
        script = ('mount -t tmpfs -o size=64k none "$1" && cd "$1" && (head -c 65536 /dev/zero > filler; '
                  ': > old.html; shift; exec "$@")')
        can = subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True)
        if can.returncode != 0:
            self.skipTest("no file system can be mounted here")
        for words in (["bench", *SMALL, *QUICK, "-o", "r.jsonl"], ["bench", *SMALL, *QUICK, "--csv", "r.csv"],
                      ["bench", *SMALL, *QUICK, "--markdown", "r.md"], ["run", *RUN_OPTIONS, "-o", "r.jsonl"],
                      ["machine", "--quick", "--threads=1", "-o", "m.json"], ["report", RESULTS, "-o", "r.html"],
                      ["report", RESULTS, "--svg", "r.svg"], ["report", RESULTS, "--markdown", "r.md"]):
            with self.subTest(words=words), tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(["unshare", "-rm", "sh", "-c", script, "-", folder, PROGRAM, *words],
                                      capture_output=True, text=True, check=False, timeout=120)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, r"flopmeter: cannot write [^\n]*\n\Z")
                self.assertEqual(done.stderr.count("flopmeter:"), 1, done.stderr)

    def test_a_page_that_cannot_be_written_keeps_the_older_one(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.html")
            page.write_text("older", encoding="utf-8")
            os.chmod(folder, 0o700)
            # A limit on the size of files stands for a full disk: the write fails in the middle.
            done = subprocess.run(["bash", "-c", 'ulimit -f 8; trap "" XFSZ; exec "$@"', "-", PROGRAM,
                                   "report", RESULTS, "-o", str(page)], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, r"^flopmeter: cannot write '[^\n]*page.html'[^\n]*\n$")
            self.assertEqual(page.read_text(encoding="utf-8"), "older")
            self.assertEqual(os.listdir(folder), ["page.html"])

    def test_files_that_are_full(self):
        for option in ("-o", "--csv", "--markdown"):
            done = subprocess.run([PROGRAM, "bench", *SMALL, *QUICK, option, "/dev/full"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, option)
            self.assertRegex(done.stderr, r"^flopmeter: cannot write [^\n]*\n$")


def processor_seconds(words, quick=0.0):
    """What it does and the CPU time that it takes: the least of a few runs, ended at the first that is quick."""
    least = float("inf")
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if least < quick:
            break
    return done, least


class Early(unittest.TestCase):
    def test_arguments_are_judged_before_anything_is_measured(self):
        _, start = processor_seconds(["--version"])  # beside other work, twice what it takes alone
        quick = 0.05 + 3 * start
        for words in (["run", "--layer=nope"], ["run", "--per-layer=-1"], ["run", "--random=-1"],
                      ["run", "--shape=mb1"], ["run", "-o", "/nowhere/r.jsonl"],
                      ["bench", "--layer=nope"], ["bench", "--filter=("], ["bench", "--dtype=f33"],
                      ["bench", "--backend=nope"], ["bench", "--threads=100000"],
                      ["bench", "--resume"], ["validate", "--layer=nope"], ["validate", "--pass=up"], ["bench", "--dim=batch=1"],
                      ["machine", "--threads=100000"], ["machine", "-o", "/nowhere/m.json"],
                      ["training", "--layer=nope"], ["isa", "linear", "mb0"], ["isa", "nope"],
                      ["isa", "linear", "--isa=nope"], ["fma", "--dtype=f33"],
                      ["compare", RESULTS, "--by=nope"], ["report", RESULTS],
                      ["table", RESULTS, "--by=nope"], ["table", RESULTS, "--value=layer"],
                      ["table", RESULTS, "--where=layer"], ["table", RESULTS, "--fold=mean"],
                      ["table", RESULTS, "--csv", "--markdown"],
                      ["count", "linear", "mb1ic8oc8", "--convention=nope"], ["count", "linear", "mb1ic8oc-8"],
                      ["model", "/nowhere"], ["model", MODEL, "--phase=nope"], ["model", MODEL, "--time=x"],
                      ["plan", MODEL, "--machine", "/nowhere"], ["plan", MODEL, "--machine", MACHINE, "--threads=0"],
                      ["diff", MODEL, "/nowhere"], ["merge", "/nowhere"], ["fleet", "submit", "--constraint", "amx"],
                      ["report", "/nowhere", "-o", "/nowhere/r.html"], ["claims", "--id=nope"],
                      ["check", "linear", "macs = nope*mb"], ["check", "nope", "macs = mb"], ["list", "nope"]):
            done, took = processor_seconds(words, quick)
            self.assertEqual(done.returncode, 2, words)
            self.assertEqual(done.stdout, "", words)
            self.assertRegex(done.stderr, r"^flopmeter: [^\n]+\n$", words)
            self.assertLess(took, quick, words)

    def test_what_files_hold_takes_bounded_time_and_words(self):
        lines = pathlib.Path(RESULTS).read_text(encoding="utf-8").splitlines()
        row = next(json.loads(line) for line in lines if '"status":"ok"' in line)
        for change in ({"seconds": 1e308}, {"seconds": 5e-324}, {"seconds": -1e308}, {"label": "x" * 2_000_000},
                       {"samples": [1e-6] * 20_000, "peak_samples": [1.0] * 20_000}):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "r.jsonl")
                pathlib.Path(path).write_text(f"{lines[0]}\n{json.dumps({**row, **change})}\n", encoding="utf-8")
                for words in (["report", path, "-o", f"{path}.html", "--markdown", f"{path}.md"],
                              ["table", path], ["compare", path, path]):
                    begin = time.monotonic()
                    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False,
                                          timeout=60)
                    self.assertLess(time.monotonic() - begin, 30, words)  # 1 s on a quiet machine
                    self.assertIn(done.returncode, (0, 2), done.stderr)
                    self.assertNotIn("stoi", done.stderr)
                    self.assertLess(len(done.stderr), 500)

    def test_a_filter_takes_linear_time(self):
        begin = time.monotonic()
        done = subprocess.run([PROGRAM, "bench", "--filter", "(a|aa)+(b|bb)+(x+x+)+y" * 40],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertLess(time.monotonic() - begin, 5)

    def test_oneDNN_is_kept_from_printing(self):
        done = subprocess.run([PROGRAM, "bench", *SMALL, *QUICK, "--json"], capture_output=True, text=True,
                              check=False, env={**os.environ, "DNNL_VERBOSE": "1"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("onednn_verbose", done.stdout)
        self.assertIn("DNNL_VERBOSE is ignored", done.stderr)

    def test_bound_threads(self):
        """OMP_PROC_BIND is the default of many clusters; it must not bend --threads."""
        cores = len(os.sched_getaffinity(0))
        threads = "1,2" if cores > 1 else "1"
        done = subprocess.run([PROGRAM, "bench", *SMALL, *QUICK, f"--threads={threads}"],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "OMP_PROC_BIND": "true"})
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
