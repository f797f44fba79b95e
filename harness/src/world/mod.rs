//! The actors beside the appliance: the clock, the dice, the members, their TOTP apps and their passkeys.

pub mod authenticator;
pub mod clock;
pub mod entropy;
pub mod member;
pub mod otpauth;
pub mod qr;
pub mod totp_app;
pub mod visitor;
