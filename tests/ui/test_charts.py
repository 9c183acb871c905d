import itertools
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from prm.ui import charts
from prm.ui.charts.scale import Scale, apportion, nice_ticks

MONTHS = [date(2025 + place // 12, place % 12 + 1, 1) for place in range(12)]
values = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


def draw(tag, chart):
    return Template(f"{{% load prm %}}{{% {tag} chart %}}").render(Context({"chart": chart}))


def bars(counts, **more):
    months = MONTHS[: len(counts)]
    return charts.month_bars(
        title="Orders per month",
        months=months,
        series=[charts.Series("Orders", counts)],
        unit="orders",
        **more,
    )


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 14, [0, 5, 10, 15]),
        (0, 0, [0, 1]),
        (0, 1, [0, 1]),
        (-3, 14, [-5, 0, 5, 10, 15]),
        (0, 20, [0, 5, 10, 15, 20]),
        (0, 538_200, [0, 200_000, 400_000, 600_000]),
    ],
)
def test_ticks_are_round(low, high, ticks):
    assert nice_ticks(low, high) == ticks


@given(values, values)
def test_ticks_hold_everything_with_at_most_five_lines(one, other):
    ticks = nice_ticks(min(one, other), max(one, other), whole=False)
    assert 2 <= len(ticks) <= 5
    slack = 1e-6 * max(1.0, abs(one), abs(other))
    assert ticks[0] <= min(one, other, 0) + slack
    assert ticks[-1] >= max(one, other, 0) - slack
    assert 0 in ticks


@given(st.lists(st.floats(0, 30), min_size=1, max_size=12))
def test_shown_points_add_up_to_the_shown_score(points):
    total = round(sum(points))
    shown = apportion(points, total)
    assert sum(shown) == total
    assert all(abs(whole - point) <= 1.0001 for whole, point in zip(shown, points, strict=True))


def test_scale_clamps():
    scale = Scale(0, 10, 100, 0)
    assert [scale(value) for value in (-5, 0, 5, 10, 99)] == [100, 100, 50, 0, 0]


def test_bars_stand_on_zero_and_reach_their_value():
    plot = bars([5, 10]).desk
    first, second = plot.rects
    assert first.y + first.height == plot.zero == plot.bottom
    assert second.y == plot.top
    assert second.height == pytest.approx(2 * first.height)


def test_reversals_hang_below_zero():
    plot = bars([10, -5]).desk
    assert plot.rects[1].y == plot.zero
    assert plot.zero < plot.bottom


def test_stack_parts_do_not_overlap_and_negative_parts_go_down():
    chart = charts.month_bars(
        title="x",
        months=MONTHS[:1],
        series=[charts.Series("a", [4]), charts.Series("b", [3], "soft"), charts.Series("c", [-2], "mute")],
    )
    a, b, c = chart.desk.rects
    assert b.y + b.height < a.y
    assert c.y > chart.desk.zero


def test_only_the_last_month_is_hatched():
    assert [rect.hatched for rect in bars([1, 2, 3], incomplete_last=True).desk.rects] == [False, False, True]


