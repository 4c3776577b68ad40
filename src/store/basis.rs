//! By which rules bodies were graded and warned: who has older ones, or an older day, writes nothing.

use domain::assess::Basis;
use entities::assess_basis;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::{Result, Store};

impl Store {
    /// Forgets by what bodies were graded and warned: whoever judges next may.
    pub async fn forget_bases(&self) -> Result<()> {
        let tx = self.begin_write().await?;
        assess_basis::Entity::delete_many().exec(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// By what bodies were graded and warned, in the order in which each first did.
    pub async fn assess_bases(&self) -> Result<Vec<Basis>> {
        bases(&self.read).await
    }
}

/// By what was judged, in the order in which each first did.
async fn bases(db: &impl ConnectionTrait) -> Result<Vec<Basis>> {
    let rows = assess_basis::Entity::find()
        .order_by_asc(assess_basis::Column::Id)
        .all(db)
        .await?;
    let judged = rows.into_iter().map(|row| Basis {
        version: row.version,
        fingerprint: row.fingerprint,
        day: row.day,
    });
    Ok(judged.collect())
}

/// Notes by what is judged in this transaction, which has the lock of the change log; false where it is older than
/// what was judged by.
pub(super) async fn take_basis(tx: &DatabaseTransaction, by: &Basis) -> Result<bool> {
    let judged = bases(tx).await?;
    if !by.may_follow(&judged) {
        return Ok(false);
    }
    let mut own = judged.iter();
    match own.find(|own| own.fingerprint == by.fingerprint) {
        Some(own) if own.day == by.day => {}
        Some(_) => {
            assess_basis::Entity::update_many()
                .col_expr(assess_basis::Column::Day, Expr::value(by.day))
                .filter(assess_basis::Column::Fingerprint.eq(&by.fingerprint))
                .exec(tx)
                .await?;
        }
        None => {
            let row = assess_basis::ActiveModel {
                id: NotSet,
                fingerprint: Set(by.fingerprint.clone()),
                version: Set(by.version.clone()),
                day: Set(by.day),
            };
            assess_basis::Entity::insert(row)
                .exec_without_returning(tx)
                .await?;
        }
    }
    Ok(true)
}
