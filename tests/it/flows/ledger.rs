//! The ledger as a file, over HTTP and by the command line.

mod chosen;
mod due;
mod forms;
mod read;

use super::{BUREAU, DEVELOPMENT, Story, Who};
use crate::support::{Db, on_both};
pub(super) use read::got_csv;
use read::{Ledger, got};

async fn with_a_case(db: &Db) -> Story {
    let story = Story::on(db).await;
    let lead = story.lead().await;
    let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
    let done = story
        .step(&story.authority, "transferClue", ("clueId", &lead), &to)
        .await;
    assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
    story
}

#[tokio::test]
async fn a_viewer_gets_what_he_sees_as_a_file_and_nobody_else_does() {
    on_both(async |db| {
        let story = with_a_case(&db).await;
        let base = story.hub.serve().await;
        let authority = || story.token(&story.authority);
        let csv = got_csv(&base, authority(), "?workflow=breach&open=true").await;
        assert_eq!(
            (csv.column("单位"), csv.column("环节")),
            (vec![BUREAU], vec!["已转交"])
        );
        assert_eq!(csv.head("筛选条件"), "流程=breach；未办结=是");
        let none = got_csv(&base, authority(), "?open=false").await;
        assert!(none.rows.is_empty());
        let (status, xlsx) = got(&base, Some(authority()), "/export/ledger.xlsx").await;
        assert_eq!(status, 200);
        assert_eq!(Ledger::of_workbook(xlsx).column("单位"), [BUREAU]);
        let (status, _) = got(&base, None, "/export/ledger.csv").await;
        assert_eq!(status, 403);
        let stranger = Who(domain::viewer::Role::Authority, "440100", None);
        let nothing = got_csv(&base, story.token(&stranger), "").await;
        assert!(nothing.rows.is_empty());
        let (status, wrong) = got(&base, Some(authority()), "/export/ledger.csv?stages=X").await;
        assert_eq!(status, 400, "{}", String::from_utf8_lossy(&wrong));
    })
    .await;
}
