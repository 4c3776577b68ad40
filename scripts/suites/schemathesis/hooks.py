"""What the schema's text can't say of its arguments, told to Schemathesis (`--mode positive`).

It counts any `errors` as a failure. So what a client is bound to know (a page has at most 200 entries
and is asked from one end, cursors are nobody's to invent, a code is a code) is held here; that breaking
those rules is told cleanly is tested by tests/it/api/.
"""

from __future__ import annotations

from dataclasses import replace
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
    StringValueNode,
    Visitor,
    visit,
)

import scalars  # noqa: F401

PAGE_MAX = 200
ORDERS_MAX = 5
CURSORS = {"after", "before"}
# Texts of mutations that may not be empty.
NEEDED = {"key", "reason"}
DIVISIONS = ["440000", "440600", "440604", "441900003", "350100"]

NAMED = ObjectFieldNode(name=NameNode(value="uscc"), value=scalars.text("11440600DEMMHA954F"))


class WithinBounds(Visitor):
    """Puts arguments where the documentation wants them."""

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode:
        names = {argument.name.value for argument in node.arguments}
        unwanted = CURSORS | ({"last"} if "first" in names else set())
        kept = [within(a) for a in node.arguments if a.name.value not in unwanted]
        return replace(node, arguments=tuple(kept))

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode:
        name, given = node.name.value, node.value
        if name == "division":
            return replace(node, value=visit(given, RealDivisions()))
        if name in NEEDED and isinstance(given, StringValueNode) and not given.value.strip():
            return replace(node, value=replace(given, value="given"))
        return node

    def leave_object_value(self, node: ObjectValueNode, *_: Any) -> ObjectValueNode:
        given = {field.name.value: field for field in node.fields}
        if "judgement" in given:
            # A body is named once, and only by who says which one it is.
            says_which = given["judgement"].value.value == "POSITIVE"
            given.pop("agency", None)
            given.pop("uscc", None)
            body = [NAMED] if says_which else []
            return replace(node, fields=(*given.values(), *body))
        return node


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
    return argument


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    return visit(body, WithinBounds()) if isinstance(body, DocumentNode) else body
