//! The documents agree with what they describe: keys, config files, links, dependencies and the steps of the checks.
//!
//! `docs/keys.md` is generated: `IMGWATCH_WRITE_DOCS=1 cargo test --workspace --test docs` writes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use imgwatch::config::file::Choice;
use imgwatch::keymap::action::Panel;
use imgwatch::keymap::{KEYMAP, PLACES, Scope, bind, names};
use imgwatch::terminal::exit::Exit;

const HEAD: &str = "\
# Keys

This page is generated from the program's table of keys. `?` shows the keys that are in effect, and `:` finds an action by its
name.

The config file, `~/.config/imgwatch/config.toml`, changes them. It has a table for each place, with the name of an action and the
key or the list of keys that replaces those below. An empty list removes all keys of an action; `:` still finds what panels
do.

```toml
[keys.panels]
upload = \"U\"
quit = [\"Q\", \"ctrl-q\"]

[keys.logs]
pause = \"f5\"
```

Write a key as this page shows it: a character, `space`, `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, `up`,
`down`, `left`, `right`, `home`, `end`, `pgup`, `pgdn`, `f1` to `f12`, with `ctrl-` or `alt-` before it. imgwatch refuses keys that
cannot work before the dashboard starts, and names the line and the correction: unknown names, a key with two actions, a key that
hides a key of another place, a letter where text is typed, and a place without a key to leave it. `imgwatch config` prints the
keys that differ from these.
";

/// Every scope with its heading, the panels' first.
fn sections() -> Vec<(Scope, String)> {
    let panels = Panel::ALL.map(|panel| (Scope::In(panel), format!("In {}", panel.title())));
    let places = PLACES.map(|(scope, title)| (scope, title.to_owned()));
    [(Scope::Panels, "In every panel".to_owned())].into_iter().chain(panels).chain(places).collect()
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (scope, title) in sections() {
        let scope_name = names::scope(scope);
        write!(page, "\n## {title}\n\n`[keys.{scope_name}]`\n\n| keys | action | name |\n|---|---|---|\n").unwrap();
        for binding in KEYMAP.iter().filter(|binding| binding.scope == scope) {
            let keys: Vec<String> = binding.usual().iter().map(|key| format!("`{key}`")).collect();
            let (help, name) = (binding.help.replace('|', "\\|"), names::action(binding.action));
            writeln!(page, "| {} | {help} | `{name}` |", keys.join(" ")).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_keys_is_the_table_of_keys() {
    let sections = sections();
    let missing: Vec<_> = KEYMAP.iter().filter(|row| !sections.iter().any(|(scope, _)| *scope == row.scope)).collect();
    assert!(missing.is_empty(), "the page has no place for {missing:?}");
    let path = top().join("docs/keys.md");
    if std::env::var_os("IMGWATCH_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "docs/keys.md is stale: IMGWATCH_WRITE_DOCS=1 cargo test --workspace --test docs");
}

/// The root of the workspace.
fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The documents that people read, by their paths from the root.
fn documents() -> Vec<PathBuf> {
    let pages = |folder: &'static str| {
        let names = std::fs::read_dir(top().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(move |name| Path::new(folder).join(name)).filter(|path| path.extension().is_some_and(|it| it == "md"))
    };
    ["", "docs", "docs/iam"].into_iter().flat_map(pages).collect()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(top().join(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// Its blocks of this language, which no other block contains.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    text.split(&format!("```{language}\n")).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn documents_have_the_table_of_exit_codes() {
    let mut table = "| exit code | meaning |\n|---|---|\n".to_owned();
    for exit in Exit::ALL {
        writeln!(table, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
    }
    for document in ["README.md", "docs/commands.md"] {
        let has_it = read(document).contains(&format!("\n\n{table}\n"));
        assert!(has_it, "{document} has another table of exit codes than\n{table}");
    }
}

#[test]
fn the_config_files_of_the_documents_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    for document in ["docs/keys.md", "docs/configuration.md"] {
        let text = read(document);
        let blocks = blocks(&text, "toml");
        assert!(!blocks.is_empty(), "{document} shows a config file");
        for block in blocks {
            let path = folder.path().join("config.toml");
            std::fs::write(&path, block).unwrap();
            let choice = Choice::read(Some(&path)).and_then(|choice| choice.choose(None)).expect(document);
            assert!(bind(&choice.keys).is_ok(), "{document}: {:?}", bind(&choice.keys));
        }
    }
}

