//! Agencies (机关 / 单位): the bodies of the register, and what classes of bodies there are, as the
//! unified social credit code tells them (GB 32100-2015).

use chrono::NaiveDate;

use crate::{division::DivisionCode, uscc::Uscc};

/// One body of the register.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Agency {
    /// Its code, by which it is identified.
    pub uscc: Uscc,
    /// Its kind, by the code's prefix.
    pub kind: AgencyKind,
    /// Its official name today.
    pub name: String,
    /// The division whose body it is.
    pub division: DivisionCode,
    /// The day it was founded.
    pub established_on: Option<NaiveDate>,
    /// The day from which it is gone.
    pub abolished_on: Option<NaiveDate>,
    /// The code of its superior (上级机构).
    pub superior: Option<Uscc>,
    /// The codes of its competent departments (主管部门).
    pub competent: Vec<Uscc>,
    /// Names that it bore, and second names that it bears.
    pub names: Vec<AgencyName>,
}

impl Agency {
    /// Whether it is there on a day: founded, and not abolished yet.
    pub fn is_there(&self, on: NaiveDate) -> bool {
        let has_begun = self.established_on.is_none_or(|day| day <= on);
        has_begun && self.abolished_on.is_none_or(|day| on < day)
    }

    /// The name that it bore officially on a day: a former one where its days are known, else today's.
    pub fn name_on(&self, day: NaiveDate) -> &str {
        let former = self.names.iter().filter(|name| {
            name.relation == NameRelation::Former
                && name.from.is_none_or(|from| from <= day)
                && name.to.is_some_and(|to| day <= to)
        });
        let borne = former.max_by_key(|name| name.from);
        borne.map_or(&self.name, |name| &name.name)
    }
}

/// A name beside the official one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgencyName {
    /// How it stands to the official name.
    pub relation: NameRelation,
    /// The name.
    pub name: String,
    /// The first day on which it was borne, where that is known.
    pub from: Option<NaiveDate>,
    /// The last day on which it was borne, where that is known.
    pub to: Option<NaiveDate>,
}

/// How a name stands to the official one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameRelation {
    /// 曾用名
    Former,
    /// 别名
    Alias,
}

crate::text_enum!(NameRelation { Former => "former", Alias => "alias" });

/// Kinds of bodies that can be graded: those registered by the staffing authorities (机构编制部门).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgencyKind {
    /// 机关, prefix 11: government, party, congress, court, procuratorate.
    Organ,
    /// 事业单位, prefix 12: schools, hospitals, service centres.
    Institution,
    /// 编办直管群众团体, prefix 13.
    MassOrganisation,
    /// 机构编制其他, prefix 19.
    Other,
}

crate::text_enum!(AgencyKind {
    Organ => "ORGAN",
    Institution => "INSTITUTION",
    MassOrganisation => "MASS_ORGANISATION",
    Other => "OTHER",
});
crate::text_serde!(AgencyKind);

/// What a code's first two characters say about its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyClass {
    /// A body that can be graded.
    Agency(AgencyKind),
    /// A villagers' or residents' committee (54, 55): governs itself, is no agency.
    SelfGoverning,
    /// Everybody else: enterprises, associations, temples, collectives and so on.
    OutOfScope,
}

impl BodyClass {
    /// The class of a prefix of two characters; one that is not in the standard is out of scope.
    pub fn of_prefix(prefix: &str) -> Self {
        match prefix {
            "11" => Self::Agency(AgencyKind::Organ),
            "12" => Self::Agency(AgencyKind::Institution),
            "13" => Self::Agency(AgencyKind::MassOrganisation),
            "19" => Self::Agency(AgencyKind::Other),
            "54" | "55" => Self::SelfGoverning,
            _ => Self::OutOfScope,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bodies_of_the_staffing_authorities_are_agencies() {
        for (prefix, class) in [
            ("11", BodyClass::Agency(AgencyKind::Organ)),
            ("12", BodyClass::Agency(AgencyKind::Institution)),
            ("13", BodyClass::Agency(AgencyKind::MassOrganisation)),
            ("19", BodyClass::Agency(AgencyKind::Other)),
            ("54", BodyClass::SelfGoverning),
            ("55", BodyClass::SelfGoverning),
            ("91", BodyClass::OutOfScope),
            ("N2", BodyClass::OutOfScope),
            ("1", BodyClass::OutOfScope),
        ] {
            assert_eq!(BodyClass::of_prefix(prefix), class, "{prefix}");
        }
    }

    #[test]
    fn a_name_is_that_of_the_day_where_its_days_are_known() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let former = |name: &str, from: Option<&str>, to: Option<&str>| AgencyName {
            relation: NameRelation::Former,
            name: name.to_owned(),
            from: from.map(day),
            to: to.map(day),
        };
        let org = crate::org_code::OrgCode::from_body("TXT00001").expect("eight letters");
        let agency = Agency {
            uscc: Uscc::from_parts("11", "440604", org).expect("parts of the right length"),
            kind: AgencyKind::Organ,
            name: "今名".to_owned(),
            division: "440604".parse().expect("a code"),
            established_on: Some(day("2001-02-03")),
            abolished_on: None,
            superior: None,
            competent: Vec::new(),
            names: vec![
                former("首名", None, Some("2009-12-31")),
                former("次名", Some("2010-01-01"), Some("2019-03-31")),
                former("不详", None, None),
            ],
        };
        for (on, name) in [
            ("2005-01-01", "首名"),
            ("2009-12-31", "首名"),
            ("2010-01-01", "次名"),
            ("2019-03-31", "次名"),
            ("2019-04-01", "今名"),
            ("2026-01-01", "今名"),
        ] {
            assert_eq!(agency.name_on(day(on)), name, "{on}");
        }
    }

    #[test]
    fn kinds_read_back() {
        for kind in AgencyKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
    }
}
