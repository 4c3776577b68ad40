//! The law: one delivery, however it comes, ends in one state.

use domain::{
    agency::Agency,
    mention::Mention,
    resolution::{Outcome, Resolution},
};
use entities::{agency, evidence};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use zhengxin::{
    demo::{
        MadeListing, MadeTable, Scale, World,
        files::{court_jsonl, register_csv, successions_csv, table_row},
    },
    store::{Fact, NewRun, StagedRow},
};

use super::{ARREARS, COURT, PLATFORM, REGISTER, hub_with_town};
use crate::support::{Db, Hub, leftovers, made, moment, on_both, state};

/// Enough for names that several bear, for successions, and for each way of naming a debtor.
const SCALE: Scale = Scale {
    prefectures: 3,
    agencies: 900,
    listings: 300,
    agency_share: 2,
    ..Scale::SMALL
};
/// Seeds, and the ways in which their stories are lived through.
const STORIES: [(u64, &[Way]); 3] = [
    (1, &[Way::GivenUp, Way::Split(2)]),
    (20, &[Way::Twice, Way::Split(7)]),
    (300, &[Way::GivenUp]),
];

/// A province on two days: on the second one its sources list a little less, and some of it otherwise.
struct Story {
    register: Vec<u8>,
    successions: Vec<u8>,
    first: Vec<u8>,
    second: Vec<u8>,
    arrears: [Vec<u8>; 2],
    penalties: [Vec<u8>; 2],
}

/// A table as JSON Lines, as it is and as it is when some of its cells read otherwise.
fn both_days(
    table: &MadeTable,
    is_listed: fn(usize) -> bool,
    change: fn(usize) -> &'static [(&'static str, &'static str)],
) -> [Vec<u8>; 2] {
    let line = |row: &[String]| format!("{}\n", table_row(table, row));
    let first: String = table.rows.iter().map(|row| line(row)).collect();
    let listed = table
        .rows
        .iter()
        .enumerate()
        .filter(|(at, _)| is_listed(*at));
    let second: String = listed
        .map(|(at, row)| {
            let mut row = row.clone();
            for (heading, cell) in change(at) {
                let place = table.headings.iter().position(|known| known == heading);
                row[place.expect("a heading of the table")] = (*cell).to_owned();
            }
            line(&row)
        })
        .collect();
    [first.into_bytes(), second.into_bytes()]
}

impl Story {
    fn of(seed: u64, hub: &Hub) -> Self {
        let world = World::make(seed, &SCALE, &hub.app.catalogue.divisions);
        let changed: Vec<MadeListing> = world
            .listings
            .iter()
            .enumerate()
            .filter(|(at, _)| at % 40 != 7)
            .map(|(at, listing)| {
                let mut listing = listing.clone();
                match at % 9 {
                    0 => listing.duty = "另行支付样例款项".into(),
                    1 => {
                        listing.publish_date = listing
                            .publish_date
                            .succ_opt()
                            .expect("there is a next day")
                    }
                    2 => listing.name = "佛山市样例不存局".to_owned(),
                    _ => {}
                }
                listing
            })
            .collect();
        let lines = |listings: &[MadeListing]| {
            let mut bytes = Vec::new();
            court_jsonl(&mut bytes, listings.iter()).expect("memory takes it");
            bytes
        };
        Self {
            register: register_csv(&world),
            successions: successions_csv(&world),
            first: lines(&world.listings),
            second: lines(&changed),
            arrears: both_days(
                &world.reports.arrears,
                // With those that are disputed by then, what goes is within the slack.
                |at| at % 60 != 7,
                |at| match at % 6 {
                    0 => &[
                        ("是否存在分歧", "否"),
                        ("是否进入诉讼仲裁", "否"),
                        ("处理结果", "经核实属实"),
                        ("办结日期", "2026-11-01"),
                    ],
                    1 => &[("是否存在分歧", "是")],
                    2 => &[
                        ("债务人名称", "佛山市样例不存局"),
                        ("债务人统一社会信用代码", ""),
                    ],
                    _ => &[],
                },
            ),
            penalties: both_days(
                &world.reports.penalties,
                |at| at % 3 != 0,
                |at| match at % 11 {
                    0 => &[("opt_type", "D")],
                    1 => &[("opt_type", "U"), ("CF_ZT", "1")],
                    _ => &[],
                },
            ),
        }
    }
}

/// How a delivery comes.
#[derive(Debug, Clone, Copy)]
enum Way {
    Whole,
    Split(usize),
    Twice,
    GivenUp,
}

