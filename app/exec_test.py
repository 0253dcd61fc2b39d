#!/usr/bin/env python3
"""flopmeter exec on whole programs: their output stays as it is, their operations are counted."""
import json
import os
import pathlib
import pty
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
PROGRAMS = pathlib.Path(PROGRAM).parent / "app"
ENDS = str(PROGRAMS / "exec_test_ends")
SIGNALS = str(PROGRAMS / "exec_test_signals")
SGEMM = str(PROGRAMS / "exec_test_sgemm")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **options)


def count(*command, options=(), **others):
    """The finished process of `flopmeter exec` and its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counts.json")
        done = run(PROGRAM, "exec", "--json", "-o", path, *options, "--", *command, **others)
        with open(path, encoding="utf-8") as file:
            return done, json.load(file)


def cell(found, operation, element, lanes):
    same = [row for row in found["operations"]
            if (row["operation"], row["element"], row["lanes"]) == (operation, element, lanes)]
    return same[0]["active"] if same else 0


class Exec(unittest.TestCase):
    def same(self, *command, options=(), **others):
        """Output and end are those of the program by itself."""
        alone = run(*command, **others)
        done, found = count(*command, options=options, **others)
        self.assertEqual(done.stdout, alone.stdout)
        self.assertEqual(done.stderr, alone.stderr)
        self.assertEqual(done.returncode, alone.returncode)
        self.assertTrue(found["counted"], found["remarks"])
        return found


class Ends(Exec):
    def test_every_way_to_end(self):
        for way, times, threads in (("return", 1, 1), ("exit", 1, 1), ("_exit", 1, 1),
                                    ("quick_exit", 1, 1), ("abort", 1, 1), ("throw", 1, 1),
                                    ("signal", 1, 1), ("jump", 1, 1), ("threads", 3, 4),
                                    ("elsewhere", 2, 2), ("pthread_exit", 2, 2)):
            with self.subTest(way):
                found = self.same(ENDS, "1000", way)
                self.assertEqual(cell(found, "multiply", "f32", 1), 1000 * times)
                self.assertEqual(found["threads"], threads)
                self.assertEqual(found["exit_code"] is None, way in ("abort", "throw"))

    def test_every_way_to_die_by_a_signal(self):
        ways = [("fault", 1, signal.SIGSEGV), ("fault_in_thread", 2, signal.SIGSEGV),
                ("fault_with_handler", 1, signal.SIGSEGV), ("overflow", 1, signal.SIGSEGV)]
        ways += [(f"raise {number}", 1, number)
                 for number in (signal.SIGFPE, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM,
                                signal.SIGRTMIN)]
        for way, times, number in ways:
            with self.subTest(way):
                found = self.same(ENDS, "1000", way)
                self.assertEqual(found["signal"], number)
                self.assertEqual(cell(found, "multiply", "f32", 1), 1000 * times)
                self.assertEqual(found["remarks"], [])

    def test_sigkill_loses_nothing(self):
        found = self.same(ENDS, "1000", f"raise {signal.SIGKILL}")
        self.assertEqual(cell(found, "multiply", "f32", 1), 1000)

    def test_the_program_sees_its_own_signal_actions(self):
        self.same(ENDS, "1", "actions")

    def test_children_are_counted_when_asked_for(self):
        for way, options, times in (("fork", (), 1), ("fork", ("--children",), 2), ("spawn", (), 1),
                                    ("spawn", ("--children",), 2),
                                    ("replace", (), 2)):
            with self.subTest((way, options)):
                found = self.same(ENDS, "1000", way, options=options)
                self.assertEqual(cell(found, "multiply", "f32", 1), 1000 * times)
                self.assertEqual(any("ran uncounted" in remark for remark in found["remarks"]),
                                 way != "replace" and not options)

    def test_the_program_sees_its_own_environment(self):
        self.same(ENDS, "1", "environment")
        library = "libm.so.6"
        self.same(ENDS, "1", "environment", env={**os.environ, "LD_PRELOAD": library})

    def test_the_function_is_named(self):
        _, found = count(ENDS, "100000", "return")
        self.assertIn("multiply(int)", found["hot_spots"][0]["name"])
        self.assertEqual(found["hot_spots"][0]["flops_exact"], 100000)
        self.assertEqual(found["modules"][0]["module"], "exec_test_ends")
        self.assertEqual(found["fp_arith_inst_retired"]["fp_arith_inst_retired.scalar_single"],
                         100000)

    def test_the_same_twice(self):
        first, second = (count(ENDS, "1000", "return")[1] for _ in range(2))
        self.assertEqual(first["operations"], second["operations"])


    def test_names_of_c_are_not_taken_for_mangled_types(self):
        found = self.same(str(PROGRAMS / "exec_test_names"), options=("--top", "20"))
        names = [spot["name"] for spot in found["hot_spots"] if spot["flops_exact"] == 1000]
        self.assertEqual(sorted(names), ["Dn", "Pf", "Ss", "f", "in_cpp::g(double)", "v"])


class Signals(unittest.TestCase):
    """Signals to flopmeter alone."""

    def start(self, *command, **options):
        return subprocess.Popen([PROGRAM, "exec", "--", *command], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **options)

    def test_they_are_handed_on(self):
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1,
                       signal.SIGALRM, signal.SIGWINCH, signal.SIGRTMIN + 1):
            with self.subTest(number), self.start(SIGNALS) as done:
                self.assertEqual(done.stdout.readline(), b"ready\n")
                done.send_signal(number)
                self.assertEqual(done.stdout.read().decode(), f"signal {int(number)}, 1 times\n")
                self.assertIn(b"exit code 3", done.stderr.read())
                self.assertEqual(done.wait(), 3)

    def test_the_program_dies_by_one(self):
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            with self.subTest(number), self.start("sh", "-c", "echo ready; exec sleep 60") as done:
                self.assertEqual(done.stdout.readline(), b"ready\n")
                time.sleep(0.5)
                done.send_signal(number)
                self.assertIn(b"FLOPs (exact)", done.stderr.read())
                self.assertEqual(done.wait(), -number)

    def test_one_that_is_ignored_stays_ignored(self):
        def ignore():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        script = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
        done = run(PROGRAM, "exec", "--", sys.executable, "-c", script, preexec_fn=ignore)
        self.assertEqual(done.stdout, b"True\n")

    def test_the_terminal_tells_the_program_itself(self):
        child, terminal = pty.fork()
        if child == 0:
            os.execv(PROGRAM, [PROGRAM, "exec", "-o", "/dev/null", "--", SIGNALS])
        with open(terminal, "rb", buffering=0) as output:
            self.assertEqual(output.readline().strip(), b"ready")
            os.write(terminal, b"\x03")
            said = b""
            try:
                while b"times" not in said:
                    said += output.read(100)
            except OSError:
                pass
        os.waitpid(child, 0)
        self.assertIn(b"signal 2, 1 times", said)

    def test_who_ignores_children_learns_their_exit_code(self):
        done = run(PROGRAM, "exec", "--", ENDS, "1", "return",
                   preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(done.returncode, 3)


class Programs(Exec):
    def test_python(self):
        script = "import json, math; print(sum(math.sin(i) * i for i in range(10000))); exit(5)"
        found = self.same(sys.executable, "-c", script)
        self.assertGreaterEqual(found["active"]["multiplies"], 10000)
        self.assertEqual(found["exit_code"], 5)

    @unittest.skipUnless(shutil.which("xz"), "no xz")
    def test_xz_from_stdin_by_two_threads(self):
        data = bytes(i * i % 251 for i in range(300000))
        found = self.same("xz", "-T2", "--block-size=100000", "-c", input=data)
        self.assertEqual(found["threads"], 3)

    @unittest.skipUnless(shutil.which("g++"), "no g++")
    def test_compiler_and_its_children(self):
        source = b"#include <vector>\nint sum(std::vector<int> v) { return v.at(1) + 1; }\n"
        found = self.same("g++", "-O2", "-S", "-x", "c++", "-", "-o", "-", options=["--children"],
                          input=source)
        programs = [os.path.basename(process["program"]) for process in found["processes"]]
        self.assertIn("cc1plus", programs)
        self.assertTrue(all(process["counted"] for process in found["processes"]))

    @unittest.skipUnless(os.path.exists(SGEMM), "without oneDNN")
    def test_sgemm_does_exactly_its_macs(self):
        macs = 256**3
        flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        if " fma " not in flags:
            self.skipTest("without FMA a MAC is two instructions")
        if " avx512f " in flags:
            self.assertEqual(cell(self.same(SGEMM), "fma", "f32", 16), macs)
        found = self.same(SGEMM, "two", "threads")
        self.assertEqual(found["active"]["macs"], 2 * macs)
        self.assertGreater(found["fma_share"], 0.9)
        self.assertEqual(found["hot_spots"][0]["module"], "")


class BadInput(unittest.TestCase):
    def refused(self, *command, says):
        done = run(PROGRAM, "exec", *command)
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stdout, b"")
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertIn(says, done.stderr.decode())

    def test_what_cannot_be_counted(self):
        self.refused("--", "no-such-program", says="program not found: 'no-such-program'")
        self.refused("--", "./no/such", says="there is no file './no/such'")
        self.refused("--", os.path.abspath(__file__) + "/x", says="there is no file")
        self.refused("--", "/etc/passwd", says="no executable file")
        self.refused("--", str(PROGRAMS / "exec_test_static"), "1", "return",
                     says="linked statically")
        self.refused("-o", "/nonexistent/x", "--", "true", says="cannot write '/nonexistent/x'")
        self.refused(says="command")

    def test_files_of_other_kinds(self):
        with tempfile.TemporaryDirectory() as folder:
            def program(name, content, mode=0o755):
                path = os.path.join(folder, name)
                pathlib.Path(path).write_bytes(content)
                os.chmod(path, mode)
                return path
            self.refused("--", program("narrow", b"\x7fELF\x01" + bytes(100)), says="32-bit")
            arm = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xb7\x00" + bytes(100)
            self.refused("--", program("arm", arm), says="another machine")
            static = os.path.join(folder, "script")
            pathlib.Path(static).write_text(f"#!{PROGRAMS / 'exec_test_static'} 1\n", encoding="utf-8")
            os.chmod(static, 0o755)
            self.refused("--", static, says="linked statically")
            if os.geteuid() == 0:
                other = program("other", pathlib.Path(ENDS).read_bytes())
                os.chown(other, 65534, 65534)
                os.chmod(other, 0o4755)
                self.refused("--", other, "1", "return", says="set-uid")

    @unittest.skipUnless(shutil.which("gcc"), "no gcc")
    def test_address_sanitizer(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "program")
            built = run("gcc", "-xc", "-fsanitize=address", "-o", path, "-",
                        input=b"int main(void) { return 3; }")
            if built.returncode != 0:
                self.skipTest("no libasan")
            self.refused("--", path, says="AddressSanitizer")

    # What is known of an image of GNU Common Lisp: all that it writes is in its file, and a text.
    @unittest.skipUnless(shutil.which("gcc"), "no gcc")
    def test_an_image_that_was_saved_from_memory(self):
        with tempfile.TemporaryDirectory() as folder:
            for text, says in (("GCL_UNRANDOMIZE", "GNU Common Lisp"), ("GCL", "")):
                path = os.path.join(folder, f"image{len(text)}")
                script = os.path.join(folder, "script")
                pathlib.Path(script).write_text(
                    "SECTIONS { .bss : { *(.bss) *(COMMON) BYTE(1) } } INSERT AFTER .data;\n")
                source = f'const char text[] = "{text}"; int main(void) {{ return 3; }}\n'
                built = run("gcc", "-xc", "-", "-o", path, "-no-pie", f"-Wl,-T,{script}",
                            input=source.encode())
                if built.returncode != 0:
                    self.skipTest(built.stderr.decode())
                if says:
                    self.refused("--", path, says=says)
                    done, found = count("sh", "-c", f"exec {path}")
                    self.assertEqual(done.returncode, 3)
                    self.assertTrue(any(says in line for line in found["remarks"]))
                else:
                    self.assertEqual(count(path)[0].returncode, 3)

    @unittest.skipUnless(shutil.which("java"), "no java")
    def test_java(self):
        self.refused("--", "java", "-version", says="Java virtual machine")


class Within(unittest.TestCase):
    """A program that counts by itself."""

    def test_it_is_told_that_it_is_counted_already(self):
        done, found = count(PROGRAM, "count", "linear", "mb1ic3oc4")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(b"eigen      unavailable: 'flopmeter exec' counts this program already", done.stdout)
        self.assertEqual([line for line in found["remarks"] if "rep prefix" not in line], [])


class Uncountable(unittest.TestCase):
    """What would be refused by itself runs as ever, without the counter, and is named."""

    def runs(self, command, *options):
        alone = run("sh", "-c", command)
        done, found = count("sh", "-c", command, options=options)
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         (alone.stdout, alone.stderr, alone.returncode))
        return [line for line in found["remarks"] if "rep prefix" not in line], found

    @unittest.skipUnless(shutil.which("java"), "no java")
    def test_java_among_the_children(self):
        remarks, found = self.runs("java -version; echo $?", "--children")
        self.assertEqual([process["counted"] for process in found["processes"]], [True, False])
        self.assertEqual(len(remarks), 1, remarks)
        self.assertIn("java: ran uncounted", remarks[0])
        self.assertIn("Java virtual machine", remarks[0])

    def test_address_sanitizer_among_the_children(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "program")
            built = run("gcc", "-xc", "-fsanitize=address", "-o", path, "-", input=b"""
