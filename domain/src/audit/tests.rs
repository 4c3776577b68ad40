use chrono::DateTime;
use proptest::prelude::*;

use crate::viewer::Role;

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .map(|digit| digit.to_digit(16).expect("hex"))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}

/// Computed by other code than this one.
const RECORD: &str = "0100000010019ac30b5c8072338445566778899aab000000080006613a1812724000000004752d3137\
    0000001368747470733a2f2f6964702e6578616d706c6500000009415554484f524954590000000a00000006343430313030\
    ffffffff00000004524541440000000c436c75652e636f6e74656e7400000010000000000000000700000100000000000000\
    000873616e6374696f6effffffff00000007414c4c4f5745440000001034626639326633353737623334646136ffffffff00\
    000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const LEAF_SHA256: &str = "cbd76eb8bd6bce85535d6108fd9979d96332bab4b69c57feb04e25050a8287df";
const LEAF_SM3: &str = "cea23532b342a37fca850e8b1e1e665a93f02f57155424efeae9cbdbaff729da";
const FIRST_LINK: &str = "961acba6f21a54eae3973e63ff8f8ca79da4e08584cd949224433981f808c0d8";
const COMMITMENT: &str = "87337698bb0efbdbf3aeea5aa583301477f6d8a8e40be06ce2a27e1f92d47bca";

/// The entry of `docs/audit.md`.
fn example() -> Entry {
    let mut commitment = ZERO;
    (0..).zip(&mut commitment).for_each(|(at, byte)| *byte = at);
    Entry {
        id: "019ac30b-5c80-7233-8445-566778899aab"
            .parse()
            .expect("an id"),
        at: DateTime::from_timestamp_micros(1_795_752_000_123_456).expect("a moment"),
        actor: Actor {
            subject: "u-17".to_owned(),
            issuer: Some("https://idp.example".to_owned()),
            role: Role::Authority,
            areas: vec!["440100".to_owned()],
            agency: None,
        },
        action: Action::Read,
        object: "Clue.content".to_owned(),
        agencies: vec![7, 1 << 40],
        purpose: Some("sanction".to_owned()),
        reference: None,
        outcome: Outcome::Allowed,
        request: "4bf92f3577b34da6".to_owned(),
        document: None,
        commitment: Some(commitment),
    }
}

#[test]
fn the_record_of_the_specification_has_its_bytes() {
    let record = example().encode();
    assert_eq!(hex(&record), RECORD);
    assert_eq!(Entry::decode(&record), Ok(example()));
    let (sha256, sm3) = (HashKind::Sha256, HashKind::Sm3);
    let leaf = sha256.leaf(&record);
    assert_eq!(hex(&leaf), LEAF_SHA256);
    assert_eq!(hex(&sm3.leaf(&record)), LEAF_SM3);
    assert_eq!(hex(&sha256.chain(&ZERO, &leaf)), FIRST_LINK);
    let salt = std::array::from_fn(|at| at as u8);
    let committed = commitment(sha256, &salt, br#"{"verdict":"CLEAR"}"#);
    assert_eq!(hex(&committed), COMMITMENT);
}

#[test]
fn what_is_no_record_is_refused() {
    let record = example().encode();
    for cut in 0..record.len() {
        assert!(Entry::decode(&record[..cut]).is_err(), "cut at {cut}");
    }
    let mut longer = record.clone();
    longer.push(0);
    assert!(Entry::decode(&longer).is_err());
    let mut newer = record;
    newer[0] = 2;
    assert!(Entry::decode(&newer).is_err());
}

#[test]
fn ids_tell_their_moment_and_are_read_again() {
    let at = DateTime::from_timestamp_millis(1_795_752_000_123).expect("a moment");
    let (first, second) = (EntryId::new(at, [255; 10]), EntryId::new(at, [0; 10]));
    let later = EntryId::new(at + chrono::TimeDelta::milliseconds(1), [0; 10]);
    assert!(second < first && first < later);
    let text = first.to_string();
    assert_eq!(text.parse(), Ok(first));
    assert_eq!(&text[14..15], "7");
    for wrong in ["", "019ac30b", "zz9ac30b-5c80-7233-8445-566778899aab"] {
        assert!(wrong.parse::<EntryId>().is_err(), "{wrong}");
    }
}

/// The leaves and roots that the tests of Certificate Transparency publish.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const EDGE: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
const LAST_PAIR: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";

#[test]
fn the_tree_is_that_of_rfc_6962() {
    let kind = HashKind::Sha256;
    let leaves: Vec<Hash> = LEAVES.iter().map(|leaf| kind.leaf(&unhex(leaf))).collect();
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root(kind), kind.empty());
    for (leaf, root) in leaves.iter().zip(ROOTS) {
        frontier.push(kind, *leaf, |_, _, _| {});
        assert_eq!(hex(&frontier.root(kind)), root);
    }
    let proof = |ranges: Vec<std::ops::Range<u64>>| -> Vec<String> {
        let hashes = ranges
            .iter()
            .map(|range| hex(&naive(kind, of(&leaves, range))));
        hashes.collect()
    };
    assert_eq!(
        proof(inclusion_ranges(5, 8)),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            LAST_PAIR,
            EDGE
        ]
    );
    assert_eq!(proof(inclusion_ranges(2, 3)), [ROOTS[1]]);
    assert_eq!(
        proof(consistency_ranges(6, 8)),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            LAST_PAIR,
            EDGE
        ]
    );
    assert_eq!(
        proof(consistency_ranges(2, 5)),
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
        ]
    );
}

