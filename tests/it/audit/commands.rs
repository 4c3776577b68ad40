//! The command line over the stored log, and the verifier that shares no code with it.

use std::{fs, path::Path, process::Command};

use super::{audit_on, hand, write};
use crate::support::{Db, on_both, zhengxin};

/// Runs `zhengxin audit` on a database.
fn audit(db: &Db, arguments: &[&str]) -> crate::support::Ran {
    let (url, data) = (db.url(), db.folder().display().to_string());
    let of = ["--database-url", &url, "--data", &data, "-o", "json"];
    zhengxin(["audit"].iter().chain(arguments).chain(&of)).run()
}

/// What the independent verifier says of a bundle, and how it ended.
fn verifier(arguments: &[&str]) -> (String, bool) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/audit_verify.py");
    let ran = Command::new("python3")
        .arg("-B")
        .arg(script)
        .args(arguments)
        .output();
    let ran = ran.expect("python3 is installed");
    let said = [ran.stdout, ran.stderr].concat();
    (
        String::from_utf8(said).expect("UTF-8"),
        ran.status.success(),
    )
}

/// An account that nobody uses.
#[cfg(unix)]
const NOBODY: u32 = 65_534;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_verified_exported_and_witnessed_from_the_command_line() {
    on_both(async |db| {
        let (log, store) = audit_on(&db, |_| {}).await;
        let ids = write(&log, 40).await;
        let file = |name: &str| db.folder().join(name).display().to_string();
        let kept = file("kept.note");
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, chown};
            fs::set_permissions(file("audit.key"), fs::Permissions::from_mode(0o400)).expect("it is ours");
            // Only who may give files away can sign for others.
            let _ = chown(file("audit.key"), Some(NOBODY), Some(NOBODY));
        }
        fs::write(&kept, audit(&db, &["checkpoint"]).ended(0).out).expect("the folder is ours");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let whose = |name: &str| {
                let found = fs::metadata(file(name)).expect("it is there");
                (found.uid(), found.gid(), found.mode())
            };
            assert_eq!(whose("audit.key.signed"), whose("audit.key"));
        }
        let told = audit(&db, &["verify", "--checkpoint", &kept]).ended(0).json();
        assert_eq!((&told["entries"], &told["covered"]), (&40.into(), &40.into()), "{told}");
        let key = told["keys"][0].as_str().expect("a key").to_owned();
        let proof = audit(&db, &["proof", &ids[7].to_string()]).ended(0).json();
        for told in [format!("aud_440000_{}", ids[7]), format!("chk_440000_{}-3", ids[7])] {
            assert_eq!(audit(&db, &["proof", &told]).ended(0).json(), proof);
        }
        assert_eq!((&proof["size"], &proof["id"]), (&40.into(), &ids[7].to_string().into()));
        audit(&db, &["proof", "00000000-0000-7000-8000-000000000000"]).refused(1);

        // A witness signs what grows, and keeps what it signed.
        let witness = |request: &str| {
            let (state, own) = (file("state"), file("witness.key"));
            audit(&db, &["witness", request, "--log-key", &key, "--state", &state, "--key", &own, "--name", "w.example"])
        };
        let asked = |since: &str| {
            let request = file(since);
            let printed = audit(&db, &["checkpoint", "--since", since]).ended(0).out;
            fs::write(&request, printed).expect("the folder is ours");
            request
        };
        let first = asked("0");
        let signed = witness(&first).ended(0);
        assert!(signed.out.contains("\u{2014} w.example "));
        assert!(signed.err.contains("signed by w.example+"), "{}", signed.err);
        write(&log, 10).await;
        let second = asked("40");
        let cosigned = file("cosigned.note");
        fs::write(&cosigned, witness(&second).ended(0).out).expect("the folder is ours");
        assert!(witness(&first).refused(1).contains("shrank from 50 entries to 40"));

        // Others verify what is exported, by keys and checkpoints of their own.
        let bundle = file("bundle.jsonl");
        audit(&db, &["export", "--bundle", &bundle]).ended(0);
        let (said, is_sound) = verifier(&[&bundle, "--key", &key, "--checkpoint", &cosigned]);
        // That it was exported is in it where entries need not wait.
        let exported = if matches!(db, Db::Sqlite(_)) { 51 } else { 50 };
        let sound = format!("sound: {exported} entries");
        assert!(is_sound && said.starts_with(&sound), "{said}");
        let text = fs::read_to_string(&bundle).expect("it was written");
        let spoilt = file("spoilt.jsonl");
        for (change, told) in [
            ("record", "entry 20: it is not what was chained here"),
            ("missing", "entry 20: it is missing"),
            ("end", "entry 45: it is missing"),
            ("signature", "no signature of a key that is believed"),
        ] {
            let lines = text.lines().enumerate().filter_map(|(at, line)| match change {
                "record" if at == 21 => Some(line.replacen("\"record\":\"AQAAABAB", "\"record\":\"AQAAABAC", 1)),
                "missing" if at == 21 => None,
                "end" if (46..51).contains(&at) => None,
                "signature" => Some(line.replace("time 2", "time 3")),
                _ => Some(line.to_owned()),
            });
            let lines: Vec<String> = lines.collect();
            assert_ne!(lines.join("\n"), text.trim_end(), "{change}");
            fs::write(&spoilt, lines.join("\n")).expect("the folder is ours");
            let (said, is_sound) = verifier(&[&spoilt, "--key", &key]);
            assert!(!is_sound && said.contains(told), "{change}: {said}");
        }

        // The stored log with its end taken away, and all that tells of it.
        let head = store.audit_frontier(log.log().kind, 30).await.expect("it is read");
        let rows = store.list_audit(29, 1).await.expect("it is read");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (before, after) = match &db {
            Db::Sqlite(_) => ("x'", "'"),
            Db::Postgres(..) => ("'\\x", "'::bytea"),
        };
        let hand = hand(&db).await;
        for sql in [
            "DELETE FROM audit_entry WHERE seq >= 30".to_owned(),
            "DELETE FROM audit_object WHERE seq >= 30".to_owned(),
            // Payloads without entries would be missed.
            "DELETE FROM audit_payload WHERE id NOT IN (SELECT id FROM audit_entry)".to_owned(),
            "DELETE FROM audit_checkpoint".to_owned(),
            format!(
                "UPDATE audit_head SET size = 30, peaks = {before}{}{after}, chain = {before}{}{after}",
                hex(&head.peaks().concat()),
                hex(&rows[0].chain)
            ),
        ] {
            sea_orm::ConnectionTrait::execute_unprepared(&hand, &sql).await.expect("it runs");
        }
        // What was signed last is kept beside the key, as its owner's own whoever signs; whoever takes that away, too, is shown by what is kept elsewhere.
        let told = audit(&db, &["verify"]).refused(1);
        assert!(told.contains("entry 30: it is missing") && told.contains("beside the key"), "{told}");
        fs::remove_file(file("audit.key.signed")).expect("it is there");
        audit(&db, &["verify"]).ended(0);
        let told = audit(&db, &["verify", "--checkpoint", &kept]).refused(1);
        assert!(told.contains("entry 30: it is missing") && told.contains("states 40"), "{told}");
        let sql = "UPDATE audit_entry SET subject = 'nobody' WHERE seq = 12";
        sea_orm::ConnectionTrait::execute_unprepared(&hand, sql).await.expect("it runs");
        assert!(audit(&db, &["verify"]).refused(1).contains("entry 12: "));
    })
    .await;
}
