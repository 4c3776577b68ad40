//! Mail, against a real mail server.

use domain::notice::NoticeState;
use mail_parser::{Message, MessageParser};

use super::{
    assess, court_at, deliver, first, hub_with, is_quiet, nobody, notice, notices, round, second,
    smtp, states, subscriber,
};
use crate::support::{
    Db, Hub, made,
    mailserver::{MailServer, PASSWORD, USER},
    on_both,
};

const TO: &str = "mail = \"oversight@city.example\"\nred_lines = [\"RL-COURT\"]";

/// A hub whose court listings warn at a level, which mails over this server without protection.
async fn hub_mailing(db: &Db, server: &MailServer, level: &str) -> Hub {
    hub_with(db, |config| {
        config.catalogue.dir = Some(court_at(db, level, None));
        config.smtp = Some(smtp(server.port, "tls = \"none\""));
        config.notify.insert("city".to_owned(), subscriber(TO));
    })
    .await
}

fn parsed(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).expect("it is mail")
}

#[tokio::test]
async fn a_warning_is_mailed_as_plain_text_in_the_catalogues_words() {
    let Some(server) = MailServer::open() else {
        return;
    };
    let db = Db::sqlite();
    let hub = hub_mailing(&db, &server, "RED").await;
    // Nobody reads mail on a Friday night, but this is RED.
    deliver(&hub, "2026-11-20T21:00:00", &[first(1), nobody()]).await;
    assert_eq!(round(&hub).await.delivered, 1);
    is_quiet(&hub).await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = parsed(&mails[0]);
    assert_eq!(
        mail.subject(),
        Some("【红色预警】发出预警：佛山市样例局（被列入失信被执行人名单）")
    );
    let from = mail.from().and_then(|from| from.first()).expect("a sender");
    assert_eq!(from.address(), Some("hub@zx.example"));
    assert_eq!(from.name(), Some("政务诚信"));
    let header = |name: &str| mail.header_raw(name).unwrap_or_default().trim().to_owned();
    assert_eq!(header("X-Rcpt"), "oversight@city.example");
    assert_eq!(header("To"), "oversight@city.example");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("Content-Type"), "text/plain; charset=utf-8");
    let date = mail.date().expect("a date").to_rfc3339();
    assert_eq!(date, "2026-11-20T13:00:00Z", "by the hub's clock");
    let told = notice(&hub).await;
    assert_eq!(
        mail.message_id(),
        Some(&*format!("{}@zx.example", told.message))
    );
    assert_eq!(told.attempts[0].status, Some(250));
    let text = mail.body_text(0).expect("a text");
    let id = format!("wrn_440000_{}", told.about);
    for part in [
        "共1条",
        "佛山市样例局",
        made::uscc("11", "440600", 1).as_str(),
        "级别：红色",
        "状态：新预警",
        "RL-COURT",
        "佛山市样例局现有1条失信被执行人记录",
        "办理期限：2026-11-25",
        "发出时间：2026-11-20 21:00",
        &id,
        "第1版",
        "请勿回复",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains('{') && !text.contains("甲某"), "{text}");

    // Its end says that nothing is to be acknowledged any more.
    deliver(&hub, "2026-11-20T22:00:00", &[nobody()]).await;
    assert_eq!(round(&hub).await.delivered, 1);
    let mails = server.mails();
    let mail = parsed(&mails[1]);
    let text = mail.body_text(0).expect("a text");
    assert!(
        text.contains("预警终止") && text.contains("办理期限：无"),
        "{text}"
    );
}

#[tokio::test]
async fn what_comes_in_the_quiet_is_mailed_when_it_is_over() {
    on_both(async |db| {
        let Some(server) = MailServer::open() else {
            return;
        };
        let hub = hub_mailing(&db, &server, "ORANGE").await;
        // Friday, 19:59: at once. From 20:00 on: on Monday at eight, all in one.
        deliver(&hub, "2026-11-20T19:59:00", &[first(1)]).await;
        assert_eq!(round(&hub).await.delivered, 1);
        deliver(&hub, "2026-11-20T20:00:00", &[first(1), second(2)]).await;
        for moment in [
            "2026-11-20T20:00:01",
            "2026-11-21T12:00:00",
            "2026-11-23T07:59:59",
        ] {
            hub.it_is_now(moment);
            is_quiet(&hub).await;
        }
        hub.it_is_now("2026-11-23T08:00:00");
        assert_eq!(round(&hub).await.delivered, 1);
        let mails = server.mails();
        assert_eq!(mails.len(), 2);
        let subject = parsed(&mails[1]).subject().map(str::to_owned);
        let subject = subject.expect("a subject");
        assert!(
            subject.contains("橙色") && subject.contains("禅城区"),
            "{subject}"
        );
    })
    .await;
}