fn of<'a>(leaves: &'a [Hash], range: &std::ops::Range<u64>) -> &'a [Hash] {
    &leaves[range.start as usize..range.end as usize]
}

/// The root as RFC 6962 §2.1 defines it.
fn naive(kind: HashKind, leaves: &[Hash]) -> Hash {
    match leaves {
        [] => kind.empty(),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            kind.node(&naive(kind, left), &naive(kind, right))
        }
    }
}

fn grown(kind: HashKind, size: usize) -> (Vec<Hash>, Vec<Frontier>, Vec<Vec<Hash>>) {
    let leaves: Vec<Hash> = (0..size).map(|at| kind.leaf(&at.to_be_bytes())).collect();
    let (mut frontiers, mut levels) = (vec![Frontier::default()], vec![Vec::new(); 12]);
    for leaf in &leaves {
        let mut next = frontiers[frontiers.len() - 1].clone();
        next.push(kind, *leaf, |level, place, hash| {
            assert_eq!(levels[level as usize].len() as u64, place);
            levels[level as usize].push(*hash);
        });
        frontiers.push(next);
    }
    (leaves, frontiers, levels)
}

proptest! {
    #[test]
    fn proofs_prove_and_nothing_else_does(
        size in 1_usize..300, at in 0_usize..300, other in 0_usize..300, bit in 0_usize..4096, is_sm3: bool,
    ) {
        let kind = if is_sm3 { HashKind::Sm3 } else { HashKind::Sha256 };
        let (leaves, frontiers, levels) = grown(kind, size);
        let (at, old) = (at % size, other % (size + 1));
        let root = frontiers[size].root(kind);
        prop_assert_eq!(root, naive(kind, &leaves));
        prop_assert_eq!(
            Frontier::of(size as u64, frontiers[size].peaks().to_vec()),
            Some(frontiers[size].clone())
        );
        // A range's hash comes of the complete subtrees that were made on the way.
        let hash = |range: &std::ops::Range<u64>| {
            let hashes: Vec<Hash> = pieces(range)
                .into_iter()
                .map(|(level, place)| levels[level as usize][place as usize])
                .collect();
            fold(kind, &hashes)
        };
        let places = (at as u64, size as u64);
        let ranges = inclusion_ranges(places.0, places.1);
        let proof: Vec<Hash> = ranges.iter().map(hash).collect();
        for (range, hash) in ranges.iter().zip(&proof) {
            prop_assert_eq!(*hash, naive(kind, of(&leaves, range)));
        }
        prop_assert!(verify_inclusion(kind, &leaves[at], places, &proof, &root));
        let wrong_place = ((at as u64 + 1) % size as u64, size as u64);
        prop_assert!(size == 1 || !verify_inclusion(kind, &leaves[at], wrong_place, &proof, &root));
        prop_assert!(!verify_inclusion(kind, &leaves[at], (size as u64, size as u64), &proof, &root));
        if let Some(last) = proof.len().checked_sub(1) {
            prop_assert!(!verify_inclusion(kind, &leaves[at], places, &proof[..last], &root));
            let mut flipped = proof.clone();
            flipped[bit / 256 % proof.len()][bit / 8 % 32] ^= 1 << (bit % 8);
            prop_assert!(!verify_inclusion(kind, &leaves[at], places, &flipped, &root));
        }
        let sizes = (old as u64, size as u64);
        let old_root = frontiers[old].root(kind);
        let proof: Vec<Hash> = consistency_ranges(sizes.0, sizes.1).iter().map(hash).collect();
        prop_assert!(verify_consistency(kind, sizes, (&old_root, &root), &proof));
        let mut forked = root;
        forked[bit / 8 % 32] ^= 1 << (bit % 8);
        prop_assert!(old == 0 || !verify_consistency(kind, sizes, (&forked, &root), &proof));
        prop_assert!(old == 0 || !verify_consistency(kind, sizes, (&old_root, &forked), &proof));
        prop_assert!(!verify_consistency(kind, (sizes.1 + 1, sizes.1), (&old_root, &root), &proof));
    }

    #[test]
    fn an_entry_is_read_as_it_was_written(
        subject in ".{0,20}", issuer in proptest::option::of(".{0,20}"), object in ".{0,40}",
        areas in proptest::collection::vec("[0-9]{6}", 0..4), mut agencies in proptest::collection::vec(any::<i64>(), 0..4),
        purpose in proptest::option::of(".{0,10}"), at in 0_i64..4_000_000_000_000_000, flip in any::<(usize, u8)>(),
    ) {
        agencies.sort_unstable();
        agencies.dedup();
        let mut entry = example();
        entry.at = DateTime::from_timestamp_micros(at).expect("a moment");
        entry.actor = Actor { subject, issuer, areas, ..entry.actor };
        (entry.object, entry.agencies, entry.purpose) = (object, agencies, purpose);
        let record = entry.encode();
        prop_assert_eq!(Entry::decode(&record), Ok(entry));
        // Whatever else is read is another entry: no two sequences of bytes stand for one.
        let mut changed = record.clone();
        let at = flip.0 % changed.len();
        changed[at] ^= flip.1.max(1);
        if let Ok(other) = Entry::decode(&changed) {
            prop_assert_eq!(other.encode(), changed);
        }
    }
}

