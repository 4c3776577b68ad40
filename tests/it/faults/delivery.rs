//! One delivery: the truth, written down under faults that a seed has chosen.

use serde_json::Value;
use zhengxin::config::Place;

use super::{
    file_faults::{Files, Written},
    kinds::{self, Does, Kind, Law},
    luck::Luck,
    page_faults::Pages,
    row::Row,
    source::{Answer, End, Script},
    world::Form,
};

/// How a delivery comes.
pub(crate) enum Way {
    Pulled(Script),
    Brought(Files),
    /// From an exchange table.
    Table(Place),
}

/// A delivery as it will come, and what must become of it.
pub(crate) struct Delivery {
    pub(crate) rows: Vec<Row>,
    pub(crate) law: Law,
    pub(crate) way: Way,
    pub(crate) faults: Vec<&'static str>,
}

/// By what ways a list may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Channel {
    Pages,
    Lines(Form),
    Csv,
}

const CHANNELS: [Channel; 6] = [
    Channel::Pages,
    Channel::Pages,
    Channel::Pages,
    Channel::Lines(Form::Detail),
    Channel::Lines(Form::Platform),
    Channel::Csv,
];

impl Channel {
    fn form(self) -> Form {
        match self {
            Channel::Pages => Form::Detail,
            Channel::Lines(form) => form,
            Channel::Csv => Form::Platform,
        }
    }

    fn suits(self, does: &Does) -> bool {
        match does {
            Does::Rows(_) => true,
            Does::Json(_) => self != Channel::Csv,
            Does::Pages(_) | Does::Wire(_) => self == Channel::Pages,
            Does::Files(_) => self != Channel::Pages,
        }
    }
}

/// A list that comes as one kind of fault has it, or by no fault at all.
pub(crate) fn of(truth: &dyn Fn(Form) -> Vec<Row>, faults: usize, luck: &mut Luck) -> Delivery {
    let channel = *luck.pick(&CHANNELS);
    let mut chosen: Vec<Kind> = Vec::new();
    for _ in 0..faults {
        // Of faults to pages, wire and files one at a time: what two of them come to nobody can say.
        let suits = |does: &Does| {
            let is_alone = chosen
                .iter()
                .all(|kind| is_of_rows(does) || !is_same_stage(&kind.does, does));
            channel.suits(does) && is_alone
        };
        chosen.extend(kinds::pick(luck, suits));
    }
    write(truth(channel.form()), channel, &chosen, luck)
}

/// A list that is pulled, and nothing is wrong with it.
pub(crate) fn pulled(truth: &dyn Fn(Form) -> Vec<Row>, luck: &mut Luck) -> Delivery {
    write(truth(Channel::Pages.form()), Channel::Pages, &[], luck)
}

/// The list under one kind of fault, by a way that suits it.
pub(crate) fn under(kind: Kind, truth: &dyn Fn(Form) -> Vec<Row>, luck: &mut Luck) -> Delivery {
    let mut channel = *luck.pick(&CHANNELS);
    while !channel.suits(&kind.does) {
        channel = *luck.pick(&CHANNELS);
    }
    write(truth(channel.form()), channel, &[kind], luck)
}

/// Rows that came before, in the same form and by any way that has it.
pub(crate) fn again(form: Form, rows: &dyn Fn(Form) -> Vec<Row>, luck: &mut Luck) -> Delivery {
    let rows = rows(form);
    // What is wrong with JSON is not wrong with the same row in a table.
    let is_text = |row: &Row| row.text.is_none() && row.object.values().all(Value::is_string);
    let may_be_table = rows.iter().all(is_text);
    let ways: Vec<Channel> = CHANNELS
        .into_iter()
        .filter(|way| way.form() == form && (may_be_table || *way != Channel::Csv))
        .collect();
    let mut delivery = write(rows, *luck.pick(&ways), &[], luck);
    // A row that came twice may stand for one that did not, as ever.
    delivery.law = delivery.law.max(Law::Either);
    delivery
}

fn is_of_rows(does: &Does) -> bool {
    matches!(does, Does::Rows(_) | Does::Json(_))
}

fn is_same_stage(one: &Does, other: &Does) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

fn write(mut rows: Vec<Row>, channel: Channel, chosen: &[Kind], luck: &mut Luck) -> Delivery {
    let (mut law, mut faults) = (Law::Whole, Vec::new());
    let mut note = |kind: &Kind, held: Option<Law>| {
        if let Some(held) = held {
            law = law.max(held);
            faults.push(kind.name);
        }
    };
    for kind in chosen {
        if let Does::Rows(does) | Does::Json(does) = kind.does {
            note(kind, does(&mut rows, luck));
        }
    }
    let way = if channel == Channel::Pages {
        let mut pages = Pages::of(&rows, luck.one_in(2));
        for kind in chosen {
            if let Does::Pages(does) = kind.does {
                note(kind, does(&mut pages, luck));
            }
        }
        let mut script = pages.script();
        for kind in chosen {
            if let Does::Wire(does) = kind.does {
                note(kind, does(&mut script, luck));
            }
        }
        Way::Pulled(script)
    } else {
        let written = match channel {
            Channel::Csv => Written::Csv,
            _ => Written::Lines,
        };
        let mut files = Files::of(&rows, written);
        for kind in chosen {
            if let Does::Files(does) = kind.does {
                note(kind, does(&mut files, luck));
            }
        }
        rows.clone_from(&files.rows);
        // Lines without a row are no list: an empty file is a mistake.
        if rows.is_empty() {
            law = Law::Refused;
        }
        Way::Brought(files)
    };
    Delivery {
        rows,
        law,
        way,
        faults,
    }
}

impl Delivery {
    /// Whether an answer of it never comes.
    pub(crate) fn hangs(&self) -> bool {
        let is_hanging = |answer: &Answer| answer.end == End::Hang;
        match &self.way {
            Way::Pulled(script) => script.pages.iter().flatten().any(is_hanging),
            Way::Brought(_) | Way::Table(_) => false,
        }
    }
}
