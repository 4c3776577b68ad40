//! Where a registered name stands in the directory: its division, and what it is called there.

use crate::gazetteer::{Gazetteer, Path, Place, Reading};

/// Stands in a core for the name of the division behind the beginning: 生态环境局□分局.
pub(crate) const HOLE: char = '□';

/// A name parted into its division and its core.
pub(crate) struct Key<'a> {
    /// The division that the name begins with, or that its bearer belongs to.
    pub place: Option<Place>,
    /// The name behind that beginning.
    pub core: &'a str,
    /// Whether the name itself begins with the division.
    pub is_named: bool,
    /// The same name by the division in its middle: that division, and the core with a hole.
    pub inner: Option<(Place, String)>,
    /// The core behind the short form of the bearer's own division, such as 海关 of 佛山海关.
    pub shortened: Option<&'a str>,
}

/// Stands before names of bodies of the state and tells nobody apart.
const STATE: &str = "中华人民共和国";

/// The name without the state's before it.
pub(crate) fn without_state(name: &str) -> &str {
    match name.strip_prefix(STATE) {
        Some(rest) if !rest.is_empty() => rest,
        _ => name,
    }
}

/// Parts a normalised name, of a body in the division `home` where that is known. Only full words
/// count: registers do not shorten.
pub(crate) fn key_of<'a>(gazetteer: &Gazetteer, name: &'a str, home: Option<Place>) -> Key<'a> {
    let name = without_state(name);
    let reading = gazetteer.read(name);
    let paths = gazetteer.paths(&reading, 0);
    let whole = |path: &&Path| !path.is_short && path.end < name.len();
    let at_home = |path: &&Path| home.is_some_and(|home| path.places.contains(&home));
    let full = || paths.iter().filter(whole);
    let chosen = full().find(at_home).or_else(|| full().next());
    let place = chosen.and_then(|path| one(gazetteer, &path.places, home));
    let end = match (chosen, place) {
        (Some(path), Some(_)) => path.end,
        _ => 0,
    };
    let short = || {
        let mut shorts = paths.iter().filter(|path| path.is_short);
        let own = shorts.find(at_home).map(|path| &name[path.end..]);
        own.filter(|core| core.chars().nth(1).is_some())
    };
    Key {
        shortened: if place.is_none() { short() } else { None },
        place: place.or(home),
        core: &name[end..],
        is_named: place.is_some(),
        inner: inner(gazetteer, name, &reading, end, place, home).or_else(|| {
            // 成都市金堂生态环境局 of 金堂县: the county's short form right behind the city.
            let home = home.filter(|home| place.is_some_and(|place| place != *home))?;
            let mut paths = paths.iter().filter(|path| path.is_short && path.end > end);
            let own = paths.find(|path| path.places.contains(&home))?;
            Some((home, holed("", &name[own.end..])))
        }),
    }
}

/// The one of several divisions of a name that is meant: the bearer's own, or one on its path.
fn one(gazetteer: &Gazetteer, places: &[Place], home: Option<Place>) -> Option<Place> {
    if let [one] = places {
        return Some(*one);
    }
    let home = home?;
    let related =
        |place: &&Place| gazetteer.is_within(**place, home) || gazetteer.is_within(home, **place);
    places
        .iter()
        .find(|place| **place == home)
        .or_else(|| places.iter().find(related))
        .copied()
}

fn inner(
    gazetteer: &Gazetteer,
    name: &str,
    reading: &Reading,
    from: usize,
    above: Option<Place>,
    home: Option<Place>,
) -> Option<(Place, String)> {
    for start in reading.starts_behind(from) {
        for path in gazetteer.paths(reading, start) {
            let fits = |place: &Place| match above {
                Some(above) => *place != above && gazetteer.is_within(above, *place),
                None => home == Some(*place),
            };
            let places: Vec<Place> = path.places.iter().copied().filter(fits).collect();
            if let Some(place) = one(gazetteer, &places, home)
                && path.end < name.len()
            {
                return Some((place, holed(&name[from..start], &name[path.end..])));
            }
        }
    }
    None
}

/// A core with a hole between two texts.
pub(crate) fn holed(before: &str, behind: &str) -> String {
    format!("{before}{HOLE}{behind}")
}
