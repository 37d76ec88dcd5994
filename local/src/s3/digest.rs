//! The five checksum algorithms of S3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{self, Checksum as _};
use s3s::{S3ErrorCode, dto};

use super::problem::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Sha1,
    Sha256,
    Crc64Nvme,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Sha1, Self::Sha256, Self::Crc64Nvme];

    /// The name in `x-amz-checksum-algorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Crc64Nvme => "CRC64NVME",
        }
    }

    /// The header, or trailing header, that carries a value.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
        }
    }

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The algorithm that a request names.
    pub(crate) fn asked(name: &str) -> Result<Self, Problem> {
        Self::by_name(name).ok_or_else(|| {
            let message = "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                           [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]";
            Problem::new(S3ErrorCode::InvalidRequest, message)
        })
    }

    pub(crate) fn by_header(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(header))
    }

    /// Bytes in a value of this algorithm.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Whether parts' checksums can be joined to that of the whole object, so that S3 allows `FULL_OBJECT`.
    pub(crate) fn can_be_full_object(self) -> bool {
        matches!(self, Self::Crc32 | Self::Crc32c | Self::Crc64Nvme)
    }

    /// A value's raw bytes, if it is one of this algorithm.
    pub(crate) fn decode(self, value: &str) -> Option<Vec<u8>> {
        BASE64.decode(value).ok().filter(|raw| raw.len() == self.length())
    }
}

/// Computes one checksum over data that comes in pieces.
pub(crate) struct Hasher {
    algorithm: Algorithm,
    inner: ChecksumHasher,
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let mut inner = ChecksumHasher::default();
        match algorithm {
            Algorithm::Crc32 => inner.crc32 = Some(crypto::Crc32::new()),
            Algorithm::Crc32c => inner.crc32c = Some(crypto::Crc32c::new()),
            Algorithm::Sha1 => inner.sha1 = Some(crypto::Sha1::new()),
            Algorithm::Sha256 => inner.sha256 = Some(crypto::Sha256::new()),
            Algorithm::Crc64Nvme => inner.crc64nvme = Some(crypto::Crc64Nvme::new()),
        }
        Self { algorithm, inner }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    pub(crate) fn finish(self) -> Checksum {
        let all = self.inner.finalize();
        let value = all
            .checksum_crc32
            .or(all.checksum_crc32c)
            .or(all.checksum_sha1)
            .or(all.checksum_sha256)
            .or(all.checksum_crc64nvme)
            .unwrap_or_default();
        Checksum { algorithm: self.algorithm, value, composite: false }
    }
}

/// A checksum as S3 keeps it with an object or a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    /// Base64; for a composite one with `-PARTS` at its end.
    pub(crate) value: String,
    /// Whether this is the checksum of the parts' checksums.
    pub(crate) composite: bool,
}

impl Checksum {
    /// The value, where the algorithm is the one asked for.
    pub(crate) fn of(&self, algorithm: Algorithm) -> Option<String> {
        (self.algorithm == algorithm).then(|| self.value.clone())
    }

    pub(crate) fn kind(&self) -> dto::ChecksumType {
        let kind = if self.composite { dto::ChecksumType::COMPOSITE } else { dto::ChecksumType::FULL_OBJECT };
        dto::ChecksumType::from_static(kind)
    }
}

/// An output of `s3s`, with the members that it has for a checksum of each algorithm.
macro_rules! with_checksum {
    ($checksum:expr, $output:ident { $($rest:tt)* }) => {
        $output {
            checksum_crc32: $checksum.of($crate::s3::digest::Algorithm::Crc32),
            checksum_crc32c: $checksum.of($crate::s3::digest::Algorithm::Crc32c),
            checksum_crc64nvme: $checksum.of($crate::s3::digest::Algorithm::Crc64Nvme),
            checksum_sha1: $checksum.of($crate::s3::digest::Algorithm::Sha1),
            checksum_sha256: $checksum.of($crate::s3::digest::Algorithm::Sha256),
            $($rest)*
        }
    };
}
pub(super) use with_checksum;
