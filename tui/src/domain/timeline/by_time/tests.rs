//! Each thing that makes a join by time doubtful, by itself.

use super::*;
use crate::support::write;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// What is known around one upload at the second 0, of which everything agrees.
struct Case {
    /// Seconds at which uploads began, and how long they took.
    uploads: Vec<(i64, i64)>,
    is_joined: bool,
    /// Seconds at which invocations begin and end.
    silent: Vec<(i64, Option<i64>)>,
    is_started: bool,
    loose: Vec<i64>,
    /// Seconds of the listing and since when, and the seconds and entity tags of others' objects in it.
    listing: Option<(i64, i64)>,
    is_whole: bool,
    others: Vec<(i64, &'static str)>,
    log: Vec<(i64, i64)>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            uploads: vec![(0, 1)],
            is_joined: false,
            silent: vec![(2, Some(3))],
            is_started: true,
            loose: vec![],
            listing: Some((10, -120)),
            is_whole: true,
            others: vec![],
            log: vec![(-300, 20)],
        }
    }
}

impl Case {
    /// The places of the uploads that got an invocation, with its number; `None` where only the listing is missing.
    fn joins(&self) -> Vec<(usize, Option<usize>)> {
        let writes: Vec<Write> =
            (0..self.uploads.len()).map(|number| write(&format!("in/{number}.png"), None)).collect();
        let one = |(number, (began, took)): (usize, &(i64, i64))| Upload {
            began: at(*began),
            stored: at(began + took),
            write: &writes[number],
            is_joined: self.is_joined && number == 0,
        };
        let uploads: Vec<Upload<'_>> = self.uploads.iter().enumerate().map(one).collect();
        let ids: Vec<Clean> = (0..self.silent.len()).map(|number| Clean::new(&number.to_string())).collect();
        let invocation = |(id, (began, ended)): (_, &(i64, Option<i64>))| Silent {
            began: at(*began),
            ended: ended.map(at),
            id,
            is_started: self.is_started,
        };
        let mut silent: Vec<Silent<'_>> = ids.iter().zip(&self.silent).map(invocation).collect();
        silent.sort();
        let own = |(write, (began, took)): (&Write, &(i64, i64))| ListedObject {
            key: write.key.clone(),
            e_tag: write.e_tag.clone(),
            modified: at(began + took),
        };
        let others = self.others.iter().map(|(modified, e_tag)| ListedObject {
            key: "other.png".into(),
            e_tag: Some(Clean::new(e_tag)),
            modified: at(*modified),
        });
        let objects: BTreeSet<ListedObject> = writes.iter().zip(&self.uploads).map(own).chain(others).collect();
        let listing = self.listing.map(|(asked, since)| Listed {
            at: at(asked),
            since: at(since),
            bucket: "images".into(),
            objects: Some(objects).filter(|_| self.is_whole),
        });
        let around = Surroundings {
            silent,
            loose: self.loose.iter().map(|second| at(*second)).collect(),
            listings: listing.iter().collect(),
            log: self.log.iter().map(|(from, to)| LogStretch { from: at(*from), to: at(*to) }).collect(),
        };
        let joins = by_time(&uploads, |_| false, &around).into_iter();
        let number = |join| match join {
            ByTime::Joined(id) => Some(id.raw().parse().unwrap()),
            ByTime::Unlisted(_) => None,
        };
        joins.map(|(place, join)| (place, number(join))).collect()
    }
}

#[test]
fn the_only_invocation_is_of_the_only_upload() {
    assert_eq!(Case::default().joins(), [(0, Some(0))]);
    assert_eq!(Case { listing: None, ..Case::default() }.joins(), [(0, None)], "a listing is missing");
    assert_eq!(Case { listing: Some((5, -120)), ..Case::default() }.joins(), [(0, None)], "it came too soon");
    assert_eq!(Case { listing: Some((10, 0)), ..Case::default() }.joins(), [(0, None)], "it begins too late");
}

#[test]
fn whatever_may_be_its_rival_excludes_it() {
    let cases = [
        ("the bucket is too large", Case { is_whole: false, ..Case::default() }),
        ("the log is read to before the listing", Case { log: vec![(-300, 9)], ..Case::default() }),
        ("the log is read from too late", Case { log: vec![(-200, 20)], ..Case::default() }),
        ("the log is not read", Case { log: vec![], ..Case::default() }),
        ("another object is new", Case { others: vec![(1, "tag")], ..Case::default() }),
        ("another object is a minute old", Case { others: vec![(-60, "tag")], ..Case::default() }),
        ("a multipart upload may have ended now", Case { others: vec![(-7_200, "tag-2")], ..Case::default() }),
        ("another invocation", Case { silent: vec![(2, Some(3)), (90, None)], ..Case::default() }),
        ("an invocation just before", Case { silent: vec![(-3, Some(-2)), (2, Some(3))], ..Case::default() }),
        ("it began before the upload", Case { silent: vec![(-1, Some(3))], ..Case::default() }),
        ("it began too late", Case { silent: vec![(125, Some(126))], listing: Some((140, -120)), ..Case::default() }),
        ("its beginning is not in the log", Case { is_started: false, ..Case::default() }),
        ("it runs", Case { silent: vec![(2, None)], ..Case::default() }),
        ("another line names an object", Case { loose: vec![3], ..Case::default() }),
        ("it has an invocation", Case { is_joined: true, ..Case::default() }),
        ("another upload", Case { uploads: vec![(0, 1), (1, 1)], ..Case::default() }),
        ("an upload that has no invocation", Case { uploads: vec![(-400, 1), (0, 1)], ..Case::default() }),
        ("an upload that takes long", Case { uploads: vec![(-900, 880), (0, 1)], ..Case::default() }),
    ];
    for (why, case) in cases {
        assert_eq!(case.joins(), [], "{why}");
    }
}

#[test]
fn what_cannot_be_its_rival_does_not() {
    let cases = [
        ("an older object", Case { others: vec![(-130, "tag")], ..Case::default() }),
        ("an object that was written later", Case { others: vec![(9, "tag"), (9, "tag-2")], ..Case::default() }),
        ("a multipart upload of long ago", Case { others: vec![(-90_000, "tag-2")], ..Case::default() }),
        ("a line of another time", Case { loose: vec![-10, 200], ..Case::default() }),
        ("an invocation of another time", Case { silent: vec![(2, Some(3)), (130, None)], ..Case::default() }),
    ];
    for (why, case) in cases {
        assert_eq!(case.joins(), [(0, Some(0))], "{why}");
    }
}

/// Uploads one after another, with more than the usual time between them.
#[test]
fn an_upload_that_has_its_invocation_is_no_rival_of_a_later_one() {
    let case = |first: i64| Case {
        uploads: vec![(-200, 1), (0, 1)],
        silent: vec![(first, Some(first + 1)), (2, Some(3))],
        listing: Some((10, -320)),
        log: vec![(-600, 20)],
        ..Case::default()
    };
    assert_eq!(case(-198).joins(), [(0, Some(0)), (1, Some(1))]);
    assert_eq!(case(-30).joins(), [], "the first invocation came late: the second one may be that upload's");
}
