//! What goes wrong with the pages of a list.

use serde_json::{Value, json};

use super::{
    kinds::Law,
    luck::Luck,
    row::{Fate, Row},
    source::{Answer, Script},
};

/// Rows of a page, as the hub asks for them.
pub(crate) const PAGE_ROWS: usize = 7;

/// The pages of a list before they are written down.
pub(crate) struct Pages {
    pub(crate) pages: Vec<Vec<Row>>,
    /// What each page declares as the total, none where it declares nothing; behind the last page
    /// what the last one says.
    pub(crate) totals: Vec<Option<Value>>,
    /// Bodies that are none of the list's.
    pub(crate) bodies: Vec<Option<Vec<u8>>>,
    /// The published site's envelope, with the detail as a text in a text.
    pub(crate) is_site: bool,
}

impl Pages {
    /// The list as it should come.
    pub(crate) fn of(rows: &[Row], is_site: bool) -> Self {
        let mut pages: Vec<Vec<Row>> = rows.chunks(PAGE_ROWS).map(<[Row]>::to_vec).collect();
        if pages.is_empty() {
            pages.push(Vec::new());
        }
        Self {
            totals: vec![Some(rows.len().into()); pages.len()],
            bodies: vec![None; pages.len()],
            pages,
            is_site,
        }
    }

    fn body(&self, rows: &[Row], total: Option<&Value>) -> Vec<u8> {
        let rows: Vec<String> = rows
            .iter()
            .map(|row| match self.is_site {
                true => json!({ "jsonObject": row.json() }).to_string(),
                false => row.json(),
            })
            .collect();
        let rows = rows.join(",");
        let total =
            |name: &str| total.map_or_else(String::new, |total| format!("\"{name}\":{total},"));
        let body = if self.is_site {
            format!(
                "[{{\"currentPage\":1,{}\"result\":[{rows}]}}]",
                total("totalSize")
            )
        } else {
            format!(
                "{{\"code\":0,\"msg\":\"\",\"data\":{{{}\"list\":[{rows}]}}}}",
                total("total")
            )
        };
        body.into_bytes()
    }

    /// What the source will answer.
    pub(crate) fn script(&self) -> Script {
        let bodies = self.pages.iter().zip(&self.totals).zip(&self.bodies);
        let pages = bodies.map(|((rows, total), other)| {
            let body = other
                .clone()
                .unwrap_or_else(|| self.body(rows, total.as_ref()));
            vec![Answer::page(&body)]
        });
        let last = self.totals.last().and_then(Option::as_ref);
        Script {
            pages: pages.collect(),
            beyond: Some(Answer::page(&self.body(&[], last))),
            is_down: false,
        }
    }

    /// A page behind the first, where there is one.
    fn later(&self, luck: &mut Luck) -> Option<usize> {
        (self.pages.len() > 1).then(|| luck.within(1..self.pages.len()))
    }

    fn any(&self, luck: &mut Luck) -> usize {
        luck.below(self.pages.len())
    }
}

pub(super) fn page_twice(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.later(luck)?;
    list.pages[at] = list.pages[at - 1].clone();
    Some(Law::Refused)
}

pub(super) fn overlap(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    // A row was put in before page `at` was asked for: all later ones moved on by one.
    let at = list.later(luck)?;
    let rows = list.pages.concat();
    // Of a row that nothing identifies nobody can tell that it came twice.
    if rows[at * PAGE_ROWS - 1].fate == Fate::Keyless {
        return None;
    }
    for later in at..list.pages.len() {
        let start = later * PAGE_ROWS - 1;
        let end = start + list.pages[later].len();
        list.pages[later] = rows[start..end].to_vec();
    }
    Some(Law::Refused)
}

pub(super) fn row_lost(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.later(luck)?;
    list.pages[at].remove(0);
    Some(Law::Refused)
}

pub(super) fn for_ever(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    list.later(luck)?;
    for at in 1..list.pages.len() {
        list.pages[at] = list.pages[0].clone();
    }
    Some(Law::Refused)
}