/// Brings both days in.
async fn live_through(hub: &Hub, story: &Story, way: Way) {
    let day = "2026-11-20";
    let register: [(&[u8], bool); 2] = [(&story.register, true), (&story.successions, true)];
    deliver(hub, REGISTER, &register, day, way).await;
    deliver(hub, COURT, &[(&story.first, false)], day, way).await;
    deliver(hub, COURT, &[(&story.second, false)], "2026-11-21", way).await;
    for (on, arrears, penalties) in [
        ("2026-11-20", &story.arrears[0], &story.penalties[0]),
        ("2026-11-21", &story.arrears[1], &story.penalties[1]),
    ] {
        deliver(hub, ARREARS, &[(arrears, false)], on, way).await;
        deliver(hub, PLATFORM, &[(penalties, false)], on, way).await;
    }
}

/// Brings files in, each given with whether its first line are headings.
async fn deliver(hub: &Hub, source: &str, files: &[(&[u8], bool)], day: &str, way: Way) {
    hub.it_is(day);
    let pieces: Vec<(String, Vec<u8>)> = match way {
        Way::Split(pieces) => files
            .iter()
            .flat_map(|(bytes, headed)| split(bytes, *headed, pieces))
            .collect::<Vec<_>>(),
        _ => files.iter().map(|(bytes, _)| bytes.to_vec()).collect(),
    }
    .into_iter()
    .enumerate()
    .map(|(at, bytes)| (format!("{source} {at}"), bytes))
    .collect();
    let files: Vec<(&str, &[u8])> = pieces
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    if matches!(way, Way::GivenUp) {
        give_up(hub, source, day).await;
    }
    let times = if matches!(way, Way::Twice) { 2 } else { 1 };
    for time in 0..times {
        let report = hub.ingest(source, &files, |_| {}).await;
        assert!(
            report.change.is_some() && report.counts.rejected == 0,
            "{way:?}: {report:#?}"
        );
        if time == 1 {
            assert_eq!(
                (report.counts.stored, report.counts.withdrawn),
                (0, 0),
                "{way:?}: {report:#?}"
            );
        }
    }
    assert_eq!(leftovers(hub).await, "", "{way:?}");
}

fn split(bytes: &[u8], headed: bool, pieces: usize) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut lines: Vec<&str> = text.lines().collect();
    let headings = if headed {
        format!("{}\n", lines.remove(0))
    } else {
        String::new()
    };
    let size = lines.len().div_ceil(pieces).max(1);
    lines
        .chunks(size)
        .map(|lines| format!("{headings}{}\n", lines.join("\n")).into_bytes())
        .collect()
}

/// Begins a delivery that says something else of everything that is known and of much that is not,
/// and drops it before its end.
async fn give_up(hub: &Hub, source: &str, day: &str) {
    let run = NewRun {
        reread_of: None,
        source: source.to_owned(),
        feed: "default".to_owned(),
        is_full: true,
        data_as_of: moment(day),
        started_at: moment(day),
        place: None,
        files: Vec::new(),
    };
    let db = hub.database().await;
    let told = evidence::Entity::find()
        .filter(evidence::Column::Source.eq(source))
        .all(&db)
        .await
        .expect("a table");
    let bodies = agency::Entity::find().all(&db).await.expect("a table");
    db.close().await.expect("it closes");

    let staged = |row_id: i64, source_key: String, fact: Fact| StagedRow {
        row_id,
        source_key,
        location: "given up:1".to_owned(),
        digest: "00".repeat(32),
        content: "{}".to_owned(),
        fact: Some(fact.into()),
        form: String::new(),
        subject: None,
        keeps_end: false,
    };
    let nobody = || {
        Fact::Mention(Mention {
            text: "被放弃的名称".to_owned(),
            code: None,
            division: None,
            resolution: Resolution {
                outcome: Outcome::None,
                agency: None,
                score: 0.0,
                steps: Vec::new(),
                candidates: Vec::new(),
            },
            decision_version: None,
        })
    };
    let renamed = |row: &agency::Model| {
        Fact::Agency(Agency {
            uscc: row.uscc.parse().expect("a code"),
            kind: row.kind.parse().expect("a kind"),
            name: "被放弃的名称".to_owned(),
            division: row.division.parse().expect("a division"),
            established_on: None,
            abolished_on: None,
            superior: None,
            competent: Vec::new(),
            names: Vec::new(),
        })
    };
    let known = told
        .iter()
        .map(|row| staged(row.row_id, row.source_key.clone(), nobody()));
    let known: Vec<_> = known
        .chain((1..300).map(|id| staged(id, id.to_string(), nobody())))
        .collect();
    let bodies: Vec<_> = bodies
        .iter()
        .map(|row| staged(row.row_id, row.uscc.clone(), renamed(row)))
        .collect();

    let mut delivery = hub
        .app
        .store
        .begin_delivery(&run)
        .await
        .expect("nobody else brings it in");
    let yields = match source {
        ARREARS => "clue",
        PLATFORM => "disclosure",
        _ => "credit_record",
    };
    for batch in known.chunks(100) {
        delivery
            .stage(yields, batch.to_vec())
            .await
            .expect("it can be staged");
    }
    if source == REGISTER {
        for batch in bodies.chunks(100) {
            delivery
                .stage("agency", batch.to_vec())
                .await
                .expect("it can be staged");
        }
    }
    let rows: Vec<i64> = told.iter().map(|row| row.row_id).collect();
    delivery
        .withdraw(&rows[..rows.len() / 2])
        .await
        .expect("it can be staged");
    drop(delivery);
}

