//! Mailboxes on a real server: what is new comes, once and exactly as it is.

use std::collections::BTreeMap;
use std::io::Read as _;

use tempfile::TempDir;
use zhengxin::{
    catalogue::{Catalogue, Source},
    config::Place,
    sources::{
        Checkpoints, Fetched, Journal, Landed, Landing, RawStore,
        imap::{ImapError, MESSAGE_BYTES_MAX, fetch},
    },
};

use crate::support::dovecot::{Dovecot, Mailbox, PASSWORD};

/// A mailbox, and a raw store for what is read of it.
struct Case {
    server: &'static Dovecot,
    mailbox: Mailbox,
    source: Source,
    place: Place,
    raw: RawStore,
    _folder: TempDir,
}

impl Case {
    fn new() -> Option<Self> {
        let server = Dovecot::shared()?;
        let mailbox = server.mailbox();
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place {
            url: Some(format!("imaps://localhost:{}", server.tls_port)),
            allow: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
            ca_file: Some(server.ca_file()),
            user: Some(mailbox.user.clone()),
            secret: Some(PASSWORD.to_owned()),
            ..Place::default()
        };
        Some(Self {
            server,
            mailbox,
            source: source("INBOX"),
            place,
            raw: RawStore::in_folder(folder.path()).expect("a folder"),
            _folder: folder,
        })
    }

    async fn fetch(&self, before: &Checkpoints) -> Result<Fetched, ImapError> {
        let mut landing = Landing::new(&self.raw, ());
        fetch(&self.place, &mut landing, &self.source, before, |_| {}).await?;
        Ok(landing.fetched)
    }

    async fn fetched(&self, before: &Checkpoints) -> Fetched {
        self.fetch(before).await.expect("it can be read")
    }

    async fn bytes(&self, landed: &Landed) -> Vec<u8> {
        let opened = self.raw.open(landed).await.expect("it was kept");
        tokio::task::spawn_blocking(move || {
            let (mut opened, mut bytes) = (opened, Vec::new());
            opened.read_to_end(&mut bytes).expect("it can be read");
            bytes
        })
        .await
        .expect("it ends")
    }
}

fn source(folder: &str) -> Source {
    let catalogue = Catalogue::load(None).expect("our own catalogue is good");
    let mut source = catalogue.sources["court_debtors"].clone();
    let mailbox = format!("folder = {folder:?}");
    source.mailbox = Some(toml::from_str(&mailbox).expect("a mailbox"));
    source
}

