//! A mailbox on a real server, from its configured place to clues: through the binary, which is told
//! of it in a file as any operator's is; and interrupted wherever it can be.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::run::RunState;
use sha2::{Digest, Sha256};
use zhengxin::{
    config::Config,
    failpoint::{self, Failure, POINTS, Plan},
    ingest::{From, Order},
};

use super::bring_town;
use crate::support::{
    Db, Hub, Ran, anywhere, count, count_on,
    dovecot::{Dovecot, Mailbox, PASSWORD},
    evidence_of, leftovers, on_both, state, zhengxin,
};

const MAILBOX: &str = "mailbox";
const BUREAU: &str = "佛山市禅城区样例局";
/// What is attached, which nobody opens.
const ATTACHED: &[u8] = b"%PDF-1.4 made up\n\x00\xff";

/// A mailbox, and a hub's folder with a configuration that names it.
struct Case {
    mailbox: Mailbox,
    configuration: PathBuf,
}

impl Case {
    /// None where no server is installed.
    fn on(db: &Db) -> Option<Self> {
        let server = Dovecot::shared()?;
        let mailbox = server.mailbox();
        let text = format!(
            "[database]\ndata = {:?}\nurl = {:?}\n\n[sources.mailbox]\n\
             url = \"imaps://localhost:{}\"\nallow = [\"127.0.0.0/8\", \"::1\"]\n\
             ca_file = {:?}\nuser = {:?}\nsecret = {PASSWORD:?}\n",
            db.folder().display().to_string(),
            db.url(),
            server.tls_port,
            server.ca_file().display().to_string(),
            mailbox.user
        );
        let configuration = db.file("zhengxin.toml", text.as_bytes());
        Some(Self {
            mailbox,
            configuration,
        })
    }

    fn arguments(&self) -> Vec<String> {
        let file = self.configuration.display().to_string();
        ["ingest", MAILBOX, "-o", "json", "-c", &file]
            .map(str::to_owned)
            .into()
    }

    fn fetch(&self) -> Ran {
        zhengxin(self.arguments()).run()
    }

    /// Puts letters in, by their numbers.
    fn put(&self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            self.mailbox.put("", number, &letter(number));
        }
    }

    /// The order that the binary makes of the configuration.
    fn order(&self) -> Order {
        let config = Config::load(Some(&self.configuration)).expect("it is good");
        Order {
            source: MAILBOX.to_owned(),
            feed: None,
            from: From::Place(Box::new(config.sources[MAILBOX].clone())),
            as_of: None,
            partial: false,
            dry_run: false,
        }
    }
}

/// A letter by the template, with what its writer says of himself and something attached.
pub(super) fn letter(number: u32) -> Vec<u8> {
    let subject = STANDARD.encode("【政务诚信】样例来信");
    let attached = STANDARD.encode([ATTACHED, &number.to_be_bytes()].concat());
    format!(
        "From: writer@example.invalid\r\nTo: box@example.invalid\r\n\
         Message-ID: <{number}@example.invalid>\r\nDate: Mon, 05 May 2025 09:00:00 +0800\r\n\
         Subject: =?UTF-8?B?{subject}?=\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n--part\r\n\
         Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         被反映单位：{BUREAU}\r\n反映人：甲某写\r\n 联系电话 : 020-00000001\r\n\
         身份证号:000000199001010018\r\n第{number}件：承诺的样例奖补未兑现，请回电１３９ ００００ ００００。\r\n\
         --part\r\nContent-Type: application/pdf\r\n\
         Content-Disposition: attachment; filename=\"sample.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{attached}\r\n--part--\r\n"
    )
    .into_bytes()
}

/// The line under which a letter's attachment is kept in the evidence.
fn attachment(number: u32) -> String {
    let digest = Sha256::digest([ATTACHED, &number.to_be_bytes()].concat());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sample.pdf {digest}")
}

async fn hub_with_town(db: &Db) -> Hub {
    let hub = Hub::on(db).await;
    bring_town(&hub).await;
    hub
}

async fn clues(db: &Db) -> i64 {
    count_on(db, "SELECT COUNT(*) FROM clue WHERE agencies <> ''").await
}

