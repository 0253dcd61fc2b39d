#!/usr/bin/env python3
"""The lines of docs/table.md that import results into other tools do so; tools that are not installed are passed
over, but for Python's own SQLite. Called with the path of flopmeter."""
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.argv.pop(1)
SOURCE = pathlib.Path(__file__).resolve().parent.parent
RECORDED = SOURCE / "results" / "recorded" / "xeon-amx-2-cores.jsonl"
PAGE = (SOURCE / "docs" / "table.md").read_text(encoding="utf-8")


def block(language, word):
    """The block of the page in that language that has the word."""
    return next(text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if word in text)


class Import(unittest.TestCase):
    def run_in_folder(self, *command):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(RECORDED, pathlib.Path(folder, "results.jsonl"))
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in ("conv2d", "lstm"):
            self.assertIn(word, done.stdout)

    def test_sqlite(self):
        self.run_in_folder(sys.executable, "-c", block("python", "sqlite3"))

    @unittest.skipUnless(importlib.util.find_spec("pandas"), "pandas is not installed")
    def test_pandas(self):
        self.run_in_folder(sys.executable, "-c", block("python", "pandas"))

    @unittest.skipUnless(shutil.which("duckdb"), "DuckDB is not installed")
    def test_duckdb(self):
        self.run_in_folder("duckdb", "-c", block("sql", "SELECT"))


if __name__ == "__main__":
    unittest.main()
