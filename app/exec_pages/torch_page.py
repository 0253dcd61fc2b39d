#!/usr/bin/env python3
"""Writes docs/pytorch.md: layers in PyTorch, counted under exec, beside formulas and published counters.

    torch_page.py build/release/flopmeter docs/pytorch.md [--python /usr/bin/python3]

What no counter or formula explains is a number of its own, not dropped.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PUBLISHED = HERE.parents[1] / "validate" / "published" / "counts.json"
PIECE = 65536  # numbers that each piece of torch_layers.py works on

HEAD = """# What PyTorch really executes

Made by `app/exec_pages/torch_page.py`: PyTorch {torch}, each layer called once (inference, f32, after two
calls) under `flopmeter exec` in a region of its own, on one and on two threads. CPU: {cpu}. Other
CPUs run other code, and some of these numbers change with it; the page is then made anew.

A MAC is a product that goes into a sum: executed ones are lanes of FMA instructions. *Formula* is
counted with every tap; behind it stands, where padding exists, the count of the taps that touch real input.
thop, ptflops and fvcore are what they printed for the same layer under PyTorch 1.13
(validate/published/counts.json), in their own unit, which they call MACs or FLOPs.

| layer | formula | executed, 1 thread | 2 threads | executed / formula | thop | ptflops | fvcore |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""

WHY_COUNTERS = """
## Why the counters differ

| counter | layer | why |
| --- | --- | --- |
| thop | linear, convolutions | the formula with every tap, without the bias |
| thop | transposed convolution | multiplies by the size of the output instead of the input: a stride of 2 makes it four times too many |
| thop | LSTM, GRU | adds the products of gates with the state, and counts a bias as one MAC |
| thop | MultiheadAttention, encoder layer | has no rule for nn.MultiheadAttention: all of it is 0, the feed-forward part is what remains |
| ptflops | linear, LSTM, GRU, attention | counts one sample of the batch for layers whose input has a batch of several, and a bias as a MAC |
| ptflops | convolutions | a bias is one MAC an output |
| fvcore | LSTM, GRU | sees the fused operator, has no rule for it and says so in its warnings: 0 |
| fvcore | MultiheadAttention, encoder layer | products of projections and scores; layer norms as 5 an element |
| all | convolutions | count taps that fall into the padding, which oneDNN skips |
"""


def run_counted(program, python, threads):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "counts.json")
        subprocess.run([program, "exec", "--json", "-o", path, "--", python,
                        str(HERE / "torch_layers.py"), str(threads)], check=True)
        found = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return {region["name"]: region for region in found["regions"]}, found["remarks"]


def macs(region):
    return region["active"]["macs"]


def printed(network, counter):
    for entry in network["printed"]:
        if entry["counter"] == counter and 113 in entry["torch"]:
            return f"{entry.get('macs', entry.get('flops')):,}" if (
                "macs" in entry or "flops" in entry) else "-"
    return "-"


def pieces_of(regions):
    """FMAs of one number of each piece, as they were counted in the same run."""
    return {name: macs(regions[name]) / PIECE for name in ("sigmoid", "tanh", "softmax", "layernorm")}


def effects(name, per):
    """What of a layer is more than its formula: (text, MACs), found by counting the pieces alone."""
    hidden, scores, outputs = 32 * 10 * 256, 16 * 8 * 32 * 32, 512 * 512
    return {
        "linear 512-1000, batch 32": [("two FMAs an output: the product, in two blocks of 256, is added to what is there", 2 * 32 * 1000)],
        "MLP 128-64-10 with ReLU, batch 32": [("an FMA an output: the product is added to the bias", 32 * 74)],
        "depthwise 32 and pointwise 64, 56": [("an FMA an output of the pointwise product", 64 * 56 * 56)],
        "transposed convolution 64-32, stride 2, 28": [
            ("an FMA an element of the product, before it is spread over the output", 512 * 784),
            ("the bias, as a product with ones: two FMAs an output", 2 * 32 * 56 * 56)],
        "LSTM 128-256, batch 32, 10 steps": [
            (f"three sigmoids ({per['sigmoid']:g} FMAs each) and two tanh ({per['tanh']:g}) a hidden number",
             int(hidden * (3 * per["sigmoid"] + 2 * per["tanh"])))],
        "GRU 128-256, batch 32, 10 steps": [
            (f"two sigmoids ({per['sigmoid']:g} FMAs each) and a tanh ({per['tanh']:g}) a hidden number",
             int(hidden * (2 * per["sigmoid"] + per["tanh"])))],
        "MultiheadAttention 512, 8 heads, 16 x 32 tokens": [
            (f"softmax ({per['softmax']:g} FMAs a score)", int(scores * per["softmax"])),
            ("projections: two FMAs an output (blocks of 256)", 2 * 4 * outputs),
            ("scores and their products with values: an FMA an output", scores + outputs)],
        "TransformerEncoderLayer 512, 8 heads, 2048, 16 x 32 tokens": [
            (f"softmax ({per['softmax']:g} FMAs a score)", int(scores * per["softmax"])),
            ("projections: two FMAs an output (blocks of 256)", 2 * 4 * outputs),
            ("scores and their products with values: an FMA an output", scores + outputs),
            ("feed-forward: an FMA an output and block of 256", 2 * 4 * outputs + 8 * outputs),
            (f"two layer norms ({per['layernorm']:g} FMAs a number)", int(2 * outputs * per["layernorm"]))],
    }.get(name, [])


