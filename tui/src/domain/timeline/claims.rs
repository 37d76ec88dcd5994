//! Which invocation handled which upload, by what its lines name, where no record of imgwatch's handler tells.
//!
//! The strongest basis has the first choice, and a weaker one never takes what a stronger one claims. But for ids, which are
//! exact, one invocation is given to an upload only where no other upload in flight, joined or not, could claim it, and no
//! other invocation could be claimed by the upload: otherwise no upload gets it.

mod in_flight;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use imgwatch_shared::object_key::file_name;
use jiff::Timestamp;

use super::basis::Basis;
use crate::domain::evidence::Write;
use crate::domain::evidence::names::{EventField, Name, ObjectName};
use crate::text::clean::Clean;
use in_flight::{InFlight, Same};

/// The most keys, parts of keys or entity tags that one invocation may name: of more of them no single one is meant.
const MOST_NAMES: usize = 32;

/// One upload of this process.
#[derive(Clone, Copy)]
pub struct Upload<'a> {
    /// When it began: no invocation before that is claimed.
    pub began: Timestamp,
    /// When S3 answered.
    pub stored: Timestamp,
    /// What was written.
    pub write: &'a Write,
    /// Whether it has an invocation already.
    pub is_joined: bool,
}

/// What the lines of one invocation name, each with the time of the first line that does.
pub type Names<'a> = BTreeMap<&'a Name, Timestamp>;

/// The invocations of an upload, and what joins them to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The surest of what joins them.
    pub basis: Basis,
    /// Lambda's request ids.
    pub invocations: BTreeSet<&'a Clean>,
}

/// What became of some uploads.
#[derive(Debug, Default)]
pub struct Claims<'a> {
    /// In the order of the uploads.
    pub of: Vec<Option<Claim<'a>>>,
    /// The places of those that an invocation may be of, even in vain.
    pub spoken_of: BTreeSet<usize>,
}

/// Gives invocations to uploads by what their lines name.
pub fn claims<'a>(uploads: &[Upload<'_>], invocations: &BTreeMap<&'a Clean, Names<'_>>) -> Claims<'a> {
    let index = Index::of(uploads);
    let mut claims: Vec<Option<Claim<'a>>> = uploads.iter().map(|_| None).collect();
    // What a stronger basis spoke of, even in vain, is not for a weaker one.
    let mut spoken_of: (BTreeSet<&Clean>, BTreeSet<usize>) = Default::default();
    for round in [Round::RequestId, Round::VersionId, Round::KeyAndETag, Round::Name] {
        let mut found: BTreeMap<usize, Vec<Match<'a>>> = BTreeMap::new();
        for (id, names) in invocations {
            if spoken_of.0.contains(id) {
                continue;
            }
            let candidates = index.candidates(round, names);
            let (is_only, shares) = (candidates.len() == 1, round.shares(names));
            for (upload, Candidate { basis, is_alone }) in candidates {
                let is_sure = is_alone && (is_only || shares);
                found.entry(upload).or_default().push(Match { id, basis, is_sure });
            }
        }
        for (place, matches) in found {
            spoken_of.0.extend(matches.iter().map(|found| found.id));
            // One that has an invocation already was a candidate so that no other takes what may be its own.
            let is_joined = uploads.get(place).is_none_or(|upload| upload.is_joined);
            let is_sure = round.is_exact() || (matches.len() == 1 && matches.iter().all(|found| found.is_sure));
            let is_first = spoken_of.1.insert(place);
            let basis = matches.iter().map(|found| found.basis).max();
            let (Some(claim), Some(basis), true) = (claims.get_mut(place), basis, is_sure && is_first && !is_joined)
            else {
                continue;
            };
            *claim = Some(Claim { basis, invocations: matches.iter().map(|found| found.id).collect() });
        }
    }
    Claims { of: claims, spoken_of: spoken_of.1 }
}

/// An invocation that may be an upload's.
struct Match<'a> {
    id: &'a Clean,
    basis: Basis,
    /// Whether no other upload could claim it.
    is_sure: bool,
}

/// An upload that an invocation may be of.
#[derive(Clone, Copy)]
struct Candidate {
    basis: Basis,
    /// Whether no other upload in flight has the same name.
    is_alone: bool,
}

impl Candidate {
    fn new(basis: Basis, same: Same) -> impl Iterator<Item = (usize, Self)> {
        let is_alone = same.is_one;
        same.places.into_iter().map(move |place| (place, Self { basis, is_alone }))
    }
}

/// The bases in the order in which they choose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    RequestId,
    VersionId,
    KeyAndETag,
    /// The key, its last part, or the entity tag: whatever names one upload may be said of another one, so that they count
    /// together.
    Name,
}

impl Round {
    fn is_exact(self) -> bool {
        matches!(self, Self::RequestId | Self::VersionId)
    }

    /// Whether an invocation is all uploads' that it names: an event of several records names each of them whole.
    fn shares(self, names: &Names<'_>) -> bool {
        self.is_exact() || (self == Self::KeyAndETag && has(names, EventField::Sequencer))
    }
}

fn has(names: &Names<'_>, field: EventField) -> bool {
    names.contains_key(&Name::EventField(field))
}

type ObjectKey<'a> = (&'a Clean, &'a Clean);

/// The uploads by what a line may name of them.
struct Index<'a> {
    by_request: HashMap<&'a Clean, Vec<usize>>,
    by_version: HashMap<&'a Clean, Vec<usize>>,
    by_key: HashMap<ObjectKey<'a>, InFlight>,
    by_key_and_e_tag: HashMap<(ObjectKey<'a>, &'a Clean), InFlight>,
    by_e_tag: HashMap<&'a Clean, InFlight>,
    has_e_tag: Vec<bool>,
}

