//! `imgwatch download` as it is typed.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::terminal::exit::Exit;

const DOWNLOAD_HELP: &str = "\
PATH is a file, or a directory; in a directory the file is named after the last
part of the key. The download is written to `.imgwatch-....part` beside it and
renamed when it is complete. An interrupted connection is reopened, and the
download resumes where it stopped. Needs the permission s3:GetObject,
or with --version-id s3:GetObjectVersion.

With --json, one object is printed:
  key, size, etag
  file           The path of the file

{EXIT_CODES}
The whole object was written, or the reader of `-` closed the pipe: 0. After any
other code no partial file is left. An existing file is a failure.

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
    /// Destination; `-` is standard output [default: the last part of the key, in this directory]
    pub path: Option<PathBuf>,
    /// Version of the object; `null` is the version written without versioning [default: the current version]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub version_id: Option<String>,
    /// Overwrite an existing file
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
