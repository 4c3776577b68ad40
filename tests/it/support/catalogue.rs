//! Catalogues of the tests' own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Db;

/// The built-in catalogue, in which the files below `sources/` that are named here read otherwise,
/// or are new.
pub(crate) fn catalogue_with(db: &Db, sources: &[(&str, String)]) -> PathBuf {
    let folder = db.folder().join("catalogue");
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue"),
        &folder,
    );
    for (name, text) in sources {
        fs::write(folder.join("sources").join(name), text).expect("the folder is ours");
    }
    folder
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
