//! Functions that others wrote, in Python with AWS's own runtime client: what `imgwatch` makes of what they log.
//!
//! `.ci/functions` installs the client and runs these tests; `IMGWATCH_PYTHON` names the interpreter that has it.

#![cfg(all(unix, feature = "local"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../pipeline/program.rs"]
#[allow(dead_code, reason = "only a part of it is used here")]
mod program;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use program::Server;

/// A local cloud whose function is of this kind.
struct Kind {
    server: Server,
    folder: tempfile::TempDir,
}

impl Kind {
    fn start(kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let python = std::env::var("IMGWATCH_PYTHON").unwrap_or_else(|_| panic!("run this by .ci/functions"));
        let bootstrap = folder.path().join("bootstrap");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions");
        let text = format!("#!/bin/sh\nexport PYTHONPATH='{source}' PYTHONDONTWRITEBYTECODE=1\nexec '{python}' -m awslambdaric kinds.handler\n");
        std::fs::write(&bootstrap, text).unwrap();
        std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
        let (program, variable) = (bootstrap.to_str().unwrap(), format!("KIND={kind}"));
        let retries = ["--retry-delays", "50ms,50ms"];
        let server = Server::start(&[&["--handler", program, "--handler-env", &variable], &retries[..]].concat());
        Self { server, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, format!("content of {name}")).unwrap();
        path
    }
}