async fn end_state(db: &Db, seed: u64, way: Way) -> (String, String) {
    let db = db.another();
    let hub = Hub::on(&db).await;
    let story = Story::of(seed, &hub);
    live_through(&hub, &story, way).await;
    let told = hub.told().await;
    if matches!(way, Way::Whole | Way::GivenUp) {
        let fresh = Hub::on(&db).await.told().await;
        same(&fresh, &told, "a hub that starts now knows the same");
    }
    (state(&hub).await, told)
}

#[tokio::test]
async fn one_delivery_ends_in_one_state_however_it_comes() {
    on_both(async |db| {
        for (seed, ways) in STORIES {
            let (whole, told) = end_state(&db, seed, Way::Whole).await;
            assert!(
                whole
                    .lines()
                    .any(|line| line.starts_with("record") && line.contains("DELISTED")),
                "seed {seed}"
            );
            for start in [
                "agency",
                "succession",
                "record",
                "mention",
                "evidence",
                "clue",
                "indicator",
            ] {
                let lines = whole.lines().filter(|line| line.starts_with(start)).count();
                assert!(lines > 4, "seed {seed}: {lines} of {start}");
            }
            for way in ways {
                let (state, seen) = end_state(&db, seed, *way).await;
                same(&whole, &state, &format!("seed {seed}, {way:?}"));
                same(&told, &seen, &format!("seed {seed}, {way:?}, for clients"));
            }
        }
    })
    .await;
}

/// Shows what differs only.
#[track_caller]
pub(super) fn same(one: &str, other: &str, what: &str) {
    let missing: Vec<_> = one
        .lines()
        .filter(|line| !other.lines().any(|known| known == *line))
        .take(5)
        .collect();
    let new: Vec<_> = other
        .lines()
        .filter(|line| !one.lines().any(|known| known == *line))
        .take(5)
        .collect();
    assert!(one == other, "{what}:\nlacks {missing:#?}\nhas {new:#?}");
}

#[tokio::test]
async fn a_listing_that_comes_twice_in_a_delivery_ends_the_same_wherever_the_batches_part() {
    on_both(async |db| {
        let one = made::listing(1, "佛山市禅城区样例局");
        let other = one.clone().published("2025-05-05").duty("另一种说法");
        let others: Vec<_> = (10..1_300)
            .map(|id| made::listing(id, "佛山市南海区样例局"))
            .collect();
        let together = [vec![other.clone(), one.clone()], others.clone()].concat();
        let apart = [vec![other.clone()], others, vec![one.clone()]].concat();
        let mut states = Vec::new();
        for list in [together, apart] {
            let db = db.another();
            let hub = hub_with_town(&db).await;
            hub.ingest(
                COURT,
                &[(
                    "before.jsonl",
                    &made::court_jsonl(std::slice::from_ref(&one)),
                )],
                |_| {},
            )
            .await;
            hub.it_is("2026-11-21");
            let report = hub
                .ingest(COURT, &[("list.jsonl", &made::court_jsonl(&list))], |_| {})
                .await;
            assert!(report.change.is_some(), "{report:#?}");
            states.push(state(&hub).await);
        }
        same(
            &states[0],
            &states[1],
            "the last row stands, and it says what was known before",
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_given_up_delivery_staged_is_never_seen() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        hub.ingest(
            COURT,
            &[(
                "list.jsonl",
                &made::court_jsonl(&[made::listing(1, "佛山市禅城区样例局")]),
            )],
            |_| {},
        )
        .await;
        let (before, told) = (state(&hub).await, hub.told().await);
        give_up(&hub, REGISTER, "2026-11-21").await;
        give_up(&hub, COURT, "2026-11-21").await;
        assert_ne!(leftovers(&hub).await, "", "something was staged");
        assert_eq!(state(&hub).await, before);
        hub.app.live.catch_up().await.expect("the database answers");
        assert_eq!(hub.told().await, told);
        assert_eq!(Hub::on(&db).await.told().await, told);
    })
    .await;
}
