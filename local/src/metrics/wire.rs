//! CBOR for one operation: the parameters of `GetMetricStatistics`, and its datapoints.

use std::collections::BTreeMap;

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

/// The parameters; times in seconds.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    pub(super) namespace: String,
    pub(super) metric: String,
    pub(super) dimensions: Vec<(String, String)>,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) period: i64,
    /// Such as `Sum` and `Average`.
    pub(super) wanted: Vec<String>,
}

pub(super) fn read(body: &[u8]) -> Result<Statistics, DeserializeError> {
    let mut asked = Statistics::default();
    map(&mut Decoder::new(body), &mut |name, decoder| {
        match name {
            "Namespace" => asked.namespace = decoder.string()?,
            "MetricName" => asked.metric = decoder.string()?,
            "StartTime" => asked.start = decoder.timestamp()?.secs(),
            "EndTime" => asked.end = decoder.timestamp()?.secs(),
            "Period" => asked.period = decoder.long()?,
            "Statistics" => list(decoder, &mut |decoder| {
                asked.wanted.push(decoder.string()?);
                Ok(())
            })?,
            "Dimensions" => list(decoder, &mut |decoder| {
                let mut dimension = (String::new(), String::new());
                map(decoder, &mut |name, decoder| {
                    match name {
                        "Name" => dimension.0 = decoder.string()?,
                        "Value" => dimension.1 = decoder.string()?,
                        _ => decoder.skip()?,
                    }
                    Ok(())
                })?;
                asked.dimensions.push(dimension);
                Ok(())
            })?,
            _ => decoder.skip()?,
        }
        Ok(())
    })?;
    Ok(asked)
}

type Member<'a> = &'a mut dyn FnMut(&str, &mut Decoder<'_>) -> Result<(), DeserializeError>;
type Item<'a> = &'a mut dyn FnMut(&mut Decoder<'_>) -> Result<(), DeserializeError>;

fn map(decoder: &mut Decoder<'_>, member: Member<'_>) -> Result<(), DeserializeError> {
    let len = decoder.map()?;
    entries(decoder, len, &mut |decoder| {
        let name = decoder.str()?.into_owned();
        member(&name, decoder)
    })
}

fn list(decoder: &mut Decoder<'_>, item: Item<'_>) -> Result<(), DeserializeError> {
    let len = decoder.list()?;
    entries(decoder, len, item)
}

/// `len` entries, or all up to the break that ends them.
fn entries(decoder: &mut Decoder<'_>, len: Option<u64>, entry: Item<'_>) -> Result<(), DeserializeError> {
    match len {
        Some(len) => (0..len).try_for_each(|_| entry(decoder)),
        None => {
            while decoder.datatype()? != Type::Break {
                entry(decoder)?;
            }
            decoder.skip()
        }
    }
}

pub(super) fn write(metric: &str, values: &BTreeMap<i64, u64>, statistic: &str, unit: &str) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(2).str("Label").str(metric).str("Datapoints").array(values.len());
    for (at, value) in values {
        let value = f64::from(u32::try_from(*value).unwrap_or(u32::MAX));
        encoder.map(3);
        encoder.str("Timestamp").timestamp(&DateTime::from_secs(*at));
        encoder.str(statistic).double(value);
        encoder.str("Unit").str(unit);
    }
    encoder.into_writer()
}

pub(super) fn answer(body: Vec<u8>, request_id: &str) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
