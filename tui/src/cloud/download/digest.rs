//! The CRC-32 of what has come, compared with S3's. The SDK compares single answers; a download may be made of several, and
//! of an object that was uploaded in parts the SDK compares nothing. It sends no request.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc32fast::Hasher;

/// Bytes of a part, as this program and the AWS CLI send them.
const PART: u64 = 8 * 1024 * 1024;

/// What the digest says of all that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is what S3 has, or S3 has nothing to compare with.
    Same,
    /// It is something else.
    Damaged,
    /// It is something else if the object was uploaded in parts of so many bytes.
    Doubtful(u64),
}

#[derive(Debug, Default)]
pub(super) struct Digest {
    /// As S3 says; with the number of parts behind, it is one of the parts' sums.
    expected: Option<String>,
    whole: Hasher,
    part: Hasher,
    /// Bytes of the part that is not whole yet.
    in_part: u64,
    sums: Vec<u8>,
}

impl Digest {
    /// Of what an answer begins, which has the object from its first byte.
    pub(super) fn of(answer: &GetObjectOutput) -> Self {
        Self { expected: answer.checksum_crc32().map(str::to_owned), ..Self::default() }
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        while !bytes.is_empty() {
            let room = usize::try_from(PART - self.in_part).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.part.update(now);
            self.in_part += now.len() as u64;
            if self.in_part == PART {
                self.end_part();
            }
            bytes = later;
        }
    }

    fn end_part(&mut self) {
        self.sums.extend(std::mem::take(&mut self.part).finalize().to_be_bytes());
        self.in_part = 0;
    }

    pub(super) fn verdict(mut self) -> Verdict {
        let Some(expected) = self.expected.take() else { return Verdict::Same };
        let Some((sum, parts)) = expected.split_once('-') else {
            let whole = STANDARD.encode(self.whole.finalize().to_be_bytes());
            return if whole == expected { Verdict::Same } else { Verdict::Damaged };
        };
        if self.in_part > 0 {
            self.end_part();
        }
        let is_same = STANDARD.encode(crc32fast::hash(&self.sums).to_be_bytes()) == sum
            && parts.parse() == Ok(self.sums.len() / 4);
        if is_same { Verdict::Same } else { Verdict::Doubtful(PART) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(expected: Option<String>, pieces: &[&[u8]]) -> Verdict {
        let mut digest = Digest { expected, ..Digest::default() };
        for piece in pieces {
            digest.add(piece);
        }
        digest.verdict()
    }

    fn sum(bytes: &[u8]) -> [u8; 4] {
        crc32fast::hash(bytes).to_be_bytes()
    }

    #[test]
    fn what_came_in_pieces_is_compared_as_one() {
        let whole = Some(STANDARD.encode(sum(b"a cat")));
        assert_eq!(verdict(whole.clone(), &[b"a ", b"cat"]), Verdict::Same);
        assert_eq!(verdict(whole, &[b"a ", b"cap"]), Verdict::Damaged);
        assert_eq!(verdict(None, &[b"a cap"]), Verdict::Same, "there is nothing to compare with");
    }

    #[test]
    fn parts_are_compared_by_the_sum_of_their_sums() {
        let content = vec![7; usize::try_from(PART).unwrap() + 3];
        let (first, second) = content.split_at(usize::try_from(PART).unwrap());
        let sums = STANDARD.encode(sum(&[sum(first), sum(second)].concat()));
        assert_eq!(verdict(Some(format!("{sums}-2")), &[&content[..9], &content[9..]]), Verdict::Same);
        assert_eq!(verdict(Some(format!("{sums}-2")), &[first]), Verdict::Doubtful(PART), "it is cut short");
        assert_eq!(verdict(Some(format!("{sums}-3")), &[&content]), Verdict::Doubtful(PART), "in other parts");
    }
}
