//! Listings of natural persons: of a public official a record, of one who may be an official a
//! mention for people to look at, of anybody else nothing.

use domain::{
    decision::{Decided, decide},
    division::DivisionCode,
    mention::{Mention, SubjectText},
    official::{Number, Register, Told, tell, tell_again},
    person_name::masked_name,
    post::Post,
    privacy::{PersonNumber, is_digest, person_number},
    resolution::{Outcome, Resolution},
};

use crate::{catalogue::HeldPost, sources::RawRow, store::Fact};

use super::{
    field::Refused,
    identify::{Identified, Identifier, Named, Who, refused},
    row::FormReader,
};

impl Identifier<'_> {
    /// Which official the row is about, where it is about one; whatever is kept of it from here on
    /// has neither his number nor his name.
    pub(super) fn official(
        &self,
        reader: &FormReader<'_>,
        row: &mut RawRow,
        named: &Named,
        is_none_of_ours: impl Fn() -> bool,
    ) -> Result<Option<Who>, Refused> {
        let Some(counting) = &reader.form.officials else {
            return Ok(None);
        };
        let Some(number) = self.number(named) else {
            return Ok(None);
        };
        let told = tell(self.graph, &named.name, &number);
        let is_of_body = matches!(
            &told,
            Told::Doubtful(resolution) if resolution.outcome == Outcome::Conflict && !is_none_of_ours()
        );
        if told == Told::Nobody || is_of_body {
            return Ok(None);
        }
        hide(reader, row, named, &number);
        reader.mask(row);
        // A row that is wrong is wrong whoever is meant.
        let fields = self.fields(reader, row)?;
        match told {
            Told::Official(official) => {
                let listed_on = fields
                    .day("identified_on")
                    .ok_or_else(|| refused(reader, "identified_on", "is no day"))?;
                let counts = |post: &Post| {
                    let is_held = |held: &HeldPost| match held {
                        HeldPost::WhenListed => post.is_held_on(listed_on),
                        HeldPost::Now => post.is_held_on(self.as_of),
                    };
                    self.graph.has_agency(&post.agency) && counting.posts.iter().any(is_held)
                };
                let posts = Register::posts_of(self.graph, official);
                Ok(Some(match posts.into_iter().any(counts) {
                    true => Who::Official(official),
                    false => Who::Other(Identified::OutOfScope),
                }))
            }
            Told::Doubtful(resolution) => {
                let name = masked_name(&named.name);
                Ok(Some(self.doubtful(
                    name,
                    self.division(&fields),
                    resolution,
                )))
            }
            Told::Nobody => Ok(None),
        }
    }

    /// What a row comes to of which neither number nor name is kept: to doubt or to nothing.
    pub(super) fn official_again(
        &self,
        reader: &FormReader<'_>,
        row: &RawRow,
        named: &Named,
    ) -> Result<Who, Refused> {
        let kept = named.numbers().find(|text| is_digest(text));
        let number = kept.map_or(Number::Masked, |digest| Number::Digest(digest.to_owned()));
        let fields = self.fields(reader, row)?;
        Ok(match tell_again(self.graph, &named.name, &number) {
            Told::Doubtful(resolution) => {
                self.doubtful(named.name.clone(), self.division(&fields), resolution)
            }
            Told::Official(_) | Told::Nobody => Who::Other(Identified::OutOfScope),
        })
    }

    /// A row about one who may be an official, with what people decided about it.
    fn doubtful(
        &self,
        name: String,
        division: Option<DivisionCode>,
        mut resolution: Resolution,
    ) -> Who {
        let subject = self.row_id.map(|row_id| SubjectText::of_row(&name, row_id));
        let on = subject.and_then(|of| self.graph.decision_on(self.source, &of, division));
        if let Some(on) = on
            && let Decided::Untold(decided) = decide(&on.fact, &[], resolution.clone())
        {
            resolution = decided;
        }
        let mention = Mention {
            text: name,
            code: None,
            division,
            resolution,
            decision_version: on.map(|on| on.version),
        };
        Who::Other(Fact::Mention(mention).into())
    }

    /// Whether a row that is not read further may be an official's.
    pub(super) fn may_be_official(&self, reader: &FormReader<'_>, named: &Named) -> bool {
        let number = self
            .number(named)
            .filter(|_| reader.form.officials.is_some());
        number.is_some_and(|number| tell(self.graph, &named.name, &number) != Told::Nobody)
    }

    /// The number of the natural person whom the row names, digested where it is whole.
    fn number(&self, named: &Named) -> Option<Number> {
        let key = self.person_key?;
        match named.numbers().find_map(person_number)? {
            PersonNumber::Whole(number) => Some(Number::Digest(key.digest(&number))),
            PersonNumber::Masked => Some(Number::Masked),
        }
    }
}

/// Takes number and name out of all that is kept of the row: in the place of the number its digest,
/// or nothing where it is masked, since what it shows would be enough to try the rest.
fn hide(reader: &FormReader<'_>, row: &mut RawRow, named: &Named, number: &Number) {
    let in_its_place = match number {
        Number::Digest(digest) => digest.as_str(),
        Number::Masked => "",
    };
    for written in named.numbers().filter(|text| person_number(text).is_some()) {
        reader.replace(row, written, in_its_place);
    }
    reader.replace(row, &named.name, &masked_name(&named.name));
    let spelling = domain::name::normalise(&named.name);
    reader.replace(row, &spelling, &masked_name(&spelling));
}
