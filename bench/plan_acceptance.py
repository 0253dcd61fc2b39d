#!/usr/bin/env python3
"""How well `flopmeter plan` predicts whole networks: the table of docs/plan_accuracy.md.

    bench/plan_acceptance.py FLOPMETER MACHINE[,MACHINE...] NETWORK... [--batch 1,4] [--threads 1,2] [--dtype f32]
        [--seconds 1] [--json raw.json] [--add raw.json,...] [--markdown docs/plan_accuracy.md]

Runs `plan NETWORK --machine MACHINE --check --json` for each network, so that the machine file is
frozen before any of them is opened, and sums up what the command says. A network that does not run
is a row with the reason. NETWORK@1,2 has batches of its own.

Several machine files are this machine under several caps of the instruction set (a file says which:
ONEDNN_MAX_CPU_ISA), each network runs under each; --add sums up what --json wrote before as well.
"""

import argparse
import itertools
import json
import math
import os
import statistics
import subprocess
import sys

RULES = [
    ("planner", "this planner"),
    ("planner_times_drift", "this planner, times drift"),
    ("operations_over_peak", "operations / peak"),
    ("roofline", "roofline, efficiency 1"),
    ("bytes_over_bandwidth", "bytes / bandwidth"),
    ("sum_of_warm_layers", "sum of warm layers (measured)"),
]


def environment_of(machine):
    with open(machine, encoding="utf-8") as file:
        return json.load(file)["environment"]


def cap_of(machine):
    """The instruction set that oneDNN may use at most."""
    variables = environment_of(machine).get("variables", {})
    return variables.get("ONEDNN_MAX_CPU_ISA") or variables.get("DNNL_MAX_CPU_ISA") or "none"


