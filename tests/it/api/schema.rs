//! The schema is what the code says, is described, and keeps the contract.

use super::sdl::{Kind, Sdl};

/// What exists now of the contract's outline, copied from it by hand. Arguments and fields that are
/// not served yet are left out; what stands here must be served with exactly these types.
const OUTLINE: &str = r"
scalar Uscc
scalar CaseNumber
scalar Date
scalar DateTime
scalar Decimal

interface Node { id: ID! }

type Query {
  viewer: Viewer!
  node(id: ID!): Node
  division(code: String!): Division
  agency(uscc: Uscc!, asOf: Date, knownAt: DateTime): Agency
  agencies(filter: AgencyFilter, orderBy: [AgencyOrder!], asOf: Date, knownAt: DateTime, first: Int, after: String, last: Int, before: String): AgencyConnection
  mentions(filter: MentionFilter, first: Int, after: String, last: Int, before: String): MentionConnection
  clues(filter: ClueFilter, orderBy: [ClueOrder!], first: Int, after: String, last: Int, before: String): ClueConnection
  creditRecords(filter: CreditRecordFilter, orderBy: [CreditRecordOrder!], asOf: Date, knownAt: DateTime, first: Int, after: String, last: Int, before: String): CreditRecordConnection
  creditRecordStats(filter: CreditRecordFilter, groupBy: [CreditRecordDimension!]!, divisionLevel: DivisionLevel, asOf: Date, knownAt: DateTime, first: Int): [CreditRecordGroup!]
  search(text: String!, kinds: [SearchKind!], first: Int): [SearchHit!]
  catalogue(asOf: Date, division: String): [CatalogueItem!]
  sources: [Source!]
  resolve(input: ResolveInput!): Resolution
}

type Viewer { subject: String!  role: Role!  divisions: [Division!]!  agency: Agency  scopes: [String!]! }
enum Role { PUBLIC CONGRESS GOVERNMENT COURT AUTHORITY AGENCY ASSESSOR OPERATOR SECURITY AUDITOR }

enum SearchKind { AGENCY CREDIT_RECORD CASE_NUMBER DIVISION CATALOGUE_ITEM }
type SearchHit { kind: SearchKind!  title: String!  matched: String!  node: Node! }

type Division implements Node {
  id: ID!  code: String!  name: String!  fullName: String!  level: DivisionLevel!
  parent: Division  children: [Division!]!  validFrom: Date  validTo: Date  successors: [Division!]!
  agencies(filter: AgencyFilter, first: Int, after: String): AgencyConnection
}
enum DivisionLevel { NATION PROVINCE PREFECTURE COUNTY TOWNSHIP }

type Agency implements Node {
  id: ID!  uscc: Uscc  orgCode: String  name: String!  formerNames: [AgencyName!]!  aliases: [AgencyName!]!
  kind: AgencyKind!  division: Division!  establishedOn: Date  abolishedOn: Date
  superior: Agency  superiorName: String  competentDepartments: [Agency!]!
  subordinates(first: Int, after: String): AgencyConnection
  predecessors: [Succession!]!  successors: [Succession!]!
  officials(first: Int, after: String): OfficialConnection
  clues(filter: ClueFilter, first: Int, after: String): ClueConnection
  creditRecords(filter: CreditRecordFilter, first: Int, after: String): CreditRecordConnection
  indicators(first: Int, after: String): IndicatorConnection
  assessment(asOf: Date, rulePack: String): Assessment
  assessments(kind: [AssessmentKind!], first: Int, after: String): AssessmentConnection
}
enum AgencyKind { ORGAN INSTITUTION MASS_ORGANISATION OTHER }
type AgencyName { name: String!  from: Date  to: Date }
type Succession { from: Agency  fromName: String!  to: Agency  toName: String  kind: SuccessionKind!  effectiveOn: Date!  basis: String }
enum SuccessionKind { RENAMED MERGED SPLIT TRANSFERRED ABOLISHED }

type Official implements Node { id: ID!  maskedName: String!  posts: [Post!]!  creditRecords(first: Int, after: String): CreditRecordConnection }
type Post { agency: Agency!  title: String!  from: Date  to: Date }

