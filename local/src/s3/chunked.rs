//! The `aws-chunked` content encoding: chunks with optional signatures, then optional trailing headers.
//!
//! Signatures are not checked.

use bytes::{Buf, Bytes, BytesMut};

/// The longest chunk header or trailer line.
const MAX_LINE: usize = 8 * 1024;

/// Why a body is not `aws-chunked`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the size of a chunk is not a hexadecimal number")]
    Size,
    #[error("a chunk does not end where its size says")]
    End,
    #[error("a line is too long")]
    Line,
    #[error("a trailing header has no value")]
    Trailer,
    #[error("the body ends before its last chunk")]
    Truncated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expecting {
    ChunkHeader,
    Data(u64),
    DataEnd,
    Trailers,
}

/// Decodes bytes in pieces of any size to the object's bytes and the trailing headers.
#[derive(Debug)]
pub(crate) struct Decoder {
    expecting: Expecting,
    buffer: BytesMut,
    trailers: Vec<(String, String)>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { expecting: Expecting::ChunkHeader, buffer: BytesMut::new(), trailers: Vec::new() }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next piece of the object, or `None` when more bytes are needed.
    pub(crate) fn next_data(&mut self) -> Result<Option<Bytes>, Malformed> {
        loop {
            match self.expecting {
                Expecting::ChunkHeader => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    let size = line.split(';').next().unwrap_or_default().trim();
                    let size = u64::from_str_radix(size, 16).map_err(|_| Malformed::Size)?;
                    self.expecting = if size == 0 { Expecting::Trailers } else { Expecting::Data(size) };
                }
                Expecting::Data(left) => {
                    if self.buffer.is_empty() {
                        return Ok(None);
                    }
                    let take = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
                    let left = left - take as u64;
                    self.expecting = if left == 0 { Expecting::DataEnd } else { Expecting::Data(left) };
                    return Ok(Some(self.buffer.split_to(take).freeze()));
                }
                Expecting::DataEnd => {
                    if self.buffer.len() < 2 {
                        return Ok(None);
                    }
                    if !self.buffer.starts_with(b"\r\n") {
                        return Err(Malformed::End);
                    }
                    self.buffer.advance(2);
                    self.expecting = Expecting::ChunkHeader;
                }
                Expecting::Trailers => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    self.trailer(&line)?;
                }
            }
        }
    }

    /// The trailing headers, at the end of the body.
    /// Errors: the last chunk never came.
    pub(crate) fn finish(mut self) -> Result<Vec<(String, String)>, Malformed> {
        if self.expecting != Expecting::Trailers {
            return Err(Malformed::Truncated);
        }
        // The last line may lack its line end: clients differ in how many of them close the body.
        let rest = String::from_utf8_lossy(&self.buffer).into_owned();
        self.trailer(rest.trim())?;
        Ok(self.trailers)
    }

    fn trailer(&mut self, line: &str) -> Result<(), Malformed> {
        if line.is_empty() {
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or(Malformed::Trailer)?;
        self.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        Ok(())
    }

    /// One line without its end, or `None` while it is incomplete.
    fn line(&mut self) -> Result<Option<String>, Malformed> {
        let Some(end) = self.buffer.iter().take(MAX_LINE).position(|byte| *byte == b'\n') else {
            return if self.buffer.len() >= MAX_LINE { Err(Malformed::Line) } else { Ok(None) };
        };
        let line = self.buffer.split_to(end + 1);
        Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Decoded = (Vec<u8>, Vec<(String, String)>);

    fn decode(wire: &[u8], piece: usize) -> Result<Decoded, Malformed> {
        let mut decoder = Decoder::new();
        let mut data = Vec::new();
        for bytes in wire.chunks(piece) {
            decoder.push(bytes);
            while let Some(piece) = decoder.next_data()? {
                data.extend_from_slice(&piece);
            }
        }
        Ok((data, decoder.finish()?))
    }

    #[test]
    fn any_split_of_the_wire_gives_the_same_object() {
        let wire = b"5;chunk-signature=ab\r\nhello\r\n1;chunk-signature=cd\r\n\n\r\n0;chunk-signature=ef\r\n\
                     x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:99\r\n\r\n";
        for piece in 1..wire.len() {
            let (data, trailers) = decode(wire, piece).unwrap();
            assert_eq!(data, b"hello\n", "pieces of {piece}");
            assert_eq!(trailers[0], ("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned()));
        }
    }

    #[test]
    fn unsigned_chunks_and_an_empty_object_decode() {
        assert_eq!(decode(b"2\r\nhi\r\n0\r\nA: b\r\n\r\n", 3).unwrap().0, b"hi");
        assert_eq!(decode(b"0;chunk-signature=ab\r\n\r\n", 100).unwrap(), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_is_not_aws_chunked_is_refused() {
        assert_eq!(decode(b"hello world\r\n", 100), Err(Malformed::Size));
        assert_eq!(decode(b"2\r\nhiXX0\r\n\r\n", 100), Err(Malformed::End));
        assert_eq!(decode(b"5\r\nhel", 100), Err(Malformed::Truncated));
        assert_eq!(decode(b"2\r\nhi\r\n", 100), Err(Malformed::Truncated));
        assert_eq!(decode(&[b'1'; MAX_LINE], 100), Err(Malformed::Line));
        assert_eq!(decode(b"0\r\nno colon here\r\n\r\n", 100), Err(Malformed::Trailer));
    }
}
