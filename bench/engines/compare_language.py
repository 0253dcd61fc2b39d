#!/usr/bin/env python3
"""Language models beside llama.cpp, in turn: compare_language.py FLOPMETER FILE.gguf... [options]

Each round runs `flopmeter model FILE --time` for a prompt and for a token behind --past, and the same file on llama.cpp
(npm's node-llama-cpp, looked for in --modules), with as many threads. The ratio of a row is the median over the rounds
of our median time over theirs, with the lowest and the highest; below 1 ours is faster. Results are not compared: the
package does not hand out logits. Files with weights: random_gguf.py writes some. An engine that is not there is one
line with the reason.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PHASES = ("prefill", "decode")


def ours(options, path, threads, phase):
    command = [options.flopmeter, "model", path, "--time", "--json", "--seconds", str(options.seconds),
               "--threads", str(threads), "--phase", phase]
    command += ["--tokens", str(options.tokens)] if phase == "prefill" else ["--past", str(options.past)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, done.stderr.strip()
    return json.loads(done.stdout)["latency_seconds"], ""


def theirs(options, path, threads):
    command = ["node", os.path.join(HERE, "llamacpp.mjs"), path, str(threads), str(options.tokens),
               str(options.past), str(options.seconds), options.modules]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None, "node is not installed"
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        return None, (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return json.loads(lines[-1]), ""


def rows(options, path, threads):
    """One a phase; a single one, with the reason, where a side does not run the file."""
    found = {"model": os.path.basename(path), "threads": threads}
    pairs = {phase: [] for phase in PHASES}
    for _ in range(options.rounds):
        other, reason = theirs(options, path, threads)
        for phase in PHASES if other else ():
            mine, reason = ours(options, path, threads, phase)
            if mine is None:
                break
            pairs[phase].append((mine, other[f"{phase}_seconds"]))
        if reason:
            return [found | {"reason": reason}]
    made = []
    for phase, both in pairs.items():
        ratios = [mine / other for mine, other in both]
        made.append(found | {
            "phase": phase,
            "flopmeter_seconds": statistics.median(mine for mine, _ in both),
            "engine_seconds": statistics.median(other for _, other in both),
            "ratio": statistics.median(ratios),
            "ratio_interval": [min(ratios), max(ratios)],
        })
    return made


def text(one):
    head = f"{one['model']:<24}{one['threads']:>8}"
    if "reason" in one:
        return f"{head}  not compared: {one['reason']}"
    low, high = one["ratio_interval"]
    return (f"{head}  {one['phase']:<8}{one['flopmeter_seconds'] * 1e3:>12.3f}{one['engine_seconds'] * 1e3:>14.3f}"
            f"{one['ratio']:>9.2f}   {low:.2f} to {high:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flopmeter")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--threads", default="1")
    parser.add_argument("--tokens", type=int, default=128, help="of the prompt")
    parser.add_argument("--past", type=int, default=128, help="tokens before the one that is decoded")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--modules", default=os.getcwd(), help="the folder with node_modules")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    made = []
    if not options.json:
        print(f"{'model':<24}{'threads':>8}  {'phase':<8}{'ours, ms':>12}{'theirs, ms':>14}{'ratio':>9}   interval")
    for path in options.files:
        for threads in options.threads.split(","):
            for one in rows(options, path, int(threads)):
                made.append(one)
                if not options.json:
                    print(text(one), flush=True)
    if options.json:
        json.dump({"rows": made}, sys.stdout, indent=1)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
