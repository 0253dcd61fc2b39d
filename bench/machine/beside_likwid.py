#!/usr/bin/env python3
"""Holds the peaks of `flopmeter machine` against likwid-bench (Debian package likwid), in turn.

beside_likwid.py FLOPMETER [ROUNDS]: in each of ROUNDS (2) rounds flopmeter measures once and every kernel of
likwid-bench five times for a millisecond. The best reading of each is compared: disturbances only slow a loop
down, and most runs of a millisecond are not interrupted. likwid-bench measures the time-stamp counter's
frequency anew in every run, and badly on a busy machine; the median over all runs replaces it.
"""
import json
import re
import statistics
import subprocess
import sys

# likwid-bench's kernel, what it reports, and the row of flopmeter that has the same instruction.
# peakflops_* without fma multiply and add on the same chains; with fma, every operation is an FMA.
PEAKS = [
    ("peakflops_avx512_fma", "FMA", 512, "f64"),
    ("peakflops_sp_avx512_fma", "FMA", 512, "f32"),
    ("peakflops_avx_fma", "FMA", 256, "f64"),
    ("peakflops_sp_avx_fma", "FMA", 256, "f32"),
    ("peakflops_sse_fma", "FMA", 128, "f64"),
    ("peakflops_sp_sse_fma", "FMA", 128, "f32"),
    ("peakflops_avx512", "multiply + add", 512, "f64"),
    ("peakflops_sp_avx512", "multiply + add", 512, "f32"),
    ("peakflops_avx", "multiply + add", 256, "f64"),
    ("peakflops_sp_avx", "multiply + add", 256, "f32"),
    ("peakflops_sse", "multiply + add", 128, "f64"),
    ("peakflops_sp_sse", "multiply + add", 128, "f32"),
    ("peakflops", "multiply + add", 64, "f64"),
    ("peakflops_sp", "multiply + add", 32, "f32"),
]
LOADS = [("load_avx512", "load"), ("load_avx", "load"), ("load_sse", "load"),
         ("copy_avx512", "copy"), ("copy_avx", "copy"), ("store_avx512", "store")]
WORKING_SET = 16000  # bytes: well inside any first-level cache
TRIES = 5


def kernels():
    listed = subprocess.run(["likwid-bench", "-a"], capture_output=True, text=True, check=True)
    return {line.split(" - ")[0].strip() for line in listed.stdout.splitlines()}


class Likwid:
    """The best reading of each kernel, in units a cycle of the time-stamp counter."""

    def __init__(self):
        self.best = {}
        self.frequencies = []

    def run(self, kernel, iterations):
        done = subprocess.run(["likwid-bench", "-t", kernel, "-W", f"N:{WORKING_SET}B:1", "-i",
                               str(iterations)], capture_output=True, text=True, check=False)
        value = "MFlops/s" if kernel.startswith("peak") else "MByte/s"
        found = dict(re.findall(r"^([A-Za-z/ ]+):\s+([0-9.]+)", done.stdout, re.MULTILINE))
        if value in found:
            frequency = float(found["CPU Clock"])
            self.frequencies.append(frequency)
            rate = 1e6 * float(found[value]) / frequency
            self.best[kernel] = max(self.best.get(kernel, 0), rate)

    def rate(self, kernel):
        return self.best.get(kernel, 0) * statistics.median(self.frequencies)


def flopmeter(program):
    done = subprocess.run([program, "machine", "--json", "--threads=1"], capture_output=True,
                          text=True, check=True)
    return json.loads(done.stdout)


def best_peak(documents, operation, bits, dtype):
    return max((row for document in documents for row in document["throughput"]
                if (row["operation"], row["bits"], row["dtype"]) == (operation, bits, dtype)
                and row["burst"]), key=lambda row: row["burst"], default=None)


def best_load(documents, operation):
    return max((row["burst"] for document in documents for row in document["bandwidth"]
                if row["operation"] == operation and row["level"] == "L1" and row["burst"]), default=0)


def line(name, likwid, own, rest=""):
    print(f"{name:<26}{likwid / 1e9:>10.2f}{own / 1e9:>11.2f}{own / likwid:>8.3f}{rest}")


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
    available = kernels()
    likwid = Likwid()
    documents = []
    for _ in range(rounds):
        documents.append(flopmeter(program))
        loads = LOADS if documents[0]["bandwidth"] else []
        runs = [(kernel, 4 * bits) for kernel, _, bits, _ in PEAKS] + [(kernel, 4000) for kernel, _ in loads]
        for kernel, iterations in runs * TRIES:
            if kernel in available:
                likwid.run(kernel, iterations)
    print(f"{'likwid-bench':<26}{'likwid':>10}{'flopmeter':>11}{'ratio':>8}{'instr./cycle':>14}{'GHz':>8}")
    for kernel, operation, bits, dtype in PEAKS:
        row = best_peak(documents, operation, bits, dtype)
        if likwid.rate(kernel) and row:
            line(kernel, likwid.rate(kernel), row["burst"],
                 f"{row['instructions_per_cycle']:>14.3f}{row['ghz']:>8.3f}")
    for kernel, operation in LOADS:
        if likwid.rate(kernel) and best_load(documents, operation):
            line(kernel, likwid.rate(kernel), best_load(documents, operation))
    print("GFLOPS, of load and copy GB/s in the first-level cache; one core, the best of"
          f" {rounds} x {TRIES} runs of likwid-bench and of {rounds} of flopmeter")


if __name__ == "__main__":
    main()
