//! Node ids: kind, province and number. They are names, not rights: what they name is looked up in
//! the viewer's view like anything else.

use async_graphql::{ID, Interface};

use domain::division::DivisionCode;

use super::{
    access_entry::RecordAccess,
    agency::Agency,
    annual::{AnnualCampaign, AnnualObjection, AnnualResult},
    ask::Ask,
    assessment::Assessment,
    audit::AuditEntry,
    casework::{Case, Objection, Repair, Sanction},
    catalogue_item::CatalogueItem,
    check_exclusion::CheckExclusion,
    clue::Clue,
    credit_record::CreditRecord,
    division::Division,
    error::Result,
    evidence::Evidence,
    indicator::Indicator,
    mention::Mention,
    mention_decision::MentionDecision,
    official::Official,
    reject::Reject,
    source::{Source, SourceRun},
    warning::Warning,
    watch::{WatchList, WatchSubject},
};

/// 可按全局 id 取回的对象。 / Something that has a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "全局 id。 / Global id."))]
pub enum Node {
    CatalogueItem(CatalogueItem),
    Division(Division),
    Agency(Agency),
    CreditRecord(CreditRecord),
    Mention(Mention),
    Clue(Clue),
    Indicator(Indicator),
    Assessment(Assessment),
    Official(Official),
    Evidence(Evidence),
    Source(Source),
    SourceRun(SourceRun),
    MentionDecision(MentionDecision),
    Reject(Reject),
    Case(Case),
    Sanction(Sanction),
    Repair(Repair),
    Objection(Objection),
    Warning(Warning),
    AnnualCampaign(AnnualCampaign),
    AnnualObjection(AnnualObjection),
    AnnualResult(AnnualResult),
    AuditEntry(AuditEntry),
    RecordAccess(RecordAccess),
    WatchList(WatchList),
    WatchSubject(WatchSubject),
    CheckExclusion(CheckExclusion),
}

/// The kinds of nodes and their prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    CatalogueItem,
    Division,
    Agency,
    CreditRecord,
    Mention,
    Clue,
    Indicator,
    Assessment,
    Official,
    Evidence,
    Source,
    SourceRun,
    MentionDecision,
    Reject,
    Case,
    Sanction,
    Repair,
    Objection,
    Warning,
    AnnualCampaign,
    AnnualObjection,
    AnnualResult,
    AuditEntry,
    RecordAccess,
    WatchList,
    WatchSubject,
    CheckExclusion,
}

const PREFIXES: [(NodeKind, &str); 27] = [
    (NodeKind::CatalogueItem, "cat"),
    (NodeKind::Division, "div"),
    (NodeKind::Agency, "agc"),
    (NodeKind::CreditRecord, "crd"),
    (NodeKind::Mention, "mnt"),
    (NodeKind::Clue, "clu"),
    (NodeKind::Indicator, "ind"),
    (NodeKind::Assessment, "asm"),
    (NodeKind::Official, "off"),
    (NodeKind::Evidence, "evd"),
    (NodeKind::Source, "src"),
    (NodeKind::SourceRun, "run"),
    (NodeKind::MentionDecision, "dec"),
    (NodeKind::Reject, "rej"),
    (NodeKind::Case, "cas"),
    (NodeKind::Sanction, "san"),
    (NodeKind::Repair, "rep"),
    (NodeKind::Objection, "obj"),
    (NodeKind::Warning, "wrn"),
    (NodeKind::AnnualCampaign, "anc"),
    (NodeKind::AnnualObjection, "ano"),
    (NodeKind::AnnualResult, "anr"),
    (NodeKind::AuditEntry, "aud"),
    (NodeKind::RecordAccess, "acc"),
    (NodeKind::WatchList, "wch"),
    (NodeKind::WatchSubject, "wcs"),
    (NodeKind::CheckExclusion, "exc"),
];

/// The id of a node of this hub.
pub(super) fn id(ask: &Ask, kind: NodeKind, key: impl std::fmt::Display) -> ID {
    let prefix = PREFIXES
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or("", |(_, prefix)| prefix);
    ID(format!("{prefix}_{}_{key}", ask.app.config.hub.province))
}

/// What an id of this hub names; nothing for ids of others and for what is no id.
fn named<'a>(ask: &Ask, id: &'a str) -> Option<(NodeKind, &'a str)> {
    let (prefix, rest) = id.split_once('_')?;
    let (province, key) = rest.split_once('_')?;
    let (kind, _) = PREFIXES.iter().find(|(_, known)| *known == prefix)?;
    (province == ask.app.config.hub.province).then_some((*kind, key))
}

/// The number in an id of this kind and of this hub; whether there is such a thing it does not say.
pub(super) fn number_of(ask: &Ask, wanted: NodeKind, id: &str) -> Option<i64> {
    let (kind, key) = named(ask, id)?;
    number(key).filter(|_| kind == wanted)
}

