//! Whether a row is about a government body at all, by its subject's code and name.

use crate::{
    agency::BodyClass,
    name::{NameClass, classify, normalise},
    privacy::is_citizen_number,
    uscc::Uscc,
};

/// What a row's subject is to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectScope {
    /// A government body, or somebody who may be one.
    Body,
    /// An enterprise, a person, a self-governing body: counted, not stored.
    OutOfScope,
}

/// Tells the scope by a code as written, which may be broken or masked, and a name as written.
///
/// A good code decides, unless the name is plainly that of a body: then it is for the resolver to
/// find the contradiction. Without a good code the name decides, and a doubtful one is kept.
pub fn scope(code: Option<&str>, name: &str) -> SubjectScope {
    let class = classify(&normalise(name));
    let code = code.map(str::trim).unwrap_or_default();
    match code.parse::<Uscc>().map(|code| code.class()) {
        // A person's number may be a code by accident: the name decides.
        Ok(_) if is_citizen_number(code) => {}
        Ok(BodyClass::Agency(_)) => return SubjectScope::Body,
        Ok(BodyClass::SelfGoverning | BodyClass::OutOfScope) => {
            return if class == NameClass::Body {
                SubjectScope::Body
            } else {
                SubjectScope::OutOfScope
            };
        }
        Err(_) => {}
    }
    match class {
        NameClass::Body => SubjectScope::Body,
        NameClass::SelfGoverning | NameClass::Enterprise | NameClass::Person => {
            SubjectScope::OutOfScope
        }
        NameClass::Unclear if is_citizen_number(code) => SubjectScope::OutOfScope,
        NameClass::Unclear => SubjectScope::Body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decide_before_names_and_names_before_nothing() {
        for (code, name, scope) in [
            (Some("11440600007039565U"), "甲", SubjectScope::Body),
            (Some("110000199001030022"), "甲", SubjectScope::OutOfScope),
            (
                Some("110000199001030022"),
                "佛山市样例局",
                SubjectScope::Body,
            ),
            (
                Some("91440101MA59TEST0X"),
                "佛山市某某贸易有限公司",
                SubjectScope::OutOfScope,
            ),
            (
                Some("91350100M000100Y43"),
                "某某（福建）有限公司",
                SubjectScope::OutOfScope,
            ),
            (
                Some("91350100M000100Y43"),
                "佛山市财政局",
                SubjectScope::Body,
            ),
            (
                Some("0000001990****0012"),
                "甲某一",
                SubjectScope::OutOfScope,
            ),
            (Some("007039565"), "佛山市某某局", SubjectScope::Body),
            (None, "佛山市禅城区教育局", SubjectScope::Body),
            (None, "佛山市禅城区某某村民委员会", SubjectScope::OutOfScope),
            (None, "某某商行", SubjectScope::OutOfScope),
        ] {
            assert_eq!(super::scope(code, name), scope, "{code:?} {name}");
        }
    }
}
