//! Amounts in CNY, exact to the 分.

use std::fmt;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

/// An amount in CNY, kept in 分 (a hundredth of a yuan).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(i64);

/// What a column counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoneyUnit {
    /// 元
    Yuan,
    /// 万元
    TenThousand,
}

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not written as an amount.
    #[error("amount expected, such as 45000.00, 45,000 or 4.5万元, found {0:?}")]
    Form(String),
    /// Parts of a 分.
    #[error("amount of whole 分 expected, found {0:?}")]
    Precision(String),
    /// Too large to be kept.
    #[error("amount below 92233720368547758.08 yuan expected, found {0:?}")]
    Overflow(String),
}

impl Money {
    /// Reads an amount that counts in `unit`, unless a unit is written behind it. Takes thousands
    /// separators in half or full width, `¥` before or `元`, `万元` behind, and a minus sign.
    pub fn parse(text: &str, unit: MoneyUnit) -> Result<Self, MoneyError> {
        let form = || MoneyError::Form(text.to_owned());
        let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let (amount, unit) = split_unit(&plain, unit);
        let (is_negative, amount) = match amount.strip_prefix('-') {
            Some(amount) => (true, amount),
            None => (false, amount),
        };
        let amount = amount.strip_prefix('¥').unwrap_or(amount);
        let digits = ungrouped(amount).ok_or_else(form)?;

        let overflow = || MoneyError::Overflow(text.to_owned());
        let amount = Decimal::from_str_exact(&digits).map_err(|_| overflow())?;
        let cents = amount
            .checked_mul(Decimal::from(unit.cents()))
            .ok_or_else(overflow)?;
        if !cents.fract().is_zero() {
            return Err(MoneyError::Precision(text.to_owned()));
        }
        let cents = i64::try_from(cents.trunc()).map_err(|_| overflow())?;
        Ok(Self(if is_negative { -cents } else { cents }))
    }

    /// The amount in 分.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// An amount of so many 分.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// The amount in yuan, with two decimals.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }
}

impl MoneyUnit {
    const fn cents(self) -> i64 {
        match self {
            Self::Yuan => 100,
            Self::TenThousand => 1_000_000,
        }
    }
}

fn split_unit(text: &str, unit: MoneyUnit) -> (&str, MoneyUnit) {
    let ten_thousand = text
        .strip_suffix("万元")
        .or_else(|| text.strip_suffix('万'));
    match (ten_thousand, text.strip_suffix('元')) {
        (Some(amount), _) => (amount, MoneyUnit::TenThousand),
        (None, Some(amount)) => (amount, MoneyUnit::Yuan),
        (None, None) => (text, unit),
    }
}

/// Digits with at most one point; separators may stand only where thousands end.
fn ungrouped(text: &str) -> Option<String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.len() == 1
        || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let is_right =
        is_grouped && groups.iter().all(|group| is_number(group)) && decimals.is_none_or(is_number);
    is_right.then(|| format!("{}.{}", groups.concat(), decimals.unwrap_or("0")))
}

/// Yuan with two decimals, such as `45000.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        money.to_decimal()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_amounts() {
        use MoneyUnit::{TenThousand, Yuan};
        for (text, unit, yuan) in [
            ("45000", Yuan, "45000.00"),
            (" 45,000.5 ", Yuan, "45000.50"),
            ("４５，０００．５０", Yuan, "45000.50"),
            ("￥1,234,567.89", Yuan, "1234567.89"),
            ("¥ 12元", Yuan, "12.00"),
            ("4.5", TenThousand, "45000.00"),
            ("4.5万元", Yuan, "45000.00"),
            ("4.5万", Yuan, "45000.00"),
            ("45000元", TenThousand, "45000.00"),
            ("0.000001", TenThousand, "0.01"),
            ("1.50000", Yuan, "1.50"),
            ("-3.07", Yuan, "-3.07"),
            ("-¥0.07", Yuan, "-0.07"),
            ("0", Yuan, "0.00"),
        ] {
            let money = Money::parse(text, unit).expect(text);
            assert_eq!(money.to_string(), yuan, "{text}");
            assert_eq!(money.to_decimal().to_string(), yuan, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_amount() {
        let parse = |text: &str| Money::parse(text, MoneyUnit::Yuan);
        for text in [
            "", "元", "-", "1e5", "1_000", "12,34", "1,2345", ",123", "1234,567", "1.", ".5",
            "1.2.3", "(100)", "--1", "+1", "十元", "5亿元", "12元整",
        ] {
            assert_eq!(
                parse(text),
                Err(MoneyError::Form(text.to_owned())),
                "{text}"
            );
        }
        assert_eq!(
            parse("0.001"),
            Err(MoneyError::Precision("0.001".to_owned()))
        );
        assert_eq!(
            parse("0.0000001万元"),
            Err(MoneyError::Precision("0.0000001万元".to_owned()))
        );
        for text in ["92233720368547758.08", "999999999999999999999999999999999"] {
            assert_eq!(
                parse(text),
                Err(MoneyError::Overflow(text.to_owned())),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn amounts_read_back(cents in -i64::MAX..=i64::MAX) {
            let money = Money::from_cents(cents);
            prop_assert_eq!(Money::parse(&money.to_string(), MoneyUnit::Yuan), Ok(money));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}|[0-9,.元万-]{0,40}") {
            let _ = Money::parse(&text, MoneyUnit::TenThousand);
        }
    }
}
