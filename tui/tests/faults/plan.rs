//! What happens in one run: what is sent, and what goes wrong. A seed decides all of it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Numbers that a seed decides (splitmix64).
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// What goes wrong with a request. Places are parts of a thousand of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is closed before anything is read.
    Refuse,
    /// So much of the request goes on, and the connection breaks off.
    CutRequest(usize),
    /// A byte of the request's body is another one.
    CorruptRequest(usize),
    /// The request is taken, and nothing follows.
    Stall,
    /// This status is answered, and the request does not go on.
    Status(u16),
    /// The request is served, and the connection is closed without its answer.
    DropAnswer,
    /// The request is served, and this status is answered in its place.
    ReplaceAnswer(u16),
    /// The request is served, and its answer does not come.
    StallAnswer,
    /// The answer comes later by so many milliseconds.
    Delay(u64),
    /// The request is taken, or the answer is sent, in ten pieces that take longer together than nothing may move.
    SlowRequest,
    SlowAnswer,
    /// So much of the answer's body comes, and the connection breaks off.
    CutAnswer(usize),
    /// So much of it comes, and nothing more.
    StallAnswerAt(usize),
    /// So much of it comes, and the length says that it is all.
    Truncate(usize),
    /// A byte of the answer's body is another one.
    Corrupt(usize),
    /// A byte of the answer's body is another one, and the connection breaks off in the middle.
    CorruptAndCut(usize),
    /// The request is served, and something is answered that is none of AWS's.
    Garbage,
    /// The same, and the request does not go on: a network that wants its users to sign in.
    Portal,
}

impl Fault {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refused connection",
            Self::CutRequest(_) => "request cut",
            Self::CorruptRequest(_) => "request corrupted",
            Self::Stall => "request stalled",
            Self::Status(_) => "refused with 5xx",
            Self::DropAnswer => "answer dropped",
            Self::ReplaceAnswer(_) => "answer replaced by 5xx",
            Self::StallAnswer => "answer stalled",
            Self::Delay(_) => "answer delayed",
            Self::SlowRequest => "request slow",
            Self::SlowAnswer => "answer slow",
            Self::CutAnswer(_) => "answer cut",
            Self::StallAnswerAt(_) => "answer stalled midway",
            Self::Truncate(_) => "answer truncated, well framed",
            Self::Corrupt(_) => "answer corrupted",
            Self::CorruptAndCut(_) => "answer corrupted and cut",
            Self::Garbage => "answer garbage",
            Self::Portal => "captive portal",
        }
    }

    pub(super) fn stalls(self) -> bool {
        matches!(self, Self::Stall | Self::StallAnswer | Self::StallAnswerAt(_))
    }

    fn any(numbers: &mut Numbers) -> Self {
        let (place, status) = (numbers.below(1_000), numbers.one(&[500, 503]));
        numbers.one(&[
            Self::Refuse,
            Self::CutRequest(place),
            Self::CorruptRequest(place),
            Self::Stall,
            Self::Status(status),
            Self::DropAnswer,
            Self::ReplaceAnswer(status),
            Self::StallAnswer,
            Self::Delay(50 + place as u64),
            Self::SlowRequest,
            Self::SlowAnswer,
            Self::CutAnswer(place),
            Self::StallAnswerAt(place),
            Self::Truncate(place),
            Self::Corrupt(place),
            Self::CorruptAndCut(place / 2),
            Self::Garbage,
            Self::Portal,
        ])
    }
}

/// Which requests a fault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    Put,
    Create,
    Part,
    Complete,
    Abort,
    Head,
    Get,
    Sns,
    Logs,
    Sts,
}

/// One fault, for so many tries of each request that it is for, after so many others of its tries. The program sends many
/// requests at once: nothing depends on which of them comes first, so that a seed replays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) target: Target,
    /// It is for one of so many requests, and these numbers say for which.
    pub(super) one_of: u64,
    pub(super) salt: u64,
    pub(super) after: usize,
    pub(super) times: usize,
    pub(super) fault: Fault,
}

impl Rule {
    /// Whether it is for a request.
    pub(super) fn is_for(&self, target: Target, request: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        request.hash(&mut hasher);
        let number = Numbers::new(self.salt ^ hasher.finish()).next();
        (self.target == Target::Any || self.target == target) && number.is_multiple_of(self.one_of)
    }
}

/// What the program is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// Files of these sizes.
    Upload { sizes: Vec<usize>, no_overwrite: bool, is_there: bool, wait: bool },
    /// An object of this size.
    Download { size: usize },
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) job: Job,
    pub(super) rules: Vec<Rule>,
}

/// Above the limit of a single request.
pub(super) const LARGE: usize = 16 * 1024 * 1024 + 4_321;

impl Plan {
    pub(super) fn of(seed: u64) -> Self {
        let mut numbers = Numbers::new(seed);
        let small = [0, 1, 3_000, 132_000, 400_000];
        let (job, targets): (Job, &[Target]) = match numbers.below(20) {
            0..8 => {
                let sizes = (0..=numbers.below(3)).map(|_| numbers.one(&small)).collect();
                (upload(sizes, &mut numbers), &[Target::Put, Target::Put, Target::Head, Target::Any])
            }
            8..11 => {
                let targets = &[
                    Target::Create,
                    Target::Part,
                    Target::Complete,
                    Target::Complete,
                    Target::Abort,
                    Target::Head,
                    Target::Any,
                ];
                (upload(vec![LARGE], &mut numbers), targets)
            }
            11..13 => {
                let job = Job::Upload { sizes: vec![3_000], no_overwrite: false, is_there: false, wait: true };
                (job, &[Target::Put, Target::Sns, Target::Logs, Target::Sts, Target::Any])
            }
            _ => {
                let size = numbers.one(&[0, 1, 3_000, 400_000, 3_000_000, LARGE]);
                (Job::Download { size }, &[Target::Get, Target::Get, Target::Get, Target::Any])
            }
        };
        let mut rule = || {
            let (target, others) = (numbers.one(targets), numbers.below(2) * numbers.below(3));
            let times = numbers.one(&[1, 1, 1, 2, 3, 4, usize::MAX]);
            // An object is asked for again to go on with it, and everything else only if it failed.
            let (after, one_of) = if target == Target::Get { (others, 1) } else { (0, others as u64 + 1) };
            Rule { target, one_of, salt: numbers.next(), after, times, fault: Fault::any(&mut numbers) }
        };
        let first = rule();
        let mut rules = vec![first];
        // What is asked in doubt, or what tidies up, may fail as well.
        let second = rule();
        if second.after == 2 || second.one_of == 3 || matches!(second.target, Target::Head | Target::Abort) {
            rules.push(second);
        }
        Self { seed, job, rules }
    }
}

fn upload(sizes: Vec<usize>, numbers: &mut Numbers) -> Job {
    let (no_overwrite, is_there) = (numbers.below(2) == 0, numbers.below(4) == 0);
    Job::Upload { sizes, no_overwrite, is_there, wait: false }
}

/// The bytes of a file: no two are alike.
pub(super) fn content(seed: u64, file: usize, size: usize) -> Vec<u8> {
    let mut numbers = Numbers::new(seed ^ (file as u64 + 1) << 40);
    let block: Vec<u8> = (0..512).flat_map(|_| numbers.next().to_le_bytes()).collect();
    (0_u32..)
        .flat_map(|n| {
            let mut b = block.clone();
            b[..4].copy_from_slice(&n.to_le_bytes());
            b
        })
        .take(size)
        .collect()
}
