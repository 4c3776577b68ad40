//! Search over what has a code, a number or a name.

use std::sync::Arc;

use async_graphql::{Enum, SimpleObject};
use domain::case_number::CaseNumber;

use crate::graph::{Fit, Hit, Matched, View, Wanted, fit, page_size};

use super::{
    agency::Agency,
    ask::Ask,
    catalogue_item::CatalogueItem,
    credit_record::CreditRecord,
    division::Division,
    error::{ApiError, Result},
    filter::readable,
    node::Node,
    root::NAME_CHARS_MAX,
};

/// 检索对象的种类。 / What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum SearchKind {
    /// 单位。 / Agencies.
    Agency,
    /// 所检索单位的失信记录。 / Records of the agency that is meant exactly.
    CreditRecord,
    /// 案号。 / Records by case number.
    CaseNumber,
    /// 区划。 / Divisions.
    Division,
    /// 目录清单条目。 / Entries of the list.
    CatalogueItem,
}

/// 相符之处。 / What of a thing fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum SearchField {
    /// 代码。 / Its code.
    Code,
    /// 组织机构代码。 / Its organisation code.
    OrgCode,
    /// 名称。 / Its name.
    Name,
    /// 曾用名。 / A name that it bore.
    FormerName,
    /// 别名。 / A second name.
    Alias,
    /// 拼音首字母。 / The pinyin initials of a name.
    Initials,
    /// 案号。 / Its case number.
    CaseNumber,
}

/// 检索结果。 / Something that was found.
#[derive(SimpleObject)]
pub struct SearchHit {
    /// 种类。 / What it is.
    kind: SearchKind,
    /// 标题。 / What it is called.
    title: String,
    /// 相符的文字。 / The text that fits.
    matched: String,
    /// 相符之处。 / Where that text stands.
    field: SearchField,
    /// 对象。 / The thing itself.
    node: Node,
    #[graphql(skip)]
    fit: Fit,
}

const ALL: [SearchKind; 5] = [
    SearchKind::Agency,
    SearchKind::CreditRecord,
    SearchKind::CaseNumber,
    SearchKind::Division,
    SearchKind::CatalogueItem,
];

/// The fields of an agency that are searched, with what is read by that.
const FIELDS: [(Matched, &str); 6] = [
    (Matched::Code, "uscc"),
    (Matched::OrgCode, "orgCode"),
    (Matched::Name, "name"),
    (Matched::FormerName, "formerNames"),
    (Matched::Alias, "aliases"),
    (Matched::Initials, "name"),
];

/// What a hit of a kind shows of itself.
fn reads(kind: SearchKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        SearchKind::Agency => &[("Agency", "name")],
        SearchKind::CreditRecord => &[
            ("Agency", "name"),
            ("CreditRecord", "agency"),
            ("CreditRecord", "kind"),
            ("CreditRecord", "caseNumber"),
            ("CreditRecord", "identifiedOn"),
        ],
        SearchKind::CaseNumber => &[
            ("CreditRecord", "kind"),
            ("CreditRecord", "caseNumber"),
            ("CreditRecord", "identifiedOn"),
        ],
        SearchKind::Division => &[
            ("Division", "code"),
            ("Division", "name"),
            ("Division", "fullName"),
        ],
        SearchKind::CatalogueItem => &[("CatalogueItem", "code"), ("CatalogueItem", "title")],
    }
}

