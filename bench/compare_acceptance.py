#!/usr/bin/env python3
"""Does flopmeter compare tell runs of one build from a slower backend, on this machine?

Runs bench twice for each of several tries over a moderate grid, Eigen and oneDNN, and compares: nothing may be
found. Then multiplies the times of one backend of a fresh run by 1.1: that backend must be found, and
nothing of the other. Prints a row a comparison; exit code 1 when a row is not as it must be. Options that
are not its own, such as --benchmark_min_time=0.01, go to bench.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

GRID = ["--layer=matmul,linear,conv2d,layernorm,relu",
        "--filter= (prime|bert-base:.*|square:(64|128|256|512)|guide:(cnn|mlp).*|"
        r"resnet50:layer([123]\.conv2|1\.conv[13])|transformer-base.*)$"]


def bench(options, path):
    """One run into a file; rows that are noisy are measured again, as --resume does."""
    for attempt in range(1 + options.again):
        resume = ["--resume"] if attempt else []
        subprocess.run([options.program, "bench", *GRID, *options.bench, "-o", path, *resume],
                       check=True, stdout=subprocess.DEVNULL)
    return path


def slowed(path, backend, factor):
    """The same file with the times of one backend multiplied."""
    changed = path + ".slowed"
    with open(path, encoding="utf-8") as source, open(changed, "w", encoding="utf-8") as target:
        for line in source:
            row = json.loads(line)
            if row.get("backend") == backend and row["samples"]:
                row["seconds"] *= factor
                row["samples"] = [factor * sample for sample in row["samples"]]
            print(json.dumps(row, separators=(",", ":")), file=target)
    return changed


def compare(options, a, b):
    done = subprocess.run([options.program, "compare", a, b, "--json"], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def findings(found):
    named = [(f"{group['backend']}{' ' if group['layer'] else ''}{group['layer']}", group)
             for group in found["groups"]] + [(case["a"], case) for case in found["cases"]]
    return [name for name, row in named if row["verdict"] in ("slower", "faster")]


def report(name, found, right):
    """One row: how disturbed the runs were, what was found, whether that is right."""
    noisy = sum("noisy" in (case["status_a"], case["status_b"]) for case in found["cases"])
    backends = [group for group in found["groups"] if not group["layer"]]
    ratios = ", ".join(f"{group['backend']} {group['ratio']:.3f} ({group['low']:.3f} .. "
                       f"{group['high']:.3f})" for group in backends)
    between = ", ".join(f"{100 * one['deviation']:.1f} %" for one in found["between_runs"])
    print(f"{name:<16} {len(found['cases'])} cases, {noisy} noisy, load {os.getloadavg()[0]:.1f}, "
          f"between runs {between}; {ratios}; found: {', '.join(findings(found)) or 'nothing'}: "
          f"{'right' if right else 'NOT RIGHT'}", flush=True)
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--again", type=int, default=2, help="times that noisy rows are measured again")
    parser.add_argument("--backend", default="eigen", help="the one that is slowed")
    parser.add_argument("--factor", type=float, default=1.1)
    parser.add_argument("--keep", help="folder for the results; default: none is kept")
    options, options.bench = parser.parse_known_args()
    right = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        for number in range(1, options.tries + 2):
            a, b = (bench(options, os.path.join(folder, f"{number}{side}.jsonl")) for side in "ab")
            if number <= options.tries:
                found = compare(options, a, b)
                right &= report(f"same build {number}", found, not findings(found))
        # The last two runs: one of them slowed.
        found = compare(options, a, slowed(b, options.backend, options.factor))
        exactly = (options.backend in findings(found)
                   and all(options.backend in name for name in findings(found)))
        right &= report(f"{options.backend} x {options.factor}", found, exactly)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
