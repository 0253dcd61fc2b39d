#!/usr/bin/env python3
"""Measures how many times as long programs take under `flopmeter exec`.

    slowdown.py build/release/flopmeter [--repeat 5] [--only NAME] [--write docs/exec.md]

Each program runs natively and counted in turns; what is compared are medians of the CPU time of all its
processes (user and system), which a busy machine bends less than time by the clock; that of `flopmeter`
itself, the summary included, is part of it. `--write` puts the table between the marks of that page. Exit code 1:
a program is above what is wanted of its kind.
"""
import argparse
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from slowdown_table import PROGRAMS, prepare  # pylint: disable=wrong-import-position

BEGIN, END = "<!-- slow-down: written by app/exec_pages/slowdown.py -->\n", "<!-- end of slow-down -->\n"


def cpu_seconds(command, folder, environment):
    """CPU time of the command and its children; seconds by the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=False, timeout=300, env={**os.environ, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.decode()[-300:]}")
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            time.monotonic() - start)


def measure(program, row, folder, repeat):
    """(native, counted) of medians: CPU seconds, seconds by the clock."""
    command = [word.replace("{d}", folder) for word in row["command"]]
    counted = [program, "exec", "-o", os.path.join(folder, "counts.txt"),
               *(["--children"] if row["children"] else []), "--", *command]
    samples = [], []
    for _ in range(repeat):
        for times, run in zip(samples, (command, counted)):
            times.append(cpu_seconds(run, folder, row["env"]))
    return [[statistics.median(sample[i] for sample in times) for i in range(2)] for times in samples]


def peak_megabytes(program, command, environment):
    """Most memory that the counted process had, counted and alone: its own and what it shares."""
    sizes = []
    for words in ([program, "exec", "-o", "/dev/null", "--", *command], command):
        done = subprocess.run(["/usr/bin/time", "-f", "%M", *words], check=True, capture_output=True,
                              text=True, env={**os.environ, **environment})
        sizes.append(int(done.stderr.split()[-1]) / 1024)
    return sizes


def write(page, text):
    old = page.read_text(encoding="utf-8")
    page.write_text(old.split(BEGIN)[0] + BEGIN + text + END + old.split(END)[1], encoding="utf-8")


def cpu_name():
    names = re.findall(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return f"{names[0] if names else 'unknown'}, {os.cpu_count()} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--only", help="programs whose names begin so")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each")
    parser.add_argument("--write", type=pathlib.Path, help="the page")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    lines, above = "", 0
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        for row in PROGRAMS:
            if options.only and not row["name"].startswith(options.only):
                continue
            if shutil.which(row["command"][0].replace("{d}", folder)) is None:
                print(f"{row['name']}: not installed")
                continue
            native, counted = measure(program, row, folder, options.repeat)
            ratio = counted[0] / native[0]
            above += ratio > row["wanted"]
            shown = f"**{ratio:.2f}**" if ratio > row["wanted"] else f"{ratio:.2f}"
            lines += (f"| {row['name']} | {native[0]:.3f} s | {counted[0]:.3f} s | {shown} | "
                      f"{row['wanted']:.1f} |\n")
            print(f"{row['name']}: {native[0]:.3f} s, {counted[0]:.3f} s, {ratio:.2f} "
                  f"(wanted {row['wanted']}), by the clock {native[1]:.2f} s, {counted[1]:.2f} s", flush=True)
        threads = {"OMP_NUM_THREADS": "64"}
        memory = (peak_megabytes(program, [f"{folder}/stream", "1"], threads)
                  if shutil.which("time") and os.path.exists(f"{folder}/stream") else None)
    if memory:
        lines += f"\nA loop over 24 MB of arrays with 64 threads: {memory[0]:.1f} MB counted, {memory[1]:.1f} MB alone.\n"
        print(lines.splitlines()[-1])
    if options.write:
        write(options.write, f"\n{cpu_name()}; medians of {options.repeat} runs each; above what is wanted in bold.\n\n"
              "| program | native | counted | times as long | wanted |\n| --- | ---: | ---: | ---: | ---: |\n"
              f"{lines}\n")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
