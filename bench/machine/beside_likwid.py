#!/usr/bin/env python3
"""Holds the peaks of `flopmeter machine` against likwid-bench (Debian package likwid), in turn.

beside_likwid.py FLOPMETER [ROUNDS]: both run ROUNDS times (3), and the best reading of each is compared: the
same statistic for both, because disturbances only slow a loop down. Prints one line for each instruction
that both have, and how far flopmeter's own reading is from a whole number of instructions a cycle.
"""
import json
import re
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
LOAD_BYTES = 16000  # well inside any first-level cache


def kernels():
    listed = subprocess.run(["likwid-bench", "-a"], capture_output=True, text=True, check=True)
    return {line.split(" - ")[0].strip() for line in listed.stdout.splitlines()}


def likwid(kernel, value):
    """One reading of likwid-bench on one thread: MFlops/s or MByte/s, in units a second."""
    done = subprocess.run(["likwid-bench", "-t", kernel, "-W", f"N:{LOAD_BYTES}B:1", "-s", "1"],
                          capture_output=True, text=True, check=False)
    found = re.search(rf"^{re.escape(value)}:\s+([0-9.]+)", done.stdout, re.MULTILINE)
    return 1e6 * float(found.group(1)) if found else 0.0


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


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    available = kernels()
    readings = {}
    documents = []
    for _ in range(rounds):
        documents.append(flopmeter(program))
        for kernel, *_ in PEAKS + LOADS:
            if kernel in available:
                value = "MFlops/s" if kernel.startswith("peak") else "MByte/s"
                readings[kernel] = max(readings.get(kernel, 0), likwid(kernel, value))
    print(f"{'likwid-bench':<26}{'likwid':>10}{'flopmeter':>11}{'ratio':>8}{'instr./cycle':>14}{'GHz':>8}")
    for kernel, operation, bits, dtype in PEAKS:
        row = best_peak(documents, operation, bits, dtype)
        if readings.get(kernel) and row:
            print(f"{kernel:<26}{readings[kernel] / 1e9:>10.2f}{row['burst'] / 1e9:>11.2f}"
                  f"{row['burst'] / readings[kernel]:>8.3f}{row['instructions_per_cycle']:>14.3f}"
                  f"{row['ghz']:>8.3f}")
    for kernel, operation in LOADS:
        burst = best_load(documents, operation)
        if readings.get(kernel) and burst:
            print(f"{kernel:<26}{readings[kernel] / 1e9:>10.2f}{burst / 1e9:>11.2f}"
                  f"{burst / readings[kernel]:>8.3f}")
    print("GFLOPS, of load and copy GB/s in the first-level cache; one core, the best of"
          f" {rounds} rounds")


if __name__ == "__main__":
    main()
