//! Keys that never leave their token.
