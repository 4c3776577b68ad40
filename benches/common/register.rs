//! The register of a made-up province, of whose bodies nothing else is told.

use std::path::{Path, PathBuf};

use zhengxin::{
    catalogue::Catalogue,
    demo::{Scale, World, files},
};

/// Makes so many bodies, and puts their register into a folder.
pub fn make(folder: &Path, agencies: usize) -> anyhow::Result<(World, PathBuf)> {
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let scale = Scale {
        prefectures: 21,
        agencies,
        listings: 0,
        agency_share: 1,
        arrears: 0,
        supervision: 0,
        orders: 0,
        penalties: 0,
        posts: 0,
        assessed: 0,
        letters: 0,
    };
    let world = World::make(1, &scale, &catalogue.divisions);
    let file = folder.join("register.csv");
    std::fs::write(&file, files::register_csv(&world))?;
    Ok((world, file))
}