#[test]
fn a_checkpoint_is_a_note() {
    let checkpoint = Checkpoint {
        origin: "zhengxin.example/440000".to_owned(),
        size: 8,
        root: HashKind::Sha256.empty(),
        chain: ZERO,
        kind: HashKind::Sha256,
        at: DateTime::from_timestamp(1_795_752_000, 0).expect("a moment"),
    };
    let body = checkpoint.body();
    assert!(
        body.ends_with("\nhash sha256\ntime 2026-11-27T04:00:00Z\n"),
        "{body}"
    );
    assert_eq!(Checkpoint::parse(&body), Ok(checkpoint));
    for wrong in [
        "",
        "a\n1\n",
        &body.replace("8", "08"),
        &body.replace("sha256", "md5"),
        body.trim_end(),
    ] {
        assert!(Checkpoint::parse(wrong).is_err(), "{wrong}");
    }
    // The key of the specification's own example.
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: NoteKey = text.parse().expect("a key");
    assert_eq!(
        (key.to_string().as_str(), key.name.as_str()),
        (text, "PeterNeumann")
    );
    for wrong in [
        "PeterNeumann",
        &text.replace("c74f", "c74e"),
        &text.replace("Peter", "Pe+er"),
    ] {
        assert!(wrong.parse::<NoteKey>().is_err(), "{wrong}");
    }
    let note = SignedNote {
        body,
        signatures: Vec::new(),
    };
    let note = note.signed_by(&key, vec![7; 64]);
    let read: SignedNote = note.to_string().parse().expect("a note");
    assert_eq!(read, note);
    assert_eq!(read.signatures_of(&key).count(), 1);
    assert!("no signature\n\n".parse::<SignedNote>().is_err());
}