pub(super) fn half(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.any(luck);
    let rows = list.pages[at].len();
    list.pages[at].truncate(rows / 2);
    (rows > 0).then_some(Law::Refused)
}

pub(super) fn empty_between(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.any(luck);
    let is_any = !list.pages[at].is_empty();
    list.pages[at].clear();
    is_any.then_some(Law::Refused)
}

pub(super) fn other_sizes(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let (rows, total) = (list.pages.concat(), list.totals.first()?.clone());
    list.pages.clear();
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        let (page, behind) = rest.split_at(luck.within(1..PAGE_ROWS + 1).min(rest.len()));
        list.pages.push(page.to_vec());
        rest = behind;
    }
    if list.pages.is_empty() {
        return None;
    }
    list.totals = vec![total; list.pages.len()];
    list.bodies = vec![None; list.pages.len()];
    Some(Law::Whole)
}

pub(super) fn all_on_one(list: &mut Pages, _: &mut Luck) -> Option<Law> {
    list.pages = vec![list.pages.concat()];
    list.totals.truncate(1);
    list.bodies = vec![None];
    Some(Law::Whole)
}

pub(super) fn total_changes(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.later(luck)?;
    let total = list.totals[at].as_ref()?.as_i64()?;
    list.totals[at] = Some((total + [-1, 1, 100][luck.below(3)]).into());
    Some(Law::Refused)
}

pub(super) fn total_too_big(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let more = luck.within(1..2_000) as i64;
    for total in &mut list.totals {
        *total = Some((total.as_ref()?.as_i64()? + more).into());
    }
    Some(Law::Refused)
}

pub(super) fn total_is_none(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let lies = [
        json!(-1),
        json!("many"),
        json!({}),
        json!(1e300),
        json!([]),
        json!(2.5),
    ];
    let lie = luck.pick(&lies).clone();
    list.totals.fill(Some(lie));
    Some(Law::Refused)
}

pub(super) fn total_as_text(list: &mut Pages, _: &mut Luck) -> Option<Law> {
    for total in &mut list.totals {
        *total = Some(total.as_ref()?.to_string().trim_matches('"').into());
    }
    Some(Law::Whole)
}

pub(super) fn no_total(list: &mut Pages, _: &mut Luck) -> Option<Law> {
    list.totals.fill(None);
    // Pages that are not full end such a list; it is whole only where no other fault made them so.
    let is_full = |page: &Vec<Row>| page.len() == PAGE_ROWS;
    let (_, before) = list.pages.split_last()?;
    before.iter().all(is_full).then_some(Law::Either)
}

pub(super) fn error_under_200(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.any(luck);
    let errors: [&[u8]; 4] = [
        r#"{"code":"401","msg":"令牌已过期","data":{"total":0,"list":[]}}"#.as_bytes(),
        r#"{"code":500,"message":"系统繁忙"}"#.as_bytes(),
        r#"{"success":false}"#.as_bytes(),
        b"null",
    ];
    list.bodies[at] = Some(luck.pick(&errors).to_vec());
    Some(Law::Refused)
}

pub(super) fn login_page(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.any(luck);
    list.bodies[at] = Some("<!DOCTYPE html><html><body>请登录</body></html>".into());
    Some(Law::Refused)
}

pub(super) fn deep_nesting(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.any(luck);
    let open = *luck.pick(&["[", "{\"data\":"]);
    list.bodies[at] = Some(open.repeat(luck.within(1_000..50_000)).into());
    Some(Law::Refused)
}

pub(super) fn rubbish_behind(list: &mut Pages, luck: &mut Luck) -> Option<Law> {
    let at = list.any(luck);
    let mut body = list.body(&list.pages[at], list.totals[at].as_ref());
    body.extend_from_slice(luck.pick(&["}", "<!-- -->", "\0\0\0\0", "{}"]).as_bytes());
    list.bodies[at] = Some(body);
    Some(Law::Refused)
}
