//! What is kept, on redb.
