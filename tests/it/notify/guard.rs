//! What must not be reached, and what is no configuration.

use std::sync::Arc;

use domain::notice::NoticeState;
use zhengxin::{
    egress::{Egress, Names},
    notify::{Notify, NotifyReport},
};

use super::{
    SECRET, call, deliver, first, hub_with, notice, only_court,
    receiver::{Does, Receiver},
    round, subscriber,
};
use crate::support::{CatalogueCopy, Db};

#[tokio::test]
async fn an_address_inside_is_refused_unless_it_is_named() {
    let db = Db::sqlite();
    let receiver = Receiver::start().await;
    let secret = db.file("secret", SECRET.as_bytes()).display().to_string();
    for url in [
        receiver.url.as_str(),
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:9/",
        "http://0x7f.1/",
        "http://10.1.2.3/",
    ] {
        let hub = hub_with(&db, |config| {
            let hook = subscriber(&format!("url = {url:?}\nsecret_file = {secret:?}"));
            config.notify.insert("city".to_owned(), hook);
        })
        .await;
        let refused = hub.app.notify().err().expect("it is refused").to_string();
        assert!(refused.contains("notify.city"), "{refused}");
        assert!(refused.contains("no public address"), "{refused}");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_followed() {
    for address in ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"] {
        let db = Db::sqlite();
        let receiver = Receiver::start().await;
        let secret = db.file("secret", SECRET.as_bytes()).display().to_string();
        let port = receiver.url.rsplit(':').next().expect("a port");
        let hub = hub_with(&db, |config| {
            let hook = subscriber(&format!(
                "url = \"http://hooks.example:{port}\"\nsecret_file = {secret:?}\nred_lines = [\"RL-COURT\"]"
            ));
            config.notify.insert("city".to_owned(), hook);
        })
        .await;
        deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
        let names = Names::Told(Arc::new(move |_: &str| vec![address.parse().expect("one")]));
        let app = &hub.app;
        let notify = Notify::new(
            &app.config,
            Arc::clone(&app.catalogue),
            (app.store.clone(), app.audit.clone()),
            &Egress::new().by_names(names),
            app.clock.clone(),
        );
        let report = notify.expect("a name may be asked for").round().await;
        let report = report.expect("the database answers");
        assert_eq!(report.put_off, 1, "{report:#?}");
        let told = notice(&hub).await;
        let error = told.attempts[0].error.clone().expect("it failed");
        assert!(error.contains("no public address"), "{error}");
        assert_eq!(receiver.got().len(), 0);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let db = Db::sqlite();
    let (receiver, inside) = (Receiver::start().await, Receiver::start().await);
    receiver.does([Does::Redirect(inside.url.clone())]);
    let hub = hub_with(&db, |config| {
        let hook = only_court(&db, &receiver.url);
        config.notify.insert("city".to_owned(), hook);
    })
    .await;
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    assert_eq!(round(&hub).await.put_off, 1);
    let told = notice(&hub).await;
    assert_eq!(told.attempts[0].status, Some(307), "{told:#?}");
    assert_eq!((receiver.got().len(), inside.got().len()), (1, 0));
}

#[tokio::test]
async fn what_waits_for_who_is_configured_no_more_waits_on() {
    let db = Db::sqlite();
    let receiver = Receiver::start().await;
    let hub = hub_with(&db, |config| {
        let hook = only_court(&db, &receiver.url);
        config.notify.insert("city".to_owned(), hook);
    })
    .await;
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    let without = hub_with(&db, |_| {}).await;
    assert_eq!(round(&without).await, NotifyReport::default());
    assert_eq!(notice(&hub).await.state, NoticeState::Pending);
    assert_eq!(round(&hub).await.delivered, 1);
}

#[test]
fn what_is_no_subscriber_is_told_with_its_key() {
    let db = Db::sqlite();
    call(&db, &["migrate"]).ended(0);
    let good = db.file("secret", SECRET.as_bytes()).display().to_string();
    let bad = db.file("bad", b"geheim").display().to_string();
    let hook = |secret: &str| format!("url = \"https://a.example/\"\nsecret_file = {secret:?}\n");
    let server = "[smtp]\nhost = \"a.example\"\nport = 25\nfrom = \"a@b.example\"\n";
    for (subscriber, rest, says) in [
        (hook(&good) + "division = \"990000\"", "", "division"),
        (hook(&good) + "red_lines = [\"RL-NONE\"]", "", "RL-COURT"),
        (hook(&bad), "", "secret_file"),
        (hook("/nowhere"), "", "secret_file"),
        (hook(&good) + "allow = [\"10.0.0.0/99\"]", "", "10.0.0.0/99"),
        ("mail = \"a@b.example\"".to_owned(), "", "[smtp]"),
        ("mail = \"nobody\"".to_owned(), server, "no address"),
        (
            "mail = \"a@b.example\"".to_owned(),
            &format!("{server}tls = \"none\"\nuser = \"u\"\npassword_file = {good:?}"),
            "in the clear",
        ),
        (
            "mail = \"a@b.example\"".to_owned(),
            &format!("{server}user = \"u\""),
            "go together",
        ),
        (
            "mail = \"a@b.example\"".to_owned(),
            &format!("{server}ca_file = {bad:?}"),
            "ca_file",
        ),
    ] {
        let text = format!("[notify.city]\n{subscriber}\n{rest}\n");
        let config = db.file("zx.toml", text.as_bytes()).display().to_string();
        let found = call(&db, &["doctor", "--config", &config]).ended(1).out;
        let about = found.lines().find(|line| line.contains("subscriber city"));
        let about = about.unwrap_or_else(|| panic!("{text}\n{found}"));
        assert!(
            about.starts_with("WRONG") && about.contains(says) && !about.contains("geheim"),
            "{text}\n{about}"
        );
        // Nor does anything start with it.
        let said = call(&db, &["notify", "send", "--config", &config]).refused(1);
        assert!(said.contains(says), "{text}\n{said}");
    }
    let config = db.file("zx.toml", b"[notify.city]\nurl = \"https://a.example/\"\n");
    let config = config.display().to_string();
    let said = call(&db, &["notify", "send", "--config", &config]).refused(1);
    assert!(
        said.contains("notify.city") && said.contains("secret_file"),
        "{said}"
    );
    let said = call(&db, &["notify", "send"]).refused(2);
    assert!(said.contains("notify.NAME"), "{said}");
}

#[test]
fn a_mistake_in_how_mail_is_sent_stops_the_start_with_its_place() {
    let file = "notify.toml";
    for (from, to, key) in [
        ("from = \"20:00\"", "from = \"20\"", "quiet.from"),
        ("spares = [\"RED\"]", "spares = [\"PINK\"]", "quiet.spares"),
        ("BLUE = \"09:00\"", "BLUE = \"07:59\"", "digest.BLUE"),
        ("BLUE = \"09:00\"", "RED = \"09:00\"", "digest.RED"),
        ("【{level}预警】", "【{levle}预警】", "subject.one"),
        ("共{count}条", "共{agency}条", "text.head"),
        ("RESOLVED = \"已解除\"", "", "words.state"),
        ("days_off = true", "days_of = true", "days_of"),
    ] {
        let copy = CatalogueCopy::make();
        let line = copy.spoil(file, from, to);
        let said = copy.check().ended(1).err;
        assert!(said.contains(file) && said.contains(key), "{to}: {said}");
        // What is missing is told at its table.
        if !to.is_empty() {
            assert!(said.contains(&format!("line {line}")), "{to}: {said}");
        }
    }
}
