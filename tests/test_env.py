"""Environment variables are read by type, or refused loudly."""

import pytest

from prm import env


def test_boolean_takes_true_and_false_only(monkeypatch):
    monkeypatch.setenv("X", "true")
    assert env.boolean("X", default=False) is True
    monkeypatch.setenv("X", "1")
    with pytest.raises(env.BadSetting, match="X is '1'"):
        env.boolean("X", default=False)


def test_secret_is_read_from_its_file(monkeypatch, tmp_path):
    (tmp_path / "s").write_text("secret\n")
    monkeypatch.delenv("X", raising=False)
    monkeypatch.setenv("X_FILE", str(tmp_path / "s"))
    assert env.text("X") == "secret"
    monkeypatch.setenv("X_FILE", str(tmp_path / "missing"))
    with pytest.raises(env.BadSetting, match="X_FILE"):
        env.text("X")


def test_integer_names_the_variable_and_the_least_value(monkeypatch):
    monkeypatch.setenv("X", "ten")
    with pytest.raises(env.BadSetting, match="X is 'ten'"):
        env.integer("X", 1)
    monkeypatch.setenv("X", "0")
    with pytest.raises(env.BadSetting, match="the least is 1"):
        env.integer("X", 1, minimum=1)


def test_words_drops_blanks_and_empties(monkeypatch):
    monkeypatch.setenv("X", " a, ,b ")
    assert env.words("X") == ["a", "b"]
