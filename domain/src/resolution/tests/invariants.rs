//! What holds of every register and every name.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::name::{normalise, same_numerals};

/// Divisions with namesakes and near-namesakes.
const PLACES: [&str; 14] = [
    "331125",
    "331181",
    "130105",
    "410402",
    "130902",
    "110105",
    "211300",
    "220000",
    "220200",
    "341003",
    "341000",
    "440606",
    "440606005",
    "331125105",
];

const CORES: [&str; 27] = [
    "人民政府",
    "人民法院",
    "人民检察院",
    "民政局",
    "财政局",
    "教育局",
    "教育体育局",
    "住房和城乡建设局",
    "第一中学",
    "第三中学",
    "第十一中学",
    "卫生健康局",
    "国土资源局",
    "自然资源局",
    "发展和改革局",
    "公安局",
    "公安局交通警察大队",
    "教育局会计核算中心",
    "第一小学",
    "中级人民法院",
    "统计局",
    "街道办事处",
    "大数据中心",
    "大数据发展管理局",
    "不动产登记中心",
    "黄岗村村民委员会",
    "黄岗村股份经济合作社",
];

const WRITTEN: [&str; 42] = [
    "人民政府",
    "人民法院",
    "人民检察院",
    "民政局",
    "财政局",
    "教育局",
    "住建局",
    "第一中学",
    "第三中学",
    "第二中学",
    "一中",
    "卫生局",
    "国土局",
    "国土资源局",
    "发改局",
    "公安局",
    "公安局刑侦大队",
    "教育中心",
    "财正局",
    "民正局",
    "法院",
    "检察院",
    "人民察院",
    "人民法检院",
    "第中学",
    "建设局",
    "统计局",
    "政府",
    "自然资局",
    "会计核算中心",
    "第1小学",
    "厅",
    "教育厅",
    "交通警察大队",
    "大数据局",
    "数据中心",
    "大数据中心",
    "登记中心",
    "不动产登记局",
    "黄岗村村委会",
    "黄岗村合作社",
    "黄岗村委员会",
];

fn name_of(place: &str, core: &str, is_whole: bool) -> String {
    let code = place.parse().expect("a division");
    let path = if is_whole {
        book::TREE.full_name(code).expect("it is in the tree")
    } else {
        book::TREE
            .get(code)
            .expect("it is in the tree")
            .name
            .clone()
    };
    format!("{path}{core}")
}

fn register() -> impl Strategy<Value = Book> {
    let body = (0..PLACES.len(), 0..CORES.len(), any::<bool>());
    prop::collection::btree_set(body, 1..24).prop_map(|bodies: BTreeSet<_>| {
        let mut book = Book::default();
        for (id, (place, core, is_whole)) in (1..).zip(bodies) {
            book.body(
                id,
                &name_of(PLACES[place], CORES[core], is_whole),
                PLACES[place],
            );
        }
        book
    })
}

fn question() -> impl Strategy<Value = String> {
    let parts = (0..PLACES.len(), 0..WRITTEN.len(), 0..3_u8);
    parts.prop_map(|(place, core, path)| match path {
        0 => WRITTEN[core].to_owned(),
        1 => name_of(PLACES[place], WRITTEN[core], false),
        _ => name_of(PLACES[place], WRITTEN[core], true),
    })
}

fn ask(book: &Book, name: &str) -> Resolution {
    let subject = Subject {
        name: Some(name),
        ..Subject::default()
    };
    resolve(&book.directory(), &subject)
}

fn is_confident(outcome: Outcome) -> bool {
    use Outcome::{Alias, ExactCode, ExactName, Successor};
    matches!(outcome, ExactCode | ExactName | Alias | Successor)
}

#[test]
fn every_divisions_name_is_left_as_it_is() {
    for place in 0..book::TREE.len() {
        let name = &book::TREE.at(place).name;
        // A few towns of the statisticians have half-width brackets.
        if !name.contains(['(', ')']) {
            assert_eq!(normalise(name), *name);
        }
    }
}

