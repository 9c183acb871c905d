"""axe-core in a page that is open: what is wrong for people who see, hear or move otherwise.

All rules are asked in light. What the dark theme changes are colours alone (`light-dark()` in `tokens.css`; no style
asks for the scheme otherwise, which `tests/ui/test_kit.py` holds), so there the rules about colours are enough.
"""

from tests.conftest import ROOT

FILE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]

# Only what is wrong is described in full: to describe what passed takes twice as long as to find it.
ASK = """([kind, names]) => axe.run(document, {runOnly: {type: kind, values: names}, resultTypes: ["violations"]})
  .then(found => [
    found.passes.length,
    found.violations.map(v => [v.id, v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(" ")]),
  ])"""


def violations(page, only=None):
    """What is wrong as (rule, words), by all rules or `only` some; a page gets the script once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(FILE.read_text(encoding="utf-8"))
    passed, wrong = page.evaluate(ASK, ["rule", only] if only else ["tag", RULES])
    assert only or passed > 10, "axe has asked next to nothing"
    return [tuple(one) for one in wrong]
