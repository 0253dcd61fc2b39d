#!/usr/bin/env python3
"""Batch axes of matmul are broadcast as numpy does it: called with the path of flopmeter."""
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy
except ImportError:
    print("skipped: no numpy")
    sys.exit(77)

PROGRAM = os.path.abspath(sys.argv.pop(1))


def flopmeter(shape):
    """The exit code and what `count` says, without running a kernel."""
    done = subprocess.run([PROGRAM, "count", "matmul", shape, "--json", "--limit", "0"],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout or done.stderr


def listed(shapes):
    """What `count` says of all of them in one run: rows, and the messages about those that it refuses."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as batch:
        batch.write("\n".join(shapes) + "\n")
        batch.flush()
        done = subprocess.run([PROGRAM, "count", "matmul", "--batch", batch.name, "--json"],
                              capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def text(a, b):
    return "x".join(map(str, a)) + ":" + "x".join(map(str, b))


def legal_pair(draw):
    """Two shapes of up to 7 dimensions, each axis whole, or broadcast in either."""
    m, k, n = (draw.randint(1, 9) for _ in range(3))
    axes = [draw.randint(1, 4) for _ in range(draw.randint(0, 5))]
    a = [draw.choice((axis, axis, 1)) for axis in axes]
    b = [draw.choice((axis, axis, 1)) for axis in axes]
    # Leading axes may be missing in one of the two.
    a, b = a[draw.choice((0, 0, len(a) // 2)):], b[draw.choice((0, 0, len(b) // 2)):]
    return (*a, m, k), (*b, k, n)


def illegal_pair(draw):
    a, b = legal_pair(draw)
    place = draw.randint(0, min(len(a), len(b)) - 2)
    wrong = draw.sample((2, 3, 5), 2)
    a, b = (1,) * (2 - len(a)) + a, (1,) * (2 - len(b)) + b
    return (wrong[0], *a[place:]), (wrong[1], *a[place:-2], *b[-2:])


def product_of(a, b):
    """The shape of numpy's product, or None where it refuses."""
    try:
        return numpy.matmul(numpy.zeros(a, numpy.float32), numpy.zeros(b, numpy.float32)).shape
    except ValueError:
        return None


class Broadcast(unittest.TestCase):
    def test_400_random_pairs(self):
        draw = random.Random(12)
        pairs = [legal_pair(draw) for _ in range(400)]
        rows, said = listed([text(a, b) for a, b in pairs])
        self.assertEqual(len(rows), len(pairs), said)
        for (a, b), row in zip(pairs, rows):
            found = product_of(a, b)
            self.assertIsNotNone(found)
            self.assertEqual(row["dense_macs"], math.prod(found) * a[-1], (a, b))
            left, right = ([int(dim) for dim in one.split("x")] for one in row["shape"].split(":"))
            self.assertEqual(len(left), len(right))
            rank = max(len(a), len(b), len(left))
            for shown, given in ((left, a), (right, b)):
                self.assertEqual([1] * (rank - len(shown)) + shown, [1] * (rank - len(given)) + list(given))

    def test_100_illegal_pairs_are_refused(self):
        draw = random.Random(14)
        pairs = [illegal_pair(draw) for _ in range(100)]
        for first in range(0, len(pairs), 10):  # so many are named
            some = pairs[first:first + 10]
            rows, said = listed([text(a, b) for a, b in some])
            self.assertEqual(rows, [])
            for a, b in some:
                self.assertIsNone(product_of(a, b))
                self.assertRegex(said, f"'{text(a, b)}': .* must be equal, or one of them 1")

    def test_one_by_itself(self):
        code, said = flopmeter("5x1x2x3:4x3x4")
        self.assertEqual((code, json.loads(said)["formula"]["dense"]["macs"]), (0, 480))
        code, said = flopmeter("5x1x2x3:2x4x3x4")
        self.assertEqual(code, 2)
        self.assertIn("must be equal, or one of them 1", said)


if __name__ == "__main__":
    unittest.main()
