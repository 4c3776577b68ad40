//! A new case about a body under a key: whose it is.

use domain::{
    casework::{Act, Command, Deed},
    id::{Kind, stable_id},
    viewer::{Role, Viewer},
};
use zhengxin::casework::{Asked, Outcome, Target};

use crate::support::{Hub, made, on_both};

#[tokio::test]
async fn the_same_key_of_one_caller_in_another_place_is_another_case() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        hub.it_is("2026-04-20");
        let city = made::body(1, "佛山市人民政府", "440600");
        let bureau = made::body(2, "佛山市样例承诺局", "440600").superior(&city.uscc);
        let id = stable_id(Kind::Agency, &[bureau.uscc.as_str()]);
        let register = made::register(&[city, bureau]);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        let open = async |areas: &[&str]| {
            let codes = areas.iter().map(|code| code.parse().expect("a code"));
            let viewer = Viewer {
                subject: "one".to_owned(),
                role: Role::Congress,
                divisions: codes.collect(),
                ..Viewer::public()
            };
            let view = hub.app.view(&hub.app.live.now(), viewer);
            let asked = Asked {
                target: Target::Agency {
                    id,
                    key: "the same".to_owned(),
                },
                version: 0,
                command: Command {
                    deed: Deed::Matter {
                        act: Act::OpenMatter,
                        due_on: "2026-05-20".parse().expect("a day"),
                        track: None,
                    },
                    basis: Some("样例监督条例".to_owned()),
                    note: Some("请说明".to_owned()),
                    evidence: Vec::new(),
                },
                identified_by: None,
            };
            let done = hub.app.casework().act(&view, asked).await;
            done.expect("the database is there")
        };
        let first = open(&["440600"]).await;
        let other = open(&["440600", "440604"]).await;
        let (Outcome::Done(first), Outcome::Done(other)) = (&first, &other) else {
            panic!("{first:?} {other:?}");
        };
        assert_ne!(first, other);
        // There it has begun, so it does not begin once more.
        let again = open(&["440600"]).await;
        assert!(matches!(again, Outcome::Refused(_)), "{again:?}");
    })
    .await;
}
