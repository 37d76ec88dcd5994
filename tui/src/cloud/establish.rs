//! From settings to a connection: credentials, one SDK configuration, and the names that the wiring gives.
//!
//! AWS and an endpoint differ here and nowhere else. A service is asked here only for a name that nothing else has; what
//! it refuses stops only what needs it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use tokio::sync::{Mutex, Notify, OnceCell, watch};

use super::connection::back_off::BackOff;
use super::connection::changes::Changes;
use super::connection::clients::{self, Cloud};
use super::connection::credentials::{self, CredentialsCache};
use super::connection::profiles::Profiles;
use super::connection::{Connection, bucket_region, endpoint, http, idle, sdk};
use super::subscriptions::inbox;
use super::upload::leftovers;
use super::wiring::{self, Reader, SearchScope};
use super::{follow, probe};
use crate::config::{Purpose, Settings, Target};
use crate::domain::problem::Problem;
use crate::domain::search::{Looked, Mark, Search};
use crate::domain::wiring::NodeKind;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Waits between attempts to connect, from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// The same where the user has to do something first.
const PATIENT: (Duration, Duration) = (Duration::from_secs(10), Duration::from_mins(1));

/// Connects, says so, and starts the feeds. Goes on trying, less often where that alone does not help.
pub(super) fn begin(connection: Arc<Connection>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(establish(connection))
}

async fn establish(connection: Arc<Connection>) {
    let (mut quick, mut patient) = (BackOff::new(BACK_OFF.0, BACK_OFF.1), BackOff::new(PATIENT.0, PATIENT.1));
    loop {
        // Armed before the attempt, so that no request is missed.
        let asked = connection.state.asked();
        let mut findings = Findings::default();
        let outcome = Box::pin(connect(&connection, &mut findings)).await;
        connection.set_credentials(findings.credentials, findings.renewal);
        for note in findings.notes {
            connection.send(Update::Notice(note)).await;
        }
        let problem = match outcome {
            Ok((cloud, reader)) => {
                let cloud = Arc::new(cloud);
                connection.send(Update::Connected { pipeline: cloud.pipeline(), inbox: cloud.inbox }).await;
                connection.state.ready(Arc::clone(&cloud));
                start_feeds(&connection, &cloud, reader);
                return;
            }
            Err(Unconnected::Problem(problem)) => {
                connection.send(Update::ConnectionFailed(problem.clone())).await;
                problem
            }
            Err(Unconnected::Nothing(search)) => {
                let problem = search.problem.clone();
                connection.send(Update::NothingFound(search)).await;
                problem.unwrap_or_else(|| wiring::missing(&connection.settings, &[]))
            }
        };
        let wait = if problem.is_transient() { quick.wait() } else { patient.wait() };
        if !problem.is_transient() {
            connection.state.failed(problem);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = asked => {
                quick.reset();
                patient.reset();
            }
        }
    }
}

/// Starts whatever is to be followed.
fn start_feeds(connection: &Arc<Connection>, cloud: &Arc<Cloud>, reader: Reader) {
    connection.spawn(wiring::keep_current(Arc::clone(connection), Arc::clone(cloud), reader));
    follow::start(connection, cloud);
    if cloud.endpoint.is_none() {
        connection.spawn(name_account(Arc::clone(connection), Arc::clone(cloud)));
    }
    if connection.feeds.delivery_status.is_some() && !cloud.changes.are_refused() {
        // A program that follows deliveries may have left a probe.
        connection.spawn(probe::tidy_up(Arc::clone(connection), Arc::clone(cloud)));
    }
    let purpose = connection.settings.purpose;
    if matches!(purpose, Purpose::Watch | Purpose::Upload | Purpose::Follow) && !cloud.changes.are_refused() {
        let (here, cloud) = (Arc::clone(connection), Arc::clone(cloud));
        connection.spawn(async move { leftovers::report(&here, &cloud).await });
    }
    if connection.feeds.inbox && cloud.inbox {
        connection.spawn(inbox::follow(Arc::clone(connection), Arc::clone(cloud)));
    }
}

/// The account of the credentials, so that production is recognised. Where STS does not say it, nothing else stops.
async fn name_account(connection: Arc<Connection>, cloud: Arc<Cloud>) {
    if let Ok(caller) = cloud.caller().await {
        connection.send(Update::Account(Clean::new(&caller.account))).await;
    }
}

/// Whether a profile ignores the endpoint of `AWS_ENDPOINT_URL`. Profiles that cannot be read ignore nothing: where they
/// are needed, that is an error of its own.
pub(crate) async fn ignores_endpoints(profile: Option<&str>) -> bool {
    Profiles::load(profile).await.is_ok_and(|profiles| sdk::ignores_endpoints(&profiles))
}

/// Why there is no connection.
#[derive(Debug)]
enum Unconnected {
    /// Something is in the way.
    Problem(Problem),
    /// Nothing says which pipeline is meant, and none was found.
    Nothing(Search),
}

/// What came to light on the way, whether it led to a connection or not.
#[derive(Debug, Default)]
struct Findings {
    /// Where the credentials are kept.
    credentials: Option<Arc<CredentialsCache>>,
    /// What renews them.
    renewal: Option<String>,
    /// What the user should know.
    notes: Vec<Clean>,
}

