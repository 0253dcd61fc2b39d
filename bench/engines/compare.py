#!/usr/bin/env python3
"""Whole networks beside another engine, in turn: compare.py FLOPMETER FILE... [options]

Each round runs `flopmeter model FILE --time` and then the same file on ONNX Runtime (npm's onnxruntime-node, looked
for in --modules), or with --engine opencv on OpenCV (Debian's python3-opencv, by --python), with as many threads. The
ratio of a row is the median over the rounds of our median latency over theirs, with the lowest and the highest; below
1 ours is faster. Both read the same inputs, which flopmeter dumps, and
the column `difference` is the largest difference of their results over the largest value; above --tolerance the row
says DIFFERS, and the exit code is 1. An engine that is not there is one line with the reason. Files without weights
are no fair input: with_weights.py makes files that have some. --by-type adds where the difference comes from: seconds
a run by kind of layer, ours from the rows of the last round, theirs from the profile that ONNX Runtime makes of itself.
"""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile

# Which kind of work a layer of ours, or an operator of theirs, is; the first pattern that fits.
TYPES = [
    ("layouts", r"reorder|transpose|Reorder|Transpose"),
    ("convolutions", r"conv|Conv"),
    ("products", r"linear|matmul|sdpa|MatMul|Gemm|Attention"),
    ("norms, softmax", r"norm|softmax|Norm|Softmax"),
    ("pooling, resizing", r"pool|resample|upsample|Pool|Resize|Upsample"),
    ("recurrent", r"lstm|gru|rnn|LSTM|GRU|RNN"),
    ("others", r""),
]

HERE = os.path.dirname(os.path.abspath(__file__))


def ours(options, path, threads, batch, dump):
    dims = [part for dim in options.dim + ["*=1"] for part in ("--dim", dim)]
    command = [options.flopmeter, "model", path, *dims, "--time", "--json", "--seconds",
               str(options.seconds), "--threads", str(threads), "--batch", str(batch), "--dump", dump]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, done.stderr.strip()
    return json.loads(done.stdout), ""


def theirs(options, path, threads, batch, dump):
    if options.engine == "opencv":
        command = [options.python, os.path.join(HERE, "opencv.py"), path, str(threads), str(options.seconds), dump]
    else:
        command = ["node", os.path.join(HERE, "onnxruntime.mjs"), path, str(threads),
                   str(options.seconds), str(batch), options.modules, dump, *["profile"] * options.by_type]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None, f"{command[0]} is not installed"
    if done.returncode != 0:
        return None, next((line for line in done.stderr.strip().splitlines() if "rror" in line or "not" in line),
                          "no reason given")
    return json.loads(done.stdout), ""


def by_type(seconds):
    """{kind: seconds} of pairs (layer or operator, seconds)."""
    sums = {}
    for name, one in seconds:
        kind = next(kind for kind, pattern in TYPES if re.search(pattern, name))
        sums[kind] = sums.get(kind, 0.0) + one
    return sums


def types_of(mine, other):
    ours_by = by_type((node["layer"], node["seconds"]) for node in mine["nodes"])
    theirs_by = by_type(other["by_operator"].items())
    return {kind: {"flopmeter_seconds": ours_by.get(kind, 0.0), "engine_seconds": theirs_by.get(kind, 0.0)}
            for kind, _ in TYPES if kind in ours_by or kind in theirs_by}


def row(options, path, threads, batch):
    found = {"network": os.path.basename(path).removesuffix(".onnx"), "threads": threads, "batch": batch}
    pairs, difference, engine, version = [], 0.0, "", ""
    with tempfile.TemporaryDirectory() as dump:
        for _ in range(options.rounds):
            mine, reason = ours(options, path, threads, batch, dump)
            other = None
            if mine is not None:
                other, reason = theirs(options, path, threads, batch, dump)
            if mine is None or other is None:
                return found | {"reason": reason}
            pairs.append((mine["latency_seconds"], other["latency_seconds"]))
            if options.by_type:
                found["by_type"] = types_of(mine, other)
            difference = max(difference, other["difference"])
            engine, version = other["engine"], other["version"]
    ratios = [mine / other for mine, other in pairs]
    return found | {
        "flopmeter_seconds": statistics.median(mine for mine, _ in pairs),
        "engine": engine,
        "engine_seconds": statistics.median(other for _, other in pairs),
        "engine_version": version,
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
    line = (f"{head}{one['flopmeter_seconds'] * 1e3:>12.3f}{one['engine_seconds'] * 1e3:>14.3f}"
            f"{one['ratio']:>9.2f}   {low:.2f} to {high:.2f}   {one['difference']:.1e}"
            f"{'' if one['agrees'] else '  DIFFERS'}")
    for kind, both in one.get("by_type", {}).items():
        mine, other = both["flopmeter_seconds"] * 1e3, both["engine_seconds"] * 1e3
        line += f"\n    {kind:<35}{mine:>12.3f}{other:>14.3f}{mine - other:>+9.2f} ms"
    return line


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
    parser.add_argument("--engine", choices=["onnxruntime", "opencv"], default="onnxruntime")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has cv2")
    parser.add_argument("--modules", default=os.getcwd(), help="the folder with node_modules")
    parser.add_argument("--tolerance", type=float, default=1e-3,
                        help="of the largest difference over the largest value (default 1e-3, f32)")
    parser.add_argument("--by-type", action="store_true", help="where the difference comes from, by kind of layer")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.by_type and options.engine != "onnxruntime":
        parser.error("--by-type: ONNX Runtime alone profiles itself by operator")
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