#include <stdio.h>
#include <stdlib.h>
int main(void) { const char* o = getenv("ASAN_OPTIONS"); puts(o ? o : "none"); return 3; }
""") if shutil.which("gcc") else None
            if built is None or built.returncode != 0:
                self.skipTest("no gcc with libasan")
            for command in (f"{path}; echo $?", f"exec {path}",
                            f"{sys.executable} -c 'import subprocess; subprocess.run(\"{path}\")'"):
                with self.subTest(command):
                    remarks, found = self.runs(command, "--children")
                    self.assertFalse(found["processes"][-1]["counted"])
                    self.assertEqual(len(remarks), 1, remarks)
                    self.assertIn("program: ran uncounted", remarks[0])

    @unittest.skipUnless(shutil.which("java"), "no java")
    def test_java_in_place_of_the_program(self):
        remarks, found = self.runs("exec java -version")
        self.assertEqual([process["counted"] for process in found["processes"]], [True, False])
        self.assertEqual(len(remarks), 1, remarks)


class NoSummary(unittest.TestCase):
    """Where the summary cannot be written, that is an error apart from how the program ends."""

    def failed(self, done, *says):
        self.assertEqual(done.returncode, 125, done)
        self.assertEqual(done.stdout, b"out\n")
        for words in says:
            self.assertIn(words, done.stderr.decode())

    def test_a_full_disk(self):
        for options in ([], ["--json"]):
            done = run(PROGRAM, "exec", *options, "-o", "/dev/full", "--", ENDS, "1", "return")
            self.failed(done, "err\n", "cannot write the summary to '/dev/full': No space left",
                        "the program itself ended: exit code 3")
            done = run(PROGRAM, "exec", *options, "-o", "/dev/full", "--", ENDS, "1", "abort")
            self.failed(done, "killed by signal 6")

    def test_stderr_is_full_or_closed(self):
        for where in ("2>/dev/full", "2>&-", "2</dev/null"):
            with self.subTest(where):
                self.failed(run("sh", "-c", f'"$@" {where}', "sh", PROGRAM, "exec", "--", ENDS, "1",
                                "return"))

    def test_nobody_reads_stderr(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([PROGRAM, "exec", "--", "true"], stderr=writer, check=False)
        os.close(writer)
        self.assertEqual(done.returncode, 125)

    def test_closed_streams_are_closed_for_the_program(self):
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed), tempfile.TemporaryDirectory() as folder:
                script = f"import os; open('{folder}/said', 'w').write(str(" \
                         "[os.path.exists(f'/proc/self/fd/{i}') for i in range(3)]))"
                said = []
                for counted in ([], [PROGRAM, "exec", "-o", f"{folder}/counts", "--"]):
                    done = run("sh", "-c", f'"$@" {closed}', "sh", *counted, sys.executable, "-c",
                               script)
                    self.assertEqual(done.returncode, 0)
                    said.append(pathlib.Path(folder, "said").read_text(encoding="utf-8"))
                self.assertEqual(said[0], said[1])
                counts = pathlib.Path(folder, "counts").read_text(encoding="utf-8")
                self.assertIn("FLOPs (exact)", counts)

    def test_no_process_for_it(self):
        if os.geteuid() == 0 and run(PROGRAM, "--version", user=65534).returncode != 0:
            self.skipTest("another user cannot run it")

        def without_processes():
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        done = run(PROGRAM, "exec", "--", "true", preexec_fn=without_processes)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"cannot make a process for", done.stderr)


class Output(unittest.TestCase):
    def test_summary_goes_to_stderr(self):
        done = run(PROGRAM, "exec", "--", ENDS, "1000", "return", text=True)
        self.assertEqual(done.stdout, "out\n")
        for words in ("multiply f32 x1", "FLOPs (exact)", "FMA share", "multiply(int)",
                      "fp_arith_inst_retired.scalar_single", "exit code 3"):
            self.assertIn(words, done.stderr)

    def test_nothing_is_left_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            run(PROGRAM, "exec", "--", "true", env={**os.environ, "TMPDIR": folder})
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main()
