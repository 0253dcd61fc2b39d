#!/usr/bin/env python3
"""merge, report and compare of many rows: memory grows by a few bytes a row, pages not at all. Called with the path of
flopmeter."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
MAKE = pathlib.Path(__file__).resolve().parent.parent / "bench" / "make_results.py"
FEW, MANY = 4000, 24000
BYTES_A_ROW = 700  # a row in a file has about 2,000


def made(folder, rows, *options):
    subprocess.run([sys.executable, MAKE, folder, "--rows", str(rows), *options], check=True)
    return sorted(str(path) for path in pathlib.Path(folder).glob("*.jsonl"))


class Streaming(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.files = {rows: made(f"{cls.folder}/{rows}", rows, "--machines", "2") for rows in (FEW, MANY)}

    def run_it(self, *args, code=0):
        """Standard output, and the most memory that was used, in bytes."""
        with open(f"{self.folder}/out", "w+b") as out:
            with subprocess.Popen([PROGRAM, *args], stdout=out) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, code, args)
            out.seek(0)
            return out.read().decode(), 1024 * usage.ru_maxrss

    def bounded(self, args_of, code=0):
        """What it prints of many rows; its memory is held against that of few."""
        _, few = self.run_it(*args_of(FEW), code=code)
        out, many = self.run_it(*args_of(MANY), code=code)
        self.assertLess(many - few, BYTES_A_ROW * (MANY - FEW) + (4 << 20), (few, many))
        return out

    def test_merge(self):
        out = self.bounded(lambda rows: ["merge", f"{self.folder}/{rows}", "-o", f"{self.folder}/merged-{rows}.jsonl"])
        self.assertIn(f"2 files, {MANY} rows, 0 repeats", out)
        with open(f"{self.folder}/merged-{MANY}.jsonl", encoding="utf-8") as file:
            lines = file.readlines()
        self.assertEqual(len(lines), MANY + 2)
        originals = set()
        for path in self.files[MANY]:
            with open(path, encoding="utf-8") as file:
                originals.update(file)
        self.assertEqual(set(lines), originals)

    def test_report(self):
        page = pathlib.Path(self.folder, "page.html")
        self.bounded(lambda rows: ["report", *self.files[rows], "-o", page])
        text = page.read_text(encoding="utf-8")
        self.assertLess(len(text), 10_000_000)
        drawn = re.search(r"([\d,]+) of 24,000 rows are drawn", text)
        self.assertTrue(drawn)
        count = int(drawn[1].replace(",", ""))
        self.assertTrue(500 < count <= 1000, count)
        data = json.loads(re.search(r'id="report-data">(.*?)</script>', text, re.S)[1])
        self.assertLessEqual(len(data["points"]), count)
        # What is summed up is of all rows: so many are ok on each machine.
        for path in self.files[MANY]:
            steady = pathlib.Path(path).read_text(encoding="utf-8").count('"status":"ok"')
            self.assertTrue(f">{steady:,}</td>" in text, steady)

    def test_compare(self):
        out = self.bounded(lambda rows: ["compare", *self.files[rows]])
        self.assertRegex(out, r"400 of \d+ cases are listed")
        out, _ = self.run_it("compare", *self.files[MANY], "--json")
        found = json.loads(out)
        self.assertEqual(len(found["cases"]) + len(found["unpaired"]), MANY // 2)

    def test_many_machines_and_many_files(self):
        files = made(f"{self.folder}/fleet", 3600, "--machines", "12", "--files", "3")
        page = pathlib.Path(self.folder, "fleet.html")
        self.run_it("report", *files, "-o", page)
        text = page.read_text(encoding="utf-8")
        self.assertTrue("Of 12 environments those 6 with most rows are shown, and 1,800 rows of the others are not" in text)
        self.assertTrue("and 24 more" in text)


if __name__ == "__main__":
    unittest.main()
