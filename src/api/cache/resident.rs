//! Which answers come wholly from the resident graph and depend on nothing of who asks but his access
//! scope.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

use crate::api::guard::{Facts, root_of};

/// By type, the fields that are answered from a version of the graph and the catalogue alone.
const RESIDENT: &[(&str, &str)] = &[
    (
        "Agency",
        "abolishedOn aliases assessment assessments cases clues competentDepartments creditRecords division establishedOn \
         formerNames id indicators kind name officials orgCode predecessors sanctions subordinates successors \
         superior superiorName uscc warnings",
    ),
    ("AgencyConnection", "edges pageInfo totalCount"),
    ("AgencyEdge", "cursor node"),
    ("AgencyName", "from name to"),
    (
        "AnnualCampaign",
        "asOf confirmedAt division id inputsDigest legalBasis objectionsFrom objectionsUntil \
         objectionsUntilIsProvisional openedAt preliminaryDigest previous publication resultsDigest rulePack \
         rulePackDigest rulePackVersion state verified version year",
    ),
    ("AnnualCampaignConnection", "edges pageInfo totalCount"),
    ("AnnualCampaignEdge", "cursor node"),
    (
        "Assessment",
        "agency asOf assessor campaign changesFrom comparison contributions division fullScore grade groupRank id \
         ifRepaired illustrative kind periodFrom periodTo publication rank rulePack rulePackDigest \
         rulePackVersion score state version vetoes",
    ),
    (
        "AssessmentComparison",
        "difference heading indicator ourShare ours theirShare theirs title",
    ),
    ("AssessmentConnection", "edges pageInfo totalCount"),
    ("AssessmentEdge", "cursor node"),
    (
        "Case",
        "agencies clue competent deadline deadlineRule dueIsProvisional dueOn finding handler id nextActs \
         objections open openedOn orders overdue record rectifications reminders repairs sanctions stage \
         stageTitle version warning workflow workflowVersion",
    ),
    ("CaseConnection", "edges pageInfo totalCount"),
    ("CaseEdge", "cursor node"),
    (
        "CatalogueItem",
        "code example from id legalBasis level list measures parent proof responsible tier title to \
         verified version",
    ),
    (
        "Clue",
        "agencies amount case category channel dueIsProvisional dueOn id receivedAt records stage title \
         version",
    ),
    ("ClueConnection", "edges pageInfo totalCount"),
    ("ClueEdge", "cursor node"),
    ("CompetentBody", "agencies key legalBasis title verified"),
    (
        "CreditRecord",
        "agency amount case caseNumber catalogueItem clues correctedOn domain endGround endedOn id identifiedBy \
         identifiedByAgency identifiedOn kind matters objections official overdueSince prewarnedInTime prewarning publicUntil \
         publicityRule repairs sanctions status tier underObjection version",
    ),
    (
        "Contribution",
        "fullPoints illustrative indicator indicators legalBasis points records rule title",
    ),
    ("ContributionChange", "after before rule title"),
    ("CreditRecordConnection", "edges pageInfo totalCount"),
    ("CreditRecordEdge", "cursor node"),
    ("CreditRecordGroup", "agencies amount count keys labels"),
    (
        "DeadlineRule",
        "cap days from key legalBasis title to unit verified",
    ),
    (
        "Division",
        "agencies assessments children code fullName id leadingGroup level name overview parent successors \
         validFrom validTo",
    ),
    (
        "Indicator",
        "agency code id periodFrom periodTo title value",
    ),
    ("IndicatorConnection", "edges pageInfo totalCount"),
    ("IndicatorEdge", "cursor node"),
    ("GradeCount", "count grade title"),
    ("LeadingGroup", "lead legalBasis members title verified"),
    ("Measure", "code example legalBasis scope title verified"),
    (
        "Mention",
        "decision division id resolution source text version",
    ),
    ("MentionConnection", "edges pageInfo totalCount"),
    (
        "MentionDecision",
        "agency at by code endReason endedAt endedBy id isOfRow judgement mentionId reach reason role \
         source text version",
    ),
    ("MentionEdge", "cursor node"),
    ("Mover", "after agency before"),
    ("Node", "id"),
    ("Official", "creditRecords id maskedName posts"),
    ("OfficialConnection", "edges pageInfo totalCount"),
    ("OfficialEdge", "cursor node"),
    ("Overview", "asOf fallers heat risers totals trend"),
    (
        "PageInfo",
        "endCursor hasNextPage hasPreviousPage startCursor",
    ),
    ("Post", "agency from title to"),
    ("Publication", "at decision from"),
    (
        "Query",
        "agencies agency annualCampaigns cases catalogue clues creditRecordStats creditRecords division mentions redLines \
         resolve rulePacks sanctions search sources warnings",
    ),
    (
        "Objection",
        "deadlineRule decidedOn dueIsProvisional dueOn filedOn id overdue record state version",
    ),
    (
        "PublicityRule",
        "commitment correction from legalBasis maxMonths minMonths mirrored public to verified",
    ),
    (
        "Rectification",
        "acceptedOn dueOn number overdue owner refused submittedOn title",
    ),
    (
        "RedLine",
        "answerWithin beginWithin bodies code condition digest escalatesAfter from legalBasis level message \
         rectifyWithin title to verified version warns worse",
    ),
    ("RedLineHeat", "division level redLine title warnings"),
    ("RedLineStep", "atLeast level"),
    (
        "Reminder",
        "days dueOn level number of on owedBy standing to",
    ),
    (
        "Repair",
        "appliedOn commitment deadlineRule decidedOn dueIsProvisional dueOn id overdue record state version",
    ),
    ("Resolution", "agency candidates outcome score steps"),
    ("ResolutionCandidate", "agency reason score"),
    (
        "Rule",
        "bodies cap code condition facts formula illustrative legalBasis title veto",
    ),
    ("RuleGrade", "atLeast code title"),
    (
        "RuleHeading",
        "code least most parent rules sources title weight",
    ),
    (
        "RulePack",
        "base default digest from grades headings illustrative key least legalBasis most source title to version",
    ),
    (
        "Sanction",
        "agency endsOn id imposedBy imposedByAgency measure official record startsOn status version",
    ),
    ("SanctionConnection", "edges pageInfo totalCount"),
    ("SanctionEdge", "cursor node"),
    ("SearchHit", "field kind matched node title"),
    ("Source", "cadence id key province publisher title"),
    (
        "Succession",
        "basis effectiveOn from fromName kind to toName",
    ),
    (
        "Totals",
        "agencies graded grades openCases overdueCases overdueRectifications overdueWarnings warnings",
    ),
    ("TrendMonth", "added holding month"),
    ("WarningCount", "count level"),
    (
        "SupervisionOrder",
        "answeredOn dueOn issuedOn number overdue",
    ),
    (
        "Warning",
        "agency caused count dueIsProvisional dueOn episode escalations id legalBasis level matters message \
         raisedAt records redLine redLineDigest redLineVersion state title verified version warned workingDaysLeft",
    ),
    ("WarningConnection", "edges pageInfo totalCount"),
    ("WarningEdge", "cursor node"),
];

