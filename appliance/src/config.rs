//! Configuration: `sekisho.toml` and `societies.d/NAME.toml`.
