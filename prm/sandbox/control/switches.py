"""The page on which a person makes the org difficult, and sees the application survive it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

from prm.sandbox.control.door import Door
from prm.sandbox.control.models import REDIRECT, SILENT, UNROUTED, Instance
from prm.sandbox.control.shaping import Shaping
from prm.sandbox.faults.models import FaultPlan
from prm.sandbox.features.models import Features
from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.kit.types import Json, JsonObject, as_list, as_object
from prm.sandbox.pages import shapes
from prm.sandbox.pages.responses import Pages, is_foreign
from prm.sandbox.schema.models import Entity, Schema
from prm.sandbox.schema.places import COUNTRIES
from prm.sandbox.schema.record_types import read_types, typed

_OLD = {
    REDIRECT: "sends on to the new address",
    UNROUTED: "says that it does not know the host (420)",
    SILENT: "closes the connection",
}
_ON_RECORDS = (
    "<p>Records are changed, deleted with what hangs on them, merged and restored on their own pages.</p>"
)
_TAKEN = {"read": "sees nothing of", "edit": "may not change", "create": "may not make new"}


@dataclass(frozen=True, slots=True)
class Switch:
    """One difficulty: its word in the form, title, what happens, and its inputs as HTML."""

    key: str
    title: str
    words: str
    inputs: str
    button: str = "Switch on"


@dataclass(frozen=True, slots=True)
class Switches:
    """Shows and changes what is difficult."""

    schema: Schema
    faults: FaultPlan
    shaping: Shaping
    instance: Instance
    door: Door
    pages: Pages
    features: Features

    def page(self, request: Request) -> Response:
        """Show the switches, after one was turned perhaps."""
        if request.method == "POST" and is_foreign(request):
            return self.pages.page("Refused", "<p>This form was sent from another site.</p>", 403)
        note = self._turn(request.form()) if request.method == "POST" else ""
        body = note + _ON_RECORDS + self._in_force() + "".join(self._form(each) for each in self._all())
        return self.pages.page("Make it difficult", body)

    # --- turning ------------------------------------------------------------------------------

    def _turn(self, form: dict[str, str]) -> str:
        turns: dict[str, Callable[[dict[str, str]], object]] = {
            "end": self._end,
            "restore": lambda _form: self._restore(),
            "hide": lambda given: self.shaping.change({"field": given["field"], "see": False}),
            "close": lambda given: self.shaping.change({"field": given["field"], "edit": False}),
            "rename": lambda given: self.shaping.change({"field": given["field"], "rename": given["to"]}),
            "take": lambda given: self.shaping.change({"object": given["object"], "take": [given["right"]]}),
            "features": self._features,
            "move": lambda given: self.instance.move(given["answer"]),
            "app": self.door.turn,
            "refuse": self.door.refuse,
            "revoke": lambda _form: self.door.end_all(),
            "refresh": lambda _form: self.door.refresh(),
        }
        key = form.get("do", "")
        try:
            turns.get(key, self._fault)(form)
        except (KeyError, ValueError) as error:
            return shapes.problem(str(error), "not done")
        return shapes.done("Done. The application meets it with its next call.")

    def _fault(self, form: dict[str, str]) -> None:
        entity, _, name = form.get("field", "").partition(".")
        number = float(form.get("number") or 1)
        rules: dict[str, JsonObject] = {
            "late": {"kind": "late_commit", "object": form.get("object", ""), "seconds": number * 60},
            "ignore": {"kind": "flow", "object": entity, "revert": [name]},
            "fight": {"kind": "flow", "object": entity, "set": {name: form.get("value", "")}},
            "lock": {"kind": "row_lock", "object": form.get("object", ""), "probability": number / 100},
            "slow": {"kind": "delay", "when": "after", "seconds": number, "times": "always", "path": "/composite"},
            "lose": {"kind": "lose_after", "path": "/composite", "times": number},
            "token": {"kind": "lose_after", "path": "oauth2/token", "times": number},
        }  # fmt: skip
        if form.get("do") not in rules:
            raise ValueError("there is no such switch")
        self.faults.add(**rules[form["do"]])

    def _features(self, form: dict[str, str]) -> None:
        self.features.turn(
            {
                "places": "places" in form,
                "default_country": form.get("default_country", ""),
                "currencies": [*form.get("currencies", "").replace(",", " ").split()],
                "persons": "persons" in form,
                "record_types": [*read_types(form.get("record_types", ""))],
            }
        )

    def _end(self, form: dict[str, str]) -> None:
        kind, _, name = form["what"].partition(":")
        ends: dict[str, Callable[[], object]] = {
            "fault": lambda: self.faults.clear(int(name)),
            "object": lambda: self.shaping.change({"object": name, "take": []}),
            "hidden": lambda: self.shaping.change({"field": name, "see": True}),
            "closed": lambda: self.shaping.change({"field": name, "edit": True}),
            "renamed": lambda: self.shaping.change({"field": name, "rename": form["first"]}),
            "instance": self.instance.move_back,
            "door": lambda: self.door.refuse({}),
        }
        ends[kind]()

    def _restore(self) -> None:
        self.faults.clear()
        self.shaping.restore()
        self.instance.move_back()
        self.door.refuse({})

    # --- showing ------------------------------------------------------------------------------

    def _in_force(self) -> str:
        lines = [*self._shape_lines(), *self._fault_lines()]
        if not lines:
            return "<p>Nothing is difficult at present: the org does what it should.</p>"
        rows = "".join(
            f"<tr><td>{escape(words)}</td><td class=number>{_button('end', 'Switch off', {'what': what} | more)}</td></tr>"
            for what, words, more in lines
        )
        everything = _button("restore", "Switch everything off", {})
        return f"<h2>Switched on</h2><div class=scroll><table><tbody>{rows}</tbody></table></div>{everything}"

    def _shape_lines(self) -> Iterable[tuple[str, str, dict[str, str]]]:
        shown = self.shaping.show()
        for name, taken in as_object(shown["objects"]).items():
            rights = [str(each) for each in as_list(taken)]
            what = _TAKEN["read"] if "read" in rights else _TAKEN.get(rights[0], f"may not {rights[0]}")
            yield f"object:{name}", f"The integration user {what} {name}.", {}
        for hidden in as_list(shown["hidden"]):
            yield f"hidden:{hidden}", f"{hidden} is hidden.", {}
        for closed in as_list(shown["read_only"]):
            yield f"closed:{closed}", f"{closed} may only be read.", {}
        for name, first in as_object(shown["renamed"]).items():
            yield f"renamed:{name}", f"{name} was called {first}.", {"first": str(first)}
        if self.instance.moved:
            yield (
                "instance:",
                f"The org has moved to /{self.instance.home}; the old address {_OLD[self.instance.answer]}.",
                {},
            )

        if self.door.line():
            yield "door:", f"Every sign-in is refused: {self.door.line()}.", {}

    def _fault_lines(self) -> Iterable[tuple[str, str, dict[str, str]]]:
        for rule in self.faults.show():
            options = {k: v for k, v in rule.items() if k not in ("number", "kind", "seen", "struck")}
            said = ", ".join(f"{name} {_plain(value)}" for name, value in options.items())
            kind = str(rule["kind"]).replace("_", " ").capitalize()
            yield f"fault:{rule['number']}", f"{kind}: {said or 'always'}. Struck {rule['struck']} times.", {}

    def _form(self, switch: Switch) -> str:
        return (
            f"<section><h2>{escape(switch.title)}</h2><p>{escape(switch.words)}</p>"
            f'<form class=switch method=post action="{self.pages.base}/__sandbox__/">'
            f"<input type=hidden name=do value={switch.key}>{switch.inputs}<button>{escape(switch.button)}</button></form></section>"
        )

    def _all(self) -> Iterable[Switch]:
        objects = [each for each in self.schema.entities.values() if each.writable and not each.setup]
        entity = _select("object", "Object", ((each.name, each.titles) for each in objects))
        fields = _select_field(objects, custom_only=False)
        custom = _select_field(objects, custom_only=True)
        rights = _select(
            "right", "The integration user", ((key, f"{words} it") for key, words in _TAKEN.items())
        )
        yield Switch("hide", "A hidden field", "The field rests in the application; everything else goes on. Shown again, "
                     "it is read from the start.", fields)  # fmt: skip
        yield Switch(
            "close",
            "A field that may only be read",
            "What people change here goes on arriving there; ours waits.",
            fields,
        )
        if custom:
            yield Switch("rename", "A renamed field", "To the application it looks like a hidden one.",
                         custom + _text("to", "New name", "PRM_Renamed__c"))  # fmt: skip
        yield Switch(
            "take", "No access to an object", "The object rests, and nobody is signed out.", entity + rights
        )
        answers = _select("answer", "The old address", _OLD.items())
        yield Switch(
            "move",
            "The org moves",
            "Sign-in stays where it is and names the new address.",
            answers,
            "Move it",
        )
        yield Switch(
            "ignore", "An ignored value", "Accepted, and not kept: as Amount above line items.", fields
        )
        yield Switch("fight", "A flow that fights", "After each save it writes its own value, in the name of whoever saved.",
                     fields + _text("value", "Its value", "Set by a flow"))  # fmt: skip
        yield Switch("late", "Late commits", "Records become visible with a stamp of some minutes ago.",
                     entity + _number("number", "Minutes", 8))  # fmt: skip
        yield Switch("lock", "Locked records", "UNABLE_TO_LOCK_ROW, as when others are writing.",
                     entity + _number("number", "Of 100 records", 30))  # fmt: skip
        yield Switch("slow", "A pause between commit and answer", "Everything is done already when the answer is still missing.",
                     _number("number", "Seconds", 3))  # fmt: skip
        yield Switch("lose", "Lost answers", "Done, and nobody is told.", _number("number", "Calls", 3))
        yield from self._of_the_organisation()
        yield from self._at_the_door()

    def _of_the_organisation(self) -> Iterable[Switch]:
        on = self.features
        countries = (("", "none"), *COUNTRIES.items())
        yield Switch("features", "The organisation", "What its administrator has turned on. It stays.",
                     _check("places", "State and country/territory picklists", on=on.places)
                     + _select("default_country", "Country of new records", countries, on.default_country)
                     + _text("currencies", "Active currencies, its own first; empty for one currency", ", ".join(on.currencies))
                     + _check("persons", "Person accounts, which stay", on=on.persons)
                     + _text("record_types", "Record types: Account.Clinic default, Account.Doctor person (or inactive, unavailable)", typed(on.record_types)), "Save")  # fmt: skip

    def _at_the_door(self) -> Iterable[Switch]:
        yield Switch("app", "The app", "What its administrator sets in Salesforce: where people are sent back to, and the certificate of JWT "
                     "sign-ins. It stays.", self.door.inputs(), "Save")  # fmt: skip
        yield Switch(
            "refuse",
            "A refused app",
            "As an administrator, a policy or a missing app does.",
            self.door.refusals(),
        )
        yield Switch("token", "A lost token", "A sign-in is granted, and its answer is lost: a refresh token that rotates is gone with it.",
                     _number("number", "Sign-ins", 1))  # fmt: skip
        yield Switch(
            "revoke", "Revoked", "Sessions and all that people have allowed end now.", "", "Revoke all"
        )
        yield Switch(
            "refresh",
            "A refreshed sandbox",
            "A new organization id, the old data, and nobody is signed in.",
            "",
            "Refresh it",
        )


def _plain(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _button(do: str, words: str, more: dict[str, str]) -> str:
    hidden = "".join(
        f'<input type=hidden name={name} value="{escape(value)}">'
        for name, value in {"do": do, **more}.items()
    )
    return f"<form method=post>{hidden}<button>{escape(words)}</button></form>"


def _labelled(words: str, control: str) -> str:
    return f"<label>{escape(words)} {control}</label>"


def _options(pairs: Iterable[tuple[str, str]], chosen: str = "") -> str:
    return "".join(
        f'<option value="{escape(key)}"{" selected" if chosen and key == chosen else ""}>{escape(words)}</option>'
        for key, words in pairs
    )


def _check(name: str, words: str, *, on: bool) -> str:
    return f"<label><input type=checkbox name={name}{' checked' if on else ''}> {escape(words)}</label>"


def _select(name: str, words: str, pairs: Iterable[tuple[str, str]], chosen: str = "") -> str:
    return _labelled(words, f"<select name={name}>{_options(pairs, chosen)}</select>")


def _select_field(objects: Iterable[Entity], *, custom_only: bool) -> str:
    groups = []
    for entity in objects:
        names = [
            (f"{entity.name}.{each.name}", each.name)
            for each in entity.fields.values()
            if each.updateable and (each.custom or not custom_only)
        ]
        if names:
            groups.append(f'<optgroup label="{escape(entity.titles)}">{_options(names)}</optgroup>')
    return _labelled("Field", f"<select name=field>{''.join(groups)}</select>") if groups else ""


def _text(name: str, words: str, value: str) -> str:
    return _labelled(words, f'<input name={name} value="{escape(value)}">')


def _number(name: str, words: str, value: int) -> str:
    return _labelled(words, f"<input type=number min=1 max=1000 name={name} value={value}>")
