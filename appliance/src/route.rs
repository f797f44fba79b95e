//! The static table of everything that is served.