/// All others: what is read from the database, changes something, or is about the one who asks.
#[cfg(test)]
const NOT_RESIDENT: &[(&str, &str)] = &[
    // Results of a year, objections to them and what was frozen stay in the store.
    ("AnnualAssessmentSuccess", "assessment campaign objection"),
    ("AnnualBefore", "change grade groupRank score"),
    ("AnnualCampaign", "distribution objections ranking report"),
    ("AnnualGradeMove", "after before bodies"),
    (
        "AnnualGroup",
        "before best bodies grades kind level mean median worst",
    ),
    ("AnnualGroupBefore", "bodies change grades mean median"),
    ("AnnualMoves", "added better gone grades same worse"),
    (
        "AnnualObjection",
        "agency campaign corrections decidedAt filedAt id number reason text upheld version",
    ),
    ("AnnualObjectionCounts", "filed rejected upheld"),
    (
        "AnnualReport",
        "best bodies calendar groups meetingOn moves objections resultsDigest worst",
    ),
    ("AnnualReportDue", "dueOn key legalBasis title verified"),
    (
        "AnnualResult",
        "agency assessment before division grade groupRank id kind level name rank score",
    ),
    ("AnnualResultConnection", "edges pageInfo totalCount"),
    ("AnnualResultEdge", "cursor node"),
    ("ApproveRunSuccess", "run"),
    ("Case", "answers events evidence"),
    (
        "CaseEvent",
        "act at basis body by evidence note number on party stage",
    ),
    ("CaseSuccess", "case"),
    ("Clue", "content evidence"),
    ("CreditRecord", "evidence"),
    ("CreditRecordChange", "cause change cursor record recordId"),
    ("DecideMentionSuccess", "decision mention mentionId"),
    (
        "Evidence",
        "digest firstSeenAt id lastSeenAt location receivedAt run source sourceKey withdrawnAt",
    ),
    ("Indicator", "evidence"),
    ("Mention", "context evidence"),
    ("MentionContext", "name text"),
    ("MentionDecisionConnection", "edges pageInfo totalCount"),
    ("MentionDecisionEdge", "cursor node"),
    (
        "Mutation",
        "acceptClue acceptRectification acknowledgeWarning addWatchSubjects answerClue answerMatter answerSupervisionOrder applyForRepair \
         approveRun askRectification circulateCase closeCase confirmAnnualAssessment confirmRecord createWatchList decideAssessmentObjection decideMention \
         decideObjection decideRepair dismissWarning endWatchList excludeFalseMatch extendDeadline fileObjection gradeRecord grantIncentive \
         imposeSanction makeStatement \
         issueSupervisionOrder liftSanction objectToAssessment openAnnualAssessment openMatter pressMatter prewarnAgency proposeSanction \
         publishAssessment publishRecord recordZeroReport rectifyWarning rejectClue removeWatchSubjects reportPerformance reportProgress \
         resolveWarning resumeSanction \
         returnRectification revokeExclusion revokeRepair revokeToken settleMatter submitRectification \
         summonResponsible suspendSanction transferClue undoMentionDecision verifyClue \
         withdrawObjection withdrawRecord",
    ),
    // An id may be that of a piece of evidence; decisions that ended are kept in the database.
    (
        "Query",
        "_entities _service auditEntries auditProof checkExclusions mentionDecisions node sanctionCheck sanctionCheckReceipt \
         sanctionChecks viewer watchChanges watchLists zeroReports zeroReportsDue",
    ),
    ("Agency", "accesses"),
    (
        "AuditEntry",
        "action agencies areas at body document id issuer leaf object outcome purpose reference \
         request role seq subject",
    ),
    ("AuditEntryConnection", "edges pageInfo totalCount"),
    ("AuditEntryEdge", "cursor node"),
    ("AuditProof", "checkpoint entry hashes record size"),
    (
        "CheckExclusion",
        "agency by division expiresOn id inForce madeAt name reason reference revokeReason revokedAt revokedBy uscc",
    ),
    ("CheckExclusionConnection", "edges pageInfo totalCount"),
    ("CheckExclusionEdge", "cursor node"),
    ("CheckExclusionSuccess", "exclusion"),
    ("RecordAccess", "action areas at body id purpose role"),
    ("RecordAccessConnection", "edges pageInfo totalCount"),
    ("RecordAccessEdge", "cursor node"),
    ("PublicAnswer", "act on text"),
    ("RecordZeroReportSuccess", "report"),
    ("Refusal", "basis code message"),
    ("Reject", "column file id line reason"),
    ("RejectConnection", "edges pageInfo totalCount"),
    ("RejectEdge", "cursor node"),
    ("RevokeTokenSuccess", "jti revokedAt subject"),
    (
        "SanctionCheck",
        "answer answerDigest asOf askedAt dataAsOf dataVersion id inherited inheritedSanctions input notice official predecessorsCut purpose records \
         reference resolution resolverVersion sanctions verdict",
    ),
    ("SanctionCheckEcho", "caseNumber division name orgCode uscc"),
    ("Source", "dataAsOf lastSuccessAt runs stale"),
    (
        "SourceRun",
        "dataAsOf endedAt feed id isFull message outOfScope received rejected rejects source \
         startedAt state stored unchanged unresolved withdrawn",
    ),
    ("SourceRunConnection", "edges pageInfo totalCount"),
    ("SourceRunEdge", "cursor node"),
    (
        "Subscription",
        "creditRecordChanged warningRaised watchListChanged",
    ),
    ("UndoMentionDecisionSuccess", "mention mentionId"),
    ("VersionConflict", "current"),
    ("_Service", "sdl"),
    ("TransferClueSuccess", "clue"),
    ("Viewer", "agency divisions role scopes subject"),
    ("Warning", "events"),
    ("WarningChange", "change cursor warning warningId"),
    ("WarningEvent", "act at by level note number state"),
    ("WarningSuccess", "warning"),
    (
        "WatchChange",
        "about at cause cursor inherited kind record recordId sanction sanctionId subject",
    ),
    ("WatchChangePage", "changes hasMore upTo"),
    (
        "WatchList",
        "createdAt endedAt id purpose reference subjects title",
    ),
    ("WatchListConnection", "edges pageInfo totalCount"),
    ("WatchListEdge", "cursor node"),
    ("WatchListSuccess", "count list refused"),
    ("WatchSubject", "addedAt agency id uscc"),
    ("WatchSubjectConnection", "edges pageInfo totalCount"),
    ("WatchSubjectEdge", "cursor node"),
    ("WatchSubjectRefusal", "place reason verdict"),
    (
        "ZeroReport",
        "at basis by day division evidence note workflow",
    ),
    (
        "ZeroReportDue",
        "day division legalBasis missing report told verified",
    ),
];

