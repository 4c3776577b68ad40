//! Cursors that are none, of another hub, or too old are said to be so; nothing is lost in silence.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{bodies, court, followers, hub_on, listing, register};
use crate::api::Wire;
use crate::support::on_both;

#[tokio::test]
async fn what_can_not_be_told_after_a_cursor_is_an_error() {
    on_both(async |db| {
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        register(&hub, &bodies()).await;
        let newest = court(&hub, &[listing(1, 1), listing(2, 3)]).await;
        let (_, province) = followers(&hub).swap_remove(0);
        let told = province.after(&wire, "0", 2).await;
        let first = &told[0];
        // Another hub with the same contents closed its changes at another moment.
        let other = db.another();
        let foreign = hub_on(&other).await;
        foreign.later(1);
        let foreign_wire = Wire::to(&foreign).await;
        register(&foreign, &bodies()).await;
        court(&foreign, &[listing(1, 1), listing(2, 3)]).await;
        let (_, there) = followers(&foreign).swap_remove(0);
        let elsewhere = there
            .after(&foreign_wire, "0", 1)
            .await
            .swap_remove(0)
            .cursor;
        assert_ne!(&elsewhere, &first.cursor);
        let ahead = URL_SAFE_NO_PAD.encode(format!("{}.1.1", newest + 5));
        let beyond = (newest + 1).to_string();
        let cut = &first.cursor[1..];
        for wrong in ["", "x", "-1", "1.5", cut, &elsewhere, &ahead, &beyond, "信"] {
            let reason = province.refused(&wire, wrong).await;
            assert_eq!(reason, "CURSOR_INVALID", "{wrong:?}");
        }

        // The log is told of for thirty days. What nothing followed on is never too old.
        hub.later(30 * 86_400);
        let (_, province) = followers(&hub).swap_remove(0);
        let (_, public) = followers(&hub).swap_remove(5);
        assert_eq!(public.after(&wire, "0", 2).await.len(), 2, "to the second");
        hub.later(1);
        for old in ["0", "1"] {
            assert_eq!(
                province.refused(&wire, old).await,
                "CURSOR_EXPIRED",
                "{old}"
            );
        }
        let second = &province.after(&wire, &first.cursor, 1).await[0];
        assert_eq!(second.told(), told[1].told());
        let last = court(&hub, &[listing(1, 1), listing(2, 3), listing(3, 4)]).await;
        for cursor in [&told[1].cursor, &newest.to_string()] {
            let next = province.after(&wire, cursor, 1).await;
            assert_eq!(next[0].change(), last, "{cursor}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_process_is_waited_for() {
    on_both(async |db| {
        let writer = hub_on(&db).await;
        let writing = Wire::to(&writer).await;
        register(&writer, &bodies()).await;
        let reader = hub_on(&db).await;
        court(&writer, &[listing(1, 1), listing(2, 3)]).await;
        let (_, province) = followers(&writer).swap_remove(0);
        let told = province.after(&writing, "1", 2).await;
        assert!(
            reader.app.live.now().seq() < told[0].version,
            "it is behind"
        );
        // Only from here on it follows the log.
        let reading = Wire::to(&reader).await;
        let rest = province.after(&reading, &told[0].cursor, 1).await;
        assert_eq!(rest[0].told(), told[1].told());
    })
    .await;
}
