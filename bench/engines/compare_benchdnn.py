#!/usr/bin/env python3
"""A network's convolutions in place beside benchdnn's, in turn: compare_benchdnn.py FLOPMETER FILE.onnx... [options]

Each round runs `flopmeter model FILE --time` and then, with as many threads, every convolution of it that runs on
oneDNN by benchdnn (oneDNN's own, looked for as --benchdnn): the same shape, post-ops, and layout, which is the one in
which benchdnn takes the same implementation. In a network, weights come from memory and activations from the caches:
--cold-cache=wei, which benchdnn has from version 3.2, does that there; without it, benchdnn is warm, and a line says
so. All is f32, which benchdnn takes where nothing is said. The share of a round is benchdnn's time over ours, summed
over the convolutions: what ours reach of benchdnn's rate. Printed is the median over the rounds, with the lowest and
the highest. A benchdnn that is not there, or refuses, is one line with the reason.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys

COLD = "--cold-cache=wei"
LAYOUTS = ("axb", "any")
PROBE = {"after": [], "shape": "mb1ic16ih8oc16oh8kh3ph1"}


def ours(options, path, threads):
    """All convolutions of a run."""
    done = subprocess.run([options.flopmeter, "model", path, "--dim", "*=1", "--time", "--json", "--seconds",
                           str(options.seconds), "--threads", str(threads)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return [one for one in json.loads(done.stdout)["nodes"] if one.get("layer", "").startswith("conv")]


def post_ops(after):
    return "+".join("sum:1" if one == "add" else one.replace(" ", ":") for one in after)


def benchdnn(options, nodes, threads, cold):
    """Of (node, layout) pairs in one run: (implementation, mean seconds) each; or a reason."""
    command = [options.benchdnn, "--conv", "--mode=P", f"--fix-times-per-prb={options.times}",
               "--perf-template=perf,%impl%,%0time%", "--dir=FWD_B"] + ([COLD] if cold else [])
    for node, layout in nodes:
        command += [f"--stag={layout}", f"--dtag={layout}", f"--attr-post-ops={post_ops(node['after'])}", node["shape"]]
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    rows = [line.split(",") for line in done.stdout.splitlines() if line.startswith("perf,")]
    if done.returncode != 0 or len(rows) != len(nodes):
        return ((done.stderr + done.stdout).strip().splitlines() or ["it printed nothing"])[-1]
    return [(row[1], float(row[2]) / 1e3) for row in rows]


def same_layouts(options, nodes, threads, cold):
    """Those on oneDNN of which benchdnn takes the same implementation in some layout."""
    found = []
    for i, node in enumerate(nodes):
        for layout in LAYOUTS if node["backend"] == "onednn" else ():
            made = benchdnn(options, [(node, layout)], threads, cold)
            if not isinstance(made, str) and made[0][0] == node["implementation"]:
                found.append((i, layout))
                break
    return found


def compare(options, path, threads, cold):
    nodes = ours(options, path, threads)
    chosen = same_layouts(options, nodes, threads, cold)
    both = [{"name": nodes[i]["name"], "shape": nodes[i]["shape"], "layout": layout, "seconds": [], "benchdnn": []}
            for i, layout in chosen]
    shares = []
    reason = "" if both else "benchdnn takes the same implementation of none"
    for _ in range(options.rounds if both else 0):
        mine = ours(options, path, threads)
        theirs = benchdnn(options, [(nodes[i], layout) for i, layout in chosen], threads, cold)
        if isinstance(theirs, str):
            reason, shares = theirs, []
            break
        for row, (i, _), (_, seconds) in zip(both, chosen, theirs):
            row["seconds"].append(mine[i]["seconds"])
            row["benchdnn"].append(seconds)
        shares.append(sum(row["benchdnn"][-1] for row in both) / sum(row["seconds"][-1] for row in both))
    return {"model": os.path.basename(path), "threads": threads, "weights": "cold" if cold else "warm",
            "convolutions": len(both), "left_out": len(nodes) - len(both), "reason": reason, "shares": shares,
            "rows": both}


def text(one):
    head = f"{one['model']:<24}{one['threads']:>8}{one['convolutions']:>14}{one['left_out']:>10}"
    if not one["shares"]:
        return f"{head}  not compared: {one['reason']}"
    low, high = min(one["shares"]), max(one["shares"])
    return f"{head}{statistics.median(one['shares']):>8.3f}  {low:.3f} to {high:.3f}  {one['weights']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flopmeter")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--benchdnn", default="benchdnn", help="its path")
    parser.add_argument("--threads", default="1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of a run of the network")
    parser.add_argument("--times", type=int, default=20, help="that benchdnn runs a convolution")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if shutil.which(options.benchdnn) is None:
        print(f"not compared: '{options.benchdnn}' is not there; oneDNN's tests/benchdnn builds it")
        return
    cold = not isinstance(benchdnn(options, [(PROBE, "any")], 1, True), str)
    if not cold:
        plain = benchdnn(options, [(PROBE, "any")], 1, False)
        if isinstance(plain, str):
            print(f"not compared: benchdnn refuses a convolution: {plain}")
            return
        print(f"benchdnn refuses {COLD}: its weights are warm, those of a network are not", file=sys.stderr)
    threads = [int(one) for one in options.threads.split(",")]
    made = [compare(options, path, count, cold) for path in options.files for count in threads]
    if options.json:
        print(json.dumps(made, indent=1))
        return
    print(f"{'network':<24}{'threads':>8}{'convolutions':>14}{'left out':>10}{'share':>8}  interval          weights")
    for one in made:
        print(text(one))


if __name__ == "__main__":
    main()
