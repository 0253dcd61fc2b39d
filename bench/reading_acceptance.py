#!/usr/bin/env python3
"""What reading a model costs, as whole processes: reading_acceptance.py FLOPMETER [FOLDER]

A ResNet-50, a graph of 20,000 nodes, the GGUF header of a model of 8 billion parameters, and an ONNX file of
3 GB: median processor time of seven runs, and the largest resident set beside the size of the graph's own text.
Files are written into FOLDER, or into a temporary one.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "models" / "examples"


def run(command):
    """Processor seconds and the largest resident set in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def measure(name, command, text):
    runs = [run(command) for _ in range(7)]
    seconds = statistics.median(seconds for seconds, _ in runs)
    memory = statistics.median(memory for _, memory in runs)
    print(f"{name:18} {1000 * seconds:8.1f} ms {memory / 1e6:8.1f} MB resident {text / 1e6:8.2f} MB of text")
    return memory


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        # By processes of their own: the memory of this one counts as that of what it starts.
        for script in ("make.py", "large_files.py"):
            subprocess.run([sys.executable, EXAMPLES / script, folder], check=True)
        start = measure("start", [sys.argv[1], "model", "--help"], 0)
        for name in ("resnet50.onnx", "many_nodes.onnx", "8b.gguf", "large.onnx"):
            size = os.path.getsize(folder / name)
            text = size - (3 << 30) if name == "large.onnx" else size
            dims = [] if name.endswith("gguf") else ["--dim", "*=1"]
            memory = measure(name, [sys.argv[1], "model", str(folder / name), *dims], text)
            print(f"{'':18} {(memory - start) / 1e6:8.1f} MB above the start")


if __name__ == "__main__":
    main()
