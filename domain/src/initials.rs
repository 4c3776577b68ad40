//! Pinyin initials (拼音首字母) of names, as people type them: fsszfyj for 佛山市政府研究室 and the like.

use pinyin::ToPinyin;

/// Characters of names of bodies and places that are read in two ways, with both initials.
#[rustfmt::skip]
const POLYPHONES: [(char, &str); 14] = [
    ('重', "cz"), ('长', "cz"), ('厦', "xs"), ('朝', "cz"), ('乐', "ly"), ('行', "xh"), ('会', "hk"),
    ('校', "xj"), ('调', "dt"), ('传', "cz"), ('藏', "zc"), ('单', "ds"), ('解', "jx"), ('降', "jx"),
];
/// Readings of one name that are told apart.
const READINGS_MAX: usize = 4;

/// The initials of a name in each of its readings, in small letters; digits and letters stand for
/// themselves, whatever else is left out.
pub fn initials(name: &str) -> Vec<String> {
    let mut readings = vec![String::new()];
    for c in name.chars() {
        let both = POLYPHONES.iter().find(|(known, _)| *known == c);
        match both {
            Some((_, both)) if readings.len() * 2 <= READINGS_MAX => {
                let further = readings.clone();
                readings.extend(further);
                let half = readings.len() / 2;
                for (at, reading) in readings.iter_mut().enumerate() {
                    reading.extend(both.chars().nth(usize::from(at >= half)));
                }
            }
            _ => {
                let letter = initial(c);
                readings
                    .iter_mut()
                    .for_each(|reading| reading.extend(letter));
            }
        }
    }
    readings.retain(|reading| !reading.is_empty());
    readings
}

fn initial(c: char) -> Option<char> {
    if c.is_ascii_alphanumeric() {
        return Some(c.to_ascii_lowercase());
    }
    c.to_pinyin()?.plain().chars().next()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_the_initials_that_people_type() {
        assert_eq!(initials("佛山市国土局"), ["fssgtj"]);
        assert_eq!(initials("第3中学（A区）"), ["d3zxaq"]);
        assert!(initials("重庆市财政局").contains(&"cqsczj".to_owned()));
        assert!(initials("重点办").contains(&"zdb".to_owned()));
        assert!(initials("长沙市").contains(&"css".to_owned()));
        assert!(initials("（）").is_empty());
    }

    proptest! {
        #[test]
        fn readings_are_few_and_as_long_as_each_other(name in "[\\u{4e00}-\\u{9fa5}重长行a-z0-9（）]{0,40}") {
            let readings = initials(&name);
            prop_assert!(readings.len() <= READINGS_MAX);
            for reading in &readings {
                prop_assert_eq!(reading.len(), readings[0].len());
                prop_assert!(reading.chars().count() <= name.chars().count());
            }
        }
    }
}
