#!/usr/bin/env python3
"""flopmeter report as a user meets it: files in, files out. Called with the path of flopmeter."""
import csv
import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = os.path.abspath(sys.argv.pop(1))
FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "results" / "report" / "fixture.jsonl"

RECORDED = FIXTURE.parent.parent / "recorded" / "xeon-amx-2-cores.jsonl"


class Report(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)

    def report(self, *args, code=0):
        done = subprocess.run([PROGRAM, "report", *map(str, args)], capture_output=True, text=True,
                              cwd=self.path, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def refused(self, *args):
        error = self.report(*args, code=2).stderr
        self.assertEqual(error.count("\n"), 1, error)
        return error

    def test_all_outputs(self):
        self.report(FIXTURE, "-o", "r.html", "--svg", "r.svg", "--markdown", "r.md")
        page = (self.path / "r.html").read_text(encoding="utf-8")
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        drawing = xml.etree.ElementTree.parse(self.path / "r.svg")
        points = drawing.findall(".//{http://www.w3.org/2000/svg}path[@class='point']")
        self.assertGreater(len(points), 20)
        text = (self.path / "r.md").read_text(encoding="utf-8")
        self.assertIn("lstm/forward/eigen/f32/t2mb1slc3: multiplies: 96 stated, 97 counted", text)
        self.assertNotIn("<script>", text)
        for line in text.split("\n"):
            self.assertFalse(line.startswith("|") and not line.endswith("|"), line)

    def test_markdown_is_short_enough_to_paste(self):
        self.report(RECORDED, "--markdown", "r.md")
        text = (self.path / "r.md").read_text(encoding="utf-8")
        self.assertLess(len(text), 4000)
        for topic in ("fastest", "slowest", "bound by", "refuted", "noise", "| layer |", "| conv2d |"):
            self.assertIn(topic, text)

    def test_table(self):
        def table(*args):
            return subprocess.run([PROGRAM, "table", RECORDED, "--where", "threads=1", *args], check=True,
                                  capture_output=True, text=True).stdout
        rows = list(csv.DictReader(io.StringIO(table("--by", "layer,backend", "--value", "seconds", "--csv"))))
        with open(RECORDED, encoding="utf-8") as file:
            records = [row for row in map(json.loads, file) if row["type"] == "record"]
        times = [row["seconds"] for row in records if row["seconds"] is not None and row["threads"] == 1
                 and (row["layer"], row["backend"]) == ("conv2d", "onednn")]
        conv2d = next(row for row in rows if row["layer"] == "conv2d")
        self.assertEqual(float(conv2d["onednn"]), statistics.median(times))
        self.assertIn("| conv2d |", table("--markdown"))
        self.assertRegex(table(), r"(?m)^layer +eigen +onednn$")

    def test_the_same_file_twice_changes_nothing(self):
        self.report(FIXTURE, "--svg", "one.svg")
        self.report(FIXTURE, FIXTURE, "--svg", "two.svg")
        self.assertEqual((self.path / "one.svg").read_bytes(), (self.path / "two.svg").read_bytes())

    def test_file_without_records(self):
        with open(FIXTURE, encoding="utf-8") as file:
            (self.path / "empty.jsonl").write_text(file.readline(), encoding="utf-8")
        self.report("empty.jsonl", "-o", "r.html")
        self.assertIn("The files hold no record", (self.path / "r.html").read_text(encoding="utf-8"))

    def test_bad_input_names_the_file(self):
        self.assertIn("absent.jsonl", self.refused("absent.jsonl", "-o", "r.html"))
        (self.path / "other.txt").write_text("something else", encoding="utf-8")
        self.assertIn("other.txt", self.refused("other.txt", "-o", "r.html"))
        self.assertIn("no/such/folder", self.refused(FIXTURE, "-o", "no/such/folder/r.html"))
        self.assertIn("at least one output", self.refused(FIXTURE))
        self.assertFalse((self.path / "r.html").exists())

    def test_results_are_never_overwritten(self):
        copy = self.path / "copy.jsonl"
        copy.write_bytes(FIXTURE.read_bytes())
        self.assertIn("copy.jsonl", self.refused(copy, "-o", copy))
        self.assertEqual(copy.read_bytes(), FIXTURE.read_bytes())


if __name__ == "__main__":
    unittest.main()
