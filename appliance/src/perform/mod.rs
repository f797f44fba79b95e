//! Measurements: what a plan asks for, through the ports. Raw findings, never a verdict.

pub mod hasher;
pub mod passkey;
mod password;
mod totp;

use crate::ports::{Fault, World};
use crate::society::Society;
use sekisho_core::command::Command;
use sekisho_core::id::MemberId;
use sekisho_core::otp::Code;
use sekisho_core::password::Password;
use sekisho_core::plan::{Findings, Plan};

/// Does what `plan` asks for, with the secrets in `command`. A fault proves nothing and is never a wrong credential.
pub fn perform(plan: &Plan, command: &Command, member: MemberId, society: &Society, world: &World) -> Result<Findings, Fault> {
    Ok(match plan {
        Plan::Nothing => Findings::Nothing,
        Plan::CheckPassword { member, verifier } => {
            Findings::Password { matches: password::check(society, world, *member, verifier, typed_password(command))? }
        }
        Plan::HashPassword { member, present, generation } => {
            let typed = typed_password(command);
            let is_present = password::check(society, world, *member, present, typed)?;
            Findings::NewPassword { is_present, hash: password::hash(society, world, *member, *generation, typed)? }
        }
        Plan::CheckTotp { seed, window } => {
            let truncated = world.vault.totp(seed, window.steps())?;
            Findings::Totp { matched: typed_code(command).map(|code| code.matching(window, truncated)).unwrap_or_default() }
        }
        Plan::WrapTotp { seed, window } => {
            let (seed, truncated) = totp::wrap(society, world, member, seed, window)?;
            let matched = typed_code(command).map(|code| code.matching(window, truncated)).unwrap_or_default();
            Findings::WrappedTotp { matched, seed }
        }
    })
}

pub use totp::{new_seed, open_seed};

/// The password's bytes. None typed walks the same path as a wrong one.
fn typed_password(command: &Command) -> &[u8] {
    match command {
        Command::Login { password, .. } | Command::SetPassword { password, .. } => password.as_ref().map_or(&[], Password::bytes),
        _ => &[],
    }
}

fn typed_code(command: &Command) -> Option<&Code> {
    match command {
        Command::GiveCode(code) | Command::ConfirmTotp { code, .. } => code.as_ref(),
        _ => None,
    }
}