/// The key in an id of this kind and of this hub.
pub(super) fn key_of<'a>(ask: &Ask, wanted: NodeKind, id: &'a str) -> Option<&'a str> {
    let (kind, key) = named(ask, id)?;
    (kind == wanted).then_some(key)
}

/// The two numbers of a key such as `12-3`.
pub(super) fn pair(key: &str) -> Option<(i64, i64)> {
    let (one, other) = key.rsplit_once('-')?;
    Some((number(one)?, number(other)?))
}

fn number(key: &str) -> Option<i64> {
    let number = key.parse::<i64>().ok()?;
    (number.to_string() == key).then_some(number)
}

/// The node with this id, if the viewer may see it.
pub(super) async fn find(ask: &Ask, id: &str) -> Result<Option<Node>> {
    let Some((kind, key)) = named(ask, id) else {
        return Ok(None);
    };
    let view = &ask.view;
    let number = || number(key);
    Ok(match kind {
        NodeKind::CatalogueItem => CatalogueItem::find(ask, key).map(Node::CatalogueItem),
        NodeKind::Division => key
            .parse::<DivisionCode>()
            .ok()
            .filter(|code| code.to_string() == key)
            .and_then(|code| Division::find(view, code))
            .map(Node::Division),
        NodeKind::Agency => number()
            .and_then(|id| view.agency_row(id))
            .and_then(|row| Agency::at(view, row))
            .map(Node::Agency),
        NodeKind::CreditRecord => {
            let row = number().and_then(|id| view.record_row(id));
            row.and_then(|row| CreditRecord::at(view, row))
                .map(Node::CreditRecord)
        }
        NodeKind::Mention => number()
            .and_then(|id| view.mention_row(id))
            .and_then(|row| Mention::at(view, row))
            .map(Node::Mention),
        NodeKind::Clue => number()
            .and_then(|id| view.clue_row(id))
            .and_then(|row| Clue::at(view, row))
            .map(Node::Clue),
        NodeKind::Indicator => number()
            .and_then(|id| view.indicator_row(id))
            .and_then(|row| Indicator::at(view, row))
            .map(Node::Indicator),
        NodeKind::Assessment => Assessment::find(ask, view, key)
            .await?
            .map(Node::Assessment),
        NodeKind::Official => number()
            .and_then(|id| Official::by_number(view, id))
            .inspect(|official| {
                ask.note_official();
                official.note(ask);
            })
            .map(Node::Official),
        NodeKind::Case => number()
            .and_then(|id| Case::by_number(view, id))
            .map(Node::Case),
        NodeKind::Sanction => number()
            .and_then(|id| Sanction::by_number(view, id))
            .map(Node::Sanction),
        NodeKind::Repair => number()
            .and_then(|id| Repair::by_number(view, id))
            .map(Node::Repair),
        NodeKind::Objection => number()
            .and_then(|id| Objection::by_number(view, id))
            .map(Node::Objection),
        NodeKind::Warning => number()
            .and_then(|id| Warning::by_number(view, id))
            .map(Node::Warning),
        NodeKind::AnnualCampaign => number()
            .and_then(|id| AnnualCampaign::by_number(view, id))
            .map(Node::AnnualCampaign),
        NodeKind::AnnualObjection => match number() {
            Some(id) => AnnualObjection::find(ask, view, id)
                .await?
                .map(Node::AnnualObjection),
            None => None,
        },
        NodeKind::AnnualResult => AnnualResult::find(ask, view, key)
            .await?
            .map(Node::AnnualResult),
        NodeKind::AuditEntry => AuditEntry::find(ask, key).await?.map(Node::AuditEntry),
        NodeKind::RecordAccess => RecordAccess::find(ask, key).await?.map(Node::RecordAccess),
        NodeKind::CheckExclusion => match number() {
            Some(id) => CheckExclusion::find(ask, id)
                .await?
                .map(Node::CheckExclusion),
            None => None,
        },
        NodeKind::WatchList => match number() {
            Some(id) => WatchList::find(ask, id).await?.map(Node::WatchList),
            None => None,
        },
        NodeKind::WatchSubject => WatchSubject::find(ask, key).await?.map(Node::WatchSubject),
        NodeKind::Evidence => match number() {
            Some(id) => Evidence::find(ask, id).await?.map(Node::Evidence),
            None => None,
        },
        NodeKind::Source => Source::find(ask, key).map(Node::Source),
        NodeKind::SourceRun => match number() {
            Some(id) => SourceRun::find(ask, id).await?.map(Node::SourceRun),
            None => None,
        },
        NodeKind::MentionDecision => match pair(key) {
            Some((id, version)) => MentionDecision::find(ask, id, version)
                .await?
                .map(Node::MentionDecision),
            None => None,
        },
        NodeKind::Reject => match pair(key) {
            Some((run, ordinal)) => Reject::find(ask, run, ordinal).await?.map(Node::Reject),
            None => None,
        },
    })
}
