//! Scalars: the domain's own types, so that what is malformed fails where it is written.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as Moment, FixedOffset, NaiveDate, Utc};
use domain::{
    case_number,
    date::china_offset,
    money::{Money, MoneyUnit},
    uscc,
};

use super::error::{self, ApiError};

macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident($inner:ty), $graphql:literal, $read:expr, $write:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name(pub(super) $inner);

        $(#[$doc])*
        #[Scalar(name = $graphql)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let Value::String(text) = &value else {
                    return Err(InputValueError::expected_type(value));
                };
                let read: fn(&str) -> Result<$inner, String> = $read;
                read(text).map(Self).map_err(InputValueError::custom)
            }

            fn to_value(&self) -> Value {
                let write: fn(&$inner) -> String = $write;
                Value::String(write(&self.0))
            }
        }
    };
}

text_scalar!(
    /// 统一社会信用代码，18 位，校验位正确（GB 32100-2015）。 / Unified social credit code, 18
    /// characters, its check character verified.
    Uscc(uscc::Uscc),
    "Uscc",
    |text| text.parse().map_err(|error: uscc::UsccError| error.to_string()),
    ToString::to_string
);

text_scalar!(
    /// 规范化的案号，如（2024）粤0604执1234号。 / Court case number, normalised.
    CaseNumber(case_number::CaseNumber),
    "CaseNumber",
    |text| text.parse().map_err(|error: case_number::CaseNumberError| error.to_string()),
    ToString::to_string
);

text_scalar!(
    /// 日期（北京时间），如 2026-11-23。 / A day in Asia/Shanghai.
    Date(NaiveDate),
    "Date",
    |text| text.parse().map_err(|_| format!("{text:?} is no day, expected YYYY-MM-DD")),
    ToString::to_string
);

text_scalar!(
    /// 时刻，RFC 3339，时区 +08:00。 / A moment, RFC 3339 with +08:00.
    DateTime(Moment<FixedOffset>),
    "DateTime",
    |text| Moment::parse_from_rfc3339(text).map_err(|_| format!("{text:?} is no RFC 3339 moment")),
    |moment| moment.to_rfc3339()
);

text_scalar!(
    /// 十进制数，以字符串表示；金额单位为人民币元。 / A decimal number as a string; money is CNY yuan.
    Decimal(rust_decimal::Decimal),
    "Decimal",
    |text| text.parse().map_err(|_| format!("{text:?} is no decimal number")),
    ToString::to_string
);

impl From<Moment<Utc>> for DateTime {
    fn from(moment: Moment<Utc>) -> Self {
        Self(moment.with_timezone(&china_offset()))
    }
}

impl Decimal {
    /// The amount that is owed, in yuan, to the cent.
    pub(super) fn to_money(&self) -> error::Result<Money> {
        let money = Money::parse(&self.0.to_string(), MoneyUnit::Yuan)
            .map_err(|error| ApiError::invalid(error.to_string()))?;
        match money.cents() < 0 {
            true => Err(ApiError::invalid(
                "amount: nobody owes less than nothing / 金额不得为负",
            )),
            false => Ok(money),
        }
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        Self(money.to_decimal())
    }
}

/// An enum of the contract beside the domain's, with the same spelling.
macro_rules! api_enum {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($(#[$item_doc:meta])* $item:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
        pub enum $name { $($(#[$item_doc])* $item),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$item => Self::$item),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$item => <$domain>::$item),+ }
            }
        }
    };
}
pub(super) use api_enum;
