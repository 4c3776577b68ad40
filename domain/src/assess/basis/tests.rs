use proptest::prelude::*;

use super::*;

fn basis(version: &str, fingerprint: &str, day: u32) -> Basis {
    Basis {
        version: version.to_owned(),
        fingerprint: fingerprint.to_owned(),
        day: NaiveDate::from_ymd_opt(2026, 3, day).expect("a day"),
    }
}

/// Judges if it may, as the store notes it.
fn judge(judged: &mut Vec<Basis>, by: &Basis) -> bool {
    if !by.may_follow(judged) {
        return false;
    }
    match judged
        .iter_mut()
        .find(|one| one.fingerprint == by.fingerprint)
    {
        Some(one) => one.day = by.day,
        None => judged.push(by.clone()),
    }
    true
}

#[test]
fn neither_an_older_day_nor_older_rules_judge_after_newer_ones() {
    let mut judged = Vec::new();
    for (by, may) in [
        (basis("2026.1", "a", 2), true),
        (basis("2026.1", "a", 1), false),
        (basis("2026.1", "a", 2), true),
        // The same version with other rules is newer where it is seen later.
        (basis("2026.1", "b", 2), true),
        (basis("2026.1", "a", 3), false),
        (basis("2026.10", "c", 2), true),
        (basis("2026.9", "d", 3), false),
        (basis("2026.1", "b", 3), false),
        (basis("2026.10", "c", 1), false),
        (basis("2026.10", "c", 4), true),
        (basis("2026.10.1", "e", 3), false),
        (basis("2026.10.1", "e", 4), true),
    ] {
        assert_eq!(judge(&mut judged, &by), may, "{by:?}");
    }
}

#[test]
fn versions_are_numbers() {
    assert_eq!(version_numbers("2026.1"), Some(vec![2026, 1]));
    for none in ["", "2026.", "2026.1a", "v1", "-1"] {
        assert_eq!(version_numbers(none), None, "{none:?}");
    }
}

proptest! {
    /// Whoever comes in which order: days and versions of those who judge never fall, and rules that others have
    /// replaced never come back.
    #[test]
    fn what_judges_only_goes_forward(
        comers in proptest::collection::vec((1_u32..4, 0_usize..4, 1_u32..6), 1..60),
    ) {
        let mut judged = Vec::new();
        let mut last: Option<Basis> = None;
        let mut replaced = Vec::new();
        for (version, rules, day) in comers {
            // Rules have one version.
            let by = basis(&format!("1.{version}"), &format!("{version} {rules}"), day);
            if !judge(&mut judged, &by) {
                continue;
            }
            prop_assert!(!replaced.contains(&by.fingerprint));
            if let Some(last) = last.filter(|last| last.fingerprint != by.fingerprint) {
                prop_assert!(version_numbers(&last.version) <= version_numbers(&by.version));
                prop_assert!(last.day <= by.day);
                replaced.push(last.fingerprint);
            }
            last = Some(by);
        }
    }
}
