//! Authenticators together with the browser before them: what a page gets from `navigator.credentials`.

mod honest;
pub mod hostile;

pub use honest::{Authenticator, Declined, Kind, Verification};
pub use hostile::{Hostile, Mutation};
