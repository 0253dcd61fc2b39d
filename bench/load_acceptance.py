#!/usr/bin/env python3
"""Do rows stay where they are beside a busy process, or say that they are noisy, on this machine?

Runs bench over layers of every kind alone, alone again and beside a busy process, and prints how many rows
say ok, and each row that says ok in two runs whose percent of the roof differs by 5 points or more; exit
code 1 when there is one. Also: no row is above 100 % of its roof. Options that are not its own, such as
--benchmark_min_time=0.01, go to bench.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile

GRID = ["--layer=matmul,linear,conv2d,max_pool,avg_pool,batchnorm,layernorm,softmax,relu,add,lstm",
        "--filter= (prime|bert-base:.*|square:(256|512)|guide:.*|resnet50:(?!layer[234]).*|transformer-base.*)$"]
BUSY = {"spin": "while True: pass",
        "memory": "a = bytearray(1 << 28)\nwhile True: a[:1 << 27] = a[1 << 27:]"}
POINTS = 5


def bench(options, path):
    subprocess.run([options.program, "bench", *GRID, *options.bench, "-o", path], check=True,
                   stdout=subprocess.DEVNULL)
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {row["command"]: row for row in rows if row.get("percent_of_attainable")}


@contextlib.contextmanager
def busy(kind):
    process = subprocess.Popen([sys.executable, "-c", BUSY[kind]])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def share(row):
    return row["percent_of_attainable"]


def compare(name, a, b):
    """One line, and one more for each row that moved; whether none did."""
    both = [(a[key], b[key]) for key in a if key in b]
    trusted = [pair for pair in both if all(row["status"] == "ok" for row in pair)]
    moved = [pair for pair in trusted if abs(share(pair[0]) - share(pair[1])) >= POINTS]
    above = [row for row in b.values() if row["status"] == "ok" and share(row) > 100]
    print(f"{name}: {len(both)} rows, {len(trusted)} ok in both; moved by {POINTS} points or more: "
          f"{len(moved)}; above 100 % of the roof: {len(above)}", flush=True)
    for before, after in moved:
        print(f"  {before['name']}: {share(before):.1f} % and {share(after):.1f} % of the roof, "
              f"bound by {before['bound']}, {before['bytes']} bytes")
    for row in above:
        print(f"  {row['name']}: {share(row):.1f} % of the roof")
    return not moved and not above


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--busy", choices=BUSY, default="spin")
    parser.add_argument("--keep", help="folder for the results; default: none is kept")
    options, options.bench = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        alone = bench(options, os.path.join(folder, "alone.jsonl"))
        again = bench(options, os.path.join(folder, "again.jsonl"))
        with busy(options.busy):
            beside = bench(options, os.path.join(folder, "beside.jsonl"))
    still = compare("alone, twice", alone, again)
    return 0 if compare("beside a busy process", alone, beside) and still else 1


if __name__ == "__main__":
    sys.exit(main())
