"""Language models that run: GGUF files with weights and without, config.json, what is refused. Speed is never judged."""

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def q8_0(rng, count):
    out = b""
    for _ in range(count // 32):
        out += struct.pack("<e", rng.uniform(0.0005, 0.001))
        out += struct.pack("<32b", *[rng.randint(-127, 127) for _ in range(32)])
    return out


def q4_0(rng, count):
    out = b""
    for _ in range(count // 32):
        out += struct.pack("<e", rng.uniform(0.01, 0.02)) + rng.randbytes(16)
    return out


def f32(rng, count):
    return struct.pack(f"<{count}f", *[rng.uniform(0.5, 1.5) for _ in range(count)])


TYPES = {"f32": (0, f32), "q4_0": (2, q4_0), "q8_0": (8, q8_0), "q5_0": (6, None)}


def gguf(kind="q8_0", data=True, missing=(), architecture="llama"):
    """One hidden size of 64, two layers, four heads that share two of keys."""
    settings = [("embedding_length", 64), ("block_count", 2), ("feed_forward_length", 96),
                ("attention.head_count", 4), ("attention.head_count_kv", 2), ("context_length", 512)]
    tensors = [("token_embd.weight", (64, 96), kind), ("output_norm.weight", (64,), "f32"),
               ("output.weight", (64, 96), kind)]
    for i in range(2):
        b = f"blk.{i}."
        tensors += [(b + "attn_norm.weight", (64,), "f32"), (b + "ffn_norm.weight", (64,), "f32"),
                    (b + "attn_q.weight", (64, 64), kind), (b + "attn_k.weight", (64, 32), kind),
                    (b + "attn_v.weight", (64, 32), kind), (b + "attn_output.weight", (64, 64), kind),
                    (b + "ffn_gate.weight", (64, 96), kind), (b + "ffn_up.weight", (64, 96), kind),
                    (b + "ffn_down.weight", (96, 64), kind)]
    tensors = [t for t in tensors if t[0] not in missing]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings) + 1)
    head += text("general.architecture") + struct.pack("<I", 8) + text(architecture)
    for key, value in settings:
        head += text(f"{architecture}.{key}") + struct.pack("<II", 4, value)
    body = b""
    rng = random.Random(1)
    for name, dims, stored in tensors:
        body += bytes(-len(body) % 32)
        head += text(name) + struct.pack("<I", len(dims))
        head += b"".join(struct.pack("<Q", d) for d in dims)
        head += struct.pack("<IQ", TYPES[stored][0], len(body))
        if data and TYPES[stored][1]:
            count = 1
            for d in dims:
                count *= d
            body += TYPES[stored][1](rng, count)
    return head + (bytes(-len(head) % 32) + body if data else b"")


LLAMA = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "intermediate_size": 96, "vocab_size": 96}


class LanguageTime(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, data, name="model.gguf"):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else json.dumps(data).encode())
        return path

    def call(self, *arguments):
        return subprocess.run([PROGRAM, "model", *arguments, "--time", "--seconds", "0.01"],
                              capture_output=True, text=True, timeout=300)

    def timed(self, *arguments):
        done = self.call(*arguments, "--check", "--json")
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)
        return json.loads(done.stdout)

    def refused(self, *arguments):
        done = self.call(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def test_weights_of_the_file(self):
        for kind in ("q8_0", "q4_0", "f32"):
            for architecture in ("llama", "qwen2"):  # rotary pairs are neighbours, and halves
                path = self.write(gguf(kind, architecture=architecture))
                ran = self.timed(path, "--phase=decode", "--past", "40", "--cache-dtype", "f32")
                self.assertFalse(ran["random_weights"])
                self.assertEqual(ran["dtype"], "f32" if kind == "f32" else kind)
                self.assertTrue(ran["agreement"]["agrees"])
                self.assertLess(ran["agreement"]["max_error"], 1e-3)

    def test_what_a_token_reads(self):
        ran = self.timed(self.write(gguf()), "--phase=decode", "--past", "31", "--cache-dtype", "f32")
        matrices = 2 * (64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 96) + 64 * 96 + 64  # and a row of the embedding
        self.assertEqual(ran["weight_bytes_read"], matrices // 32 * 34)
        token = 2 * 2 * (16 + 16) * 4  # layers, heads, key and value
        self.assertEqual(ran["cache"]["bytes_per_token"], token)
        self.assertEqual(ran["cache_bytes_read"], 32 * token + token)  # seen, and appended
        self.assertAlmostEqual(ran["tokens_per_second"] * ran["latency_seconds"], 1)
        self.assertEqual(len(ran["nodes"]), 1 + 2 * 6 + 1 + 1)
        for node in ran["nodes"]:
            self.assertTrue({"name", "fused", "seconds", "bound"} <= set(node))
        self.assertIn("layers.1.ffn.gate", [f for n in ran["nodes"] for f in n["fused"]])

    def test_phases_depths_threads(self):
        config = self.write(LLAMA, "config.json")
        ran = self.timed(config, "--phase=decode", "--past", "16,64", "--batch", "2")
        self.assertEqual([r["past"] for r in ran["by_depth"]], [16, 64])
        self.assertTrue(ran["random_weights"])
        ran = self.timed(config, "--tokens", "50", "--past", "7")
        self.assertEqual((ran["phase"], ran["tokens"], ran["past"]), ("prefill", 50, 7))
        self.assertEqual(self.timed(self.folder.name, "--dtype", "bf16")["cache"]["dtype"], "bf16")
        self.assertEqual(self.timed(config, "--dtype", "q8_0")["weights"]["stored"], "q8_0")

    def test_a_header_without_tensors_is_drawn(self):
        ran = self.timed(self.write(gguf(data=False)), "--phase=decode")
        self.assertTrue(ran["random_weights"])
        self.assertEqual(ran["dtype"], "q8_0")

    def test_refused(self):
        experts = dict(LLAMA, model_type="mixtral", num_local_experts=4, num_experts_per_tok=2)
        self.assertIn("experts", self.refused(self.write(experts, "config.json")))
        latent = dict(LLAMA, model_type="deepseek_v2", kv_lora_rank=16, qk_nope_head_dim=8,
                      qk_rope_head_dim=8, v_head_dim=16)
        self.assertIn("MLA", self.refused(self.write(latent, "config.json")))
        self.assertIn("q5_0", self.refused(self.write(gguf("q5_0", data=False) + bytes(1 << 20))))
        path = self.write(gguf(missing=("blk.1.ffn_down.weight",)))
        self.assertIn("blk.1.ffn_down.weight", self.refused(path))
        path = self.write(LLAMA, "config.json")
        self.assertIn("--dtype 's8'", self.refused(path, "--dtype", "s8"))
        self.assertIn("q4_k needs a multiple of 256", self.refused(path, "--dtype", "q4_k"))
        self.assertIn("--cache-dtype", self.refused(path, "--cache-dtype", "f64"))
        self.assertIn("--instances", self.refused(path, "--instances", "2"))
        large = dict(LLAMA, hidden_size=65536, num_hidden_layers=200, intermediate_size=262144,
                     num_attention_heads=64)
        self.assertIn("of memory", self.refused(self.write(large, "config.json")))


if __name__ == "__main__":
    unittest.main()