impl<'a> Index<'a> {
    fn of(uploads: &[Upload<'a>]) -> Self {
        let mut index = Self {
            by_request: HashMap::new(),
            by_version: HashMap::new(),
            by_key: HashMap::new(),
            by_key_and_e_tag: HashMap::new(),
            by_e_tag: HashMap::new(),
            has_e_tag: uploads.iter().map(|upload| upload.write.e_tag.is_some()).collect(),
        };
        for (place, Upload { began, stored, write, .. }) in uploads.iter().enumerate() {
            let key = (&write.bucket, &write.key);
            if let Some(id) = &write.s3_request_id {
                index.by_request.entry(id).or_default().push(place);
            }
            if let Some(id) = &write.version_id {
                index.by_version.entry(id).or_default().push(place);
            }
            index.by_key.entry(key).or_default().add(place, *began, *stored);
            if let Some(e_tag) = &write.e_tag {
                index.by_key_and_e_tag.entry((key, e_tag)).or_default().add(place, *began, *stored);
                index.by_e_tag.entry(e_tag).or_default().add(place, *began, *stored);
            }
        }
        let in_flight =
            index.by_key.values_mut().chain(index.by_key_and_e_tag.values_mut()).chain(index.by_e_tag.values_mut());
        in_flight.for_each(InFlight::sort);
        index
    }

    /// The uploads that may claim an invocation in a round, each once.
    fn candidates(&self, round: Round, names: &Names<'_>) -> BTreeMap<usize, Candidate> {
        // Where the event itself is in the log, so are its ids: the key alone may be that of another write.
        let (event, ids) = (has(names, EventField::Sequencer), has(names, EventField::S3RequestId));
        match round {
            Round::RequestId => self.by_id(names, Basis::S3RequestId),
            Round::VersionId => self.by_id(names, Basis::VersionId),
            _ if event && ids => BTreeMap::new(),
            Round::KeyAndETag => self.by_key_and_e_tag(names),
            Round::Name => {
                let mut found = self.by_name(names);
                found.retain(|place, _| !event || self.has_e_tag.get(*place) == Some(&false));
                found
            }
        }
    }

    fn by_id(&self, names: &Names<'_>, basis: Basis) -> BTreeMap<usize, Candidate> {
        let found = names.keys().filter_map(|name| match (name, basis) {
            (Name::S3RequestId(id), Basis::S3RequestId) => self.by_request.get(id),
            (Name::VersionId(id), Basis::VersionId) => self.by_version.get(id),
            _ => None,
        });
        found.flatten().map(|place| (*place, Candidate { basis, is_alone: true })).collect()
    }

    fn by_key_and_e_tag(&self, names: &Names<'_>) -> BTreeMap<usize, Candidate> {
        let mut found = BTreeMap::new();
        let mut add = |object: &ObjectName, e_tag: &Clean, at| {
            let same = self.by_key_and_e_tag.get(&((&object.bucket, &object.key), e_tag));
            let same = same.map_or_else(Same::default, |same| same.at(at));
            found.extend(Candidate::new(Basis::KeyAndETag, same));
        };
        let mut e_tags = Vec::new();
        for (name, at) in names {
            match name {
                Name::KeyAndETag(object, e_tag) => add(object, e_tag, *at),
                // In different lines they belong together only where no other object in flight has the tag.
                Name::ETag(e_tag) if e_tags.len() < MOST_NAMES => {
                    let same = self.by_e_tag.get(e_tag).map_or_else(Same::default, |same| same.at(*at));
                    e_tags.extend(Some(e_tag).filter(|_| same.is_one));
                }
                _ => {}
            }
        }
        let keys =
            names.iter().filter_map(|(name, at)| if let Name::Key(object) = name { Some((object, *at)) } else { None });
        if e_tags.len().max(keys.clone().count()) >= MOST_NAMES {
            // By so many of them nothing is meant; by their names alone they are still candidates.
            return found;
        }
        for (object, at) in keys {
            for e_tag in &e_tags {
                add(object, e_tag, at);
            }
        }
        found
    }

    fn by_name(&self, names: &Names<'_>) -> BTreeMap<usize, Candidate> {
        let keys: Vec<&ObjectName> = names
            .keys()
            .filter_map(|name| if let Name::Key(object) = name { Some(object) } else { None })
            .take(MOST_NAMES)
            .collect();
        // The file that was made of a key has its name.
        let is_explained =
            |part: &ObjectName| keys.iter().any(|key| file_name(key.key.raw()) == file_name(part.key.raw()));
        let found: Vec<_> = names
            .iter()
            .filter_map(|(name, at)| match name {
                Name::Key(object) => Some((self.by_key.get(&(&object.bucket, &object.key)), *at, Basis::Key)),
                Name::KeyPart(object) if !is_explained(object) => {
                    Some((self.by_key.get(&(&object.bucket, &object.key)), *at, Basis::KeyPart))
                }
                Name::ETag(e_tag) => Some((self.by_e_tag.get(e_tag), *at, Basis::ETag)),
                _ => None,
            })
            .collect();
        let is_crowd = found.len() > MOST_NAMES;
        let mut all: BTreeMap<usize, Candidate> = BTreeMap::new();
        for (found, at, basis) in found {
            let same = found.map_or_else(Same::default, |found| found.at(at));
            for (place, candidate) in Candidate::new(basis, same) {
                let candidate = Candidate { is_alone: candidate.is_alone && !is_crowd, ..candidate };
                let known = all.entry(place).or_insert(candidate);
                known.basis = known.basis.max(basis);
            }
        }
        all
    }
}
