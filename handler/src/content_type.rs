//! Which objects count as images, as the environment says it. The decision itself is the contracts' `image_types`.

use imgwatch_shared::image_types::VARIABLE;

use crate::error::ConfigError;

pub use imgwatch_shared::image_types::ImageTypes;

/// The types in the variable `IMAGE_TYPES`; without the variable every `image/*`.
///
/// # Errors
/// When an element is no media type.
pub(crate) fn from_env() -> Result<ImageTypes, ConfigError> {
    let list = std::env::var(VARIABLE).unwrap_or_default();
    ImageTypes::parse(&list).map_err(|_| ConfigError::Invalid {
        name: VARIABLE,
        value: list,
        reason: "not a list of media types; write for example image/png,image/jpeg or image/*",
    })
}
