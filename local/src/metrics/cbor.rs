//! Reads a request's body in CBOR, as the same tree that a body in JSON has.

use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use serde_json::{Map, Value};

/// How deep lists and maps may be nested: no operation needs more, and each level takes stack.
const DEPTH: usize = 16;

/// A timestamp becomes its seconds since 1970.
pub(super) fn read(body: &[u8]) -> Result<Value, DeserializeError> {
    value(&mut Decoder::new(body), DEPTH)
}

fn value(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, DeserializeError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(DeserializeError::custom("the lists and maps are nested too deep", decoder.position()));
    };
    Ok(match decoder.datatype()? {
        Type::Bool => decoder.boolean()?.into(),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            decoder.long()?.into()
        }
        Type::F16 | Type::F32 | Type::F64 => decoder.double()?.into(),
        Type::String | Type::StringIndef => decoder.string()?.into(),
        Type::Tag => decoder.timestamp()?.as_secs_f64().into(),
        Type::Array | Type::ArrayIndef => {
            let (length, mut list) = (decoder.list()?, Vec::new());
            entries(decoder, length, |decoder| {
                list.push(value(decoder, depth)?);
                Ok(())
            })?;
            list.into()
        }
        Type::Map | Type::MapIndef => {
            let (length, mut map) = (decoder.map()?, Map::new());
            entries(decoder, length, |decoder| {
                let name = decoder.str()?.into_owned();
                map.insert(name, value(decoder, depth)?);
                Ok(())
            })?;
            map.into()
        }
        // No operation takes bytes; null and undefined mean the same.
        _ => {
            decoder.skip()?;
            Value::Null
        }
    })
}

/// Reads `length` entries, or all up to the break that ends them.
fn entries<'b>(
    decoder: &mut Decoder<'b>,
    length: Option<u64>,
    mut entry: impl FnMut(&mut Decoder<'b>) -> Result<(), DeserializeError>,
) -> Result<(), DeserializeError> {
    match length {
        Some(length) => (0..length).try_for_each(|_| entry(decoder)),
        None => {
            while decoder.datatype()? != Type::Break {
                entry(decoder)?;
            }
            decoder.skip()
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_cbor::Encoder;
    use aws_smithy_types::DateTime;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_has_the_tree_of_its_json() {
        let mut encoder = Encoder::new(Vec::new());
        encoder.map(4).str("Period").integer(60).str("StartTime").timestamp(&DateTime::from_secs(1_700_000_000));
        encoder.str("Statistics").begin_array().str("Sum").end().str("Unit").null();
        let read = read(&encoder.into_writer()).unwrap();
        let json = json!({"Period": 60, "StartTime": 1_700_000_000.0, "Statistics": ["Sum"], "Unit": null});
        assert_eq!(read, json);
    }

    #[test]
    fn what_is_cut_off_or_nested_too_deep_is_refused() {
        assert!(read(&[]).is_err());
        assert!(read(&[0xa1, 0x61]).is_err(), "a map whose name is cut off");
        assert!(read(&[0x9f, 0x01]).is_err(), "a list without its end");
        assert!(read(&vec![0x81; 60_000]).is_err(), "lists within lists");
    }
}
