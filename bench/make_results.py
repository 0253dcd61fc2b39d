#!/usr/bin/env python3
"""Writes result files as a fleet leaves them: make_results.py FOLDER --rows 1000000 [--machines 8] [--files 4]

Rows are like those of `flopmeter bench`: layers, backends, number types, passes, threads and shapes crossed, times
that follow operations and bytes with noise, some noisy, failed and unavailable. All is drawn from --seed, and no
row was ever measured: the files are for holding commands against so many rows. A row takes about 2,000 bytes.
"""

import argparse
import json
import os
import random

LAYERS = [
    ("conv2d", "mb{b}ic{i}ih{h}oc{o}oh{h}kh3ph1", lambda b, i, o, h: (b * i * o * h * h * 9, b * (i + o) * h * h + i * o * 9)),
    ("linear", "mb{b}ic{i}oc{o}", lambda b, i, o, h: (b * i * o, b * (i + o) + i * o)),
    ("matmul", "{b}x{i}:{i}x{o}", lambda b, i, o, h: (b * i * o, b * (i + o) + i * o)),
    ("lstm", "l1t{h}mb{b}slc{i}dhc{o}", lambda b, i, o, h: (4 * h * b * o * (i + o), 4 * o * (i + o) + h * b * (i + o))),
    ("sdpa", "mb{b}l{h}e{i}h8", lambda b, i, o, h: (2 * b * h * h * i, 4 * b * h * i)),
    ("softmax", "mb{b}c{i}", lambda b, i, o, h: (0, 2 * b * i)),
    ("gelu_erf", "mb{b}ic{i}ih{h}", lambda b, i, o, h: (0, 2 * b * i * h * h)),
    ("batchnorm", "mb{b}ic{i}ih{h}", lambda b, i, o, h: (0, 2 * b * i * h * h)),
]
BACKENDS = [("onednn", 0.8), ("eigen", 0.45), ("reference", 0.01)]
DTYPES = [("f32", 1, 4), ("bf16", 2, 2), ("s8", 4, 1)]
PASSES = ["forward", "backward_data", "backward_weights"]
STATUSES = ["ok"] * 94 + ["noisy"] * 3 + ["mistrusted", "failed", "unavailable"]
CPUS = ["Xeon 8480", "EPYC 9654", "Xeon 6354", "EPYC 7763", "Xeon 6248", "EPYC 9554", "Xeon 8375", "Core 13900"]


def machine(number):
    """The environment, and what a core reaches: GFLOPS in f32, GB/s."""
    cpu = CPUS[number % len(CPUS)]
    environment = {
        "type": "environment", "fingerprint": f"{0xabc000000000 + number:016x}", "schema": 1, "version": "0.1.0",
        "commit": "0000000", "compiler": "GNU 12.2.0", "flags": "-O3", "build_type": "Release",
        "libraries": {"oneDNN": "2.6.3", "Eigen": "3.4.0"}, "cpu": f"{cpu} (made up)",
        "cpu_id": f"made-up-{number}", "isa": ["sse4_2", "avx", "fma", "avx2", "avx512f"][:5 - number % 2],
        "online_cores": 8, "affinity_cores": 8, "quota_cores": None, "governor": "", "hypervisor": "",
        "kernel": "6.1", "page_bytes": 4096, "variables": {}}
    return environment, 90 + 35 * (number % len(CPUS)), 12 + 3 * (number % len(CPUS))


def cases():
    """Without end, each once: (layer, pass, backend, dtype, shape, MACs, bytes, efficiency, speed-up of the dtype)."""
    size = 0
    while True:
        b, i, o, h = 1 + size % 16, 8 * (1 + size % 61), 8 * (1 + size % 53), 4 + size % 29
        for layer, shape, cost in LAYERS:
            macs, elements = cost(b, i, o, h)
            text = shape.format(b=b, i=i, o=o, h=h) + ("" if size < 61 * 53 else f"_{size}")
            for backend, efficiency in BACKENDS:
                for dtype, faster, width in DTYPES:
                    for direction in PASSES:
                        yield layer, direction, backend, dtype, text, macs, elements * width, efficiency, faster
        size += 1