type Evidence implements Node {
  id: ID!  source: Source  run: SourceRun  sourceKey: String  location: String  digest: String!
  receivedAt: DateTime!  firstSeenAt: DateTime!  lastSeenAt: DateTime!  withdrawnAt: DateTime
}
type Source implements Node {
  id: ID!  key: String!  title: String!  publisher: String!  cadence: String
  lastSuccessAt: DateTime  dataAsOf: DateTime  stale: Boolean!
  runs(first: Int, after: String): SourceRunConnection
}
type SourceRun implements Node {
  id: ID!  source: Source!  state: RunState!  startedAt: DateTime!  endedAt: DateTime
  received: Int!  stored: Int!  unchanged: Int!  rejected: Int!  unresolved: Int!  withdrawn: Int!  message: String
}
enum RunState { RUNNING HELD DONE PARTLY FAILED }

type Mention implements Node { id: ID!  text: String!  source: Source!  division: Division  resolution: Resolution!  evidence: [Evidence!]!  decision: MentionDecision }
type MentionDecision { judgement: Judgement!  agency: Agency  by: String!  reason: String!  at: DateTime! }
enum Judgement { POSITIVE NEGATIVE UNSURE }

type Clue implements Node {
  id: ID!  version: Int!  agencies: [Agency!]!  channel: String!  category: String  title: String!  content: String
  stage: ClueStage!  dueOn: Date  dueIsProvisional: Boolean!  receivedAt: DateTime!
  evidence: [Evidence!]!  records: [CreditRecord!]!
}
enum ClueStage { RECEIVED REJECTED TRANSFERRED VERIFYING UNFOUNDED RECTIFYING RECTIFIED CONFIRMED CLOSED }

type Indicator implements Node { id: ID!  agency: Agency!  code: String!  title: String!  periodFrom: Date!  periodTo: Date!  value: Decimal!  evidence: [Evidence!]! }

