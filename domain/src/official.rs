//! Public officials (公职人员): which one a listing of a natural person means. A whole citizen number
//! tells him by its keyed digest and nothing else does; what a name adds is doubt.

use crate::{
    name::normalise,
    person_name::masked_name,
    post::{Post, official_id},
    resolution::{Outcome, Resolution},
};

/// What a listing says of a natural person's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// The keyed digest of the whole number, in hexadecimal.
    Digest(String),
    /// Parts of the number are hidden.
    Masked,
}

/// The posts that the register of officials tells of.
pub trait Register {
    /// All posts of the official with this number.
    fn posts_of(&self, official: i64) -> Vec<&Post>;
    /// Whether an official bears this normalised name, or may bear it where parts of it are hidden.
    fn bears(&self, normalised: &str) -> bool;
}

/// Who a listing means.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// No official that the register knows.
    Nobody,
    /// This official.
    Official(i64),
    /// Perhaps one: only people can tell.
    Doubtful(Resolution),
}

/// Tells whom a listing means by a name and a number.
pub fn tell(register: &impl Register, name: &str, number: &Number) -> Told {
    let name = normalise(name);
    match number {
        Number::Digest(person) => {
            let official = official_id(person);
            let posts = register.posts_of(official);
            match posts.iter().any(|post| normalise(&post.name) == name) {
                _ if posts.is_empty() => Told::Nobody,
                true => Told::Official(official),
                false => conflict(&posts, &name),
            }
        }
        Number::Masked => masked(register, &name),
    }
}

/// Tells anew of a listing of which only the masked name is kept: a name in part makes nobody sure,
/// so it comes to doubt or to nothing.
pub fn tell_again(register: &impl Register, masked_name: &str, number: &Number) -> Told {
    match number {
        Number::Digest(person) => {
            let posts = register.posts_of(official_id(person));
            match posts.is_empty() {
                true => Told::Nobody,
                false => conflict(&posts, masked_name),
            }
        }
        Number::Masked => masked(register, masked_name),
    }
}

/// The number is an official's beside another name. Where the masked names agree it may be a slip,
/// perhaps one that was mended since: then the listing itself has to be read again.
fn conflict(posts: &[&Post], name: &str) -> Told {
    let shown = masked_name(name);
    let mut names = posts.iter().map(|post| masked_name(&normalise(&post.name)));
    let step = match names.any(|name| name == shown) {
        true => {
            "the number is an official's and of the name only the family name agrees / \
             证件号码属公职人员，姓名仅姓氏与字数相符"
        }
        false => "the number is an official's and the name is not / 证件号码属公职人员，姓名不符",
    };
    doubtful(Outcome::Conflict, step)
}

fn masked(register: &impl Register, name: &str) -> Told {
    if !register.bears(name) {
        return Told::Nobody;
    }
    doubtful(
        Outcome::Ambiguous,
        "the number is masked and an official bears the name, as far as it is shown: a name tells \
         nobody / 证件号码已遮盖，与公职人员同名（或可见部分相同），不能据姓名认定",
    )
}

/// The candidates are officials, who are none of a resolution's: it has none.
fn doubtful(outcome: Outcome, step: &str) -> Told {
    Told::Doubtful(Resolution {
        outcome,
        agency: None,
        score: 0.0,
        steps: vec![step.to_owned()],
        candidates: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::person_name::{has_hidden, may_be};

    struct Posts(Vec<Post>);

    impl Register for Posts {
        fn posts_of(&self, official: i64) -> Vec<&Post> {
            let posts = self.0.iter();
            posts
                .filter(|post| post.official_id() == official)
                .collect()
        }

        fn bears(&self, normalised: &str) -> bool {
            self.0.iter().map(|post| normalise(&post.name)).any(|name| {
                name == normalised || (has_hidden(normalised) && may_be(normalised, &name))
            })
        }
    }

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn post(person: &str, name: &str) -> Post {
        Post {
            person: person.to_owned(),
            name: name.to_owned(),
            agency: "11440600007039565U".parse().expect("a right code"),
            title: "局长".to_owned(),
            from: day("2024-03-01"),
            to: day("2025-03-01"),
        }
    }

    #[test]
    fn the_number_tells_and_the_name_only_doubts() {
        let posts = Posts(vec![
            post("aa", "甲某"),
            post("bb", "甲某"),
            post("aa", "甲某某"),
        ]);
        let digest = |person: &str| Number::Digest(person.to_owned());
        let outcome = |name: &str, number: Number| match tell(&posts, name, &number) {
            Told::Doubtful(resolution) => Err(Some(resolution.outcome)),
            Told::Official(id) => Ok(id),
            Told::Nobody => Err(None),
        };
        for (name, number, told) in [
            ("甲某", digest("aa"), Ok(official_id("aa"))),
            ("甲某", digest("bb"), Ok(official_id("bb"))),
            (" 甲 某", digest("bb"), Ok(official_id("bb"))),
            ("甲某某", digest("aa"), Ok(official_id("aa"))),
            ("甲某某", digest("bb"), Err(Some(Outcome::Conflict))),
            ("乙某", digest("aa"), Err(Some(Outcome::Conflict))),
            ("甲某", digest("cc"), Err(None)),
            ("甲某", Number::Masked, Err(Some(Outcome::Ambiguous))),
            ("乙某", Number::Masked, Err(None)),
            ("甲*某", Number::Masked, Err(Some(Outcome::Ambiguous))),
            ("甲＊＊", Number::Masked, Err(Some(Outcome::Ambiguous))),
            ("甲*乙", Number::Masked, Err(None)),
            ("乙*", Number::Masked, Err(None)),
            // A name in part beside a whole number tells nobody either.
            ("甲*某", digest("aa"), Err(Some(Outcome::Conflict))),
        ] {
            assert_eq!(outcome(name, number.clone()), told, "{name} {number:?}");
        }
    }

    #[test]
    fn what_is_kept_of_a_listing_comes_to_doubt_or_to_nothing() {
        let posts = Posts(vec![post("aa", "甲某乙")]);
        let digest = |person: &str| Number::Digest(person.to_owned());
        for (name, number, outcome) in [
            ("甲**", digest("aa"), Some(Outcome::Conflict)),
            ("乙**", digest("aa"), Some(Outcome::Conflict)),
            ("甲**", digest("bb"), None),
            ("甲**", Number::Masked, Some(Outcome::Ambiguous)),
            ("甲*", Number::Masked, None),
        ] {
            let told = match tell_again(&posts, name, &number) {
                Told::Doubtful(resolution) => Some(resolution.outcome),
                Told::Official(_) => panic!("nobody is told by what is kept"),
                Told::Nobody => None,
            };
            assert_eq!(told, outcome, "{name} {number:?}");
            // Read from its source, it comes to the same doubt.
            if let (Told::Doubtful(kept), Told::Doubtful(read)) = (
                tell_again(&posts, name, &number),
                tell(&posts, name, &number),
            ) {
                assert_eq!(kept, read);
            }
        }
    }

    #[test]
    fn a_post_is_held_from_its_first_day_to_its_last() {
        let post = post("aa", "甲某");
        let open = Post {
            from: None,
            to: None,
            ..post.clone()
        };
        for (on, is_held) in [
            ("2024-02-29", false),
            ("2024-03-01", true),
            ("2025-03-01", true),
            ("2025-03-02", false),
        ] {
            let on = day(on).expect("a day");
            assert_eq!(post.is_held_on(on), is_held, "{on}");
            assert!(open.is_held_on(on));
        }
    }
}
