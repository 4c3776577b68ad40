//! The catalogue's files, built in or from a folder.

use std::{collections::BTreeMap, path::Path};

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

use super::Error;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/catalogue");

/// Files by their path inside the catalogue, in order.
pub(super) struct Files(BTreeMap<String, String>);

impl Files {
    pub(super) fn embedded() -> Self {
        let mut files = BTreeMap::new();
        gather(&EMBEDDED, &mut files);
        Self(files)
    }

    /// Reads a folder whole.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        walk(folder, folder, &mut files)
            .map_err(|(place, error)| Error::in_file(&place, format!("can't be read: {error}")))?;
        Ok(Self(files))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, Error> {
        self.0
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Error::in_file(name, "is missing"))
    }

    /// The TOML files of one folder.
    pub(super) fn in_folder<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.iter().filter(move |(name, _)| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
                && name.ends_with(".toml")
        })
    }
}

/// Reads a TOML file into its type.
pub(super) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| Error::toml(name, text, &error))
}

fn gather(dir: &Dir<'static>, files: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.insert(name.replace('\\', "/"), text.to_owned());
        }
    }
    dir.dirs().for_each(|dir| gather(dir, files));
}

fn walk(
    top: &Path,
    folder: &Path,
    files: &mut BTreeMap<String, String>,
) -> Result<(), (String, std::io::Error)> {
    let name_of = |path: &Path| {
        let name = path
            .strip_prefix(top)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        if name.is_empty() {
            top.display().to_string()
        } else {
            name
        }
    };
    let failed = |path: &Path| {
        let place = name_of(path);
        move |error| (place, error)
    };
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.is_dir() {
            walk(top, &path, files)?;
        } else if path
            .extension()
            .is_some_and(|ending| ending == "toml" || ending == "csv" || ending == "md")
        {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            files.insert(name_of(&path), text);
        }
    }
    Ok(())
}
