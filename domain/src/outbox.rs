//! What leaves: each version of a record that a platform is to hear of, and how far it has come.

/// How far a version has come on its way to a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutboxState {
    /// It waits to be sent.
    Pending,
    /// Somebody has begun to send it, and what came of that is not noted (yet): it is asked for by
    /// its number before it may be sent again.
    Unknown,
    /// It is out; the platform has not said yet what it thinks of it.
    Sent,
    /// The platform has taken it in.
    Accepted,
    /// The platform, or its layout here, refused it.
    Refused,
    /// It is never sent: a newer version came first, or the platform never heard of its record.
    Cancelled,
}

crate::text_enum!(OutboxState {
    Pending => "PENDING",
    Unknown => "UNKNOWN",
    Sent => "SENT",
    Accepted => "ACCEPTED",
    Refused => "REFUSED",
    Cancelled => "CANCELLED",
});

/// What a platform is to do with what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The record is new to it.
    Insert,
    /// It holds an earlier version of the record.
    Update,
    /// The record was wrong from the start.
    Delete,
}

crate::text_enum!(Operation { Insert => "INSERT", Update => "UPDATE", Delete => "DELETE" });

/// The number of a message: the same for the same version of the same record, so that a platform
/// that gets it twice can tell; another one after each time that it was mended by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageNumber {
    /// The record's stable number.
    pub record_id: i64,
    /// Its version.
    pub version: i64,
    /// How often it was given free again after a refusal.
    pub retries: i64,
}

impl std::fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.record_id, self.version)?;
        match self.retries {
            0 => Ok(()),
            retries => write!(f, "-{retries}"),
        }
    }
}

impl MessageNumber {
    /// Reads what [`Display`](std::fmt::Display) writes; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '-').map(|part| part.parse().ok());
        Some(Self {
            record_id: parts.next()??,
            version: parts.next()??,
            retries: parts.next().unwrap_or(Some(0))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::MessageNumber;

    #[test]
    fn a_number_reads_back() {
        for retries in [0, 2] {
            let number = MessageNumber {
                record_id: i64::MAX,
                version: 3,
                retries,
            };
            assert_eq!(MessageNumber::parse(&number.to_string()), Some(number));
        }
        for wrong in [
            "",
            "7",
            "7-",
            "7-x",
            "7-1-",
            "7-1-2-3",
            "a-1",
            "99999999999999999999-1",
        ] {
            assert_eq!(MessageNumber::parse(wrong), None, "{wrong}");
        }
    }
}