def row(draw, environment, case, threads, rates):
    layer, direction, backend, dtype, shape, macs, size, efficiency, faster = case
    gflops, gbytes = rates
    flops = 2 * macs if macs else size
    peak = gflops * faster * threads * draw.uniform(0.98, 1.0)
    roof = gbytes * min(threads, 4)
    attainable = min(peak, flops / size * roof)
    seconds = flops / (attainable * 1e9) / (efficiency * draw.uniform(0.5, 1.0)) + 2e-7
    samples = [seconds * draw.uniform(0.99, 1.03) for _ in range(5)]
    status = draw.choice(STATUSES)
    timed = status not in ("failed", "unavailable")
    name = f"{layer}/{direction}/{backend}/{dtype}/{shape}"
    rate = flops / seconds / 1e9
    measured = lambda value: value if timed else None
    return {
        "type": "record", "environment": environment, "name": name, "label": "", "layer": layer, "pass": direction,
        "backend": backend, "dtype": dtype, "shape": shape, "threads": threads, "cache": "warm", "layout": "",
        "parameters": size // 8, "macs_dense": macs, "macs_in_bounds": macs, "flops": flops,
        "convention": "flop2 in-bounds" if macs else "exact in-bounds", "bytes": size, "seconds": measured(seconds),
        "spread": measured((max(samples) - min(samples)) / seconds), "deviation": measured(0.01),
        "samples": samples if timed else [], "calls": measured(21), "attempts": measured(1), "gflops": measured(rate),
        "gmacs_per_second": measured(macs / seconds / 1e9), "gbytes_per_second": measured(size / seconds / 1e9),
        "intensity": flops / size, "peak_gflops": measured(peak), "peak_spread": measured(0.01),
        "peak_deviation": measured(0.004),
        "peak_samples": [peak * draw.uniform(0.99, 1.01) for _ in range(5)] if timed else [],
        "peak_instruction": "vfmadd231ps zmm", "percent_of_peak": measured(100 * rate / peak), "memory_level": "L3",
        "roof_gbytes_per_second": measured(roof), "roof_samples": [roof] * 5 if timed else [],
        "attainable_gflops": measured(attainable), "percent_of_attainable": measured(100 * rate / attainable),
        "overhead_seconds": 2.2e-7, "bound": ("compute" if attainable == peak else "DRAM") if timed else "",
        "other_cores": None, "status": status, "reason": "" if status == "ok" else f"made up: {status}",
        "max_error": 4.9e-06, "tolerance": 0.00049, "implementation": "jit:avx512_core",
        "command": f"flopmeter bench --layer={layer} --shape={shape} --backend={backend} --dtype={dtype} "
                   "--benchmark_repetitions=5 --benchmark_min_time=0.01 --executed",
        "executed": "1.0000; FMA share 100.0 %, 0.105 instructions a MAC, lane use 100.0 %; rep instructions count once",
        "executed_macs": macs, "executed_macs_full": macs, "executed_flops": flops, "executed_flops_full": flops,
        "executed_instructions": macs // 9, "executed_ratio": 1.0, "executed_unexplained": 0, "fma_share": 99.9,
        "instructions_per_mac": 0.105, "lane_use": 100.0,
        "retired": "unavailable: this machine exposes no performance events", "retired_flops": None,
        "retired_expected": None}


def write_file(path, number, count, threads, shard, seed):
    draw = random.Random(f"{seed} {path}")
    environment, *rates = machine(number)
    with open(path, "w", encoding="utf-8") as file:
        write = lambda line: file.write(json.dumps(line, separators=(",", ":")) + "\n")
        write(environment)
        index, shards = shard
        written = 0
        for place, case in enumerate(cases()):
            if place % shards != index:
                continue
            for on in threads:
                write(row(draw, environment["fingerprint"], case, on, rates))
                written += 1
                if written == count:
                    return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=1000, help="of all files together")
    parser.add_argument("--machines", type=int, default=1)
    parser.add_argument("--files", type=int, default=1, help="of each machine")
    parser.add_argument("--threads", default="1,8")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    threads = [int(text) for text in options.threads.split(",")]
    files = options.machines * options.files
    for number in range(options.machines):
        for part in range(options.files):
            which = number * options.files + part
            count = options.rows // files + (which < options.rows % files)
            if count:
                write_file(os.path.join(options.folder, f"made-{number}-{part}.jsonl"), number, count, threads,
                           (part, options.files), options.seed)


if __name__ == "__main__":
    main()
