//! How a step is written down: its input, what it is about, and its deed.

/// The inputs of steps, and the steps.
macro_rules! steps {
    ($(
        $doc:literal
        $name:ident: $input:ident {
            $( $field_doc:literal $field:ident: $type:ty, )*
        }
        |$ask:ident, $in:ident| $of:expr => $deed:expr;
    )*) => {
        $(
            #[doc = $doc]
            #[derive(InputObject)]
            pub struct $input {
                /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
                key: String,
                /// 所见对象的版本号。 / The version of the thing that was seen.
                version: i32,
                /// 依据。 / What it rests on.
                basis: Option<String>,
                /// 说明。 / In which words.
                note: Option<String>,
                /// 证据的 SHA-256，十六进制小写，至多 20 件。 / SHA-256 of what is attached, in small hexadecimal digits, at most 20.
                evidence: Option<Vec<String>>,
                $( #[doc = $field_doc] $field: $type, )*
            }

            impl $input {
                fn common(&self) -> Common {
                    Common {
                        key: self.key.clone(),
                        version: self.version,
                        basis: self.basis.clone(),
                        note: self.note.clone(),
                        evidence: self.evidence.clone().unwrap_or_default(),
                    }
                }
            }
        )*

        /// 办件的步骤。 / Steps of casework.
        #[Object]
        impl CaseMutation {
            /// 转交线索至被反映单位的上级或主管部门。 / Passes a clue on to the superior or competent department of whom it is about.
            async fn transfer_clue(
                &self,
                ctx: &Context<'_>,
                input: TransferClueInput,
            ) -> Result<Option<TransferClueOutcome>> {
                let ask = ask(ctx);
                let common = Common {
                    key: input.key,
                    version: input.version,
                    basis: None,
                    note: input.note,
                    evidence: Vec::new(),
                };
                let deed = body(ask, &input.to).map(|to| Deed::Transfer { to });
                let of = Of::Clue(&input.clue_id);
                let done = Box::pin(step(ask, "transferClue", common, of, deed, None)).await?;
                Ok(Some(TransferClueOutcome::of(ask, &input.clue_id, done)))
            }

            /// 认定失信记录：拒不整改的线索，按目录清单认定。 / Confirms a record: of a lead that was not set right, by an entry of the list.
            async fn confirm_record(
                &self,
                ctx: &Context<'_>,
                input: ConfirmRecordInput,
            ) -> Result<Option<CaseOutcome>> {
                let ask = ask(ctx);
                let common = Common {
                    key: input.key,
                    version: input.version,
                    basis: input.basis,
                    note: input.note,
                    evidence: input.evidence.unwrap_or_default(),
                };
                let amount = input.amount.map(|amount| amount.to_money()).transpose()?;
                let kind = ask.app.catalogue.lists.kind(&input.item);
                let deed = Deed::Confirm(Confirmation {
                    // Casework gives it the number.
                    record: 0,
                    kind: kind.unwrap_or(domain::credit_record::CreditRecordKind::Breach),
                    item: input.item,
                    tier: input.tier.map(Into::into),
                    identified_on: input.identified_on.0,
                    amount,
                    overdue_since: input.overdue_since.map(|day| day.0),
                });
                let of = Of::Clue(&input.clue_id);
                let by = input.identified_by;
                let done = Box::pin(step(ask, "confirmRecord", common, of, Ok(deed), by)).await?;
                Ok(Some(CaseOutcome::of(ask, done)))
            }

            $(
                #[doc = $doc]
                async fn $name(
                    &self,
                    ctx: &Context<'_>,
                    input: $input,
                ) -> Result<Option<CaseOutcome>> {
                    let $ask = ask(ctx);
                    let $in = &input;
                    let deed = $deed;
                    let step = step($ask, stringify!($name), input.common(), $of, deed, None);
                    // On the heap: one operation has all steps' futures in it.
                    let done = Box::pin(step).await?;
                    Ok(Some(CaseOutcome::of($ask, done)))
                }
            )*
        }
    };
}
pub(super) use steps;
