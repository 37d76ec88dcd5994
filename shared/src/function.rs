//! What tells this project's function from others where it never wrote a record.

/// Its description on AWS, as `template.yaml` deploys it and the local cloud shows it.
pub const DESCRIPTION: &str = "Publishes a notification for each image that is uploaded to the bucket.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_deploys_it_with_this_description() {
        let template = include_str!("../../template.yaml");
        assert!(template.contains(&format!("      Description: {DESCRIPTION}\n")));
    }
}
