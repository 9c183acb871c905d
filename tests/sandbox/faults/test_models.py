import pytest

from prm.sandbox.faults.models import FaultPlan


def struck(plan, times, path="/limits", method="GET", entity=""):
    return [bool(plan.for_request(method, path, entity)) for _ in range(times)]


def test_a_request_fault_strikes_once_unless_told_otherwise():
    plan = FaultPlan()
    plan.add(kind="html")
    assert struck(plan, 3) == [True, False, False]
    plan.clear()
    plan.add(kind="html", times="always")
    assert struck(plan, 3) == [True, True, True]


def test_a_fault_lets_so_many_pass_first():
    plan = FaultPlan()
    plan.add(kind="html", after=2, times=2)
    assert struck(plan, 6) == [False, False, True, True, False, False]


def test_chance_is_the_same_for_the_same_seed():
    def drawn(seed):
        plan = FaultPlan()
        plan.add(kind="html", times="always", probability=0.5, seed=seed)
        return struck(plan, 50)

    assert drawn(1) == drawn(1) != drawn(2)
    assert 10 < sum(drawn(1)) < 40


@pytest.mark.parametrize(
    ("narrowed", "hit"),
    [
        ({"method": "post"}, False),
        ({"method": "get"}, True),
        ({"path": "^/lim"}, True),
        ({"path": "its$"}, True),
        ({"path": "query"}, False),
        ({"object": "ACCOUNT"}, True),
        ({"object": "Contact"}, False),
    ],
)
def test_a_fault_strikes_what_it_is_narrowed_to(narrowed, hit):
    plan = FaultPlan()
    plan.add(kind="html", **narrowed)
    assert struck(plan, 1, entity="Account") == [hit]


def test_row_faults_look_at_operation_and_values():
    plan = FaultPlan()
    plan.add(kind="row_lock", object="Account", operation="update", when={"Name": "Bad"})
    for operation, row, hit in (
        ("update", {"Name": "Bad"}, 1),
        ("insert", {"Name": "Bad"}, 0),
        ("update", {}, 0),
    ):
        assert len(plan.for_row({"row_lock"}, operation, "account", row)) == hit
    assert plan.show()[0]["struck"] == 1
