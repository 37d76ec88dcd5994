//! `imgwatch download` as it is typed.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::terminal::exit::Exit;

const DOWNLOAD_HELP: &str = "\
PATH is a file, or a directory that takes the file under the name of the last
part of the key. The file gets its name once all of the object has come; until
then it is beside it as `.imgwatch-....part`. A connection that breaks off is
made anew, and goes on where it broke off. Needs the permission s3:GetObject,
or with --version-id s3:GetObjectVersion.

With --json, one object is printed:
  key, size, etag
  file           The path of the file

{EXIT_CODES}
All of the object was written, or the reader of `-` closed the pipe: 0. After
any other code no new file is left; a file that is there already is a failure.

Examples:
  imgwatch download photos/cat.png
  imgwatch download photos/cat.png ~/Pictures/
  imgwatch download photos/cat.png - | file -
  imgwatch download photos/cat.png before.png --version-id 3sL4kqtJlcpXroDTDmJ";

/// `imgwatch download`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain(DOWNLOAD_HELP))]
pub struct DownloadArgs {
    /// The object's key
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub key: String,
    /// Where to; `-` is standard output [default: the key's last part, in this directory]
    pub path: Option<PathBuf>,
    /// Which version of the object; `null` is the one that was written while the bucket kept none [default: the current one]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub version_id: Option<String>,
    /// Overwrite a file that is there
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl DownloadArgs {
    /// Whether the object itself is printed.
    pub(crate) fn is_printed(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }
}
