#!/usr/bin/env python3
"""The page of flopmeter report in a browser, without a screen: called with the path of flopmeter."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
SOURCE = pathlib.Path(__file__).resolve().parent.parent
FIXTURE = SOURCE / "results" / "report" / "fixture.jsonl"
RECORDED = SOURCE / "results" / "recorded" / "xeon-amx-2-cores.jsonl"
CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
SKIPPED = 77  # what ctest takes for skipped

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select
    MISSING = "" if CHROMIUM and DRIVER else "chromium or chromedriver is not installed"
except ImportError as error:
    MISSING = f"python3-selenium is not installed: {error}"


POINTS = "#roofline-chart .chart path.mark"


def report(*args):
    done = subprocess.run([PROGRAM, "report", *map(str, args)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{args}: exit code {done.returncode}: {done.stderr}")


def records():
    """The rows that count, by environment, name, threads and cache, and the environments in order."""
    rows, environments = {}, []
    with open(FIXTURE, encoding="utf-8") as file:
        for line in map(json.loads, file):
            if line["type"] == "environment":
                environments.append(line["fingerprint"])
            if line["type"] == "record":
                rows[line["environment"], line["name"], line["threads"], line["cache"]] = line
    return list(rows.values()), environments


def start(directory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    # As root, as in a container, Chromium does not start with its sandbox.
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--hide-scrollbars", "--no-first-run", "--disable-background-networking", f"--user-data-dir={directory}/profile"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(DRIVER), options=options)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.page = pathlib.Path(cls.directory.name) / "report.html"
        report(FIXTURE, "-o", cls.page)
        cls.browser = start(cls.directory.name)
        cls.rows, cls.environments = records()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.directory.cleanup()

    def setUp(self):
        self.resize(1280)
        self.browser.get_log("performance")
        self.browser.get(self.page.as_uri())

    def resize(self, width, height=900):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def count(self, selector):
        return self.browser.execute_script("return document.querySelectorAll(arguments[0]).length", selector)

    def texts(self, selector):
        """What is seen of each, asked for once: a page has thousands of cells."""
        return self.browser.execute_script("""
            return [...document.querySelectorAll(arguments[0])].map(
                (node) => node.getClientRects().length ? node.innerText.trim() : "")""", selector)

    def click(self, node):
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", node)
        node.click()

    def points(self):
        return self.all(POINTS)

    def expected(self, backend=None):
        return [row for row in self.rows if row["environment"] == self.environments[0] and row["seconds"]
                and row["gflops"] and row["intensity"] and backend in (None, row["backend"])]

    def test_needs_neither_network_nor_mercy(self):
        errors = [entry for entry in self.browser.get_log("browser") if entry["level"] != "INFO"]
        self.assertEqual(errors, [])
        urls = []
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        self.assertTrue(any(url.startswith("file://") for url in urls), urls)
        self.assertEqual([url for url in urls if not url.startswith(("file://", "data:"))], [])

    def test_page_without_records(self):
        empty = pathlib.Path(self.directory.name) / "empty.jsonl"
        with open(FIXTURE, encoding="utf-8") as file:
            empty.write_text(file.readline(), encoding="utf-8")
        report(empty, "-o", f"{empty}.html")
        self.browser.get_log("browser")
        self.browser.get(pathlib.Path(f"{empty}.html").as_uri())
        self.assertEqual([entry for entry in self.browser.get_log("browser") if entry["level"] != "INFO"], [])
        self.assertIn("The files hold no record", self.one("main").text)

    def test_hovering_a_point_shows_its_row(self):
        self.assertEqual(self.count(POINTS), len(self.expected()))
        point = self.points()[0]
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", point)
        ActionChains(self.browser).move_to_element(point).perform()
        tooltip = self.one("#tooltip")
        self.assertTrue(tooltip.is_displayed())
        lowest = min(self.expected(), key=lambda row: row["intensity"])
        for part in [lowest["layer"], " GFLOPS (", "in-bounds)", "FLOP/byte", "% of the roof", "bound: ",
                     "status "]:
            self.assertIn(part, tooltip.text)
        self.assertEqual(point.get_attribute("aria-label"), "; ".join(tooltip.text.split("\n")))

    def test_keyboard_goes_from_point_to_point(self):
        self.browser.execute_script(
            "document.querySelector('#roofline-chart .mark[tabindex=\"0\"]').focus()")
        first = self.one("#tooltip").text
        self.browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        second = self.one("#tooltip").text
        self.assertTrue(first and second and first != second)
        self.assertEqual(len(self.all("#roofline-chart .mark[tabindex='0']")), 1)
        self.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
        self.assertFalse(self.one("#tooltip").is_displayed())

    def test_tab_reaches_every_chart(self):
        self.browser.execute_script("""
            window.reached = [];
            document.addEventListener("focusin", (event) => {
              window.reached.push(event.target.closest("figure")?.id ?? ""); });""")
        self.one("body").send_keys(Keys.TAB * 200)
        reached = set(self.browser.execute_script("return window.reached"))
        self.assertLessEqual({"bars-chart", "scatter-chart", "roofline-chart", "scaling-chart"}, reached)

    def test_filters(self):
        self.click(self.one(".filters input[value='eigen']"))
        self.assertEqual(self.count(POINTS), len(self.expected("onednn")))
        self.assertIn(f"{len(self.expected('onednn'))} of", self.one("#roofline-chart output").text)
        self.click(self.one(".filters input[value='eigen']"))
        self.assertEqual(self.count(POINTS), len(self.expected()))
        Select(self.one(".filters select[name='layer']")).select_by_value("matmul")
        self.assertEqual(self.count(POINTS), sum(row["layer"] == "matmul" for row in self.expected()))
        Select(self.one(".filters select[name='layer']")).select_by_value("")
        Select(self.one(".filters select[name='environment']")).select_by_value("1")
        other = [row for row in self.rows if row["environment"] == self.environments[1] and row["gflops"]]
        self.assertEqual(self.count(POINTS), len(other))

    def several(self, machines):
        """A page of the recorded run as if so many machines had made it."""
        base = pathlib.Path(self.directory.name) / f"recorded-{machines}"
        text = RECORDED.read_text(encoding="utf-8")
        own = json.loads(text.split("\n", 1)[0])["fingerprint"]
        with open(f"{base}.jsonl", "w", encoding="utf-8") as file:
            for machine in range(machines):
                file.write(text.replace(own, own[:-1] + "abc"[machine]))
        report(f"{base}.jsonl", "-o", f"{base}.html")
        return pathlib.Path(f"{base}.html").as_uri()

    def test_the_first_screen_holds_machine_picture_and_findings(self):
        """Without scrolling, at the width of a screen and of a telephone, 900 pixels high."""
        topics = ["fastest", "slowest", "bound by", "refuted", "noise"]
        for machines in (1, 2, 3):
            page = self.several(machines)
            for width in (1280, 390):
                with self.subTest(machines=machines, width=width):
                    self.resize(width)
                    self.browser.get(page)
                    self.assertEqual(self.count(".machine"), machines)
                    self.assertEqual(self.count(".first-chart svg.chart"), machines)
                    self.assertEqual(self.texts(".findings tbody th"), topics)
                    self.assertEqual(self.count(".findings tbody td"), machines * len(topics))
                    shown = self.browser.execute_script("""
                        return [...document.querySelectorAll(".machine, .first-chart svg.chart, .findings td")].map(
                            (node) => [node.getBoundingClientRect(), getComputedStyle(node).visibility, node.outerHTML])""")
                    for box, visibility, node in shown:
                        self.assertEqual(visibility, "visible", node)
                        self.assertGreater(box["width"] * box["height"], 0, node)
                        self.assertLessEqual(box["bottom"], 900, node)
                    self.assertGreater(self.count(".first-chart path.mark"), 100 * machines)
                    self.assertTrue(all("Intel" in line for line in self.texts(".machine")))
                    needed = self.browser.execute_script("return document.documentElement.scrollWidth")
                    self.assertLessEqual(needed, width)

    def test_long_tables_are_closed_or_keep_their_heading(self):
        self.browser.get(self.several(1))
        for rows, opened, text in self.browser.execute_script("""
                return [...document.querySelectorAll("details:not(.filters)")].map((details) =>
                    [details.querySelectorAll("tbody tr").length, details.open, details.textContent])"""):
            self.assertEqual(opened, rows <= 30, text[:1000])
        self.open_rows()
        places = self.browser.execute_script("""
            const scroll = document.getElementById("all-rows").closest(".scroll");
            scroll.scrollTop = 2000;
            return [scroll.scrollTop, scroll.getBoundingClientRect().top,
                    scroll.querySelector("th").getBoundingClientRect().top]""")
        self.assertEqual(places[0], 2000)
        self.assertAlmostEqual(places[1], places[2], delta=2)

    def test_the_appendix_is_last(self):
        titles = self.texts("main section h2")
        self.assertTrue(titles[-1].startswith("Appendix"), titles)

    def open_rows(self):
        self.browser.execute_script(
            "document.querySelectorAll('details').forEach((details) => { details.open = true; })")

    def column(self, heading):
        place = self.texts("#all-rows th").index(heading) + 1
        return self.all("#all-rows th button")[place - 1], self.texts(f"#all-rows tbody tr td:nth-child({place})")

    def test_tables_are_sorted_by_numbers(self):
        self.open_rows()
        button, before = self.column("GFLOPS")
        self.browser.execute_script("arguments[0].focus()", button)
        button.send_keys(Keys.ENTER)
        _, after = self.column("GFLOPS")
        self.assertEqual(sorted(before), sorted(after))
        numbers = [float(text) for text in after if text != "-"]
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual(set(after[len(numbers):]), {"-"})
        header = self.browser.execute_script("return arguments[0].parentNode", button)
        self.assertEqual(header.get_attribute("aria-sort"), "ascending")
        self.click(button)
        _, after = self.column("GFLOPS")
        self.assertEqual([float(text) for text in after if text != "-"], sorted(numbers, reverse=True))
        self.assertEqual(header.get_attribute("aria-sort"), "descending")

    def test_search(self):
        self.open_rows()
        self.one("#rows input[type='search']").send_keys("conv2d onednn")
        shown = [row for row in self.texts("#all-rows tbody tr") if row]
        expected = [row for row in self.rows if row["layer"] == "conv2d" and row["backend"] == "onednn"]
        self.assertEqual(len(shown), len(expected))
        self.assertTrue(all("conv2d" in row and "onednn" in row for row in shown))
        self.assertIn(f"{len(expected)} of {len(self.rows)} rows", self.one("#rows output").text)

    def test_labels_are_text(self):
        self.open_rows()
        labels = self.texts("#all-rows td")
        self.assertTrue(any(label.startswith("</script><script>alert(") for label in labels))

    def background(self):
        return self.browser.execute_script("return getComputedStyle(document.body).backgroundColor")

    def test_theme(self):
        light = self.background()
        self.click(self.one("#theme"))
        dark = self.background()
        self.assertNotEqual(light, dark)
        self.click(self.one("#theme"))
        self.assertEqual(self.background(), light)
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        try:
            self.browser.refresh()
            self.assertEqual(self.background(), dark)
        finally:
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def test_nothing_overflows(self):
        for width in [390, 1280]:
            self.resize(width)
            self.browser.refresh()
            self.open_rows()
            needed = self.browser.execute_script("return document.documentElement.scrollWidth")
            self.assertLessEqual(needed, width)

    def test_without_scripts_the_roofline_is_a_drawing(self):
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.browser.get(self.page.as_uri())
            self.assertEqual(len(self.all(".first-chart svg.roofline-svg")), len(self.environments))
        finally:
            self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


if __name__ == "__main__":
    if MISSING:
        print(f"skipped: {MISSING}")
        sys.exit(SKIPPED)
    unittest.main()
