//! What the vault's tests share. The token is the harness's, so that there is one of it.

#[path = "../../../harness/src/sim/token.rs"]
pub mod token;
