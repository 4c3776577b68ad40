//! Mistakes in the data of casework are refused with file, line and key.

use std::fs;

use crate::support::{CatalogueCopy, zhengxin};

#[test]
fn every_kind_of_mistake_is_named_with_its_place() {
    for (file, old, new, told) in [
        (
            "workflows/court.toml",
            "from = \"12-15\"",
            "from = \"12-32\"",
            "zero_reporting.from",
        ),
        (
            "workflows/court.toml",
            "levels = [\"PREFECTURE\", \"COUNTY\"]",
            "levels = []",
            "zero_reporting.levels",
        ),
        (
            "workflows/arrears.toml",
            "starts = \"arrears.transfer\"\n",
            "",
            "step.from_receipt",
        ),
        (
            "workflows/breach.toml",
            "act = \"REJECT\"",
            "act = \"REJCT\"",
            "step.act",
        ),
        (
            "workflows/breach.toml",
            "to = \"REJECTED\"",
            "to = \"GONE\"",
            "step.to",
        ),
        (
            "workflows/breach.toml",
            "by = [\"AUTHORITY\"]",
            "by = []",
            "step.by",
        ),
        (
            "workflows/breach.toml",
            "by = [\"AUTHORITY\"]",
            "by = [\"MAYOR\"]",
            "step.by",
        ),
        (
            "workflows/breach.toml",
            "starts = \"breach.verification\"",
            "starts = \"breach.never\"",
            "step.starts",
        ),
        (
            "workflows/breach.toml",
            "needs = [\"NOTE\"]",
            "needs = [\"LUCK\"]",
            "step.needs",
        ),
        (
            "workflows/breach.toml",
            "to = \"REPAIRED\"\n",
            "",
            "stage.code",
        ),
        (
            "workflows/breach.toml",
            "workflow = \"breach\"",
            "workflow = \"other\"",
            "workflow",
        ),
        (
            "workflows/breach.toml",
            "record_stage = \"CONFIRMED\"",
            "record_stage = \"NOWHERE\"",
            "record_stage",
        ),
        (
            "workflows/breach.toml",
            "title = \"已归集\"",
            "titel = \"已归集\"",
            "titel",
        ),
        (
            "workflows/oversight.toml",
            "from = [\"ANSWERED\", \"OPEN\"]",
            "from = [\"ANSWERED\", \"ANSWERED\"]",
            "step.from",
        ),
        (
            "workflows/incentive.toml",
            "act = \"EXPIRE\"",
            "act = \"EXPIRED\"",
            "step.act",
        ),
        (
            "deadlines.toml",
            "reminders = [7, 3, 1]",
            "reminders = [1, 3, 7]",
            "deadline.reminders",
        ),
        (
            "deadlines.toml",
            "reminders = [7, 3, 1]",
            "reminders = [30]",
            "deadline.reminders",
        ),
        (
            "deadlines.toml",
            "escalates = [5, 15]",
            "escalates = [0, 15]",
            "deadline.escalates",
        ),
        (
            "deadlines.toml",
            "owed_by = [\"CONCERNED\"]",
            "owed_by = [\"CONGRESS\"]",
            "deadline.owed_by",
        ),
        (
            "deadlines.toml",
            "of = \"TASK\"",
            "of = \"PERIOD\"",
            "reminder.of",
        ),
        (
            "measures.toml",
            "suspended_by_objection = true\n",
            "suspended_by_objection = true\nends_with_record = true\n",
            "measure.ends_with_record",
        ),
        ("deadlines.toml", "cap = 90", "cap = 20", "deadline.cap"),
        ("deadlines.toml", "days = 30", "days = 0", "deadline.days"),
        (
            "deadlines.toml",
            "unit = \"CALENDAR\"",
            "unit = \"MOON\"",
            "deadline.unit",
        ),
        (
            "deadlines.toml",
            "division = \"220000\"",
            "division = \"229999\"",
            "division",
        ),
        (
            "publicity.toml",
            "min_months = 3\nmax_months = 12",
            "min_months = 30\nmax_months = 12",
            "publicity.max_months",
        ),
        (
            "publicity.toml",
            "tier = \"GENERAL\"",
            "tier = \"HUGE\"",
            "publicity.tier",
        ),
        (
            "measures.toml",
            "scope = \"INTERNAL\"",
            "scope = \"LOCAL\"",
            "measure.scope",
        ),
        (
            "measures.toml",
            "imposed_by = \"development_reform\"",
            "imposed_by = \"nobody\"",
            "measure.imposed_by",
        ),
        (
            "competence.toml",
            "lead = \"development_reform\"",
            "lead = \"nobody\"",
            "leading_group",
        ),
        (
            "lists/integrity.toml",
            "responsible = \"superior\"",
            "responsible = \"nobody\"",
            "item.responsible",
        ),
        (
            "lists/integrity.toml",
            "kind = \"BREACH\"\n",
            "",
            "item.kind",
        ),
        (
            "lists/integrity.toml",
            "measures = [\"",
            "measures = [\"nothing\", \"",
            "item.measures",
        ),
        (
            "sources/court_debtors.toml",
            "item = \"court.judgment_debtor\"",
            "item = \"procurement\"",
            "item",
        ),
    ] {
        let copy = CatalogueCopy::make();
        let path = copy.path().join(file);
        let text = fs::read_to_string(&path).expect("the catalogue has this file");
        assert!(text.contains(old), "{file} has no {old:?}");
        fs::write(&path, text.replacen(old, new, 1)).expect("the folder is ours");
        let folder = copy.path().display().to_string();
        let ran = zhengxin(["catalogue", "check", &folder]).run();
        assert!(!ran.err.is_empty(), "{file} {new:?} is taken");
        let ran = ran.ended(1);
        let place = format!("catalogue/{file}, line ");
        assert!(
            ran.err.contains(&place) && ran.err.contains(told),
            "{file} {new:?}: {}",
            ran.err
        );
    }
}