proptest! {
    #[test]
    fn a_full_name_means_its_body(book in register()) {
        for (id, agency) in &book.bodies {
            let answer = ask(&book, &agency.name);
            let place = book::TREE.get(agency.division).expect("in the tree");
            let (_, core) = agency.name.rsplit_once(&place.name).expect("it begins with it");
            let is_only = book.bodies.iter().filter(|other| other.1.name.ends_with(core)).count() == 1;
            if is_only || answer.outcome != Outcome::Ambiguous {
                let expected = (Outcome::ExactName, Some(*id));
                prop_assert_eq!((answer.outcome, answer.agency), expected, "{}", agency.name);
            }
        }
    }

    #[test]
    fn an_unrelated_body_changes_no_exact_answer(
        book in register(), name in question(), place in 0..PLACES.len(), core in "[县人民政府财教育公安住建统计一二三]{2,8}[局院处]", by_code in any::<bool>(),
    ) {
        // Its name shares characters with others' and may be of the same division, but is its own.
        let unrelated = name_of(PLACES[place], &core, false);
        let is_own = |registered: &str| !registered.ends_with(&core) && !name.ends_with(&core);
        prop_assume!(book.bodies.iter().all(|body| is_own(&body.1.name)));
        // Beside a code even what a name only may mean counts.
        let mut other = Book::default();
        other.body(900, &unrelated, PLACES[place]);
        prop_assume!(!by_code || ask(&other, &name).agency.is_none());
        let code = book.bodies[0].1.uscc;
        let subject = Subject {
            code: by_code.then_some(code.as_str()),
            name: Some(&name),
            ..Subject::default()
        };
        let before = resolve(&book.directory(), &subject);
        if matches!(before.outcome, Outcome::ExactName | Outcome::ExactCode) {
            let mut more = book.clone();
            more.body(900, &unrelated, PLACES[place]);
            let after = resolve(&more.directory(), &subject);
            prop_assert_eq!((after.outcome, after.agency), (before.outcome, before.agency), "{} {}", name, unrelated);
        }
    }

    #[test]
    fn the_order_of_loading_does_not_matter(book in register(), name in question()) {
        let mut other = book.clone();
        other.bodies.reverse();
        prop_assert_eq!(ask(&book, &name), ask(&other, &name));
    }

    #[test]
    fn bodies_beside_the_base_are_found_as_those_in_it(book in register(), name in question()) {
        let whole = book.directory();
        let subject = Subject { name: Some(&name), ..Subject::default() };
        // The first half was loaded under other names, which do not count any more.
        let (changed, kept) = book.bodies.split_at(book.bodies.len() / 2);
        let mut old = Book::default();
        for (id, agency) in changed {
            old.coded(*id, agency.uscc.as_str(), "云和县旧称局", &agency.division.to_string());
        }
        old.bodies.extend_from_slice(kept);
        let patched = old.directory().patched(changed.iter().map(|(id, agency)| (*id, agency)));
        prop_assert_eq!(patched.len(), whole.len());
        prop_assert_eq!(resolve(&patched, &subject), resolve(&whole, &subject));
    }

    #[test]
    fn no_clash_is_ever_matched_confidently(book in register(), name in question()) {
        let answer = ask(&book, &name);
        if let Some(id) = answer.agency.filter(|_| is_confident(answer.outcome)) {
            let agency = &book.bodies.iter().find(|body| body.0 == id).expect("a body of it").1;
            let registered = normalise(&agency.name);
            let said = normalise(&name);
            prop_assert!(same_numerals(&said, &registered), "{} {}", said, registered);
            prop_assert_eq!(said.contains("检察"), registered.contains("检察"), "{} {}", said, registered);
            prop_assert_eq!(said.ends_with("中心"), registered.ends_with("中心"), "{} {}", said, registered);
            for ending in ["委员会", "合作社"] {
                let is_village = registered.contains("黄岗村") && registered.ends_with(ending);
                let is_said = said.ends_with(ending) || ending == "委员会" && said.ends_with('会');
                prop_assert!(!is_village || is_said, "{} {}", said, registered);
            }
            if said.contains("法院") {
                prop_assert!(registered.contains("法院"), "{} {}", said, registered);
            }
            // The level word of the division that was named.
            let place = book::TREE.get(agency.division).expect("in the tree");
            for other in PLACES.iter().map(|code| book::TREE.get(code.parse().expect("a code")).expect("in the tree")) {
                let is_twin = other.name != place.name && other.name[..6] == place.name[..6];
                prop_assert!(!is_twin || !said.starts_with(&other.name) || book::TREE.contains(other.code, place.code), "{} {}", said, registered);
            }
        }
    }

    #[test]
    fn more_context_never_moves_a_confident_answer(
        book in register(), name in question(), place in 0..PLACES.len(), is_bound in any::<bool>(),
    ) {
        let directory = book.directory();
        let subject = Subject { name: Some(&name), ..Subject::default() };
        let before = resolve(&directory, &subject);
        let place = Some(PLACES[place].parse().expect("a division"));
        let more = if is_bound {
            Subject { within: place, ..subject }
        } else {
            Subject { context: place, ..subject }
        };
        let after = resolve(&directory, &more);
        if is_confident(before.outcome) && is_confident(after.outcome) {
            prop_assert_eq!(before.agency, after.agency);
        }
    }

    #[test]
    fn no_question_panics(book in register(), name in "\\PC{0,16}|[云和县新华区人民政府法院局第一1（）原□]{0,14}", code in "\\PC{0,34}") {
        let subject = Subject { code: Some(&code), name: Some(&name), ..Subject::default() };
        let answer = resolve(&book.directory(), &subject);
        prop_assert!((0.0..=1.0).contains(&answer.score));
        prop_assert!(answer.candidates.len() <= CANDIDATES_MAX);
        prop_assert!(answer.steps.iter().all(|step| !step.contains('\n')));
    }
}