/// Resolves credentials and names.
async fn connect(connection: &Connection, findings: &mut Findings) -> Result<(Cloud, Reader), Unconnected> {
    let settings = &connection.settings;
    let mut search = settings.search();
    match Box::pin(attempt(connection, findings, &mut search.looked)).await {
        Ok(connected) => Ok(connected),
        // The dashboard then says what was looked for, and what else could be done.
        Err(problem) if settings.has_nothing() => {
            search.problem = problem;
            search.is_over = true;
            Err(Unconnected::Nothing(search))
        }
        // If the user named nothing, how to do that comes before anything else that is missing.
        Err(Some(problem))
            if settings.needs_a_name() && !problem.is_transient() && !problem.kind.is_about_credentials() =>
        {
            let Problem { what, why, .. } = problem;
            search.looked.push(Looked { place: what, outcome: why, mark: Mark::NotRead });
            Err(Unconnected::Problem(wiring::missing(settings, &search.looked)))
        }
        Err(Some(problem)) => Err(Unconnected::Problem(problem)),
        Err(None) => Err(Unconnected::Problem(wiring::missing(settings, &search.looked))),
    }
}

/// No problem where everything was read and nothing was found.
async fn attempt(
    connection: &Connection,
    findings: &mut Findings,
    looked: &mut Vec<Looked>,
) -> Result<(Cloud, Reader), Option<Problem>> {
    let settings = &connection.settings;
    let profile = settings.target.profile();
    let endpoint = match &settings.target {
        Target::Endpoint { .. } if settings.endpoint_is_of_variable && ignores_endpoints(profile).await => None,
        Target::Endpoint { url, .. } => Some(endpoint::parse(url)?),
        Target::Aws { .. } => None,
    };
    // A service that is not there at all is a clearer answer than credentials that it would not take.
    let mut local = match &endpoint {
        Some(endpoint) => endpoint::local_cloud(endpoint).await?,
        None => None,
    };
    // The local cloud takes any credentials: no session has to hold for it.
    let is_open = local.is_some() && profile.is_none();
    let profiles = if is_open { Profiles::default() } else { Profiles::load(profile).await? };
    profiles.check()?;
    let has_keys = std::env::var_os("AWS_ACCESS_KEY_ID").is_some();
    findings.renewal = credentials::renewal::advice(&profiles, has_keys);
    let bundle = profiles.value(profiles.selected(), "ca_bundle");
    let http = http::client(endpoint.as_ref(), profiles.chosen().is_some(), bundle)?;
    let http = idle::bounded(http, settings.idle_timeout.unwrap_or(idle::IDLE), connection.progress.clone());
    let region = sdk::region_of(settings.target.region(), &profiles, endpoint.is_some())?;
    let source = if is_open {
        credentials::CredentialsSource::Placeholders
    } else {
        credentials::CredentialsSource::new(&region, &profiles, endpoint.as_ref(), &http)
    };
    let cache = Arc::new(CredentialsCache::new(source));
    findings.credentials = Some(Arc::clone(&cache));
    let mut config = sdk::config(&region, &profiles, endpoint.as_ref(), http, &cache).await?;
    let endpoint = match (endpoint, config.endpoint_url()) {
        (None, Some(url)) => {
            let endpoint = endpoint::parse(url)?;
            local = endpoint::local_cloud(&endpoint).await?;
            Some(endpoint)
        }
        (endpoint, _) => endpoint,
    };
    credentials::check(&cache, &profiles).await?;
    let inbox = local.is_some();
    config = in_region(config, settings, local, region, endpoint.is_some(), &mut findings.notes).await;
    let s3 = clients::s3(&config, endpoint.is_some() || sdk::has_own_s3_endpoint(&config));
    let loopback = endpoint.as_ref().is_some_and(|endpoint| endpoint.loopback);
    let found = Box::pin(wiring::find(settings, &config, &s3, SearchScope { is_own: inbox, loopback }, looked)).await?;
    findings.notes.extend(found.notes);
    let target = match (&endpoint, profile) {
        (Some(endpoint), _) if inbox => format!("local {}", endpoint.authority),
        (Some(endpoint), Some(profile)) => format!("{profile} {}", endpoint.authority),
        (Some(endpoint), None) => endpoint.authority.clone(),
        (None, profile) => profile.unwrap_or_default().to_owned(),
    };
    let cloud = Cloud {
        s3_transfers: clients::patient(&s3),
        s3,
        sns: clients::sns(&config),
        logs: aws_sdk_cloudwatchlogs::Client::new(&config),
        bucket: found.wiring.name(NodeKind::Bucket).to_owned(),
        wiring: watch::Sender::new(Arc::new(found.wiring)),
        wiring_asked: Notify::new(),
        naming: Mutex::default(),
        loopback,
        endpoint: endpoint.map(|endpoint| endpoint.url),
        inbox,
        target,
        config,
        caller: OnceCell::new(),
        changes: Changes::new(settings.protection().read_only),
    };
    Ok((cloud, found.reader))
}

/// The configuration for the region that the local cloud names, or that the bucket is in.
async fn in_region(
    config: SdkConfig,
    settings: &Settings,
    local: Option<String>,
    region: Region,
    has_endpoint: bool,
    notes: &mut Vec<Clean>,
) -> SdkConfig {
    if settings.region_is_fixed {
        return config;
    }
    // The local cloud's ARNs name its own region, whatever region AWS is used in.
    let other = match (local, &settings.bucket) {
        (Some(own), _) => Region::new(own),
        (None, Some(bucket)) => {
            let s3 = clients::s3(&config, has_endpoint || sdk::has_own_s3_endpoint(&config));
            let Some(other) = bucket_region::region_of(&s3, bucket, &region).await else { return config };
            notes.push(Clean::new(&format!("bucket {bucket} is in {other}: going on there")));
            other
        }
        (None, None) => return config,
    };
    config.into_builder().region(other).build()
}
