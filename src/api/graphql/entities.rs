//! What a gateway asks (Apollo Federation 2): the schema with its keys, and things by their keys.
//!
//! It is our own and not the library's: that one ends the whole list at the first thing that it
//! does not find, prints the schema unsorted, and to whoever asks.

use async_graphql::{
    Context, InputValueError, InputValueResult, Object, Scalar, ScalarType, SimpleObject, Union,
    Value,
};

use super::{
    agency::Agency,
    ask::{Ask, ask},
    credit_record::CreditRecord,
    division::Division,
    error::{ApiError, Result},
    node::{self, NodeKind},
    source::Source,
};

/// The field of the root that answers representations, and its argument: the guard counts them.
pub(in crate::api) const ENTITIES: &str = "_entities";
pub(in crate::api) const REPRESENTATIONS: &str = "representations";
/// Representations in one request.
pub(in crate::api) const REPRESENTATIONS_MAX: u64 = 200;

/// Entities and their keys. A source's key alone is the same word in every province.
const KEYS: [(&str, &str); 4] = [
    ("Agency", "uscc"),
    ("CreditRecord", "id"),
    ("Division", "code"),
    ("Source", "key province"),
];
/// The roots of operations. Their fields belong to one hub alone: a gateway gives them a prefix for each.
pub(in crate::api) const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];
const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", \
                    import: [\"@key\", \"@shareable\"])";

/// 联邦网关所问。 / What a gateway asks.
#[derive(Debug, Default)]
pub struct Federation;

/// 子图的模式。 / A subgraph's schema.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct Service {
    /// 带联邦指令的模式文本。 / The schema's text with its keys.
    sdl: String,
}

/// 可由其他子图引用的对象。 / Something that other subgraphs refer to.
#[derive(Union)]
#[graphql(name = "_Entity")]
pub enum Entity {
    Agency(Agency),
    CreditRecord(CreditRecord),
    Division(Division),
    Source(Source),
}

/// 对象的表示：类型名与键。 / A type's name and a key of it. Members beside the key are ignored.
#[derive(Debug, Clone, PartialEq)]
pub enum Representation {
    Agency(String),
    CreditRecord(String),
    Division(String),
    Source { key: String, province: String },
}

/// 对象的表示：类型名与键。 / A type's name and a key of it.
#[Scalar(name = "_Any")]
impl ScalarType for Representation {
    fn parse(value: Value) -> InputValueResult<Self> {
        let member = |name: &str| match &value {
            Value::Object(members) => match members.get(name) {
                Some(Value::String(text)) => Ok(text.clone()),
                _ => Err(InputValueError::custom(format!(
                    "a text {name:?} is missing"
                ))),
            },
            _ => Err(InputValueError::custom("no object")),
        };
        Ok(match member("__typename")?.as_str() {
            "Agency" => Self::Agency(member("uscc")?),
            "CreditRecord" => Self::CreditRecord(member("id")?),
            "Division" => Self::Division(member("code")?),
            "Source" => Self::Source {
                key: member("key")?,
                province: member("province")?,
            },
            _ => return Err(InputValueError::custom("no type with a key")),
        })
    }

    fn to_value(&self) -> Value {
        let (type_name, members) = match self {
            Self::Agency(uscc) => ("Agency", vec![("uscc", uscc)]),
            Self::CreditRecord(id) => ("CreditRecord", vec![("id", id)]),
            Self::Division(code) => ("Division", vec![("code", code)]),
            Self::Source { key, province } => {
                ("Source", vec![("key", key), ("province", province)])
            }
        };
        let text = |name: &str, text: &str| (async_graphql::Name::new(name), text.into());
        let members = members.into_iter().map(|(name, key)| text(name, key));
        Value::Object(
            [text("__typename", type_name)]
                .into_iter()
                .chain(members)
                .collect(),
        )
    }
}

#[Object]
impl Federation {
    /// 子图的模式，供网关组合。 / The subgraph's schema, for a gateway to compose.
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        Service {
            sdl: federated(&super::sdl()),
        }
    }

    /// 按键取对象，顺序与所给一致；不可见与不存在同为 null。 / Things by their keys, in the order given; hidden and absent are both null.
    #[graphql(name = "_entities")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        representations: Vec<Representation>,
    ) -> Result<Vec<Option<Entity>>> {
        if representations.len() as u64 > REPRESENTATIONS_MAX {
            let message = format!("at most {REPRESENTATIONS_MAX} representations");
            return Err(ApiError::invalid(message));
        }
        let ask = ask(ctx);
        let mut entities = Vec::with_capacity(representations.len());
        for representation in representations {
            entities.push(find(ask, representation).await?);
        }
        Ok(entities)
    }
}

/// What a key names, if the viewer may see it. A key that is no code names nothing.
async fn find(ask: &Ask, representation: Representation) -> Result<Option<Entity>> {
    Ok(match representation {
        Representation::Agency(uscc) => uscc
            .parse()
            .ok()
            .and_then(|code| Agency::by_uscc(&ask.view, &code))
            .map(Entity::Agency),
        // What else an id may name is not even looked for.
        Representation::CreditRecord(id) => node::number_of(ask, NodeKind::CreditRecord, &id)
            .and_then(|id| ask.view.record_row(id))
            .and_then(|row| CreditRecord::at(&ask.view, row))
            .map(Entity::CreditRecord),
        Representation::Division(code) => code
            .parse()
            .ok()
            .and_then(|code| Division::find(&ask.view, code))
            .map(Entity::Division),
        Representation::Source { key, province } => Source::find(ask, &key)
            .filter(|_| province == ask.app.config.hub.province)
            .map(Entity::Source),
    })
}

/// The printed schema with what a gateway must know: the keys, and that each type is told by several
/// hubs, one a province.
fn federated(sdl: &str) -> String {
    let mut text = format!("{LINK}\n\n");
    for line in sdl.lines() {
        let name = line
            .strip_prefix("type ")
            .and_then(|rest| rest.split(' ').next())
            .filter(|name| !ROOTS.contains(name));
        match (name, line.strip_suffix('{')) {
            (Some(name), Some(head)) => {
                let key = KEYS.iter().find(|(known, _)| *known == name);
                let key = key.map(|(_, fields)| format!("@key(fields: \"{fields}\") "));
                text.push_str(head);
                text.push_str(&key.unwrap_or_default());
                text.push_str("@shareable {");
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}
