"""flopmeter model on small networks written here: what is printed, what is refused, and how."""

import json
import math
import os
import pathlib
import re
import resource
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models" / "examples"))

from onnx_writer import field, fields, model, node, reals, value, varint, weight  # noqa: E402

FLOPMETER = sys.argv[1]


def network(batch="batch"):
    """A convolution, its activation, and what is not known."""
    nodes = (
        node("Conv", ["x", "w"], ["c"], "net/stem/conv", pads=[1, 1, 1, 1])
        + node("Relu", ["c"], ["r"], name="net/stem/relu")
        + node("Conv", ["r", "v"], ["d"], "net/body/conv", pads=[1, 1, 1, 1])
        + node("Conv", ["d", "v"], ["e"], "net/body/conv2", pads=[1, 1, 1, 1])
        + node("Mystery", ["e"], ["y"], name="net/head")
    )
    values = (
        value(11, "x", [batch, 3, 8, 8])
        + value(12, "y", [])
        + weight("w", [4, 3, 3, 3])
        + weight("v", [4, 4, 3, 3])
    )
    return model(nodes + values)


def exported(relu="/relu/Relu"):
    """As PyTorch exports a convolution with its batch norm folded in, an activation and a sum."""
    nodes = (
        node("Conv", ["x", "onnx::Conv_1", "onnx::Conv_2"], ["c"], "/conv1/Conv", pads=[1] * 4)
        + node("Relu", ["c"], ["r"], name=relu)
        + node("Add", ["r", "c"], ["y"], name="/Add")
    )
    values = value(11, "x", [1, 3, 8, 8]) + value(12, "y", [])
    return model(nodes + values + weight("onnx::Conv_1", [4, 3, 3, 3]) + weight("onnx::Conv_2", [4]))


def large(size):
    """A product whose weights are `size` bytes of nothing at the end of the file: head, and that size."""
    rows = size // 4096
    start = fields(1, [rows, 1024]) + field(2, 1) + field(8, "w") + varint(9 << 3 | 2) + varint(size)
    tensor = varint(5 << 3 | 2) + varint(len(start) + size) + start
    graph = node("MatMul", ["x", "w"], ["y"]) + field(2, "graph")
    graph += value(11, "x", [1, rows]) + value(12, "y", []) + tensor
    return field(1, 8) + field(8, field(2, 17)) + varint(7 << 3 | 2) + varint(len(graph) + size) + graph


SMALL_LLAMA = {
    "model_type": "llama", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 32, "torch_dtype": "bfloat16",
}


