#!/usr/bin/env python3
"""The pages of networks, plans and fleets in a browser, without a screen: called with the path of flopmeter."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from report_browser_test import MISSING, PROGRAM, SKIPPED, start

if not MISSING:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

MAKE = pathlib.Path(__file__).resolve().parent.parent / "bench" / "make_results.py"
WIDTHS = (1280, 500, 390)


def node(name, layer, seconds, **more):
    return {"name": name, "kind": "node", "layer": layer, "shape": "mb1", "seconds": seconds, "share_of_roof": 0.5,
            "alone_warm_seconds": 0.8 * seconds, "flops": 1e9 * seconds, "bound": "compute", "fused": [], "after": [],
            "backend": "onednn", "dtype": "f32", "implementation": "jit",
            "bytes": {"weights": 1000, "read": 2000, "written": 3000}} | more


def times():
    nodes = [node(f"/block{i}/conv{j}/Conv", "conv2d", 1e-4 * (i + j)) for i in range(1, 5) for j in range(1, 5)]
    nodes += [node("/head/fc/Gemm", "linear", 3e-4, bound="overhead"),
              {"name": "reorder of x", "kind": "reorder", "layer": "reorder", "shape": "any", "seconds": 1e-4},
              {"name": "clock", "kind": "clock", "layer": "clock", "shape": "", "seconds": 1e-6}]
    one = {"latency_seconds": sum(row["seconds"] for row in nodes), "nodes": nodes, "threads": 1, "batch": 1, "runs": 5,
           "peak_flops_per_second": 1e11, "bandwidth_bytes_per_second": 1e10, "inferences_per_second": 100.0}
    two = one | {"threads": 2}
    return one | {"path": "folder/net<b>.onnx", "dtype": "f32", "by_threads": [one, two]}


def plans():
    runs = []
    for machine, speed in (("a.json", 1), ("b.json", 2)):
        for batch in (1, 4, 16):
            seconds = 0.01 * batch ** 0.8 / speed
            runs.append({"machine": machine, "threads": 2, "batch": batch, "dtype": "f32",
                         "predicted_seconds": seconds, "interval_seconds": [0.8 * seconds, 1.3 * seconds],
                         "level": 0.9, "inferences_per_second": batch / seconds, "memory_bytes": 1e8,
                         "share_outside_points": 0.25, "share_approximated": 0.0, "whole": True,
                         "bound": "compute", "meets": "yes" if seconds < 0.03 else "no", "measured_seconds": None,
                         "cost_per_million": speed ** 1.5 * seconds / batch, "pareto": True})
    return {"model": "net.onnx", "plans": runs, "changes": [], "not_predicted": [], "unfused": "", "in_caches": "",
            "inference": "", "intervals": "90 %", "unproved": "", "left_out": ""}


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.browser = start(folder.name)
        cls.addClassCleanup(cls.browser.quit)

    def run_it(self, *args):
        done = subprocess.run([PROGRAM, *map(str, args)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def page_of(self, name, what):
        (self.folder / f"{name}.json").write_text(json.dumps(what), encoding="utf-8")
        self.run_it("report", self.folder / f"{name}.json", "-o", self.folder / f"{name}.html")
        return (self.folder / f"{name}.html").as_uri()

    def fleet(self):
        subprocess.run([sys.executable, MAKE, self.folder / "fleet", "--rows", "600", "--machines", "3", "--files", "2"],
                       check=True)
        self.run_it("fleet", "report", self.folder / "fleet", "-o", self.folder / "fleet.html")
        return (self.folder / "fleet.html").as_uri()

    def open(self, page, width):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.browser.get_log("browser")
        self.browser.get_log("performance")
        self.browser.get(page)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def works(self, page, marks):
        """No error, nothing asked of a network, nothing too wide; so many marks in each chart."""
        for width in WIDTHS:
            self.open(page, width)
            self.assertEqual([one for one in self.browser.get_log("browser") if one["level"] != "INFO"], [])
            urls = [json.loads(one["message"])["message"] for one in self.browser.get_log("performance")]
            urls = [one["params"]["request"]["url"] for one in urls if one["method"] == "Network.requestWillBeSent"]
            self.assertEqual([url for url in urls if not url.startswith(("file://", "data:"))], [])
            self.browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            self.assertLessEqual(self.browser.execute_script("return document.documentElement.scrollWidth"), width)
            for chart, count in marks.items():
                found = self.all(f"#{chart}-chart .mark:not(figcaption .mark)")
                self.assertEqual(len(found), count, (chart, width))
                for one in found:
                    self.assertTrue(one.get_attribute("aria-label"))
            for text in self.all(".chart .mark"):
                self.assertNotIn("NaN", text.get_attribute("transform") or "")

    def tooltip(self, chart):
        mark = self.all(f"#{chart}-chart .chart .mark")[0]
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
        ActionChains(self.browser).move_to_element(mark).perform()
        return self.browser.find_element(By.ID, "tooltip").text

    def test_a_network(self):
        page = self.page_of("times", times())
        self.works(page, {"where": 2 * 4, "gap": 2 * 5, "modules": 19, "nodes-roofline": 17})
        self.open(page, 1280)
        self.assertIn("ms", self.tooltip("where"))
        self.assertIn("% of its roof", self.tooltip("nodes-roofline"))
        self.assertIn("net<b>.onnx", self.all("h1")[0].text)
        self.assertEqual(len(self.all("#all-nodes tbody tr")), 19)
        self.browser.execute_script("document.querySelector('#modules-chart .mark[tabindex=\"0\"]').focus()")
        first = self.browser.find_element(By.ID, "tooltip").text
        self.browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        self.assertNotEqual(self.browser.find_element(By.ID, "tooltip").text, first)

    def test_a_plan(self):
        page = self.page_of("plans", plans())
        self.works(page, {"front": 6, "cost": 6, "combinations": 6})
        self.open(page, 1280)
        hollow = self.all("#front-chart .chart .mark.hollow")
        self.assertEqual(len(hollow), sum(run["meets"] == "no" for run in plans()["plans"]))
        self.assertEqual(len(self.all("#front-chart .interval")), 6)
        self.assertEqual(len(self.all("#front-chart .front")), 1)
        self.assertIn("90.0 % interval", self.tooltip("front"))

    def test_a_fleet(self):
        page = self.fleet()
        self.works(page, {"fleet-machines": 3, "fleet-nodes": 6})
        self.assertEqual(len(self.all("#kinds tbody tr")), 3)
        self.assertIn("no row of a network", self.all("#fleet-networks")[0].text)

    def test_what_is_not_whole_is_refused(self):
        for what, says in (({"latency_seconds": 1, "nodes": [{"name": "a"}]}, "seconds"), ({"plans": [{}]}, "interval_seconds"),
                           ({"plans": []}, "no combination")):
            path = self.folder / "broken.json"
            path.write_text(json.dumps(what), encoding="utf-8")
            done = subprocess.run([PROGRAM, "report", path, "-o", self.folder / "x.html"], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn(says, done.stderr)
            self.assertIn("broken.json", done.stderr)


if __name__ == "__main__":
    if MISSING:
        print(f"skipped: {MISSING}")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
