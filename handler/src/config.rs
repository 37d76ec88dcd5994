//! What the environment says of how to work: which objects count as images, and whether SQS reads the answer.

use imgwatch_shared::batch_response;
use imgwatch_shared::image_types::{self, ImageTypes};

use crate::error::ConfigError;

/// The settings of the function, read once at its start.
#[derive(Debug, Default)]
pub struct Config {
    /// `IMAGE_TYPES`; without it every `image/*`.
    pub image_types: ImageTypes,
    /// `REPORT_BATCH_ITEM_FAILURES`: the event source mapping reads which messages of a batch failed. Otherwise whatever
    /// the function returns deletes the batch, so that only an error keeps it.
    pub reports_batch_item_failures: bool,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a variable has a value that means nothing.
    pub(crate) fn from_env() -> Result<Self, ConfigError> {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let types = variable(image_types::VARIABLE);
        let reported = variable(batch_response::VARIABLE);
        Ok(Self {
            image_types: ImageTypes::parse(&types).map_err(|_| ConfigError::Invalid {
                name: image_types::VARIABLE,
                value: types,
                reason: "not a list of media types; write for example image/png,image/jpeg or image/*",
            })?,
            reports_batch_item_failures: batch_response::is_reported(&reported).ok_or(ConfigError::Invalid {
                name: batch_response::VARIABLE,
                value: reported,
                reason: "neither true nor false; write true only if the event source mapping has ReportBatchItemFailures",
            })?,
        })
    }
}
