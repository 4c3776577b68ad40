//! Every kind of mistake in what casework goes by stops the start, each told with file, line and key.

use crate::support::{CatalogueCopy, Ran};

const LIST: &str = "lists/base.toml";
const TRACK: &str = "workflows/breach.toml";

/// An entry behind the others of the list.
fn entry(code: &str, more: &str) -> String {
    format!("\n[[item]]\ncode = \"{code}\"\nlegal_basis = \"示例\"\nverified = false\n{more}\n")
}

const BREACH: &str = "level = 3\nkind = \"BREACH\"\ntitle = \"示例\"\nfrom = \"2026-01-01\"";

/// A mistake a line: the file, what stands there, what is put in its place (⏎ for a break), how many lines before the
/// last of these it is told, with which key, and why.
const MISTAKES: &str = r#"
lists/base.toml | list = "base" | list = "bases" | 0 | list | unlike
lists/base.toml | version = "2026.1" | version = " " | 0 | version | is empty
lists/base.toml | version = "2026.1" | version = 2026 | 0 | version | string
lists/base.toml | code = "breach.confirmed" | code = "Breach@1" | 0 | item.code | small letters
lists/base.toml | title = "经认定部门认定的政务违约失信" | title = "" | 0 | item.title | is empty
lists/base.toml | level = 3 | level = "three" | 0 | level | expected i64
lists/base.toml | from = "2023-08-05" | from = "2023-08-35" | 0 | from | out of range
lists/base.toml | kind = "BREACH" | kind = "BREACH"⏎tier = "HUGE" | 0 | item.tier | HUGE
lists/base.toml | kind = "BREACH" | kind = "BREACH"⏎proof = ["样例", "样例"] | 0 | item.proof | already
lists/base.toml | kind = "BREACH" | kind = "BREACH"⏎proof = [" "] | 0 | item.proof | is empty
lists/base.toml | kind = "BREACH" | kind = "BREACH"⏎measures = ["incentive.honours"] | 0 | item.measures | incentive
lists/base.toml | kind = "BREACH" | kind = "BREACH"⏎tier = "MINOR"⏎measures = ["internal.honours"] | 0 | item.measures | does not follow this grade
lists/base.toml | kind = "BREACH" | kind = "BREACH"⏎measures = ["internal.honours", "internal.honours"] | 0 | item.measures | already
lists/integrity.toml | level = 1 | level = 1⏎tier = "MINOR" | 2 | item.level | only a behaviour
lists/integrity.toml | parent = "procurement" | parent = "procurement.award.delayed" | 0 | item.parent | no entry before
workflows/breach.toml | version = "2026.1" | version = "" | 0 | version | is empty
workflows/breach.toml | kinds = ["BREACH"] | kinds = ["BREACH", "BREACH"] | 0 | kinds | already
workflows/breach.toml | channels = ["HOTLINE" | channels = ["", "HOTLINE" | 0 | channels | is empty
workflows/breach.toml | from = "2023-08-05" | from = "2023-08-05"⏎to = "2023-08-04" | 0 | to | before
workflows/breach.toml | kinds = ["BREACH"] | kinds = ["BREACH"]⏎division = "449999" | 0 | division | no division
workflows/breach.toml | code = "TRANSFERRED" | code = "RECEIVED" | 0 | stage.code | already
workflows/breach.toml | from = ["RECEIVED"] | from = ["NOWHERE"] | 0 | step.from | no stage
workflows/breach.toml | by = ["AUTHORITY"] | by = ["AUTHORITY", "AUTHORITY"] | 0 | step.by | already
workflows/breach.toml | needs = ["NOTE"] | needs = ["NOTE", "NOTE"] | 0 | step.needs | already
workflows/breach.toml | starts = "breach.verification" | starts = "breach.verification"⏎keeps = true | 1 | step.starts | keeps
workflows/breach.toml | act = "RESUME_SANCTION" | act = "SUMMON" | 7 | step.act | RESUME_SANCTION is missing
workflows/court.toml | from = []⏎to = "PREWARNED"⏎ | from = []⏎ | 1 | step.to | says where
publicity.toml | kinds = ["JUDGMENT_DEBTOR"] | kinds = [] | 0 | publicity.kinds | is empty
publicity.toml | kinds = ["JUDGMENT_DEBTOR"] | kinds = ["DEBT"] | 0 | publicity.kinds | DEBT
publicity.toml | public = true | public = true⏎colour = "red" | 0 | colour | unknown field
publicity.toml | mirrored = true | mirrored = "yes" | 0 | mirrored | boolean
publicity.toml | min_months = 0 | min_months = 1201 | 0 | publicity.min_months | 1200
publicity.toml | max_months = 3⏎ | max_months = 1201⏎ | 0 | publicity.max_months | 1200
publicity.toml | mirrored = true | mirrored = true⏎division = "449999" | 0 | division | no division
publicity.toml | mirrored = true | mirrored = true⏎division = "佛山" | 0 | division | 6 or 9 digits
publicity.toml | from = "2013-10-01" | from = "2013-10-01"⏎to = "2013-09-30" | 0 | to | before
measures.toml | code = "internal.central_budget" | code = " " | 0 | measure.code | is empty
measures.toml | tiers = ["GENERAL", "SERIOUS"] | tiers = [] | 5 | measure.tiers | grades
measures.toml | tiers = ["GENERAL", "SERIOUS"] | tiers = ["SERIOUS", "SERIOUS"] | 0 | measure.tiers | already
measures.toml | subjects = ["AGENCY"] | subjects = [] | 0 | measure.subjects | is empty
measures.toml | subjects = ["AGENCY"] | subjects = ["PERSON"] | 0 | measure.subjects | PERSON
measures.toml | subjects = ["AGENCY"] | subjects = ["AGENCY"]⏎months = 0 | 0 | measure.months | 1 to 1200
measures.toml | subjects = ["AGENCY"] | subjects = ["AGENCY"]⏎division = "449999" | 0 | division | no division
deadlines.toml | version = "2026.1" | version = "" | 0 | version | is empty
deadlines.toml | days = 10 | days = 3661 | 0 | deadline.days | 3660
deadlines.toml | overdue_reminders = [1] | overdue_reminders = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] | 0 | deadline.overdue_reminders | at most 10
deadlines.toml | title = "核实违约失信投诉" | title = "" | 0 | deadline.title | is empty
deadlines.toml | of = "ORDER" | of = "TASK" | 0 | reminder.of | already
competence.toml | key = "finance" | key = "superior" | 0 | body.key | already
competence.toml | key = "finance" | key = "government" | 0 | body.key | already
competence.toml | names = ["人民政府"] | names = [] | 0 | body.names | without a name
competence.toml | names = ["人民政府"] | names = ["人民政府", ""] | 0 | body.names | is empty
competence.toml | names = ["人民政府"] | names = ["人民政府", "人民政府"] | 0 | body.names | already
competence.toml | "government_office", "finance" | "government_office", "government_office" | 0 | leading_group.members | already
competence.toml | "government_office", "finance" | "government_office", "mint" | 0 | leading_group | no body
"#;

/// Which mistakes are not told with their place and reason.
#[derive(Default)]
struct Untold(Vec<String>);

impl Untold {
    fn hear(&mut self, ran: Ran, (file, line): (&str, usize), (key, reason): (&str, &str)) {
        let ran = ran.ended(1);
        let place = format!("catalogue/{file}, line {line}, key {key}: ");
        let is_told = |said: &str| said.starts_with(&place) && said.contains(reason);
        if !ran.err.lines().any(is_told) || !ran.out.is_empty() {
            self.0.push(format!("{place}{reason}\n  {}", ran.err));
        }
    }

    fn are_none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

#[test]
fn what_is_written_otherwise_than_it_may_be() {
    let mut untold = Untold::default();
    for mistake in MISTAKES.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<String> = mistake
            .split(" | ")
            .map(|cell| cell.replace('⏎', "\n"))
            .collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let [file, from, to, before, key, reason] = cells[..] else {
            panic!("{mistake}");
        };
        let before: usize = before.parse().expect("a number");
        let copy = CatalogueCopy::make();
        // What is wrong stands on the last of the lines that are put there; some is told where its entry is named.
        let line = copy.spoil(file, from, to) + to.trim_end().matches('\n').count() - before;
        untold.hear(copy.check(), (file, line), (key, reason));
    }
    untold.are_none();
}

#[test]
fn what_is_there_twice_or_meets_another() {
    let mut untold = Untold::default();
    let deadline = |key: &str, more: &str| {
        format!(
            "\n[[deadline]]\nkey = \"{key}\"\ntitle = \"示例\"\ndays = 5\nunit = \"WORKING\"\nlegal_basis = \"示例\"\n\
             verified = false\nfrom = \"2026-01-01\"\n{more}\n"
        )
    };
    let publicity = |more: &str| {
        format!(
            "\n[[publicity]]\nkinds = [\"BREACH\", \"ARREARS\"]\npublic = true\nmin_months = 0\nlegal_basis = \"示例\"\n\
             verified = false\nfrom = \"2026-05-01\"\n{more}\n"
        )
    };
    let measure = |scope: &str, more: &str| {
        format!(
            "\n[[measure]]\ncode = \"internal.honours\"\ntitle = \"示例\"\nscope = \"{scope}\"\nlegal_basis = \"示例\"\n\
             verified = false\nexample = true\nimposed_by = \"personnel\"\nsubjects = [\"AGENCY\"]\n\
             suspended_by_objection = true\nfrom = \"2026-05-01\"\n{more}\n"
        )
    };
    let (tiers, city) = ("tiers = [\"GENERAL\"]", "division = \"440600\"");
    let twice = |one: String, other: &str| format!("{one}{other}");
    for (file, more, after, key, reason) in [
        // A version that meets another, is of another kind, or stands in another list.
        (
            LIST,
            entry("breach.confirmed", BREACH),
            1,
            "item.code",
            "in force from 2023-08-05",
        ),
        (
            LIST,
            entry("breach.confirmed", &BREACH.replace("BREACH", "ARREARS")),
            1,
            "item.code",
            "another level or kind",
        ),
        (
            "lists/integrity.toml",
            entry("breach.confirmed", BREACH),
            1,
            "item.code",
            "in base",
        ),
        (
            LIST,
            entry("breach.turned", &format!("{BREACH}\nto = \"2025-12-31\"")),
            8,
            "to",
            "before",
        ),
        (
            LIST,
            entry(
                "breach.parted",
                &format!("{BREACH}\nparent = \"procurement\""),
            ),
            8,
            "item.parent",
            "no entry before",
        ),
        (
            LIST,
            entry(
                "breach.measured",
                &format!("{BREACH}\nmeasures = [\"foshan.none\"]"),
            ),
            8,
            "item.measures",
            "no measure",
        ),
        (
            "deadlines.toml",
            deadline("breach.acceptance", ""),
            1,
            "deadline.key",
            "already, from 2023-08-05",
        ),
        (
            "deadlines.toml",
            twice(deadline("a", city), &deadline("a", city)),
            11,
            "deadline.key",
            "already, from 2026-01-01",
        ),
        (
            "publicity.toml",
            publicity(""),
            1,
            "publicity.kinds",
            "of BREACH there is a rule already, from 2000-01-01",
        ),
        (
            "publicity.toml",
            publicity("tier = \"MINOR\""),
            1,
            "publicity.kinds",
            "already, from 2026-04-01",
        ),
        (
            "publicity.toml",
            twice(publicity(city), &publicity(city)),
            10,
            "publicity.kinds",
            "already, from 2026-05-01",
        ),
        (
            "measures.toml",
            measure("INTERNAL", tiers),
            1,
            "measure.code",
            "in force from 2023-08-05",
        ),
        (
            "measures.toml",
            measure("JUDICIAL", &format!("{tiers}\n{city}")),
            3,
            "measure.scope",
            "INTERNAL elsewhere",
        ),
        (
            "measures.toml",
            measure("INCENTIVE", tiers),
            3,
            "measure.tiers",
            "an incentive none",
        ),
    ] {
        let copy = CatalogueCopy::make();
        let line = copy.append(file, &more) + after;
        untold.hear(copy.check(), (file, line), (key, reason));
    }
    untold.are_none();
}

#[test]
fn tracks_between_which_place_and_day_do_not_decide() {
    let mut untold = Untold::default();
    let whole = CatalogueCopy::make().text(TRACK);
    let named = |name: &str| {
        whole.replacen(
            "workflow = \"breach\"",
            &format!("workflow = \"{name}\""),
            1,
        )
    };
    let of = |text: String, version: &str, from: &str| {
        let text = text.replacen(
            "version = \"2026.1\"",
            &format!("version = \"{version}\""),
            1,
        );
        text.replacen("from = \"2023-08-05\"", &format!("from = \"{from}\""), 1)
    };
    for (file, text, key, reason) in [
        (
            "workflows/breach.x.toml",
            of(named("breach"), "2026.1", "2027-01-01"),
            "version",
            "already",
        ),
        (
            "workflows/breach.x.toml",
            of(named("breach"), "2027.1", "2027-01-01"),
            "from",
            "track breach",
        ),
        (
            "workflows/x.toml",
            of(named("x"), "1", "2027-01-01"),
            "from",
            "kind BREACH",
        ),
        (
            "workflows/x.toml",
            of(named("x"), "1", "2027-01-01").replacen("kinds = [\"BREACH\"]", "kinds = []", 1),
            "from",
            "channel HOTLINE",
        ),
    ] {
        let copy = CatalogueCopy::make();
        copy.append(file, &text);
        let lines = text.lines().zip(1..);
        let mut lines = lines.filter(|(line, _)| line.starts_with(&format!("{key} = ")));
        let line = lines.next().expect("the key stands there").1;
        untold.hear(copy.check(), (file, line), (key, reason));
    }
    untold.are_none();
}

#[test]
fn versions_that_follow_one_another_and_local_rules_are_good() {
    let copy = CatalogueCopy::make();
    let ended = "from = \"2023-08-05\"\nto = \"2025-12-31\"";
    copy.spoil(LIST, "from = \"2023-08-05\"", ended);
    copy.append(LIST, &entry("breach.confirmed", BREACH));
    let track = copy.text(TRACK).replacen(
        "version = \"2026.1\"",
        "version = \"gd.1\"\ndivision = \"440000\"",
        1,
    );
    copy.append("workflows/breach.440000.toml", &track);
    let ran = copy.check().ended(0);
    assert_eq!(ran.err, "");
}

#[test]
fn what_is_missing_or_written_twice() {
    let mut untold = Untold::default();
    for (file, from, to, line, key, reason) in [
        (LIST, "version = \"2026.1\"\n", "", 1, "version", "missing"),
        (
            LIST,
            "kind = \"BREACH\"\ntitle = \"经认定部门认定的政务违约失信\"\n",
            "kind = \"BREACH\"\n",
            6,
            "title",
            "missing",
        ),
        (
            LIST,
            "level = 3",
            "level = 3\nlevel = 3",
            9,
            "level",
            "duplicate",
        ),
        (
            TRACK,
            "title = \"政务失信投诉办理\"\n",
            "",
            1,
            "title",
            "missing",
        ),
        (TRACK, "act = \"REJECT\"\n", "", 55, "act", "missing"),
        (
            "publicity.toml",
            "min_months = 0\n",
            "",
            10,
            "min_months",
            "missing",
        ),
        (
            "measures.toml",
            "imposed_by = \"development_reform\"\n",
            "",
            20,
            "imposed_by",
            "missing",
        ),
        (
            "deadlines.toml",
            "unit = \"WORKING\"\n",
            "",
            14,
            "unit",
            "missing",
        ),
        (
            "competence.toml",
            "lead = \"development_reform\"\n",
            "",
            13,
            "lead",
            "missing",
        ),
    ] {
        let copy = CatalogueCopy::make();
        copy.spoil(file, from, to);
        untold.hear(copy.check(), (file, line), (key, reason));
    }
    untold.are_none();
}
