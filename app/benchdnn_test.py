#!/usr/bin/env python3
"""What people paste and try: names, shapes and files of benchdnn. Called with the path of flopmeter."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))


def count(*args, code=0):
    done = subprocess.run([PROGRAM, "count", *args, "--limit", "0"], capture_output=True, text=True,
                          check=False)
    if done.returncode != code:
        raise AssertionError(f"{args}: exit code {done.returncode}, not {code}: {done.stderr}")
    return done


class Paste(unittest.TestCase):
    def case(self, *args):
        return json.loads(count(*args, "--json").stdout)["case"]

    def test_shapes_of_drivers(self):
        for args, case in {
                ("layernorm", "256x768"): "layernorm/forward/reference/f32/mb256c768",
                ("softmax", "16x12x128x128"): "softmax/forward/reference/f32/mb262144c12",
                ("relu", "2x32x3x2"): "relu/forward/reference/f32/mb2ic32ih3iw2",
                ("lstm", "l1t1mb1sic16slc16dhc16dic16"):
                    "lstm/forward/reference/f32/l1t1mb1slc16dhc16",
                ("sdpa", "2x8x384x64:2x8x64x384:2x8x384x64"):
                    "sdpa/forward/reference/f32/mb2h8lq384d64",
                ("conv", "mb1ic3ih7oc4oh7kh3ph1"):
                    "conv2d/forward/reference/f32/mb1ic3ih7oc4oh7kh3ph1"}.items():
            self.assertEqual(self.case(*args), case)
        self.assertTrue(self.case("binary", "32x17x2x3:32x17").startswith("add/forward/"))

    def test_options_before_the_shape(self):
        self.assertEqual(self.case("softmax", "--axis=3", "--dir=BWD_D", "--dt=bf16", "2x3x4x5"),
                         "softmax/backward_data/reference/bf16/mb24c5")
        self.assertIn("no option of benchdnn",
                      count("conv", "--frobnicate", "mb1ic1ih1oc1kh1", code=2).stderr)

    def test_other_names(self):
        for name, shape, layer in (("gelu", "mb1ic2", "gelu_erf"), ("bmm", "2x3x4:2x4x5", "matmul"),
                                   ("deconv2d", "mb1ic2ih3oc4kh2", "conv_transpose2d"),
                                   ("layer_norm", "mb2c3", "layernorm"), ("mha", "mb1l2e4h2", "attention")):
            self.assertTrue(self.case(name, shape).startswith(layer + "/"), name)

    def test_a_wrong_name_or_key_costs_one_line(self):
        pool = count("pooling", "mb1", code=2).stderr
        self.assertEqual(pool.count("\n"), 1)
        self.assertIn("max_pool, avg_pool", pool)
        key = count("conv2d", "mb1ic3x7", code=2).stderr
        self.assertEqual(key.count("\n"), 1)
        self.assertIn("as in mb", key)


class Batch(unittest.TestCase):
    def test_what_is_not_understood_is_listed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "shapes")
            with open(path, "w", encoding="utf-8") as file:
                file.write("--reset --dt=f32 --dir=BWD_D\nmb1ic2ih3oc4kh1 mb1ic2iw3oc4kw1\n"
                           "mb1ic2ih3oc4kh9\nmb1ic2id3oc4kd1\n--batch=none\n")
            done = count("conv", "--batch", path, "--json")
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([row["layer"] for row in rows], ["conv2d", "conv1d", "conv3d"])
            self.assertEqual({row["pass"] for row in rows}, {"backward_data"})
            self.assertIn("2 of 5 shapes and options are not read", done.stderr)
            self.assertIn("shapes:3: 'mb1ic2ih3oc4kh9'", done.stderr)


if __name__ == "__main__":
    unittest.main()
