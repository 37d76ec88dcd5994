//! A stable 128-bit fingerprint (FNV-1a) of a few strings.
//!
//! It names things and finds repetitions. It is not cryptographic and must not guard anything: who can write to the
//! bucket could, with effort, make two of his own writes share one fingerprint.

/// FNV's starting value for 128 bits.
const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
/// FNV's multiplier for 128 bits.
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// 32 lower-case hexadecimal digits for these parts in this order.
///
/// Every part is preceded by its length, so that `["ab", "c"]` and `["a", "bc"]` differ.
pub(crate) fn of(parts: &[&str]) -> String {
    let mut hash = OFFSET_BASIS;
    for part in parts {
        let length = (part.len() as u64).to_be_bytes();
        for byte in length.iter().chain(part.as_bytes()) {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
    }
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned: an id that changes between two versions of the handler would notify subscribers of one write twice.
    #[test]
    fn stays_the_same_between_versions() {
        assert_eq!(of(&[]), "6c62272e07bb014262b821756295c58d");
        assert_eq!(of(&["images", "cat.png"]), "a381ef954977d2d6114e636f2a4c0315");
    }

    #[test]
    fn depends_on_where_a_part_ends() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
    }
}
