"""What the schema's text can't say of its arguments, told to Schemathesis (`--mode positive`).

It counts any `errors` as a failure. So what a client is bound to know (a page has at most 200 entries
and is asked from one end, cursors are nobody's to invent, a code is a code) is held here; that breaking
those rules is told cleanly is tested by tests/it/api/.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import schemathesis
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    visit,
)

import scalars  # noqa: F401

PAGE_MAX = 200
SEARCHED_MAX = 20
ORDERS_MAX = 5
EVIDENCE_MAX = 20
TEXT_MAX = 200
CURSORS = {"after", "before"}
# Texts that may not be empty.
NEEDED = {"key", "reason", "purpose", "reference", "text", "title", "name"}
# Lists that may not be empty.
FILLED = {"subjects", "usccs"}
# Days that have to lie near today's.
NEAR = {"from", "objectionsFrom"}
# What a query's cost bounds: tests in a filter, and fields that look at whole areas below lists.
TESTS_MAX = 6
LISTS = {"children", "successors", "search"}
# A year's objections lead back to the year, whose report looks at all bodies.
LED_BACK = {"objections"}
HEAVY = {"overview", "leadingGroup", "agencies", "distribution", "ranking", "report", "competent", "warned", *LISTS}
JOINTS = {"and", "or", "not"}
# A check is of a person or of a body; persons are asked about with their numbers, which nobody invents.
PERSON = {"personName", "identityNumber"}
DIVISIONS = ["440000", "440600", "440604", "441900003", "350100"]

NAMED = ObjectFieldNode(name=NameNode(value="uscc"), value=scalars.text("11440600DEMMHA954F"))


class WithinBounds(Visitor):
    """Puts arguments where the documentation wants them."""

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:
        names = {argument.name.value for argument in node.arguments}
        unwanted = CURSORS | ({"last"} if "first" in names else set())
        kept = [within(a) for a in node.arguments if a.name.value not in unwanted]
        node = replace(node, arguments=tuple(kept))
        if node.name.value == "search":
            node = replace(node, arguments=tuple(map(few, node.arguments)))
        return visit(node, WithoutHeavy()) if node.name.value in LISTS | LED_BACK else node

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode:
        name, given = node.name.value, node.value
        if name == "division":
            return replace(node, value=visit(given, RealDivisions()))
        return replace(node, value=bounded(name, given))

    def leave_object_value(self, node: ObjectValueNode, *_: Any) -> ObjectValueNode:
        given = {field.name.value: field for field in node.fields}
        if PERSON & given.keys():
            kept = [field for name, field in given.items() if name not in PERSON]
            return replace(node, fields=tuple(kept))
        if "exclude" in given and "recordId" in given:
            # A record that does not count is not corrected.
            kept = [field for name, field in given.items() if name in {"recordId", "exclude"}]
            return replace(node, fields=tuple(kept))
        if "endedOn" in given and "status" not in given:
            given.pop("endedOn")
            return replace(node, fields=tuple(given.values()))
        if "judgement" in given:
            # A body is named once, and only by who says which one it is.
            says_which = given["judgement"].value.value == "POSITIVE"
            given.pop("agency", None)
            given.pop("uscc", None)
            body = [NAMED] if says_which else []
            return replace(node, fields=(*given.values(), *body))
        return node


class WithoutHeavy(Visitor):
    """Leaves out what looks at whole areas."""

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        def is_light(selection: Any) -> bool:
            return getattr(getattr(selection, "name", None), "value", "") not in HEAVY

        kept = tuple(filter(is_light, node.selections))
        return replace(node, selections=kept or (FieldNode(name=NameNode(value="__typename")),))


class RealDivisions(Visitor):
    """Writes codes of divisions where the schema has but a text."""

    def leave_string_value(self, node: StringValueNode, *_: Any) -> StringValueNode:
        return replace(node, value=DIVISIONS[len(node.value) % len(DIVISIONS)], block=False)


def within(argument: ArgumentNode) -> ArgumentNode:
    name, given = argument.name.value, argument.value
    if name in {"first", "last"} and isinstance(given, IntValueNode):
        size = abs(int(given.value)) % (PAGE_MAX + 1)
        return replace(argument, value=replace(given, value=str(size)))
    if name == "orderBy" and isinstance(given, ListValueNode):
        return replace(argument, value=replace(given, values=given.values[:ORDERS_MAX]))
    if name == "groupBy" and isinstance(given, ListValueNode):
        once = {dimension.value: dimension for dimension in given.values}
        return replace(argument, value=replace(given, values=tuple(once.values())))
    if name == "filter" and isinstance(given, ObjectValueNode) and tests(given) > TESTS_MAX:
        plain = [field for field in given.fields if field.name.value not in JOINTS]
        light = [field for field in plain if tests(field.value) <= TESTS_MAX // 2]
        return replace(argument, value=replace(given, fields=tuple(light[: TESTS_MAX // 2])))
    if name == "division":
        return replace(argument, value=visit(given, RealDivisions()))
    return replace(argument, value=bounded(name, given))


def few(argument: ArgumentNode) -> ArgumentNode:
    """What is searched for is of any kind, so that each of its rows may have rows of all kinds below it."""
    given = argument.value
    if argument.name.value == "first" and isinstance(given, IntValueNode):
        return replace(argument, value=replace(given, value=str(int(given.value) % (SEARCHED_MAX + 1))))
    return argument


def tests(given: Any) -> int:
    """How many tests a filter has."""
    if isinstance(given, ObjectValueNode):
        return sum(tests(field.value) for field in given.fields)
    if isinstance(given, ListValueNode):
        return sum(map(tests, given.values))
    return 1


def bounded(name: str, given: Any) -> Any:
    """What stands under a name, in the form in which the documentation wants it."""
    if name in NEEDED and isinstance(given, StringValueNode):
        return replace(given, value=given.value.strip()[:TEXT_MAX].strip() or "given")
    if name in FILLED and isinstance(given, ListValueNode) and not given.values:
        one = NAMED.value if name == "usccs" else ObjectValueNode(fields=(NAMED,))
        return replace(given, values=(one,))
    if name in ("amount", "value") and hasattr(given, "value"):
        return replace(given, value=str(given.value).lstrip("-"))
    if name == "commitment" and isinstance(given, StringValueNode):
        return replace(given, value=digest(given.value), block=False)
    if name == "year" and isinstance(given, IntValueNode):
        return replace(given, value=str(date.today().year - 1))
    if name == "asOf" and isinstance(given, StringValueNode):
        return replace(given, value=min(given.value, date.today().isoformat()))
    if name in NEAR and isinstance(given, StringValueNode):
        return replace(given, value=date.today().isoformat())
    if name == "evidence" and isinstance(given, ListValueNode):
        digests = [replace(one, value=digest(one.value), block=False) for one in given.values]
        return replace(given, values=tuple(digests[:EVIDENCE_MAX]))
    return given


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    return visit(body, WithinBounds()) if isinstance(body, DocumentNode) else body