type Assessment implements Node {
  id: ID!  kind: AssessmentKind!  state: String!  agency: Agency  division: Division  asOf: Date!  periodFrom: Date  periodTo: Date
  rulePack: String  rulePackDigest: String  assessor: String  score: Decimal  grade: String
  contributions: [Contribution!]!
}
enum AssessmentKind { CONTINUOUS ANNUAL THIRD_PARTY }
type Contribution { rule: String!  title: String!  points: Decimal!  legalBasis: String! }
type AssessmentConnection   { edges: [AssessmentEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type AssessmentEdge         { cursor: String!  node: Assessment! }

type CreditRecord implements Node {
  id: ID!  version: Int!  agency: Agency  official: Official  kind: CreditRecordKind!
  tier: Tier  status: CreditRecordStatus!
  catalogueItem: CatalogueItem!  domain: String  amount: Decimal
  identifiedOn: Date!  identifiedBy: String!  identifiedByAgency: Agency  caseNumber: CaseNumber
  endedOn: Date  endGround: String
  clues: [Clue!]!  evidence: [Evidence!]!
}
enum CreditRecordKind { BREACH ARREARS JUDGMENT_DEBTOR }
enum Tier { MINOR GENERAL SERIOUS }
enum CreditRecordStatus { ACTIVE REPAIRED EXPIRED DELISTED WITHDRAWN }

type CreditRecordGroup { keys: [String]!  labels: [String]!  count: Int!  agencies: Int!  amount: Decimal }
enum CreditRecordDimension { DIVISION AGENCY KIND TIER STATUS DOMAIN SOURCE MONTH YEAR }

type CatalogueItem { code: String!  level: Int!  title: String!  parent: CatalogueItem  tier: Tier  legalBasis: String!  verified: Boolean!  list: String!  version: String!  from: Date!  to: Date }

input ResolveInput { uscc: String  orgCode: String  name: String  division: String }
type Resolution { outcome: ResolutionOutcome!  agency: Agency  score: Float!  steps: [String!]!  candidates: [ResolutionCandidate!]! }
type ResolutionCandidate { agency: Agency!  score: Float!  reason: String! }
enum ResolutionOutcome { EXACT_CODE EXACT_NAME ALIAS SUCCESSOR FUZZY AMBIGUOUS CONFLICT NONE }

type AgencyConnection       { edges: [AgencyEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type AgencyEdge             { cursor: String!  node: Agency! }
type MentionConnection      { edges: [MentionEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type MentionEdge            { cursor: String!  node: Mention! }
type CreditRecordConnection { edges: [CreditRecordEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type CreditRecordEdge       { cursor: String!  node: CreditRecord! }
type ClueConnection         { edges: [ClueEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type ClueEdge               { cursor: String!  node: Clue! }
type IndicatorConnection    { edges: [IndicatorEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type IndicatorEdge          { cursor: String!  node: Indicator! }
type OfficialConnection     { edges: [OfficialEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type OfficialEdge           { cursor: String!  node: Official! }
type SourceRunConnection    { edges: [SourceRunEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
type SourceRunEdge          { cursor: String!  node: SourceRun! }
type PageInfo               { hasNextPage: Boolean!  hasPreviousPage: Boolean!  startCursor: String  endCursor: String }

input StringOps   { eq: String  in: [String!]  contains: String  startsWith: String }
input DateOps     { eq: Date  gte: Date  lte: Date  gt: Date  lt: Date }
input DecimalOps  { eq: Decimal  gte: Decimal  lte: Decimal  gt: Decimal  lt: Decimal }
input DivisionOps { eq: String  in: [String!]  within: String }
input AgencyFilter {
  and: [AgencyFilter!]  or: [AgencyFilter!]  not: AgencyFilter
  uscc: StringOps  name: StringOps  kind: [AgencyKind!]  division: DivisionOps  active: Boolean
  hasActiveRecord: Boolean
}
input CreditRecordFilter {
  and: [CreditRecordFilter!]  or: [CreditRecordFilter!]  not: CreditRecordFilter
  kind: [CreditRecordKind!]  tier: [Tier!]  status: [CreditRecordStatus!]  domain: StringOps
  amount: DecimalOps  identifiedOn: DateOps  caseNumber: StringOps  source: StringOps
  agency: AgencyFilter
}
input MentionFilter { and: [MentionFilter!]  or: [MentionFilter!]  not: MentionFilter  outcome: [ResolutionOutcome!]  source: StringOps  division: DivisionOps  decided: Boolean }
input ClueFilter { and: [ClueFilter!]  or: [ClueFilter!]  not: ClueFilter  stage: [ClueStage!]  channel: StringOps  dueOn: DateOps  agency: AgencyFilter }

enum Direction { ASC DESC }
input AgencyOrder       { field: AgencyOrderField!        direction: Direction! }
enum  AgencyOrderField  { NAME DIVISION ACTIVE_RECORDS }
input CreditRecordOrder { field: CreditRecordOrderField!  direction: Direction! }
enum  CreditRecordOrderField { IDENTIFIED_ON AMOUNT TIER }
input ClueOrder         { field: ClueOrderField!          direction: Direction! }
enum  ClueOrderField    { RECEIVED_AT DUE_ON }

type Refusal { code: String!  message: String!  basis: String }
type VersionConflict { current: Int! }
union ApproveRunOutcome = ApproveRunSuccess | Refusal
union DecideMentionOutcome = DecideMentionSuccess | Refusal | VersionConflict
union UndoMentionDecisionOutcome = UndoMentionDecisionSuccess | Refusal | VersionConflict
";

#[test]
fn the_schema_in_the_repository_is_what_the_code_generates() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let generated = zhengxin::api::graphql::sdl();
    let difference = committed
        .lines()
        .zip(generated.lines())
        .position(|(committed, generated)| committed != generated);
    assert!(
        committed == generated,
        "schema.graphql is not what the code generates (first difference on line {:?}); make it anew with\n\n    \
         cargo run -- schema print > schema.graphql\n",
        difference.map(|line| line + 1)
    );
}

/// What a schema lacks of an outline, or has otherwise.
fn differences(outline: &Sdl, served: &Sdl) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, wanted) in &outline.0 {
        let Some(found) = served.0.get(name) else {
            differences.push(format!("{name} is missing"));
            continue;
        };
        if found.kind != wanted.kind {
            differences.push(format!("{name} is {:?}, not {:?}", found.kind, wanted.kind));
        }
        for interface in &wanted.implements {
            if !found.implements.contains(interface) {
                differences.push(format!("{name} does not implement {interface}"));
            }
        }
        for member in &wanted.members {
            if !found.members.contains(member) {
                differences.push(format!("{name} has no member {member}"));
            }
        }
        for field in &wanted.fields {
            let place = format!("{name}.{}", field.name);
            let Some(found) = served.field(name, &field.name) else {
                differences.push(format!("{place} is missing"));
                continue;
            };
            if found.written != field.written {
                differences.push(format!(
                    "{place} is {}, not {}",
                    found.written, field.written
                ));
            }
            for (argument, wanted) in &field.arguments {
                match found.arguments.get(argument) {
                    Some(found) if found == wanted => {}
                    Some(found) => {
                        differences.push(format!("{place}({argument}) is {found}, not {wanted}"));
                    }
                    None => differences.push(format!("{place}({argument}) is missing")),
                }
            }
            // A further argument may be there, but nobody who keeps to the contract gives it.
            for (argument, written) in &found.arguments {
                if !field.arguments.contains_key(argument) && written.ends_with('!') {
                    differences.push(format!("{place} demands {argument}"));
                }
            }
        }
        if wanted.kind == Kind::Input {
            for field in &found.fields {
                let is_known = wanted.fields.iter().any(|known| known.name == field.name);
                if !is_known && field.written.ends_with('!') {
                    differences.push(format!("{name} demands {}", field.name));
                }
            }
        }
    }
    differences
}

#[test]
fn what_is_served_of_the_contract_has_exactly_its_types() {
    let differences = differences(&Sdl::of(OUTLINE), &Sdl::served());
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn a_changed_type_argument_or_value_is_noticed() {
    for (old, new, told) in [
        (
            "node(id: ID!): Node\n",
            "node(id: ID!): Node!\n",
            "Query.node is Node, not Node!",
        ),
        (
            "agency(uscc: Uscc!,",
            "agency(uscc: Uscc,",
            "Query.agency(uscc) is Uscc!, not Uscc",
        ),
        (
            "division(code: String!)",
            "division",
            "Query.division demands code",
        ),
        (
            "DIVISION ACTIVE_RECORDS",
            "DIVISION SHOE_SIZE",
            "AgencyOrderField.SHOE_SIZE is missing",
        ),
        (
            "type Viewer {",
            "type Viewer implements Node {",
            "Viewer does not implement Node",
        ),
        ("scalar Decimal", "scalar Roman", "Roman is missing"),
        (
            "= ApproveRunSuccess | Refusal",
            "= ApproveRunSuccess | Viewer",
            "ApproveRunOutcome has no member Viewer",
        ),
    ] {
        assert!(OUTLINE.contains(old), "{old}");
        let differences = differences(&Sdl::of(&OUTLINE.replace(old, new)), &Sdl::served());
        assert_eq!(differences, [told]);
    }
}

#[test]
fn every_connection_has_the_one_shape() {
    let served = Sdl::served();
    let connections: Vec<&str> = served
        .readable()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("Connection"))
        .collect();
    assert!(connections.len() >= 4, "{connections:?}");
    for name in connections {
        let of = name.trim_end_matches("Connection");
        let shape: Vec<String> = served
            .fields(name)
            .iter()
            .chain(served.fields(&format!("{of}Edge")))
            .map(|field| format!("{}: {}", field.name, field.written))
            .collect();
        let wanted = [
            format!("edges: [{of}Edge!]!"),
            "pageInfo: PageInfo!".to_owned(),
            "totalCount: Int!".to_owned(),
            "cursor: String!".to_owned(),
            format!("node: {of}!"),
        ];
        assert_eq!(shape, wanted, "{name}");
        let pages = served
            .readable()
            .flat_map(|(_, definition)| &definition.fields)
            .filter(|field| field.named == name);
        for field in pages {
            for argument in ["first", "after"] {
                assert!(
                    field.arguments.contains_key(argument),
                    "{} lacks {argument}",
                    field.name
                );
            }
        }
    }
}

/// Chinese first, then English, as `中文。 / English.`
fn is_described_in_both(description: Option<&str>) -> bool {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    description
        .and_then(|text| text.split_once(" / "))
        .is_some_and(|(chinese, english)| {
            chinese.contains(is_han)
                && !english.contains(is_han)
                && english
                    .trim_start()
                    .starts_with(|c: char| c.is_ascii_alphanumeric())
                && english.trim_end().ends_with(['.', '?'])
        })
}

#[test]
fn every_type_and_field_is_described_chinese_first() {
    let served = Sdl::served();
    let mut lacking = Vec::new();
    for (name, definition) in &served.0 {
        if !is_described_in_both(definition.description.as_deref()) {
            lacking.push(format!("{name}: {:?}", definition.description));
        }
        for field in &definition.fields {
            if !is_described_in_both(field.description.as_deref()) {
                lacking.push(format!("{name}.{}: {:?}", field.name, field.description));
            }
        }
    }
    assert!(served.0.len() > 40, "the schema was read");
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn a_description_in_one_language_or_in_the_wrong_order_is_noticed() {
    assert!(is_described_in_both(Some("名称。 / The name.")));
    for bad in [
        None,
        Some(""),
        Some("名称。"),
        Some("The name."),
        Some("The name. / 名称。"),
        Some("名称。 / 名称。"),
    ] {
        assert!(!is_described_in_both(bad), "{bad:?}");
    }
}
