//! Prose for people: email and SMS.
