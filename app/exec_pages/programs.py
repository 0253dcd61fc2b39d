#!/usr/bin/env python3
"""Runs real programs natively and under `flopmeter exec`, and compares.

    programs.py build/release/flopmeter [--only NAME] [--repeat 3] [--write docs/exec.md]

Output, errors, exit code and files written must be equal; FLOPs must be what is known of them. What is
not installed is skipped and said so. `--write` puts the table between the marks of that page. Exit
code 1: a program differs.
"""
import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from programs_table import PROGRAMS, copy_inputs, prepare  # pylint: disable=wrong-import-position

BEGIN, END = "<!-- programs: written by app/exec_pages/programs.py -->\n", "<!-- end of programs -->\n"


def command_of(row, folder):
    return [word.replace("{d}", folder) for word in row["command"]]


def run(command, row, folder, limit):
    """(what can be seen of it, seconds); None for seconds: it did not end in time."""
    environment = {**os.environ, "LC_ALL": "C", "HOME": folder, **row.get("env", {})}
    for name in row.get("files", ()):
        pathlib.Path(folder, name).unlink(missing_ok=True)
    start = time.monotonic()
    try:
        done = subprocess.run(command, input=row.get("input", "").encode(), cwd=folder,
                              env=environment, capture_output=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"end": f"not ended in {limit} s"}, None
    seconds = time.monotonic() - start
    files = {name: pathlib.Path(folder, name).read_bytes()
             for name in row.get("files", ()) if pathlib.Path(folder, name).exists()}
    seen = {"output": hide(row, done.stdout), "end": done.returncode, "files": files}
    if row.get("stderr", True):
        seen["errors"] = hide(row, done.stderr)
    return seen, seconds


def hide(row, text):
    return re.sub(row["hide"].encode(), b"", text) if "hide" in row else text


def difference(alone, counted):
    """What differs, in words; empty: nothing."""
    return ", ".join(what for what in alone if alone[what] != counted.get(what))


def flops_verdict(row, found):
    """(text for the table, whether it is as known)."""
    flops = found["flops_exact"]["active"]
    if "flops" not in row:
        return f"{flops:,}", True
    least, more, why = row["flops"]
    right = least <= flops <= least + more
    text = f"{flops:,}: {least:,} known" + (f" + {flops - least:,} ({why})" if flops != least else "")
    return text if right else f"**{flops:,}, not {least:,}**", right


def try_program(program, row, inputs, repeat, limit):
    """A row of the table: (status, text of FLOPs, slow-down, remarks)."""
    with tempfile.TemporaryDirectory() as folder:
        copy_inputs(inputs, folder)
        command = command_of(row, folder)
        if shutil.which(command[0]) is None:
            return "not installed", "", "", ""
        counts = os.path.join(folder, "counts.json")
        options = ["--children"] if row.get("children") else []
        times = [], []
        for _ in range(repeat):
            alone, seconds = run(command, row, folder, limit)
            times[0].append(seconds)
            counted, seconds = run([program, "exec", "--json", "-o", counts, *options, "--", *command],
                                   row, folder, limit)
            times[1].append(seconds)
            if seconds is None:
                return f"**{counted['end']}**", "", "", ""
            if not os.path.exists(counts):
                return "refused", "", "", counted["errors"].decode().strip().split(": ", 1)[-1]
            if different := difference(alone, counted):
                return f"**differs: {different}**", "", "", ""
        found = json.loads(pathlib.Path(counts).read_text(encoding="utf-8"))
        if not found["counted"]:
            return "equal, not counted", "", "", "; ".join(found["remarks"])
        text, right = flops_verdict(row, found)
        # One run tells nothing of time.
        slower = "" if repeat == 1 else f"{statistics.median(times[1]) / statistics.median(times[0]):.1f}"
        return "equal" if right else "**equal, wrong count**", text, slower, "; ".join(
            line for line in found["remarks"] if "rep prefix" not in line)


def table_line(row, result):
    command = shlex.join(row["command"]).replace("{d}/", "").replace("|", "\\|")
    if len(command) > 60:
        command = command[:57] + "..."
    status, flops, slower, remarks = result
    return f"| {row['name']} | {row['package']} | `{command}` | {status} | {flops} | {slower} | {remarks} |\n"


def write(page, text):
    old = page.read_text(encoding="utf-8")
    before, after = old.split(BEGIN)[0], old.split(END)[1]
    page.write_text(before + BEGIN + text + END + after, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--only", help="programs whose names begin so")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; slow-down is of medians")
    parser.add_argument("--limit", type=float, default=120, help="seconds a run may take")
    parser.add_argument("--write", type=pathlib.Path, help="the page")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    lines, failed, equal = "", 0, 0
    with tempfile.TemporaryDirectory() as inputs:
        prepare(inputs)
        for row in PROGRAMS:
            if options.only and not row["name"].startswith(options.only):
                continue
            result = try_program(program, row, inputs, options.repeat, options.limit)
            print(f"{row['name']}: {' | '.join(part for part in result if part)}", flush=True)
            failed += "**" in result[0]
            equal += result[0] == "equal"
            lines += table_line(row, result)
    print(f"{equal} equal, {failed} differ")
    if options.write:
        head = ("| program | package | command | beside the native run | FLOPs (exact) | times as long "
                "| remarks |\n| --- | --- | --- | --- | --- | --- | --- |\n")
        write(options.write, f"\n{equal} programs equal their native run, {failed} do not.\n\n{head}{lines}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