/// As GitHub makes it from a heading of letters, digits, spaces and punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn the_links_between_the_documents_lead_somewhere() {
    let mut followed = 0;
    for document in documents() {
        let text = read(&document);
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            assert!(top().join(&target).exists(), "{}: there is no {link}", document.display());
            if !fragment.is_empty() {
                let page = read(&target);
                let headings = page.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#').trim()));
                assert!(anchors.any(|it| it == fragment), "{}: there is no {link}", document.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 20, "{followed} links were found");
}

#[test]
fn every_dependency_has_its_reason_in_the_architecture() {
    let architecture = read("ARCHITECTURE.md");
    let (_, reasons) = architecture.split_once("## Dependencies").unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let names = manifest["workspace"]["dependencies"].as_table().unwrap();
    let missing: Vec<&String> = names
        .keys()
        .filter(|name| !name.starts_with("imgwatch-"))
        // The second and later crates of a family stand as `-sns`.
        .filter(|name| {
            let short = name.strip_prefix("aws-sdk").or_else(|| name.strip_prefix("aws-smithy"));
            !reasons.contains(name.as_str()) && !short.is_some_and(|short| reasons.contains(&format!(", {short}")))
        })
        .collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not say what they are for: {missing:?}");
}

/// Of the AWS CLI and what it is made of: the variables that say how AWS is reached, by whom, and with what. From the AWS
/// CLI's guide and the settings of botocore 1.43.
const AWS_CLI: &str = "AWS_ACCESS_KEY_ID AWS_ACCOUNT_ID AWS_ACCOUNT_ID_ENDPOINT_MODE AWS_AUTH_SCHEME_PREFERENCE \
    AWS_BEARER_TOKEN_BEDROCK AWS_CA_BUNDLE AWS_CONFIG_FILE AWS_CONTAINER_AUTHORIZATION_TOKEN \
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI \
    AWS_CREDENTIAL_EXPIRATION AWS_CREDENTIAL_FILE AWS_CSM_ENABLED AWS_DATA_PATH AWS_DEFAULTS_MODE AWS_DEFAULT_OUTPUT \
    AWS_DEFAULT_PROFILE AWS_DEFAULT_REGION AWS_DISABLE_HOST_PREFIX_INJECTION AWS_DISABLE_REQUEST_COMPRESSION \
    AWS_EC2_METADATA_DISABLED AWS_EC2_METADATA_SERVICE_ENDPOINT AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE \
    AWS_EC2_METADATA_V1_DISABLED AWS_ENDPOINT_DISCOVERY_ENABLED AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_EXECUTION_ENV \
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_IMDS_USE_IPV6 AWS_LOGIN_CACHE_DIRECTORY AWS_MAX_ATTEMPTS \
    AWS_METADATA_SERVICE_NUM_ATTEMPTS AWS_METADATA_SERVICE_TIMEOUT AWS_PAGER AWS_PROFILE AWS_REGION \
    AWS_REQUEST_CHECKSUM_CALCULATION AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES AWS_RESPONSE_CHECKSUM_VALIDATION \
    AWS_RETRY_MODE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_S3_DISABLE_EXPRESS_SESSION_AUTH \
    AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS AWS_S3_USE_ARN_REGION AWS_S3_US_EAST_1_REGIONAL_ENDPOINT \
    AWS_SDK_UA_APP_ID AWS_SECRET_ACCESS_KEY AWS_SECURITY_TOKEN AWS_SESSION_TOKEN AWS_SHARED_CREDENTIALS_FILE \
    AWS_SIGV4A_SIGNING_REGION_SET AWS_STS_REGIONAL_ENDPOINTS AWS_USE_DUALSTACK_ENDPOINT AWS_USE_FIPS_ENDPOINT \
    AWS_WEB_IDENTITY_TOKEN_FILE BOTOCORE_TCP_KEEPALIVE BOTO_CONFIG HTTPS_PROXY HTTP_PROXY NO_PROXY REQUESTS_CA_BUNDLE";

#[test]
fn the_page_of_the_configuration_says_of_every_variable_of_the_aws_cli_whether_it_is_read() {
    let page = read("docs/configuration.md");
    let words: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
    let is_named = |name: &str| {
        words.iter().any(|word| word.strip_suffix('*').map_or(name == *word, |start| name.starts_with(start)))
    };
    let missing: Vec<&str> = AWS_CLI.split_whitespace().filter(|name| !is_named(name)).collect();
    assert!(missing.is_empty(), "docs/configuration.md does not name {missing:?}");
}

#[test]
fn the_guide_names_every_step_of_the_checks() {
    let script = read(".ci/run");
    let (_, list) = script.split_once("\nSTEPS=\"\n").unwrap();
    let steps: Vec<&str> =
        list.lines().take_while(|line| *line != "\"").map(|line| line.split_once(' ').unwrap().0).collect();
    assert!(steps.len() > 5, "{steps:?}");
    let guide = read("CONTRIBUTING.md");
    let missing: Vec<_> = steps.iter().filter(|step| !guide.contains(&format!("| `{step}` |"))).collect();
    assert!(missing.is_empty(), "CONTRIBUTING.md does not name the steps {missing:?}");
}
