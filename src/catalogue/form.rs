//! What files about names have in common: forms of names, and divisions they are bound to.

use domain::{
    division::{DivisionCode, DivisionTree},
    name,
};
use toml::Spanned;

use super::Error;

/// Forms must be there, and in the one spelling in which names are compared: any other would never
/// be found.
pub(super) fn check(
    file: &str,
    text: &str,
    key: &str,
    forms: &Spanned<Vec<String>>,
) -> Result<(), Error> {
    let at = |reason: String| Error::at(file, text, forms.span(), key, reason);
    if forms.get_ref().is_empty() {
        return Err(at("is empty".to_owned()));
    }
    for form in forms.get_ref() {
        let normalised = name::normalise(form);
        if normalised != *form || form.is_empty() {
            return Err(at(format!(
                "{form:?}, expected the spelling {normalised:?}"
            )));
        }
    }
    Ok(())
}

/// A division must be in the tree.
pub(super) fn division(
    file: &str,
    text: &str,
    key: &str,
    code: Option<Spanned<DivisionCode>>,
    tree: Option<&DivisionTree>,
) -> Result<Option<DivisionCode>, Error> {
    let Some(code) = code else {
        return Ok(None);
    };
    // A tree that could not be loaded has its own mistakes told.
    if tree.is_some_and(|tree| tree.get(*code.get_ref()).is_none()) {
        let reason = format!("{} is no division", code.get_ref());
        return Err(Error::at(file, text, code.span(), key, reason));
    }
    Ok(Some(code.into_inner()))
}
