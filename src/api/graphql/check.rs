//! Sanction checks at the API: translation of questions, answers and receipts.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::check;

use crate::{
    check::{Asked, CheckInput, Checking, Echo, NotChecked, Person, Receipt, ReceiptId, Seen},
    graph::Times,
};

use super::{
    ask::{Ask, ask},
    casework::Sanction,
    credit_record::CreditRecord,
    error::{ApiError, Code, Result},
    official::Official,
    resolution::Resolution,
    scalars::{Date, DateTime, api_enum},
};

api_enum! {
    /// 核查结论。 / The verdict of a check.
    Verdict = check::Verdict {
        /// 未命中（≠无失信记录）。 / The subject is known and nothing stands against it: no clean bill.
        Clear,
        /// 有有效记录，无惩戒措施。 / A record holds, and no measure.
        Listed,
        /// 有实施中的惩戒措施。 / A measure is in force.
        Restricted,
        /// 疑似，需人工核实。 / Possibly: by a predecessor, or the subject is told with doubt.
        Possible,
        /// 多个主体均符合，或标识与名称矛盾。 / Several subjects fit, or identifiers disagree.
        Ambiguous,
        /// 未能确定主体。 / Nobody is known by this.
        UnknownSubject,
        /// 不在范围：企业、外省机构或无权核查者。 / An enterprise, a body of another province, or one that the asker may not check.
        NotCovered,
    }
}

/// 核查对象：单位、案号，或个人的姓名与证件号码。 / Whom to check: a body, a case number, or a person by name and number.
#[derive(InputObject)]
pub struct SanctionCheckInput {
    /// 统一社会信用代码，按原文。 / Unified social credit code, as written.
    uscc: Option<String>,
    /// 组织机构代码，按原文。 / Organisation code, as written.
    org_code: Option<String>,
    /// 名称，按原文。 / Name, as written.
    name: Option<String>,
    /// 名称所指限定区划（含以下）；代码与案号不受其限。 / Of those who bear the name only bodies in this division or below it; codes and case numbers tell by themselves.
    division: Option<String>,
    /// 所查列入的案号。 / The listing that is looked up.
    case_number: Option<String>,
    /// 个人姓名，与证件号码并用。 / A person's name, with the number.
    person_name: Option<String>,
    /// 证件号码；接收时即转为带密钥摘要，不留存、不记录。 / A person's number: digested at the door, never kept nor logged.
    identity_number: Option<String>,
}

/// 核查回执：可据其编号再次取得同一答复。 / An answer with its receipt: the id gives the same again.
pub struct SanctionCheck {
    receipt: Receipt,
    seen: Seen,
}

/// 所查内容（不含个人信息）。 / What was asked; nothing of a person.
#[derive(SimpleObject)]
pub struct SanctionCheckEcho {
    /// 统一社会信用代码。 / Unified social credit code.
    uscc: Option<String>,
    /// 组织机构代码。 / Organisation code.
    org_code: Option<String>,
    /// 名称；其中的证件号码已隐去。 / Name; numbers of persons in it are hidden.
    name: Option<String>,
    /// 区划。 / Division.
    division: Option<String>,
    /// 案号。 / Case number.
    case_number: Option<String>,
}

/// 核查回执。 / An answer with its receipt.
#[Object]
impl SanctionCheck {
    /// 回执编号。 / The receipt.
    async fn id(&self, ctx: &Context<'_>) -> ID {
        ID(self.receipt.name(&ask(ctx).app.config.hub.province))
    }

    /// 结论。 / The verdict.
    async fn verdict(&self) -> Verdict {
        self.receipt.answer.verdict.into()
    }

    /// 主体归一结果。 / Who is meant, and how that was told.
    async fn resolution(&self) -> Resolution {
        Resolution::new(&self.seen.view, self.seen.resolution.clone())
    }

    /// 所查个人为公职人员时。 / The official, where a person was asked about and is one.
    async fn official(&self) -> Option<Official> {
        Official::at(&self.seen.view, self.seen.official?)
    }

