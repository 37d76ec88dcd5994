//! Real lines, word for word as Lambda and runtimes write them.
