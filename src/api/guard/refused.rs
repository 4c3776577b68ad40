//! Why a query is not executed.

/// What stands against it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(in crate::api) enum Refused {
    #[error("the query has too many {what}: more than {limit}")]
    TooMany { what: &'static str, limit: u64 },
    #[error("the query does not parse")]
    Syntax,
    #[error("a fragment is spread inside itself or not defined")]
    Fragment,
    #[error("a directive is not known; there are @skip and @include")]
    Directive,
    #[error("a variable without which the operation makes no sense is not given")]
    Variable,
    #[error("{type_name}.{field} may not be {} by this role / 该角色无权{}", done(type_name).0, done(type_name).1)]
    Field { type_name: String, field: String },
    #[error("{type_name}.{field} is not open for the purpose that is stated / 所述用途不含该项")]
    Purpose { type_name: String, field: String },
}

/// What is done with a type's field.
fn done(type_name: &str) -> (&'static str, &'static str) {
    match type_name {
        "Mutation" => ("done", "办理"),
        _ => ("read", "读取"),
    }
}

impl Refused {
    pub(super) fn field(type_name: &str, field: &str) -> Self {
        Refused::Field {
            type_name: type_name.to_owned(),
            field: field.to_owned(),
        }
    }

    pub(super) fn purpose(type_name: &str, field: &str) -> Self {
        Refused::Purpose {
            type_name: type_name.to_owned(),
            field: field.to_owned(),
        }
    }
}
