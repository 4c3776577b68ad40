//! Codes as written: repaired where an eye or a scanner took one character for another, and looked
//! up. A repair counts only if the check character is right afterwards, and is always told.

use std::borrow::Cow;

use super::{search::Search, successor};
use crate::{
    directory::Body, division::DivisionCode, org_code::OrgCode, privacy::mask_numbers, uscc::Uscc,
};

/// Characters of a unified code, of which a service's code (实施编码) begins with one.
const USCC_CHARS: usize = 18;
/// Characters of a service's code; some carry two more.
const SERVICE_CHARS: [usize; 2] = [31, 33];

/// Letters that no unified code has, and what they were read for; V is a guess. L is one that codes
/// have, and is looked at last, as a small one.
const MISREAD: [(char, char); 6] = [
    ('O', '0'),
    ('I', '1'),
    ('S', '5'),
    ('Z', '2'),
    ('V', 'U'),
    ('L', '1'),
];

const ONE_FOLLOWED: &str = "the codes are of one who followed the other / 两个代码先后承继";

/// What the codes say.
#[derive(Default)]
pub(super) struct Coded<'a> {
    pub bodies: Vec<&'a Body>,
    /// A code whose check character is right belongs to somebody who is not in the register.
    pub is_foreign: bool,
    /// The unified code and the organisation code are not of one body.
    pub disagrees: bool,
    /// How many characters were repaired.
    pub repaired: u32,
}

pub(super) fn read<'a>(search: &mut Search<'a>) -> Coded<'a> {
    let written = [search.subject.code, search.subject.org_code].map(|code| {
        let code = code.map(str::trim);
        code.filter(|code| !code.is_empty())
    });
    // The one has the other in it.
    let [of, and] = written.map(|code| code.and_then(org_code_of));
    let disagrees = of.is_some() && and.is_some() && of != and;
    let mut coded = Coded {
        disagrees,
        ..Coded::default()
    };
    for written in written.into_iter().flatten() {
        let (bodies, repaired) = look_up(search, written, &mut coded.is_foreign);
        coded.repaired = coded.repaired.max(repaired);
        coded.bodies.extend(bodies);
        if !coded.bodies.is_empty() && !disagrees {
            coded.is_foreign = false;
            break;
        }
    }
    if coded.disagrees
        && !coded.is_foreign
        && let Some(heir) = heir_of_two(search, &coded.bodies)
    {
        search.steps.add(ONE_FOLLOWED);
        coded.bodies = vec![heir];
        coded.disagrees = false;
    }
    coded
}

/// Of two the one whom the register has as what became of the other: he may still be written with a code of before beside
/// his own.
fn heir_of_two<'a>(search: &mut Search<'a>, bodies: &[&'a Body]) -> Option<&'a Body> {
    let &[a, b] = bodies else { return None };
    [(a, b), (b, a)].into_iter().find_map(|(gone, there)| {
        let heirs = successor::of_body(search, gone);
        let is_sure = heirs.fits && !heirs.is_doubtful;
        let is_heir = matches!(heirs.matches.as_slice(), [one] if one.body.id == there.id);
        (is_sure && is_heir).then_some(there)
    })
}

fn look_up<'a>(
    search: &mut Search<'a>,
    written: &str,
    is_foreign: &mut bool,
) -> (Vec<&'a Body>, u32) {
    let shown = || shown(written);
    let upper = upper(written);
    if only_fills(&upper) {
        search.steps.add(format!(
            "code {:?} not used / 代码未采用: it only fills the field",
            shown()
        ));
        return (Vec::new(), 0);
    }
    let unified = unified_part(&upper);
    if unified.len() < upper.len() && !upper.contains('-') {
        let rule = "实施编码前18位 / first 18 characters of a service code";
        search.steps.turned(rule, &shown(), &mask_numbers(&unified));
    }
    if let Some((code, repaired)) = repaired::<Uscc>(&unified) {
        if repaired > 0 {
            let rule = "易混字符更正 / misread characters repaired";
            search.steps.turned(rule, &shown(), code.as_str());
        }
        let body = search.directory.by_uscc(&code);
        search.steps.add(match body {
            Some(_) => format!("统一社会信用代码 {code}: known / 已登记"),
            None => format!("统一社会信用代码 {code}: not in the register / 未登记"),
        });
        *is_foreign |= body.is_none();
        return (body.into_iter().collect(), repaired);
    }
    if let Some((code, repaired)) = repaired::<OrgCode>(&upper) {
        if repaired > 0 {
            let rule = "易混字符更正 / misread characters repaired";
            search.steps.turned(rule, &shown(), code.as_str());
        }
        let mut bodies: Vec<&Body> = search.directory.by_org_code(&code).collect();
        bodies.sort_unstable_by_key(|body| body.id);
        search
            .steps
            .found("组织机构代码", code.as_str(), bodies.len());
        return (bodies, repaired);
    }
    let why = match upper.parse::<Uscc>() {
        Err(error) => error.to_string(),
        Ok(_) => String::new(),
    };
    search
        .steps
        .add(format!("code {:?} not used / 代码未采用: {why}", shown()));
    // Whoever the code is of, its division tells where it was issued.
    if upper.len() == USCC_CHARS && search.context.is_none() {
        let division: Option<DivisionCode> = upper.get(2..8).and_then(|six| six.parse().ok());
        search.context = division.and_then(|code| search.gazetteer().place(code));
    }
    (Vec::new(), 0)
}