/// The fields that are resident, as `(type, field)`.
pub(in crate::api) struct Residence(HashSet<(&'static str, &'static str)>);

impl Residence {
    pub(in crate::api) fn known() -> Self {
        Self(cells(RESIDENT).collect())
    }

    /// Whether all that a document asks for is resident. A field that nobody named is not.
    pub(in crate::api) fn covers(&self, document: &ExecutableDocument, facts: &Facts) -> bool {
        let operations = document.operations.iter();
        let mut operations = operations.map(|(_, operation)| &operation.node);
        let mut fragments = document.fragments.values().map(|fragment| &fragment.node);
        operations.all(|operation| {
            operation.ty == OperationType::Query
                && self.covers_set(&operation.selection_set.node, root_of(operation.ty), facts)
        }) && fragments.all(|fragment| {
            let on = fragment.type_condition.node.on.node.as_str();
            self.covers_set(&fragment.selection_set.node, on, facts)
        })
    }

    fn covers_set(&self, set: &SelectionSet, on: &str, facts: &Facts) -> bool {
        set.items.iter().all(|item| match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                let name = field.name.node.as_str();
                name == "__typename"
                    || facts.field(on, name).is_some_and(|fact| {
                        self.0.contains(&(on, name))
                            && self.covers_set(&field.selection_set.node, &fact.result, facts)
                    })
            }
            Selection::InlineFragment(inline) => {
                let inline = &inline.node;
                let condition = inline.type_condition.as_ref();
                let on = condition.map_or(on, |on| on.node.on.node.as_str());
                self.covers_set(&inline.selection_set.node, on, facts)
            }
            // The document's fragments are looked at one by one, wherever they are spread.
            Selection::FragmentSpread(_) => true,
        })
    }
}

