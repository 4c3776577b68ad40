//! Succession events (机构改革沿革): what became of a body.

use chrono::NaiveDate;

use crate::uscc::Uscc;

/// What happened to the body (变更类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuccessionKind {
    /// 更名, under a new code (a rename under the same code is a dated name).
    Renamed,
    /// 合并
    Merged,
    /// 分立
    Split,
    /// 职能划转
    Transferred,
    /// 撤销
    Abolished,
}

crate::text_enum!(SuccessionKind {
    Renamed => "RENAMED",
    Merged => "MERGED",
    Split => "SPLIT",
    Transferred => "TRANSFERRED",
    Abolished => "ABOLISHED",
});

/// One dated event; an end is known by code, by name or by both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Succession {
    /// The predecessor's code, where it is known.
    pub from: Option<Uscc>,
    /// The predecessor's name.
    pub from_name: String,
    /// The successor's code, where there is one and it is known.
    pub to: Option<Uscc>,
    /// The successor's name, where there is one.
    pub to_name: Option<String>,
    /// What happened.
    pub kind: SuccessionKind,
    /// The day from which it holds.
    pub effective_on: NaiveDate,
    /// The document that ordered it.
    pub basis: Option<String>,
}
