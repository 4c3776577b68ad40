//! A catalogue that may be spoilt or added to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Ran, zhengxin};

/// A copy of the shipped catalogue.
pub(crate) struct CatalogueCopy(tempfile::TempDir);

impl CatalogueCopy {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(
            &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("catalogue"),
            folder.path(),
        );
        Self(folder)
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Replaces the first `from` of a file; the line on which the new text begins.
    pub(crate) fn spoil(&self, file: &str, from: &str, to: &str) -> usize {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path).expect("a file of the catalogue");
        let at = text
            .find(from)
            .unwrap_or_else(|| panic!("{from:?} is not in {file}"));
        fs::write(&path, text.replacen(from, to, 1)).expect("the folder is ours");
        1 + text[..at].matches('\n').count() + to.len() - to.trim_start_matches('\n').len()
    }

    /// What `catalogue check` says of it.
    pub(crate) fn check(&self) -> Ran {
        zhengxin(["catalogue", "check", &self.path().display().to_string()]).run()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir(&target).expect("the folder is ours");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the folder is ours");
        }
    }
}
