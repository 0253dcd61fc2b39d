"""Small programs in C that are built here and held against flopmeter exec."""
import json
import os
import subprocess
import tempfile
import unittest


def run(*command, **options):
    return subprocess.run(command, capture_output=True, check=False, timeout=240, **options)


class Built(unittest.TestCase):
    program = ""  # flopmeter

    def build(self, folder, source, *options):
        path = os.path.join(folder, "program")
        built = run("gcc", "-O1", "-xc", "-", "-o", path, *options, input=source.encode())
        if built.returncode != 0:
            self.skipTest(built.stderr.decode())
        return path

    def counted(self, *command, environment=None, options=()):
        """What is counted of a program that prints and ends as it does by itself."""
        environment = {**os.environ, **(environment or {})}
        alone = run(*command, env=environment)
        with tempfile.TemporaryDirectory() as folder:
            counts = os.path.join(folder, "counts.json")
            done = run(self.program, "exec", "--json", "-o", counts, *options, "--", *command,
                       env=environment)
            self.assertEqual((done.stdout, done.stderr, done.returncode),
                             (alone.stdout, alone.stderr, alone.returncode))
            with open(counts, encoding="utf-8") as file:
                return json.load(file)

    def flops(self, *command, **options):
        """FLOPs (exact) of such a program, of which nothing is remarked."""
        found = self.counted(*command, **options)
        self.assertEqual([line for line in found["remarks"] if "rep prefix" not in line], [])
        return found["flops_exact"]["active"]
