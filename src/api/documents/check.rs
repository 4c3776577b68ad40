//! Whether a document fits the schema, told without executing it.

use std::sync::Arc;

use async_graphql::{
    Request, ServerError, ValidationResult,
    async_trait::async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
    parser::types::ExecutableDocument,
};
use futures_util::FutureExt;

use crate::api::graphql::{ApiSchema, schema_with};

/// What a document is ended with that fits.
const FITS: &str = "fits";

/// Ends each request once it is validated.
struct Stop;

#[async_trait]
impl Extension for Stop {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await?;
        Err(vec![ServerError::new(FITS, None)])
    }
}

impl ExtensionFactory for Stop {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

/// The schema, which only validates.
pub(super) struct Validator(ApiSchema);

impl Validator {
    pub(super) fn new() -> Self {
        Self(schema_with(Stop))
    }

    /// What does not fit, with its line and column in the document where it has one.
    pub(super) fn misfits(&self, document: &ExecutableDocument) -> Vec<(Option<usize>, String)> {
        let mut request = Request::new("");
        request.set_parsed_query(document.clone());
        let validated = self.0.execute(request).now_or_never();
        let errors = validated.map_or_else(Vec::new, |response| response.errors);
        if errors.is_empty() {
            return vec![(None, "can't be validated".to_owned())];
        }
        let misfits = errors.into_iter().filter(|error| error.message != FITS);
        let mut misfits: Vec<_> = misfits
            .map(|error| (error.locations.first().map(|at| at.line), error.message))
            .collect();
        // Several places of one line may not fit for the same reason.
        misfits.dedup();
        misfits
    }
}
