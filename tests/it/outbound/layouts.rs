//! The layouts themselves.

use zhengxin::{
    catalogue::{Catalogue, Values},
    outbound::row,
};

use super::LAYOUT;
use crate::api::catalogue_with;

#[test]
fn the_samples_of_the_shipped_layouts_become_their_rows() {
    let catalogue = Catalogue::load(None).expect("it is good");
    let mut tried = 0;
    for layout in catalogue.outbound.values() {
        assert!(!layout.sample.is_empty(), "{} has no samples", layout.title);
        for sample in &layout.sample {
            let values: Values = sample.record.clone();
            let cells = row(layout, &values).expect("a sample fits its layout");
            let columns = layout.columns().map(|column| column.name.clone());
            let told: std::collections::BTreeMap<_, _> = columns
                .zip(cells)
                .filter_map(|(name, cell)| Some((name, cell?)))
                .collect();
            assert_eq!(told, sample.row);
            tried += 1;
        }
    }
    assert!(tried >= 2, "{tried}");
    let layout = &catalogue.outbound["credit_platform"];
    assert!(!layout.verified, "the platform's own layout is not known");
    assert_eq!(layout.kinds.get_ref(), &["BREACH", "ARREARS"]);
}

#[test]
fn a_row_that_lacks_what_it_needs_names_the_column() {
    let catalogue = Catalogue::load(None).expect("it is good");
    let layout = &catalogue.outbound["credit_platform"];
    let whole = &layout.sample[0].record;
    use zhengxin::catalogue::OutboundField as F;
    for (field, value, says) in [
        (F::AgencyUscc, "", "column tyshxydm: is missing"),
        (
            F::Kind,
            "JUDGMENT_DEBTOR",
            "column jllx: no word for JUDGMENT_DEBTOR",
        ),
        (
            F::IdentifiedOn,
            "yesterday",
            "column rdrq: \"yesterday\" is no day",
        ),
    ] {
        let mut values = whole.clone();
        values.insert(field, value.to_owned());
        assert_eq!(row(layout, &values).expect_err(says), says);
    }
}

#[test]
fn mistakes_in_a_layout_are_told_with_file_line_and_key() {
    for (old, new, says) in [
        (
            "kinds = [\"BREACH\"",
            "kinds = [\"BREACHES\"",
            "key kinds: expected one or more of BREACH",
        ),
        ("DELETE = \"D\"\n", "", "key operations: DELETE is missing"),
        (
            "field = \"message_number\"",
            "field = \"version\"",
            "key column: no column has the field message_number",
        ),
        (
            "name = \"jgmc\"",
            "name = \"jgmc; DROP\"",
            "key column.name: \"jgmc; DROP\"",
        ),
        (
            "name = \"jgmc\"",
            "name = \"jlbh\"",
            "key column.name: \"jlbh\" is there already",
        ),
        (
            "field = \"agency_name\"",
            "field = \"agency_nam\"",
            "unknown variant `agency_nam`",
        ),
        (
            "field = \"agency_name\"\n",
            "",
            "key column.field: jgmc: either field or value",
        ),
        (
            "MINOR = \"轻微\"",
            "MINIMAL = \"轻微\"",
            "key column.codes: sxdj: MINOR is missing",
        ),
        (
            "format = \"%Y-%m-%d\"",
            "format = \"%Y-%Q\"",
            "key column.format: rdrq",
        ),
        (
            "format = \"%Y-%m-%d\"",
            "format = \"%H\"",
            "key column.format: rdrq",
        ),
        (
            "name = \"ZWSX_{date}_{digest}\"",
            "name = \"../{digest}\"",
            "key package.name",
        ),
        (
            "name = \"ZWSX_{date}_{digest}\"",
            "name = \"ZWSX_{date}\"",
            "key package.name",
        ),
        (
            "suffix = \".feedback.csv\"",
            "suffix = \"/feedback\"",
            "key package.manifest.suffix",
        ),
        ("rows_max = 1000", "rows_max = 0", "key package.rows_max: 0"),
        (
            "name = \"zwsx_record\"",
            "name = \"a.b.c\"",
            "key table.name",
        ),
        (
            "types = { rdrq",
            "types = { rdrx",
            "key table.types: there is no column \"rdrx\"",
        ),
        (
            "name = \"zwsx_feedback\"",
            "name = \"zwsx-feedback\"",
            "key table.feedback",
        ),
        (
            "env_flag = \"0\"\n\n[[sample]]",
            "env = \"0\"\n\n[[sample]]",
            "key sample.row: there is no column \"env\"",
        ),
        (
            "key = \"credit_platform\"",
            "key = \"platform\"",
            "key key: \"platform\" is unlike the file's name",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        catalogue_with(folder.path(), &[]);
        let path = folder.path().join(LAYOUT);
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert!(text.contains(old), "{old}");
        std::fs::write(&path, text.replacen(old, new, 1)).expect("the folder is ours");
        let errors = Catalogue::load(Some(folder.path())).expect_err(says);
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|told| told
                .starts_with("catalogue/outbound/credit_platform.toml, line ")
                && told.contains(says)),
            "{says}: {told:#?}"
        );
    }
}
