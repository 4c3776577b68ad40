//! A thousand numbers of made-up persons go in by every door and come out by none: not in what is kept, told, logged,
//! measured, written to files or, in builds that send traces, sent as such.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    fs,
    io::Read,
    path::Path,
};

use domain::viewer::{Role, Scope};
use serde_json::{Value, json};
use zhengxin::{
    auth::{Auth, Grant},
    clock::Clock,
    config::{self, LocalKey},
};

use super::{PATIENCE, Server, client, text_at, traces::Collector};
use crate::support::{Db, KEY, Program, Ran, made, rows, zhengxin};

const BUREAU: &str = "佛山市禅城区样例局";

/// The numbers, each with the door that it went in by.
#[derive(Default)]
pub(super) struct Canaries(RefCell<HashMap<Vec<u8>, &'static str>>);

impl Canaries {
    /// A citizen number with a right check character; one in 31 would also be a good code of a body.
    pub(super) fn number(&self, door: &'static str) -> String {
        let n = self.0.borrow().len() as u32;
        let is_free = |number: &String| !self.0.borrow().contains_key(number.as_bytes());
        let number = (n..).map(citizen_number).find(is_free);
        self.plant(door, number.expect("there are others"))
    }

    /// A mobile number.
    pub(super) fn phone(&self, door: &'static str) -> String {
        let n = self.0.borrow().len() as u64;
        self.plant(
            door,
            format!(
                "1{}{:09}",
                3 + n % 7,
                (n * 123_457_931 + 29) % 1_000_000_000
            ),
        )
    }

    /// Both in a sentence, each written in one of the ways in which people write them.
    pub(super) fn words(&self, door: &'static str) -> String {
        let (number, phone) = (self.number(door), self.phone(door));
        match self.0.borrow().len() / 2 % 4 {
            0 => format!("反映人身份证{number}，电话{phone}。"),
            1 => format!(
                "身份证号：{number}(联系 {} {} {})",
                &phone[..3],
                &phone[3..7],
                &phone[7..]
            ),
            2 => format!(
                "电话+86-{}-{}-{}；证件{number}",
                &phone[..3],
                &phone[3..7],
                &phone[7..]
            ),
            _ => format!("手机{}证件{number}", wide(&phone)),
        }
    }

    fn plant(&self, door: &'static str, canary: String) -> String {
        let before = self
            .0
            .borrow_mut()
            .insert(canary.clone().into_bytes(), door);
        assert!(before.is_none(), "{canary} is there twice");
        canary
    }

    /// The doors whose numbers are in these bytes, however they are grouped there.
    pub(super) fn in_bytes(&self, bytes: &[u8]) -> Vec<String> {
        let canaries = self.0.borrow();
        let mut found = Vec::new();
        for is_joined in [false, true] {
            let runs = narrow(bytes, is_joined);
            for run in runs
                .split(|byte| *byte == b' ')
                .filter(|run| run.len() >= 11)
            {
                // The number of a longer one is none of ours, but for a country's code before it.
                let without_code = run.strip_prefix(b"86").unwrap_or(run);
                for run in [run, without_code] {
                    if let Some(door) = canaries.get(run) {
                        found.push(format!("{door}: {}", String::from_utf8_lossy(run)));
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// The same of a file, also of what is packed in it.
    fn in_file(&self, path: &Path) -> Vec<String> {
        let bytes = fs::read(path).expect("it can be read");
        let mut found = self.in_bytes(&bytes);
        found.extend(self.in_bytes(&zstd::stream::decode_all(&bytes[..]).unwrap_or_default()));
        if let Ok(mut book) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
            for at in 0..book.len() {
                let mut part = Vec::new();
                let mut entry = book.by_index(at).expect("an entry");
                entry.read_to_end(&mut part).expect("it unpacks");
                found.extend(self.in_bytes(&part));
            }
        }
        found
    }
}

/// A citizen number of a division that is none.
fn citizen_number(n: u32) -> String {
    let head = format!(
        "000000{}{:02}{:02}{:03}",
        1_950 + n % 50,
        1 + n % 12,
        1 + n % 28,
        n % 1_000
    );
    let check = "0123456789X".chars().map(|check| format!("{head}{check}"));
    let mut right = check.filter(|number| domain::privacy::citizen_number(number).is_some());
    right.next().expect("one of eleven is right")
}

fn wide(digits: &str) -> String {
    let wide = |digit: char| char::from_u32(digit as u32 - '0' as u32 + '０' as u32);
    digits.chars().filter_map(wide).collect()
}

/// The runs of digits and check characters in bytes, parted by blanks; those of full width as others, and where
/// wanted joined over one separator.
fn narrow(bytes: &[u8], is_joined: bool) -> Vec<u8> {
    let (mut runs, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let (length, digit) = match &bytes[at..] {
            [0xEF, 0xBC, digit @ 0x90..=0x99, ..] => (3, Some(digit - 0x90 + b'0')),
            [digit @ b'0'..=b'9', ..] => (1, Some(*digit)),
            [b'X' | b'x', ..] => (1, Some(b'X')),
            [b' ' | b'-', b'0'..=b'9', ..] if is_joined => (1, None),
            _ => (1, Some(b' ')),
        };
        at += length;
        runs.extend(digit);
    }
    runs
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// Where the canaries go in, and what came out.
struct Scene {
    db: Db,
    /// What is delivered lies elsewhere.
    outside: tempfile::TempDir,
    canaries: Canaries,
    /// What was told, by where.
    told: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Scene {
    fn new() -> Self {
        let db = Db::sqlite();
        db.file(
            "person.key",
            b"a key for the numbers of made-up persons alone",
        );
        Self {
            db,
            outside: tempfile::tempdir().expect("a folder"),
            canaries: Canaries::default(),
            told: RefCell::default(),
        }
    }

    fn tell(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let mut told = self.told.borrow_mut();
        told.entry(place.to_owned())
            .or_default()
            .extend(bytes.as_ref());
    }

    fn program(&self, arguments: &[&str]) -> Program {
        let (url, folder) = (self.db.url(), self.db.folder().display().to_string());
        let key = self.db.folder().join("person.key").display().to_string();
        let place = [
            "--database-url",
            &url,
            "--data",
            &folder,
            "-o",
            "json",
            "-vv",
        ];
        zhengxin(arguments.iter().chain(&place)).env("ZHENGXIN__HUB__PERSON_KEY_FILE", &key)
    }

    fn call(&self, arguments: &[&str]) -> Ran {
        let ran = self.program(arguments).run();
        self.tell(&format!("{} report", arguments[0]), &ran.out);
        self.tell(&format!("{} log", arguments[0]), &ran.err);
        ran
    }

    /// Brings a file in; as many rows as that must have been received.
    fn bring(&self, source: &str, name: &str, bytes: &[u8], received: u64) {
        let path = self.outside.path().join(name);
        fs::write(&path, bytes).expect("the folder is ours");
        let ran = self.call(&[
            "ingest",
            source,
            "--partial",
            "--file",
            &path.display().to_string(),
        ]);
        let report: Value = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
        assert_eq!(report["received"], received, "{source} {name}: {ran:#?}");
    }

    fn deliver(&self) {
        let c = &self.canaries;
        let city = made::body(1, "佛山市样例局", "440600");
        let town = [
            made::body(2, BUREAU, "440604")
                .superior(&city.uscc)
                .alias(&c.phone("register alias")),
            made::body(3, "佛山市南海区样例局", "440605")
                .alias("区样例局")
                .former(&format!("样例{}旧局", c.phone("register former name"))),
            made::body(
                4,
                &format!("佛山市{}样例局", c.phone("register name")),
                "440600",
            ),
            // Rejected: its code is a person's, and so is what stands for its division.
            made::body(5, "佛山市坏例局", "440600")
                .with("统一社会信用代码", &c.number("register bad code")),
            made::body(6, "佛山市又例局", "440600")
                .with("行政区划代码", &c.phone("register bad division")),
            city,
        ];
        self.bring("agency_register", "register.csv", &made::register(&town), 6);

        let orders = (0..60).map(|n| {
            let order = rows::order(n, BUREAU, "政务诚信")
                .with("诉求主题", c.words("order title"))
                .with("诉求内容", c.words("order content"))
                .with("诉求人", c.phone("order petitioner"))
                .with("诉求人电话", c.phone("order phone"))
                .with("派单员", c.phone("order clerk"))
                .with("办理科室", c.phone("order office"))
                .with("处理结果", c.words("order result"));
            match n % 6 {
                0 => order.with("办理单位", format!("区样例局{}", c.phone("order body"))),
                1 => order.with("派发时间", c.number("order bad time")),
                2 => order.with("办件编号", c.phone("order number")),
                3 => order.with("事项小类", c.number("order category")),
                4 => order.with("承诺完成时间", c.phone("order bad deadline")),
                _ => order,
            }
        });
        self.bring(
            "hotline",
            "orders.csv",
            &rows::file(&orders.collect::<Vec<_>>()),
            60,
        );
        let headings = format!(
            "{},{}\n{},x\n",
            c.phone("headings"),
            c.number("headings"),
            c.phone("row of no layout")
        );
        self.bring("hotline", "strange.csv", headings.as_bytes(), 0);

        let complaints = (0..40).map(|n| {
            let complaint = rows::established(n, BUREAU)
                .with(
                    "债权人名称",
                    format!("个体工商户甲某{}", c.phone("creditor")),
                )
                .with("债权人统一社会信用代码", c.number("creditor's code"))
                .with("项目名称", c.words("project"))
                .with("合同编号", c.phone("contract"))
                .with(
                    "处理结果",
                    format!("经核实属实，{}", c.words("arrears result")),
                );
            match n % 4 {
                0 => complaint.with("拖欠金额", c.phone("bad amount")),
                1 => complaint.with("受理日期", c.number("bad date")),
                2 => complaint.with("债务人名称", format!("区样例局（{}）", c.number("debtor"))),
                _ => complaint,
            }
        });
        self.bring(
            "arrears",
            "complaints.csv",
            &rows::file(&complaints.collect::<Vec<_>>()),
            40,
        );

        let listings = (1..=40).map(|n| {
            let mut listing = match n % 4 {
                0 => made::listing(n, "甲某乙").code(c.number("listed person")),
                1 => made::listing(n, &format!("甲某{}", c.number("listed name"))),
                2 => made::listing(n, BUREAU).case(&c.phone("bad case number")),
                _ => made::listing(n, BUREAU),
            };
            listing.duty = c.words("duty");
            listing.representative = c.number("representative");
            listing.performance = format!("全部未履行{}", c.phone("performance"));
            listing
        });
        self.bring(
            "court_debtors",
            "list.jsonl",
            &made::court_jsonl(&listings.collect::<Vec<_>>()),
            40,
        );

        let posts = (0..20).map(|n| {
            let post = rows::post(
                "甲某乙",
                &c.number("post"),
                town[0].uscc.as_str(),
                &format!("局长{}", c.phone("title")),
            );
            match n % 3 {
                0 => post.with("任职起", c.number("bad first day")),
                1 => post.with("单位统一社会信用代码", c.number("post's body")),
                _ => post,
            }
        });
        self.bring(
            "official_register",
            "posts.csv",
            &rows::file(&posts.collect::<Vec<_>>()),
            20,
        );

        let breaches = (0..20).map(|n| {
            rows::breach(n, BUREAU)
                .with("sxxw", c.words("breach"))
                .with("ly", c.phone("domain"))
                .with("rdbm", format!("样例认定局{}", c.phone("determined by")))
                .with("rdwh", format!("样认{}号", c.number("document")))
        });
        self.bring(
            "credit_platform",
            "breaches.csv",
            &rows::file(&breaches.collect::<Vec<_>>()),
            20,
        );

        for n in 0..20 {
            let letter = format!(
                "From: \"{}\" <{}@example.invalid>\r\nTo: box@example.invalid\r\nMessage-ID: <{n}@example.invalid>\r\n\
                 Date: Mon, 05 May 2025 09:00:00 +0800\r\nSubject: letter {}\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
                 被反映单位：{BUREAU}\r\n反映人：{}\r\n联系电话：{}\r\n身份证号:{}\r\n{}\r\n",
                c.phone("letter's sender"),
                c.phone("letter's address"),
                c.phone("subject"),
                c.number("letter's writer"),
                c.phone("letter's phone"),
                c.number("letter's number"),
                c.words("letter"),
            );
            self.bring("mailbox", "letter.eml", letter.as_bytes(), 1);
        }
        let none = format!("no letter {}\r\n", c.words("no letter"));
        let path = self.outside.path().join("none.eml");
        fs::write(&path, none).expect("the folder is ours");
        self.call(&[
            "ingest",
            "mailbox",
            "--partial",
            "--file",
            &path.display().to_string(),
        ]);
        let names = format!(
            "名称,代码\n甲某{},{}\n",
            c.phone("list of names"),
            c.number("list of codes")
        );
        let path = self.outside.path().join("list.csv");
        fs::write(&path, names).expect("the folder is ours");
        let list = path.display().to_string();
        self.call(&[
            "check",
            "--file",
            &list,
            "--purpose",
            &c.words("check purpose"),
        ]);
        self.call(&[
            "check",
            "--name",
            &c.words("check name"),
            "--purpose",
            "x",
            "--reference",
            &c.words("reference"),
        ]);
        self.call(&[
            "raw",
            "erase",
            &"0".repeat(64),
            "--reason",
            &c.words("reason"),
        ]);
    }

    async fn ask(&self, server: &Server, auth: &Auth) {
        let c = &self.canaries;
        let http = client();
        let roles = [
            Role::Authority,
            Role::Government,
            Role::Court,
            Role::Operator,
            Role::Congress,
        ];
        let token = |role: Role| {
            let grant = Grant {
                subject: "test".to_owned(),
                role,
                divisions: vec!["440000".parse().expect("a division")],
                agency: None,
                scopes: vec![Scope::Adhoc],
                minutes: 60,
            };
            auth.issue(&grant).expect("there is a key")
        };
        let post = async |role: Role, query: &str, variables: Value| {
            let request = http
                .post(format!("{}/graphql", server.base))
                .bearer_auth(token(role))
                .header("x-purpose", c.number("header purpose"))
                .header("x-reference", c.phone("header reference"))
                .json(&json!({ "query": query, "variables": variables }));
            let answer = request.send().await.expect("it answers");
            let body = answer.bytes().await.expect("a body");
            self.tell(&format!("answer to {role}"), &body);
            serde_json::from_slice::<Value>(&body).expect("JSON")
        };
        // All that the deliveries became.
        let everything = [
            "{ clues(first: 100) { totalCount edges { node { title content category evidence { sourceKey location } } } } }",
            "{ creditRecords(first: 100) { totalCount edges { node { caseNumber identifiedBy domain evidence { sourceKey } agency { name } } } } }",
            "{ agencies(first: 100) { totalCount edges { node { name aliases { name } formerNames { name } } } } }",
            "{ mentions(first: 100) { totalCount edges { node { text context { name text } resolution { steps } evidence { sourceKey } } } } }",
            "{ sources { runs(first: 50) { edges { node { message } } } } }",
            "{ sources { runs(first: 3) { edges { node { rejects(first: 20) { edges { node { column reason file } } } } } } } }",
        ];
        for query in everything {
            let mut refusals = Vec::new();
            for role in roles {
                let told = post(role, query, json!({})).await;
                refusals.extend(told.get("errors").cloned());
            }
            assert!(refusals.len() < roles.len(), "{query}: {refusals:?}");
        }
        let check = "query ($input: SanctionCheckInput!, $for: String!) { sanctionCheck(input: $input, purpose: $for, reference: $for) \
             { id answer notice purpose reference resolution { steps } } }";
        let resolve = "query ($input: ResolveInput!) { resolve(input: $input) { outcome steps } }";
        let search = "query ($text: String!) { search(text: $text) { title matched } }";
        let filter =
            "query ($text: String!) { agencies(filter: { name: { eq: $text } }) { totalCount } }";
        for n in 0..30 {
            let role = roles[n % 3];
            for key in [
                "name",
                "uscc",
                "orgCode",
                "division",
                "caseNumber",
                "personName",
                "identityNumber",
            ] {
                let variables = json!({ "input": { key: c.number("check input") }, "for": c.words("check purpose") });
                post(role, check, variables).await;
            }
            let person = json!({ "personName": format!("甲某{}", c.phone("check person")), "identityNumber": c.number("check person") });
            post(role, check, json!({ "input": person, "for": "sanction" })).await;
            let variables = json!({ "input": { "name": c.words("resolve"), "division": c.phone("resolve division") } });
            post(role, resolve, variables).await;
            post(role, search, json!({ "text": c.words("search") })).await;
            post(role, filter, json!({ "text": c.phone("filter") })).await;
            let wrong = format!(
                "{{ agency(uscc: \"{}\") {{ name }} }}",
                c.number("inline argument")
            );
            post(role, &wrong, json!({ "x": c.phone("variable of nothing") })).await;
            // By an alias whoever wrote it is answered, and nobody else hears of it.
            let aliased = format!("{{ a{}: __typename }}", c.phone("alias"));
            let aliased = http
                .post(format!("{}/graphql", server.base))
                .bearer_auth(token(role))
                .json(&json!({ "query": aliased }));
            aliased.send().await.expect("it answers");
            post(
                role,
                &format!("{{ {} }} # {}", c.phone("no field"), c.number("comment")),
                json!({}),
            )
            .await;
        }
        self.change(&post, c).await;
        let query = json!({ "q0": { "query": c.words("reconcile") } }).to_string();
        for path in [
            format!("/reconcile?queries={}", form(&query)),
            format!("/reconcile/preview?id={}", c.number("preview")),
            format!("/export/ledger.csv?division={}", c.phone("export division")),
            format!("/export/ledger.csv?stage={}", c.phone("export stage")),
            format!("/{}", c.number("address")),
            "/export/ledger.csv".to_owned(),
            "/export/ledger.xlsx".to_owned(),
        ] {
            let request = http
                .get(format!("{}{path}", server.base))
                .bearer_auth(token(Role::Authority));
            let answer = request.send().await.expect("it answers");
            let is_book = path.ends_with("xlsx");
            let body = answer.bytes().await.expect("a body");
            match is_book {
                true => {
                    fs::write(self.outside.path().join("ledger.xlsx"), &body).expect("it is ours")
                }
                false => self.tell("answers to addresses", &body),
            }
        }
        self.tell(
            "metrics",
            text_at(&format!("{}/metrics", server.admin)).await,
        );
    }

    /// Steps in cases, and decisions, with words in them.
    async fn change(&self, post: &impl AsyncFn(Role, &str, Value) -> Value, c: &Canaries) {
        let told = post(Role::Authority, "{ clues(first: 20) { edges { node { id version } } } agencies(first: 9) { edges { node { id name } } } }", json!({})).await;
        let agencies = told["data"]["agencies"]["edges"]
            .as_array()
            .expect("a list");
        let to = agencies
            .iter()
            .find(|edge| edge["node"]["name"] == "佛山市样例局");
        let to = &to.expect("it is there")["node"]["id"];
        let transfer = "mutation ($input: TransferClueInput!) { transferClue(input: $input) { __typename ... on Refusal { code message } } }";
        let mut done = 0;
        for (n, edge) in told["data"]["clues"]["edges"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            let clue = &edge["node"];
            let input = json!({ "key": format!("{} t{n}", c.words("key")), "clueId": clue["id"], "version": clue["version"], "to": to, "note": c.words("note") });
            let told = post(Role::Authority, transfer, json!({ "input": input })).await;
            done +=
                usize::from(told["data"]["transferClue"]["__typename"] == "TransferClueSuccess");
        }
        assert!(done > 3, "{done} were transferred");
        let strange = json!({ "key": c.words("key"), "clueId": c.phone("id in an input"), "version": 1, "to": c.number("id in an input"), "note": c.words("note") });
        post(Role::Authority, transfer, json!({ "input": strange })).await;
        let report = "mutation ($input: RecordZeroReportInput!) { recordZeroReport(input: $input) { __typename } }";
        let input = json!({ "key": c.phone("key"), "division": "440000", "workflow": "court", "day": "2026-04-20", "note": c.words("zero report") });
        post(Role::Court, report, json!({ "input": input })).await;
        let told = post(
            Role::Operator,
            "{ mentions(first: 9) { edges { node { id version } } } }",
            json!({}),
        )
        .await;
        let decide = "mutation ($input: DecideMentionInput!) { decideMention(input: $input) { __typename } }";
        for (n, edge) in told["data"]["mentions"]["edges"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            let mention = &edge["node"];
            let input = json!({ "key": format!("{} d{n}", c.words("key")), "mentionId": mention["id"], "version": mention["version"], "judgement": "UNSURE", "reason": c.words("decision") });
            post(Role::Operator, decide, json!({ "input": input })).await;
        }
        let notes = "{ cases(first: 50) { edges { node { events { note } } } } mentionDecisions(first: 20) { edges { node { reason } } } zeroReports(workflow: \"court\") { note } }";
        post(Role::Authority, notes, json!({})).await;
    }
}

pub(super) fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_numbers_go_in_and_none_comes_out() {
    let scene = Scene::new();
    tokio::task::block_in_place(|| scene.deliver());
    let log = scene.outside.path().join("serve.jsonl");
    let key = scene.db.folder().join("person.key").display().to_string();
    let mut settings = vec![
        ("AUTH__LOCAL__KEY", KEY),
        ("SERVER__NOTICE_SECONDS", "0"),
        ("HUB__PERSON_KEY_FILE", &key),
    ];
    let collector = Collector::start().await;
    if cfg!(feature = "otel") {
        settings.extend(collector.settings());
    }
    let program = Server::program(&scene.db, &settings);
    let program = ["-o", "json", "-vv"]
        .iter()
        .fold(program, |program, word| program.argument(word));
    let mut server = Server::started(program.start_logging_to(&log));
    let believes = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            ..LocalKey::default()
        }),
        ..config::Auth::default()
    };
    let auth = Auth::new(&believes, Clock::system()).expect("the key is long enough");
    scene.ask(&server, &auth).await;
    server.running.terminate();
    assert!(server.running.ends_within(PATIENCE));
    let traces = collector.taken();
    let is_told = traces.windows(8).any(|part| part == b"/graphql");
    assert_eq!(is_told, cfg!(feature = "otel"), "{} bytes", traces.len());
    scene.tell("traces", traces);
    let bundle = scene.db.folder().join("bundle.jsonl").display().to_string();
    let ledger = scene.db.folder().join("ledger.csv").display().to_string();
    tokio::task::block_in_place(|| {
        scene
            .call(&["audit", "export", "--bundle", &bundle])
            .ended(0);
        scene.call(&["ledger", "--file", &ledger]).ended(0);
        scene.call(&["doctor"]);
    });

    let canaries = &scene.canaries;
    assert!(
        canaries.0.borrow().len() >= 1_000,
        "{}",
        canaries.0.borrow().len()
    );
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, bytes) in scene.told.borrow().iter() {
        found
            .entry(place.clone())
            .or_default()
            .extend(canaries.in_bytes(bytes));
    }
    let kept = files(scene.db.folder());
    assert!(
        kept.len() > 20,
        "database, log of audit, raw deliveries: {kept:?}"
    );
    let exported = scene.outside.path().join("ledger.xlsx");
    for path in kept.iter().chain([&log, &exported]) {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        found
            .entry(name)
            .or_default()
            .extend(canaries.in_file(path));
    }
    found.retain(|_, found| !found.is_empty());
    for found in found.values_mut() {
        found.sort();
        found.dedup_by_key(|found| found.split(':').next().unwrap_or_default().to_owned());
    }
    assert!(found.is_empty(), "{found:#?}");

    // The search finds one wherever it is, and however it is written there.
    let (number, phone) = (canaries.number("control"), canaries.phone("control"));
    let text = format!("某{}，{number}，{}", wide(&phone), "y".repeat(9_000));
    assert_eq!(canaries.in_bytes(text.as_bytes()).len(), 2);
    assert_eq!(
        canaries
            .in_bytes(format!("{} {}", &phone[..3], &phone[3..]).as_bytes())
            .len(),
        1
    );
    let packed = zstd::bulk::compress(text.as_bytes(), 3).expect("it is packed");
    let book = made::workbook(format!("号码\n{number}\n{phone}\n").as_bytes());
    for (name, bytes) in [
        ("packed", packed),
        ("book.xlsx", book),
        ("plain", text.into_bytes()),
    ] {
        let path = scene.outside.path().join(name);
        fs::write(&path, bytes).expect("the folder is ours");
        assert_eq!(canaries.in_file(&path).len(), 2, "{name}");
    }
}
