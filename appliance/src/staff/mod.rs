//! Commands of the operators.
