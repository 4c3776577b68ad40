//! The schema as its text tells it, read with the library's parser.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
};

/// What kind of type it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Object,
    Interface,
    Enum,
    Input,
    Union,
}

/// A field of an object or input, or a value of an enum, which has no type.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// As it is written, such as `[Agency!]!`.
    pub(super) written: String,
    /// Without lists and exclamation marks.
    pub(super) named: String,
    pub(super) is_list: bool,
    /// Name and type as written.
    pub(super) arguments: BTreeMap<String, String>,
    pub(super) description: Option<String>,
}

/// A type.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
    pub(super) implements: Vec<String>,
    /// Of a union.
    pub(super) members: Vec<String>,
    pub(super) description: Option<String>,
}

/// All types by name.
#[derive(Debug)]
pub(super) struct Sdl(pub(super) BTreeMap<String, Definition>);

impl Sdl {
    /// The schema that the hub serves.
    pub(super) fn served() -> Self {
        Self::of(&zhengxin::api::graphql::sdl())
    }

    pub(super) fn of(text: &str) -> Self {
        let document = parse_schema(text).expect("the text is a schema");
        let mut types = BTreeMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let definition = definition.node;
            let (mut implements, mut members) = (Vec::new(), Vec::new());
            let (kind, fields) = match definition.kind {
                TypeKind::Scalar => (Kind::Scalar, Vec::new()),
                TypeKind::Object(object) => {
                    implements = object
                        .implements
                        .iter()
                        .map(|name| name.node.to_string())
                        .collect();
                    let fields = object.fields.iter().map(|field| output(&field.node));
                    (Kind::Object, fields.collect())
                }
                TypeKind::Interface(interface) => {
                    let fields = interface.fields.iter().map(|field| output(&field.node));
                    (Kind::Interface, fields.collect())
                }
                TypeKind::Enum(of) => {
                    let value = |value: &async_graphql::parser::types::EnumValueDefinition| Field {
                        name: value.value.node.to_string(),
                        written: String::new(),
                        named: String::new(),
                        is_list: false,
                        arguments: BTreeMap::new(),
                        description: value.description.as_ref().map(|text| text.node.clone()),
                    };
                    let values = of.values.iter().map(|each| value(&each.node));
                    (Kind::Enum, values.collect())
                }
                TypeKind::InputObject(input) => {
                    let fields = input.fields.iter().map(|field| {
                        let (named, is_list) = name_of(&field.node.ty.node);
                        Field {
                            name: field.node.name.node.to_string(),
                            written: field.node.ty.node.to_string(),
                            named,
                            is_list,
                            arguments: BTreeMap::new(),
                            description: field.node.description.as_ref().map(|t| t.node.clone()),
                        }
                    });
                    (Kind::Input, fields.collect())
                }
                TypeKind::Union(of) => {
                    members = of
                        .members
                        .iter()
                        .map(|name| name.node.to_string())
                        .collect();
                    (Kind::Union, Vec::new())
                }
            };
            let description = definition.description.map(|text| text.node);
            let name = definition.name.node.to_string();
            let definition = Definition {
                kind,
                fields,
                implements,
                members,
                description,
            };
            types.insert(name, definition);
        }
        Self(types)
    }

    pub(super) fn kind(&self, type_name: &str) -> Option<Kind> {
        self.0.get(type_name).map(|definition| definition.kind)
    }

    pub(super) fn fields(&self, type_name: &str) -> &[Field] {
        self.0
            .get(type_name)
            .map_or(&[], |definition| &definition.fields)
    }

    pub(super) fn field(&self, type_name: &str, field: &str) -> Option<&Field> {
        let mut fields = self.fields(type_name).iter();
        fields.find(|known| known.name == field)
    }

    /// Whether a field of this type is asked without a selection of its own.
    pub(super) fn is_leaf(&self, field: &Field) -> bool {
        !matches!(
            self.kind(&field.named),
            Some(Kind::Object | Kind::Interface | Kind::Union)
        )
    }

    /// Types that have fields to be read.
    pub(super) fn readable(&self) -> impl Iterator<Item = (&str, &Definition)> {
        self.0
            .iter()
            .filter(|(_, definition)| matches!(definition.kind, Kind::Object | Kind::Interface))
            .map(|(name, definition)| (name.as_str(), definition))
    }

    /// The objects of an interface or a union.
    pub(super) fn implementors(&self, of: &str) -> Vec<&str> {
        let members = self.0.get(of).map_or(&[][..], |union| &union.members);
        if !members.is_empty() {
            return members.iter().map(String::as_str).collect();
        }
        self.0
            .iter()
            .filter(|(_, definition)| definition.implements.iter().any(|name| name == of))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

fn output(field: &FieldDefinition) -> Field {
    let (named, is_list) = name_of(&field.ty.node);
    let arguments = field.arguments.iter().map(|argument| {
        let argument = &argument.node;
        (argument.name.node.to_string(), argument.ty.node.to_string())
    });
    Field {
        name: field.name.node.to_string(),
        written: field.ty.node.to_string(),
        named,
        is_list,
        arguments: arguments.collect(),
        description: field.description.as_ref().map(|text| text.node.clone()),
    }
}

fn name_of(of: &Type) -> (String, bool) {
    match &of.base {
        BaseType::Named(name) => (name.to_string(), false),
        BaseType::List(inner) => (name_of(inner).0, true),
    }
}
