//! `imgwatch download`: reads an object into a file, or to standard output.

use std::path::PathBuf;

use serde::Serialize;

use super::failure::Failure;
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, DownloadArgs};
use crate::config::Feeds;
use crate::domain::ids::DownloadId;
use crate::domain::transfer::{Destination, Download, DownloadNews};
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;
use crate::text::size;

const DOWNLOAD: DownloadId = DownloadId(1);

pub(crate) async fn run(cli: &Cli, args: &DownloadArgs) -> Result<Exit, Failure> {
    Session::hold(cli, Feeds::default(), async |session| download(session, args).await).await
}

async fn download(session: &mut Session, args: &DownloadArgs) -> Result<Exit, Failure> {
    let to = match &args.path {
        _ if args.is_printed() => Destination::Stdout,
        Some(path) => Destination::Path(path.clone()),
        // In this directory, under the object's own name.
        None => Destination::Path(PathBuf::from(".")),
    };
    let key = Clean::new(&args.key);
    let version_id = args.version_id.as_deref().map(Clean::new);
    let download = Download { key: key.clone(), version_id, e_tag: None, to, replace: args.force };
    session.perform(CloudEffect::Download { id: DOWNLOAD, download });
    loop {
        let Update::Download(DOWNLOAD, news) = session.next().await? else { continue };
        match news {
            DownloadNews::Began { .. } => {}
            DownloadNews::Done { to, size, e_tag } => {
                if !args.is_printed() {
                    output::write(&said(&key, &to, size, e_tag.as_ref(), args.json)?).await?;
                }
                return Ok(Exit::Proven);
            }
            DownloadNews::Exists { to } => {
                let what = format!("cannot download {}: there is a file {}", args.key, to.raw());
                return Err(Failure::new(what, "name another one, or overwrite it with --force"));
            }
            DownloadNews::Failed(problem) => return Err(problem.into()),
            // Only a reader who has enough stops it: Ctrl-C ends the command itself.
            DownloadNews::Cancelled => return Ok(Exit::Proven),
        }
    }
}

/// One download in JSON; key and path are the originals.
#[derive(Serialize)]
struct DownloadRow<'a> {
    key: &'a str,
    size: u64,
    etag: Option<&'a str>,
    file: &'a str,
}

fn said(key: &Clean, to: &Clean, size: u64, e_tag: Option<&Clean>, as_json: bool) -> Result<String, Failure> {
    if as_json {
        return json::line(&DownloadRow { key: key.raw(), size, etag: e_tag.map(Clean::raw), file: to.raw() });
    }
    Ok(format!("downloaded {key} ({}) to {to}\n", size::bytes(size)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;

    #[test]
    fn the_contract_holds() {
        let (key, file) = (Clean::new("photos/cat.png"), Clean::new("./cat.png"));
        let printed =
            [Some(Clean::new("9b2c")), None].map(|e_tag| said(&key, &file, 1_234, e_tag.as_ref(), true).unwrap());
        contract::check("download", &contract::lines(&printed.concat()));
    }
}
