"""The part of the schema that a role may read, by catalogue/access.toml.

    python role_schema.py schema.graphql access.toml ROLE
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

# What is filtered and ordered by is no more to be asked about than the field behind it.
BEHIND = {
    ("AgencyFilter", "grade"): ("Agency", "assessment"),
    ("AgencyOrderField", "SCORE"): ("Agency", "assessment"),
    ("CaseFilter", "reminded"): ("Case", "reminders"),
    ("CaseFilter", "escalatedTo"): ("Case", "reminders"),
}
WITH_FIELDS = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)


def named(of: Any) -> str:
    while isinstance(of, (ListTypeNode, NonNullTypeNode)):
        of = of.type
    return str(of.name.value)


def name_of(definition: Any) -> str | None:
    name = getattr(definition, "name", None)
    return name.value if name else None


def without(definition: Any, gone: set[str]) -> Any:
    """A definition without what leads to types that are gone."""
    if isinstance(definition, WITH_FIELDS):
        fields = [field for field in definition.fields if named(field.type) not in gone]
        return replace(definition, fields=tuple(fields))
    if isinstance(definition, UnionTypeDefinitionNode):
        types = [member for member in definition.types if member.name.value not in gone]
        return replace(definition, types=tuple(types))
    if isinstance(definition, SchemaDefinitionNode):
        roots = [root for root in definition.operation_types if root.type.name.value not in gone]
        return replace(definition, operation_types=tuple(roots))
    return definition


def is_empty(definition: Any) -> bool:
    if isinstance(definition, WITH_FIELDS):
        return not definition.fields
    return isinstance(definition, UnionTypeDefinitionNode) and not definition.types


def main(schema: str, access: str, role: str) -> None:
    table = tomllib.loads(Path(access).read_text())

    def may(of: str, field: str) -> bool:
        readers = table["fields"].get(of, {}).get(field)
        return role in table["sets"].get(readers, [])

    def askable(definition: Any, part: Any) -> bool:
        behind = BEHIND.get((definition.name.value, part.name.value))
        return behind is None or may(*behind)

    def readable(definition: Any) -> Any:
        if isinstance(definition, InputObjectTypeDefinitionNode):
            return replace(definition, fields=tuple(f for f in definition.fields if askable(definition, f)))
        if isinstance(definition, EnumTypeDefinitionNode):
            return replace(definition, values=tuple(v for v in definition.values if askable(definition, v)))
        if not isinstance(definition, WITH_FIELDS):
            return definition
        fields = [f for f in definition.fields if may(definition.name.value, f.name.value)]
        return replace(definition, fields=tuple(fields))

    definitions = [readable(definition) for definition in parse(Path(schema).read_text()).definitions]
    while gone := {str(name_of(definition)) for definition in definitions if is_empty(definition)}:
        kept = [definition for definition in definitions if name_of(definition) not in gone]
        definitions = [without(definition, gone) for definition in kept]
    print(print_ast(DocumentNode(definitions=tuple(definitions))))


main(*sys.argv[1:4])