def test_phone_shows_the_last_twelve_months():
    months = [date(2024 + place // 12, place % 12 + 1, 1) for place in range(24)]
    chart = charts.month_bars(title="x", months=months, series=[charts.Series("a", range(1, 25))])
    assert (len(chart.desk.rects), len(chart.phone.rects)) == (24, 12)
    assert chart.phone.rects[0].words == "Jan 2025: a 13"
    assert len(chart.rows) == 24


def test_summary_says_the_result():
    assert (
        bars([5, 14, 9], incomplete_last=True).summary
        == "Orders per month from Jan 2025 to Mar 2025: between 5 and 14 orders, most in Feb 2025; Mar 2025 so far 9 orders."
    )
    assert bars([0, 0]).summary == "Orders per month: nothing in these 2 periods."
    assert bars([]).summary == "Orders per month: no data."


def test_events_say_what_kind_they_are_in_drawing_and_key():
    events = [
        charts.Event(date(2025, 1, 3), "Clinic opens"),
        charts.Event(date(2025, 3, 3), "Tier high", kind="move"),
    ]
    chart = bars([1, 2, 3], events=events, marks_key=[("event", "Competition"), ("move", "Tier change")])
    drawn = draw("month_bars", chart)
    assert drawn.count('class="prm-event-mark"') == drawn.count('class="prm-move-mark"') == 2
    assert chart.key[-2:] == [("event", "Competition"), ("move", "Tier change")]


def test_the_sentence_counts_the_dots_that_are_drawn():
    dots = [charts.Dot(date(2025, 2, 14)), charts.Dot(date(2031, 1, 1))]
    assert bars([1, 2, 3], dots=dots, dots_label="Visits").summary.endswith("Visits: 1 in these months.")


def test_dots_lie_in_their_month_and_strangers_are_left_out():
    dots = [charts.Dot(date(2025, 2, 14)), charts.Dot(date(2031, 1, 1))]
    plot = bars([1, 2, 3], dots=dots, dots_label="Visits").desk
    (dot,) = plot.dots
    assert plot.rects[1].x < dot.x < plot.rects[1].x + plot.rects[1].width
    assert [row[-1] for row in bars([1, 2, 3], dots=dots, dots_label="Visits").rows] == ["0", "1", "0"]


def test_touching_event_labels_keep_only_the_first():
    events = [
        charts.Event(date(2025, 11, 2), "St. Brendan opens a clinic"),
        charts.Event(date(2025, 11, 20), "St. Brendan closes a clinic"),
    ]
    first, second = bars(list(range(1, 13)), events=events).desk.events
    assert (first.text, second.text) == ("St. Brendan opens a clinic", "")
    assert "closes" in second.words


def test_labels_do_not_touch():
    months = [date(2023 + place // 12, place % 12 + 1, 1) for place in range(36)]
    labels = charts.month_bars(title="x", months=months, series=[charts.Series("a", [1] * 36)]).desk.labels
    assert min(b.x - a.x for a, b in itertools.pairwise(labels)) >= 34


def test_series_of_another_length_is_refused():
    with pytest.raises(ValueError, match="2 values for 3"):
        charts.month_bars(title="x", months=MONTHS[:3], series=[charts.Series("a", [1, 2])])


@given(st.lists(st.one_of(st.none(), values, st.just(float("nan")), st.just(float("inf"))), max_size=12))
def test_any_numbers_stay_inside_the_drawing(counts):
    chart = bars(counts, incomplete_last=True)
    for plot in (chart.desk, chart.phone):
        for rect in plot.rects:
            assert plot.left - 0.1 <= rect.x
            assert rect.x + rect.width <= plot.right + 0.1
            assert plot.top - 1.1 <= rect.y
            assert rect.y + rect.height <= plot.bottom + 1.1


def test_chart_is_an_image_with_title_sentence_and_table():
    drawn = draw("month_bars", bars([5, 14, 9], dots=[charts.Dot(date(2025, 2, 14))], dots_label="Visits"))
    assert drawn.count('role="img"') == 2
    assert drawn.count("<desc") == 2
    assert "<summary>Table" in drawn
    assert "style=" not in drawn
    root = ET.fromstring(f"<x>{drawn}</x>")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_hostile_words_are_escaped():
    evil = '"><script>x</script>'
    chart = charts.month_bars(
        title=evil,
        months=MONTHS[:2],
        series=[charts.Series(evil, [1, 2])],
        unit=evil,
        events=[charts.Event(date(2025, 1, 3), evil)],
        dots=[charts.Dot(date(2025, 1, 3), label=evil)],
        dots_label=evil,
        lines=[charts.Line(1, evil)],
    )
    drawn = draw("month_bars", chart) + draw(
        "waterfall",
        charts.waterfall([charts.Part(evil, 5, 10, 1, evil)], noun=evil, next_step=evil, previous_month=evil),
    )
    assert "<script" not in drawn
    ET.fromstring(f"<x>{drawn}</x>")


def test_money_chart_shortens_its_axis_only():
    chart = charts.month_bars(
        title="Revenue",
        months=MONTHS[:2],
        series=[charts.Series("Revenue", [Decimal(412_000), Decimal(38_000)])],
        currency="USD",
    )
    assert [tick.text for tick in chart.desk.ticks] == ["$0", "$200k", "$400k", "$600k"]
    assert "$412,000" in chart.summary


PARTS = [
    charts.Part("Revenue", 18, 25, 1, "r"),
    charts.Part("Visits", 11, 15, 4),
    charts.Part("Win ratio", 4, 7, -1),
]


def test_waterfall_bars_start_where_the_last_ended():
    fall = charts.waterfall(PARTS, noun="score")
    for one, after in zip(fall.rows, fall.rows[1:], strict=False):
        assert one.start + one.kept + one.gained == pytest.approx(after.start, abs=0.05)
    last = fall.rows[-1]
    assert last.start + last.kept == pytest.approx(fall.total_width, abs=0.05)
    assert last.lost > 0 == last.gained
    assert last.lost_at == pytest.approx(fall.total_width, abs=0.05)


def test_waterfall_sums_and_explains_the_change():
    fall = charts.waterfall(PARTS, noun="score")
    assert (fall.total, fall.change, fall.before, fall.most) == (33, 4, 29, 47)


def test_waterfall_shows_the_stored_score_and_parts_that_add_up():
    fall = charts.waterfall(
        [charts.Part(str(n), 3.4, 10, 0.4) for n in range(5)], noun="score", total=17, before=15
    )
    assert sum(row.points for row in fall.rows) == fall.total == 17
    assert sum(row.change for row in fall.rows) == fall.change == 2


def test_waterfall_without_knowledge_says_so():
    fall = charts.waterfall([charts.Part("Win ratio", None, 7)], noun="score")
    assert (fall.rows[0].points, fall.change, fall.before) == (None, None, None)
    assert "cannot tell yet" in draw("waterfall", fall)
    assert "No score yet" in draw("waterfall", charts.waterfall([], noun="score"))


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(-30, 30)), max_size=8))
def test_waterfall_stays_on_its_axis(parts):
    fall = charts.waterfall([charts.Part(str(n), p, 30, c) for n, (p, c) in enumerate(parts)], noun="score")
    for row in fall.rows:
        assert row.start >= 0 <= row.lost
        assert row.lost_at + row.lost <= 100.05


def test_interval_puts_estimate_inside_its_range():
    row = charts.interval(charts.share_axis(), estimate=0.38, low=0.29, high=0.48)
    assert (row.x, row.start, row.width) == (38.0, 29.0, 19.0)
    assert row.axis.reference == 50.0


def test_interval_without_numbers_draws_the_axis_only():
    drawn = draw("interval", charts.interval(charts.share_axis(), estimate=None, low=None, high=None))
    assert drawn.count("prm-grid") == 5
    assert "<rect" not in drawn


def test_interval_of_unknown_state_is_refused():
    with pytest.raises(ValueError, match="sure"):
        charts.interval(charts.share_axis(), estimate=1, low=0, high=1, state="sure")


def test_axis_round_zero_has_a_reference():
    axis = charts.axis(-0.1, 0.3)
    assert [tick.label for tick in axis.ticks] == ["−0.10", "0", "+0.10", "+0.20", "+0.30"]
    assert axis.reference == axis.at(0) == 25.0


@pytest.mark.parametrize(
    ("ours", "low", "high"), [(412, 830, 1100), (20, 25, 900), (500, 100, 200), (0, 0, 0), (0, 5, 5)]
)
def test_part_of_labels_neither_touch_nor_leave(ours, low, high):
    room = charts.part_of(words="", ours=ours * 1000, low=low * 1000, high=high * 1000, currency="USD")
    assert room.low_label_x - len(room.low_label) * 6.2 >= -0.1
    assert room.high_label_x - len(room.high_label) * 6.2 >= room.low_label_x
    assert room.high_label_x <= room.width
    assert 0 <= room.low_x <= room.high_x <= room.width


def test_part_of_says_its_words():
    drawing = charts.part_of(words="$412 of more", ours=412, low=830, high=1100, currency="USD")
    assert 'aria-label="$412 of more"' in draw("part_of", drawing)


def test_positions_share_one_axis_and_clamp():
    low, high = (charts.position(value, edges=[500, 250], before=490, words="") for value in (538, 9_000))
    assert low.ticks == high.ticks == [33.33, 66.67]
    assert (low.tail_start, low.tail_width) == (65.33, 6.4)
    assert high.x == 100


def test_spark_marks_the_last_month_and_survives_anything():
    earlier, now = ET.fromstring(charts.spark([1, 2, 3]))
    assert (earlier.get("class"), earlier.get("d").count("M")) == ("prm-spark-bar", 2)
    assert (now.get("class"), now.get("d").count("M")) == ("prm-spark-now", 1)
    assert (now.get("d"), now.get("stroke-width")) == ("M65 19V1", "25")
    assert charts.spark([]) == "–"
    assert "polyline" in charts.spark([5], kind="line")
    for hostile in ([0, 0], [None, float("nan"), -3], [-1]):
        ET.fromstring(charts.spark(hostile))
    assert 'aria-label="&lt;b&gt;"' in charts.spark([1], label="<b>")


def test_a_trend_has_gaps_a_target_and_its_highest_point():
    drawn = charts.trend(
        "Lag", ["1", "2", "3", "4", "5"], [1, 2, None, 8, None], target=5, target_words="target 5 s"
    )
    assert len(drawn.lines) == 1 and len(drawn.dots) == 1
    assert drawn.peak == "8, 4"
    assert drawn.target_y is not None and drawn.base > drawn.target_y > drawn.dots[0][1]
    assert drawn.words == "Lag: 8 at the end (4), at most 8 (4)."
    assert drawn.rows[2] == ("3", "–")
    nothing = charts.trend("Lag", ["1"], [None])
    assert (nothing.peak, nothing.words) == ("", "Lag: nothing is known yet.")
    with pytest.raises(ValueError, match="2 periods"):
        charts.trend("Lag", ["1", "2"], [1])