/// The numbers of a report that say what came.
fn counts(ran: &Ran) -> [i64; 4] {
    let report = ran.json();
    ["received", "stored", "unchanged", "rejected"]
        .map(|count| report[count].as_i64().expect("a count is a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_become_clues_once_and_the_hub_remembers_how_far_it_read() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let Some(case) = Case::on(&db) else { return };
        assert_eq!(counts(&case.fetch().ended(0)), [0, 0, 0, 0]);
        case.put(1..=3);
        assert_eq!(counts(&case.fetch().ended(0)), [3, 3, 0, 0]);
        assert_eq!(clues(&db).await, 3);
        let known = state(&hub).await;
        let checkpoint = "checkpoint mailbox/default INBOX at 1000 3";
        assert!(known.lines().any(|line| line == checkpoint), "{known}");

        let kept = evidence_of(&hub, "2@EXAMPLE.INVALID").await;
        assert!(
            kept[0].content.contains(&attachment(2)),
            "{}",
            kept[0].content
        );
        let digest = attachment(2).split_off("sample.pdf ".len());
        assert!(
            hub.ingest.raw.holds(&digest).await.expect("a store"),
            "{digest}"
        );
        // Whoever wrote stands nowhere, neither in the clue nor in its evidence.
        for trace in [
            "writer@",
            "甲某写",
            "020-00000001",
            "19900101",
            "１３９ ００００ ００００",
        ] {
            assert_eq!(
                anywhere(&hub, trace).await,
                Vec::<String>::new(),
                "{trace} was kept"
            );
        }
        assert_eq!(
            anywhere(&hub, "第2件").await.len(),
            2,
            "the rest of the text was"
        );

        assert_eq!(counts(&case.fetch().ended(0)), [0, 0, 0, 0]);
        assert_eq!(state(&hub).await, known, "nothing new came");
        case.put(4..=5);
        assert_eq!(counts(&case.fetch().ended(0)), [2, 2, 0, 0]);
        assert_eq!(clues(&db).await, 5);

        // The same letters under new numbers are the same letters.
        case.mailbox.make("", 1_001);
        case.put(1..=6);
        assert_eq!(counts(&case.fetch().ended(0)), [6, 1, 5, 0]);
        assert_eq!(clues(&db).await, 6);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_can_not_be_read_hold_no_other_back() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let Some(case) = Case::on(&db) else { return };
        let cut = |number| {
            let whole = letter(number);
            whole[..whole.len() - 12].to_vec()
        };
        case.put([1]);
        case.mailbox.put("", 2, &cut(2));
        case.put([3]);
        case.mailbox.put("", 4, b"no letter at all\r\n");
        case.put([5]);
        let ran = case.fetch().ended(5);
        assert_eq!(counts(&ran), [5, 3, 0, 2], "{ran:#?}");
        let report = ran.json();
        let told = |at: usize| {
            let reject = &report["rejects"][at];
            format!("{} {}", reject["file"], reject["reason"])
        };
        assert!(
            told(0).contains("INBOX uid 2.eml") && told(0).contains("cut off"),
            "{report:#}"
        );
        assert!(told(1).contains("INBOX uid 4.eml"), "{report:#}");
        assert_eq!(clues(&db).await, 3);

        assert_eq!(
            counts(&case.fetch().ended(0)),
            [0, 0, 0, 0],
            "it went on behind them"
        );
        case.put([6]);
        assert_eq!(counts(&case.fetch().ended(0)), [1, 1, 0, 0]);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_fails_anywhere_loses_no_letter() {
    if !failpoint::ENABLED {
        return;
    }
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let Some(case) = Case::on(&db) else { return };
        let order = case.order();
        let (mut letters, mut failed) = (0, Vec::new());
        for failure in [Failure::GivenUp, Failure::Error] {
            for point in POINTS {
                case.put(letters + 1..=letters + 3);
                letters += 3;
                let plan = Plan::of(vec![(point, 1, failure)]);
                // What it says of itself does not matter: the next one makes up for it.
                let _ = failpoint::with(&plan, hub.ingest.run(&order, &|_| {})).await;
                failed.extend(plan.failed());
                let next = hub
                    .ingest
                    .run(&order, &|_| {})
                    .await
                    .expect("it can be tried");
                assert_eq!(next.outcome, Some(RunState::Done), "{point}: {next:#?}");
                let known = count(&hub, "SELECT COUNT(*) FROM clue").await;
                assert_eq!(known, i64::from(letters), "behind {failure:?} at {point}");
                assert_eq!(leftovers(&hub).await, "", "behind {failure:?} at {point}");
            }
        }
        for point in ["run.begun", "stage.staged", "close.commit", "closed"] {
            let times = failed.iter().filter(|failed| **failed == point).count();
            assert_eq!(times, 2, "{point}: {failed:?}");
        }
        let checkpoint = format!("checkpoint mailbox/default INBOX at 1000 {letters}");
        let known = state(&hub).await;
        assert!(known.lines().any(|line| line == checkpoint), "{known}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_is_killed_loses_no_letter() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let Some(case) = Case::on(&db) else { return };
        case.put(1..=400);
        let staged = "SELECT COUNT(*) FROM evidence WHERE change_from IN \
                      (SELECT id FROM change WHERE seq IS NULL)";
        // While it fetches; while it writes.
        let raw = db.folder().join("raw");
        let kept = || walk(&raw);
        let before = kept();
        let mut process = zhengxin(case.arguments()).start();
        let deadline = Instant::now() + Duration::from_secs(300);
        while process.is_alive() && kept() < before + 50 {
            assert!(Instant::now() < deadline, "it fetches nothing");
        }
        process.kill();
        let mut process = zhengxin(case.arguments()).start();
        while process.is_alive() && count(&hub, staged).await == 0 {
            assert!(Instant::now() < deadline, "it writes nothing");
        }
        process.kill();

        let deadline = Instant::now() + Duration::from_secs(60);
        let mut ran = case.fetch();
        // Who was killed may still hold its place for a moment.
        while ran.code != Some(0) && ran.err.contains("another process") {
            assert!(Instant::now() < deadline, "{ran:#?}");
            ran = case.fetch();
        }
        ran.ended(0);
        assert_eq!(clues(&db).await, 400);
        assert_eq!(leftovers(&hub).await, "");
        case.put([401]);
        assert_eq!(counts(&case.fetch().ended(0)), [1, 1, 0, 0]);
    })
    .await;
}

/// How many files are below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .map(|path| if path.is_dir() { walk(&path) } else { 1 })
        .sum()
}