fn mail(number: u32, text: &str) -> Vec<u8> {
    format!(
        "From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <{number}@example.com>\r\n\
         Subject: {number}\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

fn names(fetched: &Fetched) -> Vec<&str> {
    fetched.files.iter().map(|file| &*file.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_new_mail_comes_and_nothing_is_marked() {
    let Some(case) = Case::new() else { return };
    let none = case.fetched(&BTreeMap::new()).await;
    assert_eq!(
        (names(&none), &*none.checkpoints["INBOX"]),
        (vec![], "1000 0")
    );

    let attached = [
        &b"From: a@example.com\r\nMessage-ID: <2@example.com>\r\nMIME-Version: 1.0\r\n\
           Content-Type: multipart/mixed; boundary=\"=-x\"\r\n\r\n--=-x\r\n\
           Content-Type: text/plain; charset=utf-8\r\n\r\n\xE6\x8B\x96\xE6\xAC\xA0 {12}\r\n--=-x\r\n\
           Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"[..],
        b"JVBERi0xLjQK\r\n".repeat(20_000).as_slice(),
        b"--=-x--\r\n) OK \"\\\r\n",
    ]
    .concat();
    case.mailbox.put("", 1, &mail(1, "第一封"));
    case.mailbox.put("", 2, &attached);
    let first = case.fetched(&none.checkpoints).await;
    assert_eq!(names(&first), ["INBOX uid 1.eml", "INBOX uid 2.eml"]);
    assert_eq!(first.checkpoints["INBOX"], "1000 2");
    assert_eq!(case.bytes(&first.files[0]).await, mail(1, "第一封"));
    assert!(
        case.bytes(&first.files[1]).await == attached,
        "the bytes differ"
    );

    let again = case.fetched(&first.checkpoints).await;
    assert_eq!(
        (names(&again), &again.checkpoints),
        (vec![], &first.checkpoints)
    );

    case.mailbox.put("", 3, &mail(3, "new"));
    let second = case.fetched(&again.checkpoints).await;
    assert_eq!(names(&second), ["INBOX uid 3.eml"]);
    let names = case.mailbox.names();
    assert_eq!(names.len(), 3);
    let is_marked = |name: &String| {
        name.split_once(":2,")
            .is_some_and(|(_, flags)| !flags.is_empty())
    };
    assert!(!names.iter().any(is_marked), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_made_anew_is_read_from_its_beginning() {
    let Some(mut case) = Case::new() else { return };
    // A folder's name is written in the protocol's own UTF-7.
    case.source = source("台北");
    case.mailbox.make("&U,BTFw-", 7);
    case.mailbox.put("&U,BTFw-", 1, &mail(1, "a"));
    case.mailbox.put("&U,BTFw-", 2, &mail(2, "b"));
    let first = case.fetched(&BTreeMap::new()).await;
    assert_eq!((first.files.len(), &*first.checkpoints["台北"]), (2, "7 2"));

    case.mailbox.make("&U,BTFw-", 8);
    case.mailbox.put("&U,BTFw-", 1, &mail(9, "c"));
    let anew = case.fetched(&first.checkpoints).await;
    assert_eq!(names(&anew), ["台北 uid 1.eml"]);
    assert_eq!(anew.checkpoints["台北"], "8 1");
    assert_eq!(case.bytes(&anew.files[0]).await, mail(9, "c"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_is_too_long_is_left_out_and_told() {
    let Some(case) = Case::new() else { return };
    let line = [&[b'a'; 1_022][..], b"\r\n"].concat();
    let long = line.repeat(MESSAGE_BYTES_MAX as usize / line.len() + 1);
    case.mailbox.put("", 1, &mail(1, "before"));
    case.mailbox.put("", 2, &[mail(2, ""), long].concat());
    case.mailbox.put("", 3, &mail(3, "after"));
    let fetched = case.fetched(&BTreeMap::new()).await;
    assert_eq!(names(&fetched), ["INBOX uid 1.eml", "INBOX uid 3.eml"]);
    assert_eq!(fetched.checkpoints["INBOX"], "1000 3");
    assert_eq!(fetched.warnings.len(), 1);
    assert!(
        fetched.warnings[0].contains("uid 2"),
        "{:?}",
        fetched.warnings
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_mail_than_fits_into_one_question_comes_whole() {
    let Some(case) = Case::new() else { return };
    for number in 1..=230 {
        case.mailbox.put("", number, &mail(number, "text"));
    }
    let fetched = case.fetched(&BTreeMap::new()).await;
    assert_eq!(
        (fetched.files.len(), &*fetched.checkpoints["INBOX"]),
        (230, "1000 230")
    );
    assert_eq!(case.bytes(&fetched.files[229]).await, mail(230, "text"));
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_that_is_offered_is_used_and_its_certificate_is_looked_at() {
    let Some(mut case) = Case::new() else { return };
    case.mailbox.put("", 1, &mail(1, "a"));
    let plain = format!("imap://localhost:{}", case.server.plain_port);
    let tls = format!("imaps://localhost:{}", case.server.tls_port);
    for url in [&plain, &tls] {
        case.place.url = Some(url.clone());
        case.place.ca_file = Some(case.server.ca_file());
        assert_eq!(case.fetched(&BTreeMap::new()).await.files.len(), 1, "{url}");
        case.place.ca_file = None;
        let error = case
            .fetch(&BTreeMap::new())
            .await
            .expect_err(url)
            .to_string();
        assert!(error.contains("certificate"), "{url}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_without_the_password() {
    let Some(mut case) = Case::new() else { return };
    let good = case.place.clone();
    let wrong = "quite-another-word";
    let closed = Place {
        url: Some("imaps://localhost:1".to_owned()),
        ..good.clone()
    };
    let refused = Place {
        secret: Some(wrong.to_owned()),
        ..good.clone()
    };
    let inside = Place {
        allow: Vec::new(),
        ..good.clone()
    };
    let anonymous = Place {
        secret: None,
        ..good.clone()
    };
    let other = Place {
        url: Some(format!("imapx://a:{wrong}@localhost")),
        ..good.clone()
    };
    for (place, says) in [
        (closed, "did not answer"),
        (refused, "lets us not in"),
        (inside, "none of the ranges"),
        (anonymous, "user and a secret"),
        (other, "no imap or imaps address"),
    ] {
        case.place = place;
        let error = case.fetch(&BTreeMap::new()).await.expect_err(says);
        let told = format!("{error} {error:?}");
        assert!(told.contains(says), "{told}");
        assert!(!told.contains(wrong) && !told.contains(PASSWORD), "{told}");
    }
    case.place = good;
    case.source = source("Nowhere");
    let error = case.fetch(&BTreeMap::new()).await.expect_err("no folder");
    assert!(error.to_string().contains("Nowhere"), "{error}");
}

/// Breaks off when so many letters have landed.
struct BreaksOff(usize);

impl Journal for BreaksOff {
    async fn landed(&mut self, at: usize, _: &Landed, _: &Checkpoints) -> Result<(), String> {
        match at < self.0 {
            true => Ok(()),
            false => Err("it breaks off".to_owned()),
        }
    }

    async fn left_aside(&mut self, _: usize) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_off_goes_on_behind_the_last_letter_that_had_landed() {
    let Some(case) = Case::new() else { return };
    for number in 1..=4 {
        case.mailbox.put("", number, &mail(number, "来信"));
    }
    let mut landing = Landing::new(&case.raw, BreaksOff(2));
    let before = Checkpoints::new();
    let broken = fetch(&case.place, &mut landing, &case.source, &before, |_| {}).await;
    let error = broken.expect_err("it breaks off").to_string();
    assert!(
        error.contains("INBOX uid 3.eml could not be noted"),
        "{error}"
    );
    // The third one's place was reached with the third one alone.
    let so_far = Checkpoints::from([("INBOX".to_owned(), "1000 2".to_owned())]);
    let mut landing = Landing::behind(&case.raw, (), landing.fetched.files);
    let gone_on = fetch(&case.place, &mut landing, &case.source, &so_far, |_| {}).await;
    gone_on.expect("it can be read");
    let letters = [1, 2, 3, 4].map(|uid| format!("INBOX uid {uid}.eml"));
    assert_eq!(names(&landing.fetched), letters);
    assert_eq!(landing.fetched.checkpoints["INBOX"], "1000 4");
}
