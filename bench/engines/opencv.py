#!/usr/bin/env python3
"""Times one ONNX file on OpenCV's DNN module: prints one JSON object, or an error line and exit code 3 where the module
cv2 (Debian's python3-opencv) is not there.

    opencv.py FILE THREADS SECONDS DUMP

Inputs are those of `flopmeter model FILE --time --dump DUMP`, and its results are held against these, in their order:
`difference` is the largest one over the largest value. The clock is read around each run; two runs before are not
counted.
"""

import json
import os
import sys
import time

try:
    import cv2
    import numpy
except ImportError as error:
    print(f"not installed for {sys.executable}: {error}", file=sys.stderr)
    sys.exit(3)


def floats(dump, one):
    return numpy.fromfile(os.path.join(dump, one["file"]), numpy.float32).reshape(one["dims"])


def main():
    path, threads, seconds, dump = sys.argv[1:]
    with open(os.path.join(dump, "index.json"), encoding="utf8") as file:
        index = json.load(file)
    cv2.setNumThreads(int(threads))
    net = cv2.dnn.readNetFromONNX(path)
    names = net.getUnconnectedOutLayersNames()
    inputs = [(one["name"], floats(dump, one)) for one in index["inputs"]]

    def run():
        for name, numbers in inputs:
            net.setInput(numbers, name)
        return net.forward(names)

    results = [run() for _ in range(2)][-1]
    samples, end = [], time.perf_counter() + float(seconds)
    while len(samples) < 5 or time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        samples.append(time.perf_counter() - begin)
    worst = 0.0
    for one, theirs in zip(index["results"], results, strict=True):
        mine = floats(dump, one).ravel()
        largest = float(abs(theirs).max())
        far = float(abs(mine - theirs.ravel()).max())
        worst = max(worst, far / largest if largest > 0 else far)
    print(json.dumps({"engine": "OpenCV", "version": cv2.__version__, "latency_seconds": sorted(samples)[len(samples) // 2],
                      "runs": len(samples), "difference": worst}))


if __name__ == "__main__":
    try:
        main()
    except cv2.error as error:
        print(f"OpenCV's error: {' '.join(error.err.split())}", file=sys.stderr)
        sys.exit(3)