    /// 有效记录，新者在前，至多 200 条。 / Records that hold, newest first, at most 200.
    async fn records(&self) -> Vec<CreditRecord> {
        self.told(&self.seen.records)
    }

    /// 实施中的惩戒措施，至多 200 项。 / Measures in force, at most 200.
    async fn sanctions(&self) -> Vec<Sanction> {
        let rows = self.seen.sanctions.iter();
        rows.filter_map(|row| Sanction::at(&self.seen.view, *row))
            .collect()
    }

    /// 前身单位的有效记录，另列，至多 200 条。 / Records of predecessors that hold, apart, at most 200.
    async fn inherited(&self) -> Vec<CreditRecord> {
        self.told(&self.seen.inherited)
    }

    /// 前身单位实施中的惩戒措施，另列，至多 200 项。 / Measures in force against predecessors, apart, at most 200.
    async fn inherited_sanctions(&self) -> Vec<Sanction> {
        let rows = self.seen.inherited_sanctions.iter();
        rows.filter_map(|row| Sanction::at(&self.seen.view, *row))
            .collect()
    }

    /// 是否尚有前身单位未追溯：至多追溯 64 个，同名而未能确定者不追溯。 / Whether there are predecessors at which nobody looked: at most 64 are, and none of whom it can't be told which body it was.
    async fn predecessors_cut(&self) -> bool {
        let answer = &self.receipt.answer;
        answer.predecessors_cut || answer.predecessors_untold
    }

    /// 所查内容。 / What was asked.
    async fn input(&self) -> SanctionCheckEcho {
        let echo = self.receipt.answer.input.clone();
        SanctionCheckEcho {
            uscc: echo.uscc,
            org_code: echo.org_code,
            name: echo.name,
            division: echo.division,
            case_number: echo.case_number,
        }
    }

    /// 用途。 / What for.
    async fn purpose(&self) -> &str {
        &self.receipt.purpose
    }

    /// 文书或案件编号。 / The case or document that was the occasion.
    async fn reference(&self) -> Option<&str> {
        self.receipt.reference.as_deref()
    }

    /// 事实所在之日。 / The day of which facts are told.
    async fn as_of(&self) -> Date {
        Date(self.receipt.answer.as_of)
    }

    /// 核查时间。 / When it was asked.
    async fn asked_at(&self) -> DateTime {
        self.receipt.asked_at.into()
    }

    /// 数据截至时间；以此为 knownAt 可查得同一数据。 / The moment up to which all is known; as `knownAt` it tells the same data.
    async fn data_as_of(&self) -> DateTime {
        self.receipt.data_as_of.into()
    }

    /// 数据版本。 / The version of the data.
    async fn data_version(&self) -> String {
        self.receipt.data_version.to_string()
    }

    /// 归一规则与目录的版本。 / The version of the resolver and the catalogue.
    async fn resolver_version(&self) -> &str {
        &self.receipt.resolver_version
    }

    /// 答复内容的 SHA-256。 / SHA-256 of `answer`.
    async fn answer_digest(&self) -> &str {
        &self.receipt.digest
    }

    /// 答复内容（JSON），摘要即由此计算。 / The answer as JSON, of which the digest is taken.
    async fn answer(&self) -> String {
        self.receipt.bytes.clone()
    }

    /// 须知：结论的含义、数据时间与来源状态。 / What the verdict means, of when the data are, and how the sources stand.
    async fn notice(&self) -> &str {
        &self.receipt.notice
    }
}

impl SanctionCheck {
    fn told(&self, rows: &[u32]) -> Vec<CreditRecord> {
        rows.iter()
            .filter_map(|row| CreditRecord::at(&self.seen.view, *row))
            .collect()
    }
}