def explain(name, exact, executed, per):
    """Sentences whose numbers add up to the executed MACs, the last of them what is not explained."""
    parts, rest = [], executed - exact["macs"]
    skipped = exact.get("in_bounds_macs", exact["macs"]) - exact["macs"]
    if skipped and name.startswith(("convolution", "depthwise")):
        parts.append(f"{skipped:+,} taps in the padding, skipped")
        rest -= skipped
    for text, number in effects(name, per):
        if number and (rest >= number):
            parts.append(f"+{number:,} {text}")
            rest -= number
    if rest:
        parts.append(f"{rest:+,} **not explained** ({rest / executed:.2%})")
    return "; ".join(parts) or "nothing: executed as the formula says"


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def page(program, python):
    one, remarks = run_counted(program, python, 1)
    two, more_remarks = run_counted(program, python, 2)
    torch = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], check=True,
                           capture_output=True, text=True).stdout.strip()
    published = {network["case"]: network
                 for network in json.loads(PUBLISHED.read_text(encoding="utf-8"))["networks"]}
    per = pieces_of(one)
    text = HEAD.format(torch=torch, cpu=cpu_name())
    reasons = "\n## Why executed differs from the formula\n\n| layer | threads | the difference |\n| --- | --- | --- |\n"
    for name in (name for name in one if name in published):
        exact, network = published[name]["exact"], published[name]
        in_bounds = exact.get("in_bounds_macs", exact["macs"])
        formula = f"{exact['macs']:,}" + (f" ({in_bounds:,})" if in_bounds != exact["macs"] else "")
        counters = " | ".join(printed(network, counter) for counter in ("thop", "ptflops", "fvcore"))
        text += (f"| {name} | {formula} | {macs(one[name]):,} | {macs(two[name]):,} | "
                 f"{macs(one[name]) / exact['macs']:.4f} | {counters} |\n")
        same = macs(one[name]) == macs(two[name])
        for threads, regions in (("1 and 2", one),) if same else (("1", one), ("2", two)):
            reasons += f"| {name} | {threads} | {explain(name, exact, macs(regions[name]), per)} |\n"
    text += reasons + """
FMAs of a sigmoid, a tanh, a softmax and a layer norm are those that the same run counted for them alone,
on 65,536 numbers. An encoder layer and attention run PyTorch's fused code for inference.
""" + other_counts(one) + WHY_COUNTERS
    lost = sorted({line for line in remarks + more_remarks if "rep prefix" not in line})
    return text + ("\n" + "\n".join(lost) + "\n" if lost else "")


def other_counts(regions):
    text = """
## What is in no MAC

Counts of one thread; FLOPs are by the convention `exact` (an FMA is two).

| layer | FLOPs | adds besides FMAs | multiplies besides FMAs | divides | comparisons | lane use |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""
    for name, region in regions.items():
        count = region["active"]
        text += (f"| {name} | {region['flops_exact']['active']:,} | {count['adds'] - count['fmas']:,} | "
                 f"{count['multiplies'] - count['fmas']:,} | {count['divides']:,} | "
                 f"{count['comparisons']:,} | {region['lane_use']:.1%} |\n")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--python", default="/usr/bin/python3")
    options = parser.parse_args()
    if subprocess.run([options.python, "-c", "import torch"], check=False,
                      capture_output=True).returncode != 0:
        sys.exit(f"{options.python} has no PyTorch: install python3-torch")
    options.page.write_text(page(os.path.abspath(options.program), options.python), encoding="utf-8")


if __name__ == "__main__":
    main()
