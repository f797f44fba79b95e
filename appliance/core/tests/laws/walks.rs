//! A walk by chance through everything at once, from a fixed seed.
