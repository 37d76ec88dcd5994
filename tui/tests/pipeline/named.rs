//! Files that a flag names: where the log goes, and refusing what is not there.

use super::program::{Run, program, run};

/// Runs a command with the log file, whose usual place is below `state`.
fn log(args: &[&str], state: &std::path::Path) -> Run {
    let done = program(args).env("XDG_STATE_HOME", state).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: done.status.code(), stdout: text(done.stdout), stderr: text(done.stderr) }
}

#[test]
fn the_log_goes_to_its_usual_place_wherever_the_flag_stands() {
    for args in [
        ["--log-file", "--local", "objects"],
        ["--local", "--log-file", "objects"],
        ["--local", "objects", "--log-file"],
        ["--local", "objects", "--log-level=debug"],
    ] {
        let state = tempfile::tempdir().unwrap();
        let done = log(&args, state.path());
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{args:?}");
        let text = std::fs::read_to_string(state.path().join("imgwatch/imgwatch.log")).expect(args[0]);
        assert!(text.contains("start: imgwatch") && text.contains("objects"), "{args:?}: {text}");
    }
}

#[test]
fn a_log_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone/x.log");
    let refused = log(&[&format!("--log-file={}", gone.display()), "--local", "objects"], folder.path());
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{}", refused.stderr);
    let start = format!("error: cannot write the log file {}: ", gone.display());
    assert!(refused.stderr.starts_with(&start) && refused.stderr.contains("\nhint: "), "{}", refused.stderr);
    assert!(!gone.parent().unwrap().exists(), "no folder is made where none was meant");
}

#[test]
fn a_function_that_cannot_run_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "no program").unwrap();
    let [gone, text, folder] =
        [&folder.path().join("gone"), &text, folder.path()].map(|path| path.display().to_string());
    let cases = [
        (gone.as_str(), "No such file"),
        (&text, "it is not executable; chmod +x makes it so"),
        (&folder, "it is a directory"),
        ("imgwatch-no-such-program", "no folder of PATH"),
    ];
    for (handler, why) in cases {
        for args in [&["--local", "objects"] as &[&str], &["local", "--port", "0"]] {
            let refused = run(&[args, &["--handler", handler]].concat());
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{}", refused.stderr);
            let all = [handler, why].iter().all(|part| refused.stderr.contains(part));
            assert!(all, "{handler}: {}", refused.stderr);
        }
    }
    // By its name alone it is found, as the system would.
    assert_eq!(run(&["--local", "objects", "--handler", "true"]).code, Some(0));
}
