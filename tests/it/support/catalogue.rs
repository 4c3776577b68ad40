//! Catalogues of the tests' own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Db, Ran, zhengxin};

/// The built-in catalogue, in which the files below `sources/` that are named here read otherwise,
/// or are new.
pub(crate) fn catalogue_with(db: &Db, sources: &[(&str, String)]) -> PathBuf {
    let folder = db.folder().join("catalogue");
    copy(&built_in(), &folder);
    for (name, text) in sources {
        fs::write(folder.join("sources").join(name), text).expect("the folder is ours");
    }
    folder
}

/// A copy of the built-in catalogue that may be spoilt.
pub(crate) struct CatalogueCopy(tempfile::TempDir);

impl CatalogueCopy {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&built_in(), folder.path());
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

    /// Puts text behind a file's, or makes the file; the line on which it begins.
    pub(crate) fn append(&self, file: &str, more: &str) -> usize {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, format!("{text}{more}")).expect("the folder is ours");
        1 + text.matches('\n').count() + more.len() - more.trim_start_matches('\n').len()
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).expect("a file of the catalogue")
    }

    /// What `catalogue check` says of it.
    pub(crate) fn check(&self) -> Ran {
        zhengxin(["catalogue", "check", &self.path().display().to_string()]).run()
    }
}

fn built_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is ours");
    for entry in fs::read_dir(from).expect("the catalogue stands there") {
        let entry = entry.expect("it can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the folder is ours");
        }
    }
}