def safetensors(tensors):
    """Of zeros: {name: (dtype, dimensions)}."""
    header, end = {}, 0
    for name, (dtype, dims) in tensors.items():
        size = math.prod(dims) * {"F32": 4, "BF16": 2, "F8_E4M3": 1}[dtype]
        header[name] = {"dtype": dtype, "shape": dims, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def gguf():
    """The settings of a tiny language model, without tensors."""
    settings = {
        "llama.block_count": 2,
        "llama.embedding_length": 8,
        "llama.feed_forward_length": 16,
        "llama.attention.head_count": 2,
        "llama.attention.head_count_kv": 1,
        "llama.vocab_size": 32,
    }
    text = lambda s: struct.pack("<Q", len(s)) + s.encode()
    out = b"GGUF" + struct.pack("<IQQ", 3, 0, len(settings) + 1)
    out += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    for key, number in settings.items():
        out += text(key) + struct.pack("<II", 4, number)
    return out


class Model(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, data, name="m.onnx"):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def run_model(self, *arguments, command="model"):
        return subprocess.run(
            [FLOPMETER, command, *arguments], capture_output=True, text=True, timeout=120
        )

    def json_of(self, *arguments):
        done = self.run_model(*arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, *arguments, command="model"):
        done = self.run_model(*arguments, command=command)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def test_json_has_every_node(self):
        found = self.json_of(self.write(network()), "--dim", "batch=2")
        self.assertEqual(found["parameters"], 4 * 3 * 9 + 4 * 4 * 9)
        self.assertEqual(found["macs"]["dense"], 2 * 64 * 9 * (12 + 16 + 16))
        self.assertEqual(found["macs"]["in_bounds"], 2 * 22 * 22 * (12 + 16 + 16))
        self.assertEqual(sum(n["macs"]["dense"] for n in found["nodes"]), found["macs"]["dense"])
        self.assertEqual(
            [n["name"] for n in found["nodes"]],
            ["net/stem/conv", "net/stem/relu", "net/body/conv", "net/body/conv2", "net/head"],
        )
        self.assertEqual(found["nodes"][0]["layer"], "conv2d")
        self.assertEqual(found["nodes"][0]["shape"], "g1mb2ic3ih8oc4oh8kh3ph1bias0"[2:])
        self.assertEqual([n["name"] for n in found["not_understood"]], ["net/head"])
        self.assertIn("Mystery", found["not_understood"][0]["reason"])
        self.assertEqual([c["uses"] for c in found["cases"]], [1, 1, 2])
        self.assertFalse(found["whole"])

    def test_text_says_at_least(self):
        done = self.run_model(self.write(network(1)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("at least", done.stdout)
        self.assertIn("net/head (Mystery): the operator Mystery is not known", done.stdout)

    def test_free_dimensions(self):
        path = self.write(network())
        self.assertIn("batch; give each one, as in --dim batch=1", self.refused(path))
        self.assertIn("--dim 'batch'", self.refused(path, "--dim", "batch"))
        self.assertIn("is free in no input", self.refused(path, "--dim", "*=1", "--dim", "btch=2"))
        self.json_of(self.write(network(1)), "--dim", "*=1")

    def test_lists_of_dimensions(self):
        path = self.write(network())
        done = self.run_model(path, "--dim", "batch=1,4", "--csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].startswith("batch,"))
        self.assertEqual([line.split(",")[0] for line in lines[1:]], ["1", "4"])
        done = self.run_model(path, "--dim", "batch=1:3", "--json")
        self.assertEqual([run["dims"]["batch"] for run in json.loads(done.stdout)], [1, 2, 3])

    def test_groups(self):
        path = self.write(network(1))
        done = self.run_model(path, "--depth", "2", "--csv", "--top", "0")
        names = [line.split(",")[0] for line in done.stdout.splitlines()[1:]]
        self.assertEqual(names, ["net/stem", "net/body", "net"])
        done = self.run_model(path, "--by", "layer", "--csv", "--sort", "macs")
        self.assertEqual(done.stdout.splitlines()[1].split(",")[0], "conv2d")
        self.assertIn("--by 'colour'", self.refused(path, "--by", "colour"))
        self.assertIn("--sort 'colour'", self.refused(path, "--sort", "colour"))

    def test_language_models(self):
        path = self.write(gguf(), "tiny.gguf")
        prefill = self.json_of(path, "--tokens", "4")
        per_token = 2 * (8 * 8 * 2 + 8 * 4 * 2 + 3 * 8 * 16) + 8 * 32
        self.assertEqual(prefill["macs"]["dense"], 4 * per_token + 2 * 2 * 4 * 4 * 4 * 2)
        decode = self.json_of(path, "--phase", "decode", "--past", "10")
        self.assertEqual(decode["macs"]["dense"], per_token + 2 * 2 * 11 * 4 * 2)
        self.assertIn("--phase", self.refused(self.write(network(1)), "--phase", "decode"))

    def test_bad_files(self):
        self.assertIn("empty", self.refused(self.write(b"")))
        self.assertIn("cannot read", self.refused(os.path.join(self.folder.name, "none")))
        self.assertIn("not an ONNX model", self.refused(self.write(b"\xff" * 50)))
        self.assertIn("GGUF", self.refused(self.write(b"GGUF\x03")))
        self.assertIn("JSON", self.refused(self.write(b"{", "config.json")))

    def test_other_formats(self):
        for content, what in [
            (b"PK\3\4" + bytes(60), "ZIP"),
            (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
            (struct.pack("<I", 28) + b"TFL3" + bytes(60), "TensorFlow Lite"),
            (safetensors({"w": ("F32", [2])}), "config.json"),
        ]:
            self.assertIn(what, self.refused(self.write(content)))

    def test_types_of_stored_weights(self):
        self.write(json.dumps(SMALL_LLAMA).encode(), "config.json")
        alone = self.json_of(self.folder.name)
        self.assertEqual([w["type"] for w in alone["weights"]], ["bfloat16"])
        parts = {"w": "model-1-of-2.safetensors", "s": "model-2-of-2.safetensors"}
        self.write(json.dumps({"weight_map": parts}).encode(), "model.safetensors.index.json")
        missing = self.json_of(self.folder.name)
        self.assertEqual(missing["weights"], alone["weights"])
        self.assertIn("is not there", " ".join(missing["remarks"]))
        count = alone["parameters"]
        self.write(safetensors({"w": ("F8_E4M3", [count - 8])}), parts["w"])
        self.write(safetensors({"s": ("F32", [2, 4])}), parts["s"])
        whole = self.json_of(self.folder.name)
        self.assertEqual(
            [(w["type"], w["elements"], w["bytes"]) for w in whole["weights"]],
            [("float8_e4m3", count - 8, count - 8), ("float32", 8, 32)],
        )
        self.assertEqual(whole["remarks"], alone["remarks"])
        self.write(safetensors({"s": ("F32", [3, 4])}), parts["s"])
        self.assertIn("4 more than", " ".join(self.json_of(self.folder.name)["remarks"]))
        self.write(safetensors({"s": ("F32", [3, 4])})[:-1], parts["s"])
        self.assertIn("'s'", self.refused(self.folder.name))
        self.write(json.dumps({"weight_map": {"w": "../x"}}).encode(), "model.safetensors.index.json")
        self.assertIn("no file beside it", self.refused(self.folder.name))

    def test_gaps_of_average_pooling(self):
        pool = node("AveragePool", ["x"], ["y"], kernel_shape=[2, 3], dilations=[2, 1])
        found = self.json_of(self.write(model(pool + value(11, "x", [1, 4, 9, 9]) + value(12, "y", []), 19)))
        self.assertEqual(found["not_understood"], [])
        self.assertEqual(found["nodes"][0]["output"], "1x4x7x7")
        self.assertIn("dh1", found["nodes"][0]["shape"])

    def test_an_empty_input_is_said(self):
        relu = node("Relu", ["x"], ["y"]) + value(11, "x", [0, 4]) + value(12, "y", [])
        self.assertIn("'x' is empty, 0x4", " ".join(self.json_of(self.write(model(relu)))["remarks"]))

    def test_diff(self):
        a = self.write(network(1), "a.onnx")
        b = self.write(network(2), "b.onnx")
        done = self.run_model(a, b, command="diff")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("net/stem/conv", done.stdout)
        same = self.run_model(a, a, command="diff")
        self.assertIn("no node differs", same.stdout)

    def published(self, path):
        found = self.json_of(path, "--convention=all")["published"]
        for one in found:
            parts = sum(n["difference"] or 0 for n in one["nodes"]) + one["fractions"]
            self.assertEqual(parts, one["difference"], one["counter"])
            self.assertEqual(one["counted"]["dense"] + parts, one["printed"], one["counter"])
            self.assertEqual(sum(g["difference"] for g in one["groups"]) + one["fractions"], parts)
        return {(one["counter"], one["quantity"]): one for one in found}

    def test_counted_runs_each_case_once(self):
        path = self.write(network(1))
        found = self.json_of(path, "--counted")["kernels"]
        self.assertEqual([case["uses"] for case in found["cases"]], [1, 1, 2])
        reference = found["counted"]["reference"]
        self.assertEqual(reference["operations"]["macs"], 22 * 22 * (12 + 16 + 16))
        self.assertEqual(reference["operations"], reference["formula_in_bounds"])
        self.assertEqual(reference["cases"], 3)
        # A node that is not understood ran nothing.
        self.assertFalse(reference["whole"])
        self.assertEqual(found["executed"], {})
        self.assertEqual(found["disagreements"], [])
        onednn = found["counted"]["onednn"]
        self.assertEqual(onednn["cases"], 0)
        self.assertEqual(sum(len(m["cases"]) for m in onednn["missing"]), 3)

    def test_counted_says_what_it_did_not_run(self):
        path = self.write(network(1))
        done = self.run_model(path, "--counted", "--limit", "8000")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("reference: 1 of 3 cases: not counted: more MACs than --limit", done.stdout)
        self.assertIn("at least", done.stdout)
        self.assertIn("--csv", self.refused(path, "--counted", "--csv"))
        self.assertIn("training", self.refused(path, "--counted", "--pass=training"))

    def test_published_parameters(self):
        found = self.published(self.write(exported()))
        printed = found["thop", "params"]
        # The model before the export: no bias, but a scale and a shift a channel.
        self.assertEqual(printed["counted"]["dense"], 4 * 3 * 9 + 2 * 4)
        self.assertEqual(printed["printed"], 4 * 3 * 9 + 2 * 4)

    # By the rules that counters.json has: 6,912 MACs, 256 outputs, a batch norm that the file lost.
    def test_published_counters(self):
        found = self.published(self.write(exported()))
        printed = {key: one["printed"] for key, one in found.items()}
        self.assertEqual(printed["thop", "macs"], 6912 + 4 * 256)
        self.assertEqual(printed["ptflops", "macs"], 6912 + 2 * 256 + 2 * 256)
        self.assertEqual(printed["fvcore", "flops"], 6912 + 2 * 256)
        self.assertEqual(printed["torchinfo", "macs"], 64 * 108 + 8)
        self.assertEqual(printed["calflops", "flops"], 2 * 6912 + 2 * 256 + 256)
        self.assertEqual(printed["onnx-tool", "macs"], 6912 + 256 + 256 + 256)
        self.assertTrue(all(one["whole"] for one in found.values()))
        # A ReLU that is no module is seen once.
        found = self.published(self.write(exported("/Relu")))
        self.assertEqual(found["ptflops", "macs"]["printed"], 6912 + 2 * 256 + 256)

    def test_published_counters_see_where_attention_is_scaled(self):
        products, softmax = 2 * 6 * 10 * 8 * 2, 36 * 2 * 6 * 10
        for nodes, scale in [
            (node("Div", ["q", "c"], ["a"]) + node("MatMul", ["a", "k"], ["t"]), 4 * 2 * 6 * 8),
            (node("Mul", ["q", "c"], ["a"]) + node("Mul", ["k", "c"], ["b"]) + node("MatMul", ["a", "b"], ["t"]),
             2 * 8 * (6 + 10)),
            (node("MatMul", ["q", "k"], ["s"]) + node("Mul", ["s", "c"], ["t"]), 2 * 6 * 10),
            (node("MatMul", ["q", "k"], ["s"]) + node("Div", ["s", "c"], ["t"]), 4 * 2 * 6 * 10),
        ]:
            nodes += node("Softmax", ["t"], ["w"], axis=-1) + node("MatMul", ["w", "v"], ["y"])
            values = value(11, "q", [1, 2, 6, 8]) + value(11, "k", [1, 2, 8, 10]) + value(11, "v", [1, 2, 10, 8])
            path = self.write(model(nodes + values + value(12, "y", []) + reals("c", [2.0], [])))
            self.assertEqual([n["layer"] for n in self.json_of(path)["nodes"]], ["sdpa"])
            printed = self.published(path)["onnx-tool", "macs"]
            self.assertTrue(printed["whole"])
            self.assertEqual(printed["printed"], products + softmax + scale)

    def test_published_counters_at_least(self):
        found = self.published(self.write(network(1)))
        self.assertFalse(any(one["whole"] for one in found.values()))
        done = self.run_model(self.write(network(1)), "--convention=thop")
        self.assertIn("at least", done.stdout)

    def test_published_counters_refused(self):
        path = self.write(network(1))
        self.assertIn("unknown convention 'top'", self.refused(path, "--convention=top"))
        self.assertIn("--csv", self.refused(path, "--convention=all", "--csv"))
        self.assertIn("training", self.refused(path, "--convention=all", "--pass=training"))

    def test_validate_takes_the_layers_of_a_network(self):
        path = self.write(network(1))
        done = self.run_model("--model", path, "--random", "2", "--dtype", "f32", "--json", command="validate")
        self.assertEqual(done.returncode, 0, done.stderr)
        layers = {json.loads(line)["case"].split("/")[0] for line in done.stdout.splitlines()}
        self.assertEqual(layers, {"conv2d", "relu"})
        path = self.write(model(node("Mystery", ["x"], ["y"]) + value(11, "x", [1]) + value(12, "y", [])))
        done = self.run_model("--model", path, command="validate")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no node of it has a layer", done.stderr)

    def test_large_file_takes_no_memory(self):
        size = 3 << 30
        path = self.write(large(size), "large.onnx")
        os.truncate(path, os.path.getsize(path) + size)
        found = self.json_of(path)
        self.assertEqual(found["parameters"], size // 4)
        self.assertEqual(found["macs"]["dense"], size // 4)
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(largest, 500_000, "kB")

    def test_json_takes_little_more_memory_than_the_table(self):
        nodes = b"".join(node("Relu", [f"x{i}"], [f"x{i + 1}"], f"net/block.{i}") for i in range(5000))
        path = self.write(model(nodes + value(11, "x0", [2, 3]) + value(12, "x5000", [])))

        def largest(*arguments):
            command = [FLOPMETER, "model", path, *arguments]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            _, process.returncode, used = os.wait4(process.pid, 0)
            return used.ru_maxrss

        self.assertLess(largest("--json"), 1.15 * largest())

    def test_examples(self):
        subprocess.run([sys.executable, "models/examples/make.py", self.folder.name], check=True)
        for name, dims, dense, in_bounds in [
            ("resnet50.onnx", ["batch=1"], 4089184256, 3948251904),
            ("mobilenet_v2.onnx", ["batch=1"], 300774272, 299676304),
            ("bert_base.onnx", ["batch=1"], 11173625856, 11173625856),
            ("vit_b_16.onnx", ["batch=1"], 17563828224, 17563828224),
            ("lstm_tagger.onnx", ["batch=1", "steps=1"], 796672, 796672),
            ("llama_8b.config.json", [], 3911104593920, 3876811964416),
        ]:
            path = os.path.join(self.folder.name, name)
            found = self.json_of(path, *(word for dim in dims for word in ("--dim", dim)))
            self.assertEqual(found["macs"], {"dense": dense, "in_bounds": in_bounds}, name)
            self.assertEqual(found["not_understood"], [], name)
        detector = self.json_of(
            os.path.join(self.folder.name, "detector.onnx"),
            *["--dim", "batch=1", "--dim", "height=64", "--dim", "width=64"],
        )
        self.assertEqual(detector["not_understood"], [])
        # Sizes of 1 do not fit; both refusals name ones that do, to paste.
        path = os.path.join(self.folder.name, "detector.onnx")
        for refusal in [self.refused(path), self.refused(path, "--dim", "*=1")]:
            pasted = re.findall(r"--dim ([a-z]+=\d+)", refusal)
            self.assertIn("height=224", pasted, refusal)
            words = [word for dim in {"batch=1", *pasted} for word in ("--dim", dim)]
            self.assertEqual(self.json_of(path, *words)["not_understood"], [])

    def test_training(self):
        forward = self.json_of(self.write(network(1)))
        data = self.json_of(self.write(network(1)), "--pass", "training")
        self.assertGreater(data["macs"]["dense"], 2 * forward["macs"]["dense"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
