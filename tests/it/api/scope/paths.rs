//! No path of the schema shows a hidden row, and with everything in view each shows all.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    sync::Arc,
};

use domain::viewer::Role;
use tokio::sync::Semaphore;

use super::documents::{Hop, documents, paths};
use crate::api::{
    province::{Asker, Province},
    sdl::Sdl,
};

/// Steps of a path at most.
const HOPS_MAX: usize = 5;

/// Up to so many steps every viewer goes every path; of longer ones each goes some.
const HOPS_OF_ALL: usize = 2;

const LONG_PATHS_EACH: usize = 150;

/// Set where the viewers of each role together go every path there is, which takes long.
const WHOLE: &str = "ZHENGXIN_WHOLE_WALK";

/// Requests of a whole walk at least.
const WHOLE_REQUESTS_MIN: usize = 50_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_of_the_schema_shows_a_hidden_row() {
    let province = Arc::new(Province::worked().await);
    let sdl = Arc::new(Sdl::served());
    let mut by_role: BTreeMap<Role, Vec<Vec<Hop>>> = BTreeMap::new();
    for role in Role::ALL {
        by_role.insert(*role, paths(&sdl, &province, *role, HOPS_MAX));
    }
    // The schema is big, and each edge of it is gone.
    let of_all = &by_role[&Role::Government];
    assert!(of_all.len() > 5_000, "{}", of_all.len());
    let edges: BTreeSet<(&str, &str)> = by_role
        .values()
        .flatten()
        .flatten()
        .map(|hop| (hop.from.as_str(), hop.field.as_str()))
        .collect();
    for (type_name, definition) in sdl.readable() {
        // Paths are those of queries; what a mutation leads to besides is a run, and whom changes are
        // told to is shown where they are followed.
        let is_part = [
            "Connection",
            "Edge",
            "PageInfo",
            "Node",
            "Mutation",
            "Success",
            "Subscription",
            "Change",
        ]
        .iter()
        .any(|part| type_name.ends_with(part));
        for field in definition
            .fields
            .iter()
            .filter(|field| !is_part && !sdl.is_leaf(field))
            .filter(|field| !is_of_checks(type_name, &field.name))
        {
            assert!(
                edges.contains(&(type_name, field.name.as_str())),
                "{type_name}.{} is not gone",
                field.name
            );
        }
    }

    let by_role = Arc::new(by_role);
    let mut walks = tokio::task::JoinSet::new();
    let askers = province.askers();
    let at_once = Arc::new(Semaphore::new(4));
    for (turn, asker) in askers.iter().enumerate() {
        let share = Share::of(&askers, turn, &by_role[&asker.role]);
        let (province, sdl, by_role, asker) = (
            Arc::clone(&province),
            Arc::clone(&sdl),
            Arc::clone(&by_role),
            asker.clone(),
        );
        let at_once = Arc::clone(&at_once);
        walks.spawn(async move {
            let _turn = at_once.acquire_owned().await.expect("it is open");
            let walked = walk(&province, &sdl, &asker, &by_role[&asker.role], share).await;
            if is_whole() {
                writeln!(std::io::stderr(), "{asker}: {walked:?}").expect("it takes text");
            }
            walked
        });
    }
    let parts = walks.join_all().await.into_iter();
    let walked = parts.fold(Walked::default(), Walked::and);
    assert!(walked.paths > 10_000, "{walked:?}");
    if is_whole() {
        assert!(walked.requests >= WHOLE_REQUESTS_MIN, "{walked:?}");
        writeln!(std::io::stderr(), "the whole walk: {walked:?}").expect("it takes text");
    }
}

