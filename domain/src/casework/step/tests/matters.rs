//! Whose what was asked is.

use super::*;

#[test]
fn what_was_asked_is_for_who_acts_for_the_same_body_or_divisions() {
    let areas = |codes: &[&str]| -> Vec<DivisionCode> {
        codes.iter().map(|code| code.parse().expect(code)).collect()
    };
    let province = (Party::Government, None, &["440000"][..]);
    let office = (Party::Government, Some(5), &["440000"][..]);
    for (opener, who, may) in [
        (province, (Party::Government, None, &["440000"][..]), true),
        (province, (Party::Government, Some(6), &["440000"]), true),
        (
            province,
            (Party::Government, None, &["440000", "450000"]),
            true,
        ),
        (province, (Party::Government, None, &["440600"]), false),
        (province, (Party::Government, None, &["100000"]), false),
        (province, (Party::Congress, None, &["440000"]), false),
        (office, (Party::Government, Some(5), &["440000"]), true),
        (office, (Party::Government, Some(6), &["440000"]), false),
        (office, (Party::Government, None, &["440000"]), false),
    ] {
        let mut story = Story::of(Facts {
            about: About {
                agency: Some(2),
                ..About::default()
            },
            ..Facts::default()
        });
        let matter = |act| Deed::Matter {
            track: None,
            act,
            due_on: day("2026-02-10"),
        };
        let acts = |story: &mut Story, (party, body, codes): (Party, Option<i64>, &[&str])| {
            story.clerk.parties = vec![party];
            story.clerk.body = body;
            story.clerk.areas = areas(codes);
        };
        acts(&mut story, opener);
        story.done("2026-01-10", matter(Act::OpenMatter));
        acts(&mut story, who);
        let expected = if may { Ok(()) } else { Err("WRONG_BODY") };
        let pressed = story.on("2026-01-11", matter(Act::PressMatter));
        assert_eq!(pressed, expected, "{who:?} of {opener:?}");
        let settled = story.on("2026-01-12", Deed::Plain(Act::SettleMatter));
        assert_eq!(settled, expected, "{who:?} of {opener:?}");
        // What was opened before divisions were kept is for its party.
        if let Some(opener) = &mut story.case.opened_by {
            opener.areas.clear();
        }
        let is_its = who.0 == opener.0 && opener.1.is_none_or(|body| who.1 == Some(body));
        let closed = story.on("2026-01-13", Deed::Plain(Act::Close));
        assert_eq!(closed.is_ok(), is_its, "{who:?} of {opener:?}");
    }
}