#[tokio::test]
async fn lesser_warnings_come_in_one_mail_a_day() {
    on_both(async |db| {
        let Some(server) = MailServer::open() else {
            return;
        };
        let hub = hub_mailing(&db, &server, "YELLOW").await;
        deliver(&hub, "2026-11-18T09:00:00", &[first(1)]).await;
        deliver(&hub, "2026-11-18T15:00:00", &[first(1), second(2)]).await;
        for moment in ["2026-11-18T15:00:01", "2026-11-19T08:59:59"] {
            hub.it_is_now(moment);
            is_quiet(&hub).await;
        }
        hub.it_is_now("2026-11-19T09:00:00");
        assert_eq!(round(&hub).await.delivered, 2);
        is_quiet(&hub).await;
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        let mail = parsed(&mails[0]);
        assert_eq!(mail.subject(), Some("【政务诚信预警】2条，最高黄色"));
        let text = mail.body_text(0).expect("a text");
        for part in ["共2条", "佛山市样例局（", "佛山市禅城区样例局（"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert_eq!(states(&hub).await, [NoticeState::Delivered; 2]);
    })
    .await;
}

#[tokio::test]
async fn what_the_mail_server_does_not_take_now_it_is_given_again_as_the_same_mail() {
    let Some(server) = MailServer::open() else {
        return;
    };
    let db = Db::sqlite();
    let hub = hub_mailing(&db, &server, "YELLOW").await;
    server.replies(&["451 try again, 13800138000 is busy"]);
    deliver(&hub, "2026-11-18T15:00:00", &[first(1), second(2)]).await;
    hub.it_is_now("2026-11-19T09:00:00");
    let report = round(&hub).await;
    assert_eq!(
        (report.put_off, report.troubles.len()),
        (2, 1),
        "{report:#?}"
    );
    for told in notices(&hub).await {
        assert_eq!(told.state, NoticeState::Pending);
        assert_eq!(told.attempts[0].status, Some(451), "{told:#?}");
        let error = told.attempts[0].error.clone().unwrap_or_default();
        assert!(error.contains("busy") && !error.contains("138"), "{error}");
    }
    // What is due for the next digest meanwhile is a mail of its own.
    hub.it_is_now("2026-11-19T10:00:00");
    assess(&hub).await;
    assert_eq!(round(&hub).await.delivered, 2);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn what_is_tried_again_does_not_break_the_quiet_either() {
    let Some(server) = MailServer::open() else {
        return;
    };
    let db = Db::sqlite();
    let hub = hub_mailing(&db, &server, "ORANGE").await;
    server.replies(&["451 later"]);
    deliver(&hub, "2026-11-20T19:59:58", &[first(1)]).await;
    assert_eq!(round(&hub).await.put_off, 1);
    let next_at = notice(&hub).await.next_at.to_rfc3339();
    assert_eq!(next_at, "2026-11-23T00:00:00+00:00", "eight in China");
}

#[tokio::test]
async fn a_mail_server_is_believed_by_its_certificate_and_believes_a_password() {
    for tls in ["starttls", "tls"] {
        is_believed(tls).await;
    }
}

async fn is_believed(tls: &str) {
    let servers = (MailServer::guarded(tls), MailServer::guarded(tls));
    let (Some(server), Some(stranger)) = servers else {
        return;
    };
    let db = Db::sqlite();
    let password = db.file("password", format!("{PASSWORD}\n").as_bytes());
    let wrong = db.file("wrong", b"another");
    let settings = |ca: &std::path::Path, password: &std::path::Path| {
        format!(
            "tls = {tls:?}\nuser = {USER:?}\npassword_file = {:?}\nca_file = {:?}",
            password.display().to_string(),
            ca.display().to_string()
        )
    };
    let hub_by = async |ca: &std::path::Path, password: &std::path::Path| {
        hub_with(&db, |config| {
            config.smtp = Some(smtp(server.port, &settings(ca, password)));
            config.notify.insert("city".to_owned(), subscriber(TO));
        })
        .await
    };
    let hub = hub_by(&stranger.ca_file(), &password).await;
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    assert_eq!(round(&hub).await.put_off, 1);
    let hub = hub_by(&server.ca_file(), &wrong).await;
    hub.it_is_now("2026-11-20T10:00:00");
    assert_eq!(round(&hub).await.put_off, 1);
    assert_eq!(server.mails().len(), 0);
    let hub = hub_by(&server.ca_file(), &password).await;
    hub.it_is_now("2026-11-20T11:00:00");
    assert_eq!(round(&hub).await.delivered, 1);
    assert_eq!(server.mails().len(), 1);
    let told = notice(&hub).await;
    let statuses: Vec<_> = told.attempts.iter().map(|tried| tried.status).collect();
    assert_eq!(statuses, [None, Some(535), Some(250)], "{told:#?}");
    let shown = format!("{told:?}");
    assert!(shown.contains("ertificate"), "{shown}");
    assert!(
        !shown.contains(PASSWORD) && !shown.contains("another"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_mail_server_inside_is_reached_only_where_it_is_named() {
    let db = Db::sqlite();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let hub = hub_with(&db, |config| {
        let mut server = smtp(port, "tls = \"none\"");
        server.allow = vec!["10.0.0.0/8".to_owned()];
        config.smtp = Some(server);
        config.notify.insert("city".to_owned(), subscriber(TO));
    })
    .await;
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    assert_eq!(round(&hub).await.put_off, 1);
    let told = notice(&hub).await;
    let error = told.attempts[0].error.clone().unwrap_or_default();
    assert!(error.contains("no public address"), "{error}");
    listener.set_nonblocking(true).expect("it is ours");
    assert!(listener.accept().is_err(), "nobody connected");
}
