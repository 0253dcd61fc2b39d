#!/usr/bin/env python3
"""docs/worked.md is what docs/worked.py writes: called with the path of flopmeter."""
import importlib.util
import os
import pathlib
import sys
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"

spec = importlib.util.spec_from_file_location("worked", DOCS / "worked.py")
worked = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worked)


class Worked(unittest.TestCase):
    def test_the_page_is_current(self):
        self.assertEqual((DOCS / "worked.md").read_text(encoding="utf-8"), worked.page(PROGRAM),
                         "docs/worked.py build/release/flopmeter > docs/worked.md writes it anew")

    def test_every_model_of_a_guide_has_its_page(self):
        """A claim with several layers and numbers of its own is about a model."""
        document = worked.json.loads(worked.CLAIMS.read_text(encoding="utf-8"))
        models = {str(worked.parts_of(claim)) for claim in document["claims"]
                  if "layers" in claim and "examples" in claim and claim["id"] != "S2-mlp-params"}
        claims = {claim["id"]: claim for claim in document["claims"]}
        shown = {str(worked.parts_of(claims[name])) for ids in worked.MODELS.values() for name in ids}
        self.assertEqual(models - shown, set())

    def test_shapes_are_filled_in(self):
        self.assertEqual(worked.filled("mb{b*s}ic{e/h}sh{stride=1}", {"b": 2, "s": 5, "e": 8, "h": 4}), "mb10ic2sh1")
        self.assertRaises(ValueError, worked.filled, "ic{e/h}", {"e": 7, "h": 2})


if __name__ == "__main__":
    unittest.main()