fn cells(
    table: &'static [(&'static str, &'static str)],
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let cells = |(on, fields): &'static (&'static str, &'static str)| {
        fields.split_whitespace().map(|field| (*on, field))
    };
    table.iter().flat_map(cells)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn each_field_of_the_schema_is_resident_or_said_not_to_be() {
        let facts =
            Facts::of(&crate::api::graphql::whole_sdl()).expect("the schema is reckoned with");
        let mut fields: Vec<_> = facts.fields().collect();
        let mut named: Vec<_> = cells(RESIDENT).chain(cells(NOT_RESIDENT)).collect();
        fields.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, fields);
    }

    #[test]
    fn one_field_that_is_not_resident_is_enough() {
        let facts =
            Facts::of(&crate::api::graphql::whole_sdl()).expect("the schema is reckoned with");
        let covers = |query: &str| {
            let document = parse_query(query).expect("it parses");
            Residence::known().covers(&document, &facts)
        };
        for query in [
            "{ agencies { totalCount edges { node { name creditRecords { edges { node { id } } } } } } }",
            "query a { ...f } query b { sources { key } } fragment f on Query { __typename }",
            "{ ... on Query { sources { __typename ... { title } } } }",
        ] {
            assert!(covers(query), "{query}");
        }
        for query in [
            "{ viewer { role } }",
            "{ node(id: \"agc_440000_17\") { id } }",
            "{ __schema { queryType { name } } }",
            "{ sources { key stale } }",
            "{ sources { ...f } } fragment f on Source { runs { totalCount } }",
            "{ agencies { edges { node { ... { clues { edges { node { content } } } } } } } }",
            "query a { sources { key } } query b { sources { key ... on Source { dataAsOf } } }",
            "{ nonsense }",
            "mutation { approveRun(input: {}) { __typename } }",
        ] {
            assert!(!covers(query), "{query}");
        }
    }
}
