//! Operations on log streams.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Logs;
use super::error::{bad_token, constraint, invalid, no_stream, page_size};
use super::groups;
use super::store::Stream;
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_group_name: String,
    log_stream_name: String,
}

pub(crate) fn create(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: Named = call.input()?;
    let name = input.log_stream_name;
    if name.len() > 512 {
        return Err(invalid("Invalid LogGroup or LogStream, both must have length less than or equal to 512."));
    }
    if name.is_empty() || name.contains([':', '*']) {
        return Err(constraint(name, "logStreamName", "satisfy regular expression pattern: [^:*]*"));
    }
    let group = logs.find(&input.log_group_name)?;
    if group.lock().add_stream(&name, logs.env.now().as_millisecond()) {
        return Ok(Value::Null);
    }
    Err(ApiError::bad_request("ResourceAlreadyExistsException", "The specified log stream already exists"))
}

pub(crate) fn delete(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: Named = call.input()?;
    let group = logs.find(&input.log_group_name)?;
    let removed = group.lock().remove_stream(&input.log_stream_name);
    if removed { Ok(Value::Null) } else { Err(no_stream()) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    /// The [`token`] of the page before.
    next_token: Option<String>,
    limit: Option<i64>,
}

/// The order of streams: the time of the last event, which is 0 where the order is by name, and the name.
type Rank<'a> = (i64, &'a str);

/// A token holds the rank of the last stream of the page before.
fn token(rank: Rank<'_>) -> String {
    format!("{}/{}", rank.0, rank.1)
}

pub(crate) fn describe(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: DescribeInput = call.input()?;
    let group =
        groups::by_name_or_identifier(logs, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let most = page_size(input.limit, 50, 50)?;
    let by_time = match input.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(other) => {
            return Err(constraint(other, "orderBy", "satisfy enum value set: [LogStreamName, LastEventTime]"));
        }
    };
    if by_time && input.log_stream_name_prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let after: Option<Rank<'_>> = match &input.next_token {
        None => None,
        Some(token) => {
            let (time, name) = token.split_once('/').ok_or_else(bad_token)?;
            Some((time.parse().map_err(|_| bad_token())?, name))
        }
    };
    let contents = group.lock();
    let time = |stream: &Stream| if by_time { stream.span().map_or(0, |(_, last)| last) } else { 0 };
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    let mut found: Vec<(Rank<'_>, &Stream)> = contents
        .streams
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, stream)| ((time(stream), &**name), stream))
        .collect();
    found.sort_unstable_by(|(one, _), (other, _)| if input.descending { other.cmp(one) } else { one.cmp(other) });
    let rest = found
        .into_iter()
        .filter(|(rank, _)| after.is_none_or(|after| if input.descending { *rank < after } else { *rank > after }));
    let mut rest = rest.peekable();
    let page: Vec<_> = rest.by_ref().take(most).collect();
    let arn = groups::arn(logs, &group.name);
    let rendered: Vec<_> = page.iter().map(|((_, name), stream)| render(&arn, name, stream)).collect();
    let mut output = json!({"logStreams": rendered});
    if rest.peek().is_some() {
        output["nextToken"] = json!(page.last().map(|(rank, _)| token(*rank)));
    }
    Ok(output)
}

fn render(group_arn: &str, name: &str, stream: &Stream) -> Value {
    let mut output = json!({
        "arn": format!("{group_arn}:log-stream:{name}"),
        "creationTime": stream.created,
        "logStreamName": name,
        // AWS has answered zero since 2019.
        "storedBytes": 0,
    });
    if let Some((first, last)) = stream.span() {
        output["firstEventTimestamp"] = json!(first);
        output["lastEventTimestamp"] = json!(last);
    }
    if let Some(ingested) = stream.last_ingested {
        output["lastIngestionTime"] = json!(ingested);
        output["uploadSequenceToken"] = json!(super::put::SEQUENCE_TOKEN);
    }
    output
}
