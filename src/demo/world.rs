//! What the made-up province holds, and how big it is.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::division::{DivisionCode, DivisionTree};
use domain::uscc::Uscc;

use super::luck::Luck;
use super::places::places;
use super::{agencies, assessments, letters, listings, officials, reports};

/// How much to make up.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Prefecture-level cities; the three that show every shape of division come first.
    pub prefectures: usize,
    /// Rows of the register, abolished bodies among them.
    pub agencies: usize,
    /// Rows of the court list.
    pub listings: usize,
    /// One listing in so many is about a government body.
    pub agency_share: usize,
    /// Complaints about arrears.
    pub arrears: usize,
    /// Supervision cases.
    pub supervision: usize,
    /// Hotline orders.
    pub orders: usize,
    /// Penalties that were made public.
    pub penalties: usize,
    /// Posts of officials.
    pub posts: usize,
    /// Bodies that a third party assessed.
    pub assessed: usize,
    /// Letters to the dedicated mailbox.
    pub letters: usize,
}

impl Scale {
    /// Starts in a moment, and shows everything once.
    pub const SMALL: Self = Self {
        prefectures: 3,
        agencies: 2_000,
        listings: 1_200,
        agency_share: 8,
        arrears: 120,
        supervision: 60,
        orders: 300,
        penalties: 300,
        posts: 400,
        assessed: 60,
        letters: 40,
    };

    /// As much as a province has: about 200,000 source rows, register and successions counted.
    pub const PROVINCE: Self = Self {
        prefectures: 21,
        agencies: 40_000,
        listings: 140_000,
        agency_share: 90,
        arrears: 4_000,
        supervision: 2_000,
        orders: 8_000,
        penalties: 5_000,
        posts: 4_000,
        assessed: 500,
        letters: 500,
    };
}

/// A row of the register.
#[derive(Clone, Debug)]
pub struct MadeAgency {
    /// Its code, with a valid check character.
    pub uscc: Uscc,
    /// Its full name, unique in its division.
    pub name: String,
    /// 机构性质: 机关, 事业单位, 群众团体 or 其他.
    pub nature: &'static str,
    /// Code of its division, six or nine digits.
    pub division: String,
    /// The body above it.
    pub superior: Option<Uscc>,
    /// The department in charge of it, for an institution.
    pub competent: Option<Uscc>,
    /// Names it bore before, under the same code.
    pub former_names: Vec<String>,
    /// Short forms in use.
    pub aliases: Vec<String>,
    /// ISO date of its founding, where known.
    pub established: Option<String>,
    /// ISO date of its end, of a body that is gone.
    pub abolished: Option<String>,
}

/// A succession event between two bodies, or the end of one.
#[derive(Clone, Debug)]
pub struct MadeSuccession {
    /// The predecessor's code; none where the register never had it.
    pub from_code: Option<Uscc>,
    /// The predecessor's name.
    pub from_name: String,
    /// The successor's code; none where nobody took over.
    pub to_code: Option<Uscc>,
    /// The successor's name; empty where nobody took over.
    pub to_name: String,
    /// 更名, 合并, 分立, 职能划转 or 撤销.
    pub kind: &'static str,
    /// The day it took effect, which is the day a predecessor that ended was abolished.
    pub effective: NaiveDate,
    /// The document it rests on, marked as a sample.
    pub basis: String,
}

/// What a listing is about and how it names it, so that a test can tell right from wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ListingKind {
    /// An agency, by its valid code.
    AgencyByUscc,
    /// An agency, by its organisation code, with or without hyphen.
    AgencyByOrgCode,
    /// An agency, by its exact name alone.
    AgencyByName,
    /// An agency, by a name it bore before or by that of a predecessor.
    AgencyByFormerName,
    /// An agency, by its exact name beside a code that is broken or cut off.
    AgencyByBrokenCode,
    /// A government body that cannot be told from the name given, or is not in the register.
    Unresolvable,
    /// A company.
    Enterprise,
    /// A natural person.
    Person,
    /// A villagers' committee.
    Village,
    /// A farmers' cooperative.
    Cooperative,
}

