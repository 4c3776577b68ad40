//! Sanction checks (核查): what is to be said of a subject, from how it was told and what stands against it.

use crate::{
    agency::BodyClass, division::DivisionCode, gazetteer::Gazetteer, name::normalise,
    resolution::Outcome, uscc::Uscc,
};

/// The answer of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// 未命中: the subject is known, and nothing stands against it. Not a clean bill.
    Clear,
    /// A record holds, and no measure.
    Listed,
    /// A measure is in force.
    Restricted,
    /// Something may stand against it: by a predecessor, or of a subject that is told with doubt.
    Possible,
    /// Several subjects fit, or code and name disagree.
    Ambiguous,
    /// Nobody is known by this.
    UnknownSubject,
    /// An enterprise, a body of another province, or one that the asker may not check.
    NotCovered,
}

crate::text_enum!(Verdict {
    Clear => "CLEAR",
    Listed => "LISTED",
    Restricted => "RESTRICTED",
    Possible => "POSSIBLE",
    Ambiguous => "AMBIGUOUS",
    UnknownSubject => "UNKNOWN_SUBJECT",
    NotCovered => "NOT_COVERED",
});
crate::text_serde!(Verdict);

/// The most serious of what stands against a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A measure of its own is in force.
    Sanctioned,
    /// A record of its own holds.
    Listed,
    /// A record of a predecessor holds.
    Inherited,
    /// Nothing.
    Nothing,
}

/// The verdict. Only a settled identity can be clear; an unknown or contradictory name never is.
pub fn verdict(told: Outcome, standing: Standing) -> Verdict {
    match (told, standing) {
        (Outcome::None, _) => Verdict::UnknownSubject,
        (Outcome::Ambiguous | Outcome::Conflict, _) => Verdict::Ambiguous,
        (Outcome::Fuzzy, _) | (_, Standing::Inherited) => Verdict::Possible,
        (_, Standing::Sanctioned) => Verdict::Restricted,
        (_, Standing::Listed) => Verdict::Listed,
        (_, Standing::Nothing) => Verdict::Clear,
    }
}

/// Whether a code that nobody here bears is one of those whom this province's register can't know: an
/// enterprise's or an association's (GB 32100-2015), or one that was issued in another province.
pub fn is_code_of_others(code: &Uscc, province: DivisionCode) -> bool {
    let is_body = matches!(code.class(), BodyClass::Agency(_));
    !is_body || code.division()[..2] != province.to_string()[..2]
}

/// Likewise of a name: a company's (公司法 of 2023, article 7), or one that begins with a division of
/// another province and with none of this one.
pub fn is_name_of_others(gazetteer: &Gazetteer, name: &str, province: DivisionCode) -> bool {
    let name = normalise(name);
    let paths = gazetteer.paths(&gazetteer.read(&name), 0);
    let Some(province) = gazetteer.place(province) else {
        return false;
    };
    let mut full = paths.iter().filter(|path| !path.is_short).peekable();
    let is_elsewhere = full.peek().is_some()
        && full.all(|path| {
            let mut places = path.places.iter();
            !places.any(|place| {
                gazetteer.is_within(province, *place) || gazetteer.is_within(*place, province)
            })
        });
    name.ends_with("公司") || is_elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org_code::OrgCode;

    #[test]
    fn only_a_settled_identity_is_clear() {
        use Outcome as O;
        use Standing as S;
        use Verdict as V;
        let standings = [S::Sanctioned, S::Listed, S::Inherited, S::Nothing];
        let settled = [V::Restricted, V::Listed, V::Possible, V::Clear];
        for (told, verdicts) in [
            (O::ExactCode, settled),
            (O::ExactName, settled),
            (O::Alias, settled),
            (O::Successor, settled),
            (O::Fuzzy, [V::Possible; 4]),
            (O::Ambiguous, [V::Ambiguous; 4]),
            (O::Conflict, [V::Ambiguous; 4]),
            (O::None, [V::UnknownSubject; 4]),
        ] {
            assert_eq!(
                standings.map(|standing| verdict(told, standing)),
                verdicts,
                "{told}"
            );
        }
    }

    #[test]
    fn enterprises_and_other_provinces_are_of_others() {
        let province = "440000".parse().expect("a division");
        for (prefix, division, expected) in [
            ("11", "440600", false),
            ("12", "440000", false),
            ("11", "330100", true),
            ("91", "440600", true),
            ("54", "440600", true),
        ] {
            let org = OrgCode::from_body("12345678").expect("an organisation code");
            let code = Uscc::from_parts(prefix, division, org).expect("a code");
            assert_eq!(is_code_of_others(&code, province), expected, "{code}");
        }
    }
}