def checked(arguments, machine, network, batch=None):
    if "@" in network:
        network, batch = network.rsplit("@", 1)
    command = [arguments.flopmeter, "plan", network, "--machine", machine, "--check",
               "--json", "--batch", batch or arguments.batch, "--seconds", str(arguments.seconds),
               "--dim", "*=1"]
    if arguments.threads:
        command += ["--threads", arguments.threads]
    if arguments.dtype:
        command += ["--dtype", arguments.dtype]
    variables = os.environ | environment_of(machine).get("variables", {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    cap = cap_of(machine)
    if done.returncode in (0, 1):
        return {**json.loads(done.stdout), "cap": cap}
    reason = done.stderr.strip().removeprefix(f"flopmeter: {network}: ")
    if batch is None and arguments.batch != "1" and done.returncode == 2:
        # A file whose shapes are written into it has no other batch.
        return {**checked(arguments, machine, network, "1"), "note": f"batch 1 alone: {reason}"}
    return {"model": network, "reason": reason, "plans": [], "cap": cap}


def drift_of(plan):
    """How far the machine was from what it was when it was profiled, either way."""
    return abs(math.log(plan["drift"])) if plan.get("drift") else 0


def steadiest(arguments, machine, network):
    """Of several measurements of a combination that in which the machine was most as it was profiled; how right the
    prediction is plays no part."""
    best = checked(arguments, machine, network)
    for _ in range(1, arguments.attempts):
        if all(drift_of(plan) <= math.log(arguments.drift) for plan in best["plans"]):
            break
        again = checked(arguments, machine, network)
        pairs = {(p["threads"], p["batch"], p["dtype"]): p for p in again["plans"]}
        best["plans"] = [min(plan, pairs[plan["threads"], plan["batch"], plan["dtype"]], key=drift_of)
                         for plan in best["plans"]]
    return best


def error_of(plan, rule):
    errors = {"planner": plan["error"], "planner_times_drift": plan["error_times_drift"]}
    return errors[rule] if rule in errors else plan["simple_rules_errors"][rule]


def nearest_rank(values, share):
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def name_of(path):
    return path.rsplit("/", 1)[-1].removesuffix(".onnx")


def network_rows(reports):
    yield ("| network | cap | threads | batch | dtype | predicted | interval | measured | error | inside "
           "| drift | nodes, median |")
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
    for report in reports:
        if not report["plans"]:
            yield f"| {name_of(report['model'])} | {report['cap']} | | | | | | | | | | {report['reason']} |"
        for plan in report["plans"]:
            nodes = [abs(n["error"]) for n in plan["nodes"]
                     if n["error"] is not None and n["predicted_seconds"] > 0]
            low, high = plan["interval_seconds"]
            yield (f"| {name_of(report['model'])} | {report['cap']} | {plan['threads']} | {plan['batch']} "
                   f"| {plan['dtype']} | {plan['predicted_seconds'] * 1e3:.2f} ms "
                   f"| {low * 1e3:.2f} to {high * 1e3:.2f} | {plan['measured_seconds'] * 1e3:.2f} ms "
                   f"| {plan['error']:+.0%} | {'yes' if plan['inside_interval'] else 'no'} "
                   f"| {plan['drift']:.2f} | {statistics.median(nodes):.0%} |")


def rule_rows(plans):
    yield "| rule | median | 95th percentile | worst | mean, signed |"
    yield "|---|---|---|---|---|"
    for key, title in RULES:
        errors = [error_of(plan, key) for plan in plans]
        absolute = [abs(error) for error in errors]
        yield (f"| {title} | {statistics.median(absolute):.0%} | {nearest_rank(absolute, 0.95):.0%} "
               f"| {max(absolute):.0%} | {statistics.mean(errors):+.0%} |")


def machines_ranked(reports):
    """Kendall's tau of the order of caps, as machines, by predicted and by measured time: over all pairs of caps of
    each network, threads, batch and dtype; and the number of pairs. None where no combination has two caps."""
    combinations = {}
    for report in reports:
        for plan in report["plans"]:
            key = (report["model"], plan["threads"], plan["batch"], plan["dtype"])
            combinations.setdefault(key, []).append((plan["predicted_seconds"], plan["measured_seconds"]))
    agree = [(a[0] - b[0]) * (a[1] - b[1]) > 0 for times in combinations.values()
             for a, b in itertools.combinations(times, 2)]
    return ((2 * sum(agree) - len(agree)) / len(agree), len(agree)) if agree else None


def markdown(reports, arguments):
    plans = [plan for report in reports for plan in report["plans"]]
    yield "# How well plans predict"
    yield ""
    yield ("Made by `bench/plan_acceptance.py` of what `flopmeter plan NETWORK --check --json` says. Errors are "
           "predicted / measured - 1 of medians of whole runs; the machine file was frozen before a network was "
           "opened. Drift: seconds of points of the machine file beside the run / those in the file, their median; a "
           f"network is measured again, up to {arguments.attempts} times, while it is beyond a factor of {arguments.drift:g}, and of "
           "each combination the measurement counts whose drift is nearest to 1.")
    yield ""
    environment = environment_of(arguments.machines[0])
    yield (f"Machine: {environment['cpu']}, {environment.get('affinity_cores')} cores, "
           f"{environment.get('hypervisor') or 'no hypervisor'}. Cap: the instruction set that oneDNN may use at most, each "
           "with a machine file of its own.")
    yield ""
    yield from network_rows(reports)
    notes = [f"- {name_of(report['model'])}: {report['note']}" for report in reports if "note" in report]
    if notes:
        yield ""
        yield from notes
    if plans:
        inside = sum(plan["inside_interval"] for plan in plans) / len(plans)
        yield ""
        yield from rule_rows(plans)
        yield ""
        yield (f"{inside:.0%} of {len(plans)} measured times lie within their intervals, which are of "
               f"{plans[0]['level']:.0%}.")
        worse = [title for key, title in RULES[2:]
                 if statistics.median(abs(error_of(p, key)) for p in plans)
                 < statistics.median(abs(p["error"]) for p in plans)]
        regrets = [report["check"]["regret"] for report in reports
                   if report["plans"] and report["check"].get("regret") is not None]
        if regrets:
            yield f"The pick of each network: {statistics.median(regrets):.1%} slower than the best in the median, {max(regrets):.1%} at most."
        if ranked := machines_ranked(reports):
            yield f"Order of the caps, as machines: Kendall's tau {ranked[0]:.2f} over {ranked[1]} pairs."
        yield ("Every simple rule is worse in the median." if not worse else
               f"Not worse than the planner in the median: {', '.join(worse)}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flopmeter")
    parser.add_argument("machine")
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--batch", default="1")
    parser.add_argument("--threads")
    parser.add_argument("--dtype")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("--drift", type=float, default=1.1, help="beyond it a network is measured again")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    parser.add_argument("--add", default="", help="files of --json whose reports stand in front")
    arguments = parser.parse_args()
    arguments.machines = arguments.machine.split(",")
    reports = []
    for path in filter(None, arguments.add.split(",")):
        with open(path, encoding="utf-8") as file:
            reports += json.load(file)
    reports += [steadiest(arguments, machine, network)
                for network in arguments.networks for machine in arguments.machines]
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(reports, file, indent=1)
    text = "\n".join(markdown(reports, arguments)) + "\n"
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