/// A row of the court's list.
#[derive(Clone, Debug)]
pub struct MadeListing {
    /// Key of the listing.
    pub id: i64,
    /// What and how; never part of a delivery.
    pub kind: ListingKind,
    /// The agency meant (a predecessor itself, if it is that one), where the register has one;
    /// never part of a delivery.
    pub about: Option<Uscc>,
    /// `iname`: the debtor's name.
    pub name: String,
    /// `cardNum`: code or masked number, as printed.
    pub card: String,
    /// 案号, with brackets of either width; debtors of one case share it.
    pub case_code: Arc<str>,
    /// The debtor's place among those of the case, from 1.
    pub debtor_no: u8,
    /// The court that enforces.
    pub court_name: Arc<str>,
    /// The province in its short form.
    pub area_name: Arc<str>,
    /// 执行依据文号.
    pub gist_id: Arc<str>,
    /// 执行依据单位.
    pub gist_unit: Arc<str>,
    /// 立案时间.
    pub reg_date: NaiveDate,
    /// 发布时间.
    pub publish_date: NaiveDate,
    /// What is owed.
    pub duty: Arc<str>,
    /// 全部未履行, 部分未履行 or 全部已履行.
    pub performance: &'static str,
    /// What was done of it, or `暂无`.
    pub performed_part: String,
    /// What was not, or `暂无`.
    pub unperform_part: String,
    /// 具体情形.
    pub disrupt_type: &'static str,
    /// Whoever stands for an organisation; empty for persons.
    pub business_entity: String,
    /// 0 person, 1 organisation.
    pub party_type: u8,
    /// 0 for organisations.
    pub age: u8,
    /// 男性, 女性 or empty.
    pub sex: &'static str,
}

/// A made-up province.
#[derive(Debug, Default)]
pub struct World {
    /// The register.
    pub agencies: Vec<MadeAgency>,
    /// Its succession events.
    pub successions: Vec<MadeSuccession>,
    /// The court's list.
    pub listings: Vec<MadeListing>,
    /// What is reported about bodies.
    pub reports: Reports,
    /// Who holds which post.
    pub posts: MadeTable,
    /// What a third party measured.
    pub assessments: MadeTable,
    /// Letters to the dedicated mailbox, as one file of them (`mbox`).
    pub letters: String,
}

/// Rows under their headings.
#[derive(Debug, Default)]
pub struct MadeTable {
    /// The columns or keys.
    pub headings: &'static [&'static str],
    /// As many cells each as there are headings.
    pub rows: Vec<Vec<String>>,
}

/// What is reported about bodies, a table a source.
#[derive(Debug, Default)]
pub struct Reports {
    /// Complaints about arrears.
    pub arrears: MadeTable,
    /// Supervision cases.
    pub supervision: MadeTable,
    /// Hotline orders.
    pub hotline: MadeTable,
    /// Penalties that were made public.
    pub penalties: MadeTable,
}

impl World {
    /// Makes the world of a seed in Guangdong, on the divisions of `tree`.
    pub fn make(seed: u64, scale: &Scale, tree: &DivisionTree) -> Self {
        let guangdong = "440000".parse().expect("a division's code");
        Self::make_in(guangdong, seed, scale, tree)
    }

    /// The same in another province.
    pub fn make_in(province: DivisionCode, seed: u64, scale: &Scale, tree: &DivisionTree) -> Self {
        let places = places(tree, province, scale.prefectures);
        let register = agencies::make(Luck::new(seed, 1), &places, scale.agencies);
        let listings = listings::make(Luck::new(seed, 2), &places, &register, scale);
        let reports = reports::make(Luck::new(seed, 3), &places, &register.agencies, scale);
        let posts = officials::make(Luck::new(seed, 4), &register.agencies, scale.posts);
        let assessments = assessments::make(Luck::new(seed, 5), &register.agencies, scale.assessed);
        let letters = letters::make(Luck::new(seed, 6), &register.agencies, scale.letters);
        Self {
            posts,
            assessments,
            letters,
            agencies: register.agencies,
            successions: register.successions,
            listings,
            reports,
        }
    }
}
