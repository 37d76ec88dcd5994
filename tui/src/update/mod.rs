//! What the dashboard decides: a message changes the model and may ask for effects.

pub mod subscribe;