/// Whether somebody wrote one character again and again, for the field wants to be filled.
fn only_fills(upper: &str) -> bool {
    let mut characters = upper.chars();
    let first = characters.next();
    characters.all(|c| Some(c) == first)
}

/// The organisation code that a code as written is, or contains once it is repaired as it is when
/// it is looked up: by it whoever may be meant is told without a register.
pub(crate) fn org_code_of(written: &str) -> Option<OrgCode> {
    let upper = upper(written);
    if only_fills(&upper) {
        return None;
    }
    match repaired::<Uscc>(&unified_part(&upper)) {
        Some((code, _)) => Some(code.org_code()),
        None => repaired(&upper).map(|found| found.0),
    }
}

/// The unified code that a service's code begins with, or the whole.
fn unified_part(upper: &str) -> Cow<'_, str> {
    // Hyphens come from the boxes of a form.
    if upper.contains('-') {
        let joined = upper.replace('-', "");
        return Cow::from(if joined.len() == USCC_CHARS {
            joined
        } else {
            upper.to_owned()
        });
    }
    Cow::from(match upper.get(..USCC_CHARS) {
        Some(unified) if SERVICE_CHARS.contains(&upper.len()) => unified,
        _ => upper,
    })
}

/// Full-width characters made narrow, in upper case, without blanks.
fn upper(written: &str) -> String {
    narrow(written).to_ascii_uppercase()
}

fn narrow(written: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '—' | '–' | '−' => '-',
        other => other,
    };
    let visible = written.chars().filter(|c| !c.is_whitespace());
    visible.map(narrow).collect()
}

/// What may be said of a code in a step: of a very long text, its beginning, and of a person's
/// number that was typed as one, only what a masked number shows.
fn shown(written: &str) -> String {
    let narrow = narrow(written);
    let joined = narrow.replace('-', "");
    let mended: String = joined.chars().map(as_digit).collect();
    let said = [joined, mended].into_iter().find_map(|text| {
        let masked = mask_numbers(&text);
        (masked != text).then(|| masked.into_owned())
    });
    let said = said.unwrap_or(narrow);
    said.chars().take(2 * USCC_CHARS).collect()
}

/// The digit that a letter was read for.
fn as_digit(letter: char) -> char {
    let mut misread = MISREAD.iter();
    let found = misread.find(|pair| pair.0 == letter.to_ascii_uppercase());
    found.map_or(letter, |pair| pair.1)
}

/// The code, and how many characters had to be repaired.
fn repaired<C: std::str::FromStr>(written: &str) -> Option<(C, u32)> {
    if let Ok(code) = written.parse() {
        return Some((code, 0));
    }
    [&MISREAD[..MISREAD.len() - 1], &MISREAD]
        .into_iter()
        .find_map(|misread| {
            let mut repaired = 0;
            let mend = |c: char| {
                let right = misread.iter().find(|pair| pair.0 == c);
                right.map_or(c, |pair| {
                    repaired += 1;
                    pair.1
                })
            };
            let mended: String = written.chars().map(mend).collect();
            let code = mended.parse().ok().filter(|_| repaired > 0)?;
            Some((code, repaired))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_number_typed_as_a_code_is_not_repeated() {
        for (written, told) in [
            ("11010519491231002X", "110105********002X"),
            ("１１０１０５ 19491231 002X", "110105********002X"),
            ("110105-19491231-002X", "110105********002X"),
            ("11O1O519491231002X", "110105********002X"),
            ("13912345678", "139****5678"),
        ] {
            assert!(!shown(written).contains("19491231"), "{written}");
            assert_eq!(
                shown(written).contains('*'),
                told.contains('*'),
                "{written}"
            );
        }
        assert_eq!(shown("00703956-5"), "00703956-5");
        assert_eq!(shown("11440100007482575X"), "11440100007482575X");
    }

    #[test]
    fn the_organisation_code_is_told_as_it_is_looked_up() {
        for written in [
            "11440600007039565U",
            "1144O6OOOO7O39565U",
            "11440600007039565U3440108001002",
            "１１４４０６０００ ０７０３９５６５U",
            "00703956-5",
            "OO703956-5",
        ] {
            let code = org_code_of(written).map(|code| code.to_string());
            assert_eq!(
                code.as_deref().map(|code| code.replace('-', "")),
                Some("007039565".to_owned()),
                "{written}"
            );
        }
        assert_eq!(org_code_of("007039566"), None);
    }
}