/// What fits the text best: whole before beginning before within, then by kind.
pub(super) fn search(
    ask: &Ask,
    text: &str,
    kinds: Option<Vec<SearchKind>>,
    first: Option<i32>,
) -> Result<Vec<SearchHit>> {
    let limit = page_size("first", first.map(i64::from))?;
    if text.trim().is_empty() || text.chars().count() > NAME_CHARS_MAX {
        return Err(ApiError::invalid(format!(
            "`text` has 1 to {NAME_CHARS_MAX} characters"
        )));
    }
    let may = |type_name, field| readable(ask, type_name, field).is_ok();
    let by = FIELDS.iter().filter(|(_, field)| may("Agency", *field));
    let wanted = Wanted::new(text, by.map(|(by, _)| *by).collect());
    let mut kinds = kinds.unwrap_or_else(|| ALL.to_vec());
    kinds.retain(|kind| reads(*kind).iter().all(|(of, field)| may(of, field)));
    let view = &ask.view;
    let mut hits = Vec::new();
    let agencies = match kinds.iter().any(|kind| *kind <= SearchKind::CreditRecord) {
        true => view.search_agencies(&wanted, limit),
        false => Vec::new(),
    };
    if kinds.contains(&SearchKind::CreditRecord) {
        let exact = agencies.iter().filter(|hit| hit.fit == Fit::Exact);
        hits.extend(exact.flat_map(|hit| of_agency(view, hit, limit)));
        hits.truncate(limit);
    }
    if kinds.contains(&SearchKind::Agency) {
        hits.extend(agencies.into_iter().filter_map(|hit| agency(view, hit)));
    }
    if kinds.contains(&SearchKind::CaseNumber) {
        hits.extend(of_case(view, text, limit));
    }
    if kinds.contains(&SearchKind::Division) {
        let found = view.search_divisions(&wanted, limit).into_iter();
        hits.extend(found.filter_map(|hit| {
            let title = view.divisions().full_name(hit.found).unwrap_or_default();
            let node = Node::Division(Division::find(view, hit.found)?);
            Some(SearchHit::of(SearchKind::Division, title, hit, node))
        }));
    }
    if kinds.contains(&SearchKind::CatalogueItem) {
        hits.extend(items(ask, &wanted.text));
    }
    hits.sort_by_key(|hit| (hit.fit, hit.kind));
    hits.truncate(limit);
    Ok(hits)
}

impl SearchHit {
    fn of<T>(kind: SearchKind, title: String, hit: Hit<T>, node: Node) -> Self {
        let field = match hit.by {
            Matched::Code => SearchField::Code,
            Matched::OrgCode => SearchField::OrgCode,
            Matched::Name => SearchField::Name,
            Matched::FormerName => SearchField::FormerName,
            Matched::Alias => SearchField::Alias,
            Matched::Initials => SearchField::Initials,
        };
        Self {
            kind,
            title,
            matched: hit.text,
            field,
            node,
            fit: hit.fit,
        }
    }
}

fn agency(view: &Arc<View>, hit: Hit<u32>) -> Option<SearchHit> {
    let title = view.name_of(&view.agency_at(hit.found)?.fact).to_owned();
    let node = Node::Agency(Agency::at(view, hit.found)?);
    Some(SearchHit::of(SearchKind::Agency, title, hit, node))
}

/// The newest records of an agency that is meant exactly.
fn of_agency(view: &Arc<View>, hit: &Hit<u32>, limit: usize) -> Vec<SearchHit> {
    let rows = view.newest_records_of(hit.found, limit).into_iter();
    let found = rows.filter_map(|row| {
        let record = CreditRecord::at(view, row)?;
        let title = record.title();
        let node = Node::CreditRecord(record);
        let kind = SearchKind::CreditRecord;
        Some(SearchHit::of(kind, title, hit.clone(), node))
    });
    found.collect()
}

fn of_case(view: &Arc<View>, text: &str, limit: usize) -> Vec<SearchHit> {
    let Ok(number) = text.parse::<CaseNumber>() else {
        return Vec::new();
    };
    let rows = view.records_of_case(&number, limit).into_iter();
    let found = rows.filter_map(|row| {
        let record = CreditRecord::at(view, row)?;
        Some(SearchHit {
            kind: SearchKind::CaseNumber,
            title: record.title(),
            matched: number.to_string(),
            field: SearchField::CaseNumber,
            node: Node::CreditRecord(record),
            fit: Fit::Exact,
        })
    });
    found.collect()
}

/// Entries by code and title; there are few.
fn items(ask: &Ask, text: &str) -> Vec<SearchHit> {
    let found = CatalogueItem::today(ask).filter_map(|(item, told)| {
        let by_code = fit(&item.code, text).filter(|fit| *fit != Fit::Contains);
        let by_title = fit(&item.title, text);
        let (fit, matched, field) = [
            by_code.map(|fit| (fit, &item.code, SearchField::Code)),
            by_title.map(|fit| (fit, &item.title, SearchField::Name)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(fit, ..)| *fit)?;
        Some(SearchHit {
            kind: SearchKind::CatalogueItem,
            title: item.title.clone(),
            matched: matched.clone(),
            field,
            node: Node::CatalogueItem(told),
            fit,
        })
    });
    found.collect()
}
