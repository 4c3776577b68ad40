use proptest::prelude::*;

use super::*;

fn body(at: u32, score: i64, level: DivisionLevel, kind: AgencyKind) -> Ranked {
    Ranked {
        place: 0,
        rank: 0,
        group_rank: 0,
        agency: i64::from(at),
        uscc: format!("{at:018}"),
        name: format!("样例{at}"),
        division: "440600".parse().expect("a code"),
        level,
        kind,
        score: Decimal::new(score, 1),
        grade: if score >= 800 { "A" } else { "B" }.to_owned(),
    }
}

fn bodies() -> impl Strategy<Value = Vec<Ranked>> {
    let levels = prop::sample::select(vec![DivisionLevel::Prefecture, DivisionLevel::County]);
    let kinds = prop::sample::select(vec![AgencyKind::Organ, AgencyKind::Institution]);
    let one = (750_i64..850, levels, kinds);
    prop::collection::vec(one, 1..40).prop_map(|all| {
        let numbered = all.into_iter().zip(1..);
        numbered
            .map(|((score, level, kind), at)| body(at, score, level, kind))
            .collect()
    })
}

proptest! {
    /// A rank is one more than how many are better, among all and in the group; the order in which bodies come
    /// does not show.
    #[test]
    fn a_rank_is_how_many_are_better(mut all in bodies(), seed in any::<u64>()) {
        let mut shuffled = all.clone();
        shuffled.sort_by_key(|body| body.agency as u64 ^ seed);
        rank(&mut all);
        rank(&mut shuffled);
        prop_assert_eq!(&all, &shuffled);
        for (body, place) in all.iter().zip(1..) {
            let better = all.iter().filter(|other| other.score > body.score);
            let of_group = |other: &&&Ranked| (other.level, other.kind) == (body.level, body.kind);
            prop_assert_eq!(body.place, place);
            prop_assert_eq!(body.group_rank as usize, better.clone().filter(|one| of_group(&one)).count() + 1);
            prop_assert_eq!(body.rank as usize, better.count() + 1);
        }
        let grades = ["A".to_owned(), "B".to_owned()];
        let groups = groups(&all, &[], &grades);
        prop_assert_eq!(groups.iter().map(|group| group.bodies).sum::<usize>(), all.len());
        for group in groups {
            prop_assert_eq!(group.grades.iter().map(|(_, count)| count).sum::<usize>(), group.bodies);
            prop_assert!(group.worst <= group.median && group.median <= group.best);
        }
    }
}

#[test]
fn moves_are_counted_by_body_whatever_its_place() {
    use AgencyKind::Organ;
    use DivisionLevel::County;
    let before = [(1, 790), (2, 800), (3, 810), (4, 700)];
    let now = [(2, 800), (1, 820), (3, 750), (5, 900)];
    let of = |all: [(u32, i64); 4]| all.map(|(at, score)| body(at, score, County, Organ));
    let moved = moves(&of(now), &of(before));
    let counts = (moved.better, moved.same, moved.worse, moved.new, moved.gone);
    assert_eq!(counts, (1, 1, 1, 1, 1));
    let text = |from: &str, to: &str| (from.to_owned(), to.to_owned(), 1);
    assert_eq!(
        moved.grades,
        [text("A", "A"), text("A", "B"), text("B", "A")]
    );
}

#[test]
fn a_group_stands_beside_itself_the_year_before() {
    use AgencyKind::{Institution, Organ};
    use DivisionLevel::County;
    let now = [
        body(1, 800, County, Organ),
        body(2, 900, County, Institution),
    ];
    let mut before = [body(1, 700, County, Organ), body(3, 900, County, Organ)];
    // A grade that only the pack of then has stands behind those of now.
    before[1].grade = "Z".to_owned();
    let found = groups(&now, &before, &["A".to_owned(), "B".to_owned()]);
    let before = found[0].before.as_ref().expect("organs were there");
    assert_eq!(
        (before.bodies, before.mean, before.median),
        (2, 80.into(), 70.into())
    );
    let counts: Vec<_> = before
        .grades
        .iter()
        .map(|(code, count)| (&**code, *count))
        .collect();
    assert_eq!(counts, [("A", 0), ("B", 1), ("Z", 1)]);
    assert_eq!(found[1].before, None);
}
