use super::*;

fn found(names: &[&str], typed: &str) -> Vec<String> {
    let entry = |name: &&str| Entry {
        name: (*name).into(),
        path: PathBuf::from(format!("/x/{name}")),
        kind: EntryKind::File,
        is_link: false,
        size: 1,
        modified: None,
    };
    let mut chooser = Chooser { text: Input::new(typed.to_owned()), ..Chooser::default() };
    chooser.listing = Some(Listing {
        place: chooser.place(),
        folder: "/x".into(),
        shown: "/x/".into(),
        entries: Ok(names.iter().map(entry).collect()),
        more: false,
        last: None,
    });
    search(&mut chooser);
    chooser.found.iter().map(|index| names[*index].to_owned()).collect()
}

#[test]
fn names_are_found_by_their_letters_the_exact_one_first() {
    let names = ["cat.png", "category.txt", "concat.png", "cat", "dog.png", ".cache"];
    assert_eq!(found(&names, "cat")[..3], ["cat", "cat.png", "category.txt"]);
    assert_eq!(found(&names, "dgp"), ["dog.png"], "letters between are left out");
    assert_eq!(found(&names, "").len(), 5, "hidden ones wait for a dot");
    assert_eq!(found(&names, ".ca"), [".cache"]);
}

#[test]
fn signs_in_names_are_signs() {
    let names = ["a b.png", "it's.png", "!x", "50$.png"];
    for name in names {
        assert_eq!(found(&names, name), [name]);
    }
}
