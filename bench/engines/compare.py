#!/usr/bin/env python3
"""Whole networks beside ONNX Runtime, in turn: compare.py FLOPMETER FILE... [options]

Each round runs `flopmeter model FILE --time` and then the same file on ONNX Runtime (npm's onnxruntime-node, looked
for in --modules), with as many threads. The ratio of a row is the median over the rounds of our median latency over
theirs, with the lowest and the highest; below 1 ours is faster. Both read the same inputs, which flopmeter dumps, and
the column `difference` is the largest difference of their results over the largest value; above --tolerance the row
says DIFFERS, and the exit code is 1. An engine that is not there is one line with the reason. Files without weights
are no fair input: with_weights.py makes files that have some.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def ours(options, path, threads, batch, dump):
    dims = [part for dim in options.dim + ["*=1"] for part in ("--dim", dim)]
    command = [options.flopmeter, "model", path, *dims, "--time", "--json", "--seconds",
               str(options.seconds), "--threads", str(threads), "--batch", str(batch), "--dump", dump]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, done.stderr.strip()
    return json.loads(done.stdout)["latency_seconds"], ""


def theirs(options, path, threads, batch, dump):
    command = ["node", os.path.join(HERE, "onnxruntime.mjs"), path, str(threads),
               str(options.seconds), str(batch), options.modules, dump]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None, "node is not installed"
    if done.returncode != 0:
        return None, next((line for line in done.stderr.strip().splitlines() if "rror" in line or "not" in line),
                          "no reason given")
    return json.loads(done.stdout), ""


def row(options, path, threads, batch):
    found = {"network": os.path.basename(path).removesuffix(".onnx"), "threads": threads, "batch": batch}
    pairs, difference, version = [], 0.0, ""
    with tempfile.TemporaryDirectory() as dump:
        for _ in range(options.rounds):
            mine, reason = ours(options, path, threads, batch, dump)
            other = None
            if mine is not None:
                other, reason = theirs(options, path, threads, batch, dump)
            if mine is None or other is None:
                return found | {"reason": reason}
            pairs.append((mine, other["latency_seconds"]))
            difference = max(difference, other["difference"])
            version = other["version"]
    ratios = [mine / other for mine, other in pairs]
    return found | {
        "flopmeter_seconds": statistics.median(mine for mine, _ in pairs),
        "onnxruntime_seconds": statistics.median(other for _, other in pairs),
        "onnxruntime_version": version,
        "ratio": statistics.median(ratios),
        "ratio_interval": [min(ratios), max(ratios)],
        "difference": difference,
        "agrees": difference <= options.tolerance,
    }


def text(one):
    head = f"{one['network']:<24}{one['threads']:>8}{one['batch']:>7}"
    if "reason" in one:
        return f"{head}  not compared: {one['reason']}"
    low, high = one["ratio_interval"]
    return (f"{head}{one['flopmeter_seconds'] * 1e3:>12.3f}{one['onnxruntime_seconds'] * 1e3:>14.3f}"
            f"{one['ratio']:>9.2f}   {low:.2f} to {high:.2f}   {one['difference']:.1e}"
            f"{'' if one['agrees'] else '  DIFFERS'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flopmeter")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--threads", default="1")
    parser.add_argument("--batch", default="1")
    parser.add_argument("--dim", action="append", default=[], help="a free dimension, height=416; others are 1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--modules", default=os.getcwd(), help="the folder with node_modules")
    parser.add_argument("--tolerance", type=float, default=1e-3,
                        help="of the largest difference over the largest value (default 1e-3, f32)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    if not options.json:
        print(f"{'network':<24}{'threads':>8}{'batch':>7}{'ours, ms':>12}{'theirs, ms':>14}{'ratio':>9}   interval       difference")
    for path in options.files:
        for threads in options.threads.split(","):
            for batch in options.batch.split(","):
                rows.append(row(options, path, int(threads), int(batch)))
                if not options.json:
                    print(text(rows[-1]), flush=True)
    ratios = [one["ratio"] for one in rows if "ratio" in one]
    mean = math.exp(statistics.mean(math.log(ratio) for ratio in ratios)) if ratios else None
    if options.json:
        json.dump({"rows": rows, "geometric_mean": mean}, sys.stdout, indent=1)
        print()
    elif mean:
        print(f"geometric mean of the ratios {mean:.3f}")
    return 0 if all(one.get("agrees", True) for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