/// An answer without that by which entries of the audit log name bodies and what was asked for: whoever may read the log
/// is told nothing else of them.
fn without_named(answer: &str) -> String {
    let mut told = answer.to_owned();
    for (named, end) in [
        (r#""agencies":[""#, ']'),
        (r#""body":""#, '"'),
        (r#""object":""#, '"'),
    ] {
        let mut parts = told.split(named);
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.split_once(end).map_or("", |(_, rest)| rest);
            kept.push_str(rest);
        }
        told = kept;
    }
    told
}

/// Checks reach beyond their askers' areas: `check/rights.rs` looks at what lies behind them.
fn is_of_checks(type_name: &str, field: &str) -> bool {
    let is_of =
        |types: &str, fields: &str| type_name.starts_with(types) || field.starts_with(fields);
    is_of("SanctionCheck", "sanctionCheck")
        || is_of("Watch", "watch")
        || is_of("CheckExclusion", "checkExclusion")
}

fn is_whole() -> bool {
    std::env::var_os(WHOLE).is_some()
}

/// How far somebody went.
#[derive(Debug, Clone, Copy, Default)]
struct Walked {
    paths: usize,
    requests: usize,
}

impl Walked {
    fn and(self, other: Self) -> Self {
        Self {
            paths: self.paths + other.paths,
            requests: self.requests + other.requests,
        }
    }
}

/// Which of the long paths are somebody's, spread over all lengths and roots: each so many-th.
#[derive(Clone, Copy)]
struct Share {
    turn: usize,
    first: usize,
    stride: usize,
}

impl Share {
    /// Of a whole walk those of a role together have every path, else each has some of his own.
    fn of(askers: &[Asker], turn: usize, paths: &[Vec<Hop>]) -> Self {
        let is_same = |asker: &&Asker| asker.role == askers[turn].role;
        let long = paths.iter().filter(|path| path.len() > HOPS_OF_ALL).count();
        let (first, stride) = match is_whole() {
            true => (
                askers[..turn].iter().filter(is_same).count(),
                askers.iter().filter(is_same).count(),
            ),
            false => (turn, (long / LONG_PATHS_EACH).max(1)),
        };
        Self {
            turn,
            first: first % stride,
            stride,
        }
    }
}

/// One viewer goes his paths.
async fn walk(
    province: &Province,
    sdl: &Sdl,
    asker: &Asker,
    paths: &[Vec<Hop>],
    share: Share,
) -> Walked {
    let sight = province.sight(asker);
    let is_long = |path: &&Vec<Hop>| path.len() > HOPS_OF_ALL;
    let long = paths.iter().filter(is_long);
    let some = long.skip(share.first).step_by(share.stride);
    let short = paths.iter().filter(|path| !is_long(path));
    let some: Vec<&Vec<Hop>> = short.chain(some).collect();
    let (documents, paths) = documents(sdl, province, asker.role, &some, share.turn);
    let requests = documents.len();
    for document in documents {
        let reply = asker.wire.ask(asker.token.as_deref(), &document).await;
        assert!(
            reply.codes().is_empty(),
            "{asker}: {document}\n{}",
            reply.text
        );
        let is_echo = document.contains("resolve(");
        let told = without_named(&reply.text);
        let leaks: Vec<&str> = sight
            .leaks(&told)
            .into_iter()
            // The resolver's steps repeat what was asked.
            .filter(|mark| !is_echo || !document.contains(*mark))
            .collect();
        assert!(
            leaks.is_empty(),
            "{asker} was shown {leaks:?}\nby {document}\n{}",
            reply.text
        );
    }
    Walked { paths, requests }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_whole_country_in_view_the_same_paths_find_every_mark() {
    let province = Province::worked().await;
    let sdl = Sdl::served();
    let asker = province.asker(Role::Government, &["100000"], None);
    let asker = province.stating(asker, "supervision");
    let sight = province.sight(&asker);
    assert_eq!(sight.bodies.len(), province.bodies.len());
    // What another viewer must not see, to prove that the search finds it where it is.
    let other = province.sight(&province.asker(Role::Government, &["441900"], None));
    let paths = paths(&sdl, &province, Role::Government, 3);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let (mut shown, mut all) = (0, 0);
    for turn in 0..4 {
        let some: Vec<&Vec<Hop>> = paths.iter().skip(turn).step_by(4).collect();
        let (documents, _) = documents(&sdl, &province, Role::Government, &some, turn);
        for document in documents {
            let reply = asker.wire.ask(asker.token.as_deref(), &document).await;
            assert!(reply.codes().is_empty(), "{document}\n{}", reply.text);
            all += 1;
            shown += usize::from(!other.leaks(&reply.text).is_empty());
            found.extend(province.marks().filter(|mark| reply.text.contains(*mark)));
        }
    }
    let missing: Vec<&str> = province
        .marks()
        .filter(|mark| !found.contains(mark) && !sight.forbidden.contains(*mark))
        .collect();
    assert!(missing.is_empty(), "no path led to {missing:?}");
    assert!(
        shown * 2 > all,
        "{shown} of {all} documents show what another must not see"
    );
    // The one row that points nowhere is for those who see all.
    assert!(!sight.forbidden.is_empty() && sight.mentions.len() == province.mentions.len() - 1);
}
