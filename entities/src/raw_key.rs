//! Under which key a raw object is sealed, and that it was erased.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "raw_key")]
pub struct Model {
    /// SHA-256 of the plain bytes, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// Each time that the bytes are kept anew, such as when they were erased, is another object.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i32,
    /// The key-encryption key under which `wrapped` is.
    pub kek: Option<String>,
    /// The object's key. None once it is destroyed, and of what was kept before objects were sealed.
    pub wrapped: Option<Vec<u8>>,
    /// When the bytes last landed, to the hour.
    pub landed_at: DateTimeUtc,
    /// When the key was destroyed.
    pub erased_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    /// These bytes are not to be kept again, whoever delivers them.
    pub is_barred: bool,
    /// When the object was deleted, too.
    pub removed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
