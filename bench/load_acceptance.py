#!/usr/bin/env python3
"""Do rows stay where they are beside a busy process, or say that they are noisy, on this machine?

Runs bench alone and beside a busy process in turn, layer by layer, twice: what other guests of the host do
meanwhile reaches both. Of the rows that say ok each time it prints those whose percent of the roof differs by
5 points or more between the means of both, and apart from them those that differ as much between two runs of
one kind: that is not the load's doing. Exit code 1 when there is one of the former, or a row that says ok above
100 % of its roof. Options that are not its own, such as --benchmark_min_time=0.01, go to bench.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile

LAYERS = ("matmul", "linear", "conv2d", "max_pool", "avg_pool", "batchnorm", "layernorm", "softmax", "relu",
          "add", "lstm")
FILTER = "--filter= (prime|bert-base:ffn.*|square:(256|512)|guide:(cnn|mlp).*|resnet50:(?!layer[234]).*)$"
BUSY = {"spin": "while True: pass",
        "memory": "a = bytearray(1 << 28)\nwhile True: a[:1 << 27] = a[1 << 27:]"}
POINTS = 5


def bench(options, layer, path):
    subprocess.run([options.program, "bench", "--layer", layer, FILTER, *options.bench, "-o", path],
                   check=True, stdout=subprocess.DEVNULL)
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


def rounds(options, folder):
    """The rows of two runs alone and of two beside a busy process, each by command."""
    alone, beside = ({}, {}), ({}, {})
    for layer in LAYERS:
        for number in (0, 1):
            alone[number].update(bench(options, layer, os.path.join(folder, f"{layer}-alone{number}.jsonl")))
            with busy(options.busy):
                path = os.path.join(folder, f"{layer}-beside{number}.jsonl")
                beside[number].update(bench(options, layer, path))
    return alone, beside


def share(row):
    return row["percent_of_attainable"]


def mean(rows):
    return sum(map(share, rows)) / len(rows)


def moved(rows):
    return abs(share(rows[0]) - share(rows[1])) >= POINTS


def show(title, cases):
    print(f"{title}: {len(cases)}")
    for alone, beside in cases:
        print(f"  {alone[0]['name']}: alone " + " and ".join(f"{share(row):.1f}" for row in alone)
              + ", beside it " + " and ".join(f"{share(row):.1f}" for row in beside)
              + f" % of the roof, bound by {alone[0]['bound']}, {alone[0]['bytes']} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--busy", choices=BUSY, default="spin")
    parser.add_argument("--keep", help="folder for the results; default: none is kept")
    options, options.bench = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        alone, beside = rounds(options, folder)
    cases = [tuple([one[0][key], one[1][key]] for one in (alone, beside)) for key in alone[0]]
    timed = [row for case in cases for rows in case for row in rows]
    above = [row["name"] for row in timed if row["status"] == "ok" and share(row) > 100]
    trusted = [case for case in cases if all(row["status"] == "ok" for rows in case for row in rows)]
    restless = [case for case in trusted if moved(case[0]) or moved(case[1])]
    by_load = [case for case in trusted if case not in restless
               and abs(mean(case[0]) - mean(case[1])) >= POINTS]
    noisy = [sum(row["status"] == "noisy" for case in cases for row in case[kind]) for kind in (0, 1)]
    print(f"{len(cases)} cases, {len(trusted)} ok in all four runs; noisy rows alone {noisy[0]}, beside a busy "
          f"process {noisy[1]}, of {2 * len(cases)} each")
    show(f"moved by the load by {POINTS} points or more", by_load)
    show("moved as much between runs of one kind", restless)
    print(f"above 100 % of the roof: {', '.join(above) or 'none'}")
    return 1 if by_load or above else 0


if __name__ == "__main__":
    sys.exit(main())
