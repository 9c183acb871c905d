import pytest
from django.template import Context, Template

from partners import marks
from partners.states import Level
from prm.ui import components as c
from prm.ui.icons import UnknownIcon, icon


def test_icon_is_decorative_and_sized_by_attributes():
    drawn = icon("users", 20)
    assert 'width="20" height="20"' in drawn
    assert 'aria-hidden="true"' in drawn
    assert "style" not in drawn
    assert "<!--" not in drawn


@pytest.mark.parametrize("name", ["no-such-icon", "../../package", "", "users.svg"])
def test_unknown_icon_is_loud(name):
    with pytest.raises(UnknownIcon):
        icon(name)


@pytest.mark.parametrize(("tier", "bars"), [("high", 3), ("medium", 2), ("low", 1)])
def test_tier_fills_as_many_bars_as_it_is_high(tier, bars):
    drawn = marks.tier(tier)
    assert drawn.count("prm-bars-on") == bars
    assert drawn.count("prm-bars-off") == 3 - bars
    assert tier.capitalize() in drawn


def test_unknown_values_are_a_dash():
    assert [
        marks.tier(None),
        marks.tier("gold"),
        marks.level(""),
        marks.score(None),
        c.dots(0, 0, "visits"),
    ] == ["–"] * 5


def test_levels_differ_in_shape():
    shapes = {marks.level(level).split("<svg")[1].split("</svg>")[0] for level in Level.values}
    assert len(shapes) == 4


def test_score_bar_is_as_long_as_the_score():
    assert 'width="24.1"' in marks.score(67, 6)
    assert "up 6" in marks.score(67, 6)
    assert "prm-change" not in marks.score(67)
    assert "<svg" not in marks.score(67, bar=False)
    assert 'width="36.0"' in marks.score(140)


def test_visits_draw_one_dot_per_planned_or_done_visit():
    assert (c.dots(3, 4, "visits").count("prm-dot-on"), c.dots(3, 4, "visits").count("prm-dot-off")) == (3, 1)
    assert c.dots(5, 4, "visits").count("prm-dot-on") == 5
    assert "<svg" not in c.dots(9, 12, "visits")
    assert "9 of 12" in c.dots(9, 12, "visits")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dana Whitaker", "DW"),
        ("Dr. Elena Marchetti", "EM"),
        ("cedar", "C"),
        ("", "?"),
        ("<b>", "?"),
        ("Mei-Lin Chow", "MC"),
    ],
)
def test_initials(name, letters):
    assert c.initials(name) == letters


def test_mark_colour_is_stable_and_known():
    assert c.mark_class("mercy") == c.mark_class("mercy") == "prm-mark-2"
    assert {c.mark_class(f"tenant-{n}") for n in range(200)} == {f"prm-mark-{n}" for n in range(8)}


def test_hostile_text_is_escaped_everywhere():
    evil = '"><script>x</script>'
    drawn = [
        c.status(evil),
        c.avatar(evil, named=True),
        c.mark(evil, evil),
        c.kbd(evil),
        marks.tier("high", evil),
        c.legend([(evil, evil)]),
        c.progressbar(1, 2, evil),
    ]
    assert all("<script" not in one for one in drawn)


def test_status_kind_must_exist():
    with pytest.raises(ValueError, match="purple"):
        c.status("x", "purple")


def test_progressbar_is_clamped():
    assert 'width="100.0%" height="8" rx="4"/></svg>' in c.progressbar(7, 5)
    assert 'width="0.0%"' in c.progressbar(3, 0)


def test_tags_are_the_same_pieces():
    page = Template(
        "{% load partners prm %}{% tier t %}|{% score 67 change=6 %}|{{ 1120000|money_short:'USD' }}|{% money_range 1 2 'USD' %}"
    )
    assert page.render(Context({"t": "low"})).split("|") == [
        marks.tier("low"),
        marks.score(67, 6),
        "$1.12M",
        "$1 to $2",
    ]


def test_expander_keeps_its_content_and_escapes_its_title():
    page = Template("{% load prm %}{% expander title note='n' open=1 %}<i>{{ title }}</i>{% endexpander %}")
    drawn = page.render(Context({"title": "<b>"}))
    assert '<details class="prm-expander" open>' in drawn
    assert "<i>&lt;b&gt;</i>" in drawn
    assert "<b>" not in drawn


def test_links_side_by_side_are_escaped_and_told_apart():
    drawn = str(c.links([("/a/", "Harborline & Sons"), ("/b/", "<b>")]))
    assert drawn == (
        '<span class="prm-links"><span><a href="/a/">Harborline &amp; Sons</a>,</span>'
        '<span><a href="/b/">&lt;b&gt;</a></span></span>'
    )
    assert c.links([]) == ""
