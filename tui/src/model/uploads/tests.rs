//! The fold: any order and any repetition of the same facts tells the same story.
