//! The actors beside the appliance: the clock, the dice, the members and their TOTP apps.

pub mod clock;
pub mod entropy;
pub mod member;
pub mod otpauth;
pub mod qr;
pub mod totp_app;
