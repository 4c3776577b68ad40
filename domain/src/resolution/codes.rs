//! Codes as written: repaired where an eye or a scanner took one character for another, and looked
//! up. A repair counts only if the check character is right afterwards, and is always told.

use std::borrow::Cow;

use super::search::Search;
use crate::{directory::Body, division::DivisionCode, org_code::OrgCode, uscc::Uscc};

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

/// What the codes say.
#[derive(Default)]
pub(super) struct Coded<'a> {
    pub bodies: Vec<&'a Body>,
    /// A code whose check character is right belongs to somebody who is not in the register.
    pub is_foreign: bool,
    /// How many characters were repaired.
    pub repaired: u32,
}

pub(super) fn read<'a>(search: &mut Search<'a>) -> Coded<'a> {
    let mut coded = Coded::default();
    for written in [search.subject.code, search.subject.org_code]
        .into_iter()
        .flatten()
    {
        let written = written.trim();
        if written.is_empty() {
            continue;
        }
        let (bodies, repaired) = look_up(search, written, &mut coded.is_foreign);
        if !bodies.is_empty() {
            return Coded {
                bodies,
                is_foreign: false,
                repaired,
            };
        }
    }
    coded
}

fn look_up<'a>(
    search: &mut Search<'a>,
    written: &str,
    is_foreign: &mut bool,
) -> (Vec<&'a Body>, u32) {
    let shown = || shown(written);
    let upper = upper(written);
    let mut characters = upper.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) {
        search.steps.add(format!(
            "code {:?} not used / 代码未采用: it only fills the field",
            shown()
        ));
        return (Vec::new(), 0);
    }
    let unified = unified_part(search, &upper);
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

/// The unified code that a service's code begins with, or the whole.
fn unified_part<'a>(search: &mut Search<'_>, upper: &'a str) -> Cow<'a, str> {
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
        Some(unified) if SERVICE_CHARS.contains(&upper.len()) => {
            let rule = "实施编码前18位 / first 18 characters of a service code";
            search.steps.turned(rule, upper, unified);
            unified
        }
        _ => upper,
    })
}

/// Full-width characters made narrow, in upper case, without blanks.
fn upper(written: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '—' | '–' | '−' => '-',
        other => other,
    };
    let visible = written.chars().filter(|c| !c.is_whitespace());
    visible.map(|c| narrow(c).to_ascii_uppercase()).collect()
}

/// What may be said of a code in a step: of a very long text, its beginning.
fn shown(written: &str) -> String {
    let visible = written.chars().filter(|c| !c.is_whitespace());
    visible.take(2 * USCC_CHARS).collect()
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