/// Checks, in the order of the questions.
pub(super) async fn sanction_checks(
    ask: &Ask,
    inputs: Vec<SanctionCheckInput>,
    as_of: Option<Date>,
    purpose: String,
    reference: Option<String>,
) -> Result<Vec<SanctionCheck>> {
    ask.note_loaded();
    let checking = ask.app.checking();
    let mut asked = Asked {
        inputs: Vec::new(),
        as_of: as_of.map(|day| day.0),
        purpose,
        reference: reference.or_else(|| ask.reference.clone()),
        request: ask.trace.clone(),
    };
    let inputs = inputs.into_iter().map(|input| input.read(&checking));
    asked.inputs = match inputs.collect() {
        Ok(inputs) => inputs,
        Err(error) => {
            let refused = checking.note_refused(&ask.view, &asked, "a person");
            refused.await?;
            return Err(error);
        }
    };
    let told = checking.check(&ask.view, &asked).await?.into_iter();
    Ok(told
        .map(|(receipt, checked)| SanctionCheck {
            receipt,
            seen: checked.into(),
        })
        .collect())
}

/// The check with this id, for who asked it or acts for the same body.
pub(super) async fn sanction_check_receipt(ask: &Ask, id: &str) -> Result<Option<SanctionCheck>> {
    ask.note_loaded();
    let (viewer, purpose) = (ask.view.viewer(), ask.purpose.as_deref());
    let receipt = match ReceiptId::named(id, &ask.app.config.hub.province) {
        Some(id) => ask.app.checking().receipt(viewer, purpose, id).await,
        None => Ok(None),
    };
    if matches!(receipt, Ok(None) | Err(NotChecked::Invalid(_))) {
        ask.note_refused();
    }
    let Some(receipt) = receipt? else {
        return Ok(None);
    };
    let caller = ask.view.viewer().caller();
    let graph = ask
        .app
        .live
        .version_at(&caller, receipt.data_version, ask.view.present())
        .await?;
    let times = Times {
        as_of: Some(receipt.answer.as_of),
        known_at: Some(receipt.data_as_of),
    };
    let seen = receipt.answer.recall(
        &ask.view.on(receipt.on).told(times, Some(graph)),
        receipt.official,
    );
    let about: Vec<_> = receipt.answer.about().collect();
    ask.note_audited(ask.view.bodies_with(about.iter()));
    if let Some(official) = receipt.official {
        ask.note_audited(ask.view.bodies_of_official(official));
    }
    let purpose = purpose.unwrap_or(&receipt.purpose);
    ask.note_occasion(purpose, receipt.reference.as_deref());
    Ok(Some(SanctionCheck { receipt, seen }))
}

impl SanctionCheckInput {
    fn read(self, checking: &Checking) -> Result<CheckInput> {
        let is_person = self.person_name.is_some() || self.identity_number.is_some();
        let person = match (is_person, &checking.person_key) {
            (false, _) => None,
            (true, Some(key)) => {
                let number = self.identity_number.as_deref();
                Some(Person::new(self.person_name, number, key))
            }
            (true, None) => {
                let reason = "this hub has no key for numbers of persons / 本库未配置证件号码密钥";
                return Err(ApiError::new(Code::Unavailable, reason));
            }
        };
        let texts = Echo {
            uscc: self.uscc,
            org_code: self.org_code,
            name: self.name,
            division: self.division,
            case_number: self.case_number,
        };
        Ok(CheckInput::new(texts, person))
    }
}

impl From<NotChecked> for ApiError {
    fn from(error: NotChecked) -> Self {
        match error {
            NotChecked::Invalid(reason) => Self::invalid(reason),
            NotChecked::TooLong => Self::invalid(error.to_string()),
            NotChecked::TooMany(_) => Self::new(Code::Limited, error.to_string()),
            NotChecked::Gone => Self::new(Code::NotFound, error.to_string()),
            NotChecked::Io(error) => {
                tracing::error!(%error, "a list");
                Self::new(Code::Internal, "internal error / 内部错误")
            }
            NotChecked::Unavailable(error) => {
                let error = Self::new(Code::Unavailable, error.to_string());
                Self {
                    reason: Some("AUDIT_UNAVAILABLE"),
                    ..error
                }
            }
            NotChecked::NotRead(error) => {
                tracing::error!(%error, "a receipt");
                Self::new(Code::Internal, "the receipt can't be read / 回执无法读取")
            }
            NotChecked::Store(error) => error.into(),
        }
    }
}
