//! What is kept from the public, and what an open objection keeps from running.

use domain::{
    casework::{Case, Event, Facts, Rules, SanctionStatus},
    credit_record::{CreditRecord, RecordSubject},
};

/// The number that GB 11643 has as its example, and one of a telephone, both nobody's: words in plays have them.
pub(super) const CITIZEN: &str = "11010519491231002X";
pub(super) const PHONE: &str = "13000000000";

/// No number of a natural person is kept with an event, or in a case.
pub(super) fn nothing_personal_is_kept(case: &Case, event: &Event) {
    let event = serde_json::to_string(event).expect("an event is plain data");
    let case = serde_json::to_string(case).expect("a case is plain data");
    for number in [CITIZEN, PHONE] {
        assert!(!event.contains(number), "{event}");
        assert!(!case.contains(number), "{case}");
    }
}

/// What an official did is shown to nobody, whatever was done, and whatever its source goes on telling.
pub(super) fn officials_are_not_shown(case: &Case, facts: &Facts) {
    let Some(said) = case.record.as_ref().filter(|_| facts.is_official) else {
        return;
    };
    assert!(said.published_on.is_none() && !said.shown.is_public);
    let mut record = CreditRecord {
        tier: said.tier,
        identified_by: "样例市人民法院".to_owned(),
        public_until: said.shown.maximum,
        ..CreditRecord::new(
            RecordSubject::Official(4),
            said.kind,
            said.item.clone(),
            said.identified_on,
        )
    };
    case.write_record(&mut record);
    assert!(record.is_withheld && record.public_until.is_none());
}

/// While the first objection waits to be decided no measure runs that one suspends.
pub(super) fn measures_stand_back(rules: &Rules<'_>, case: &Case, facts: &Facts) {
    if !case.stands_back_for_objection() {
        return;
    }
    let runs = case.sanctions.iter();
    let runs = runs.filter(|one| one.status == SanctionStatus::Active);
    for sanction in runs {
        let measure = rules.measure_of(sanction, facts.place);
        let measure = measure.expect("a measure of the list");
        assert!(!measure.suspended_by_objection, "{} runs", measure.code);
    }
}
