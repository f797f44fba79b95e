//! Measurements: what a plan asks for, through the ports. Raw findings, never a verdict.

pub mod ceremony;
pub mod hasher;
mod lookup;
pub mod passkey;
mod password;
pub mod queue;
mod totp;

use crate::ports::{Claim, Fault, World};
use crate::society::Society;
use sekisho_core::command::{Command, PasskeyAnswer};
use sekisho_core::lookup::Lookup;
use sekisho_core::otp::Code;
use sekisho_core::password::Password;
use sekisho_core::plan::{Ctx, Findings, Plan};

/// Does what `plan` asks for, with the secrets in `command`. A fault proves nothing and is never a wrong credential.
pub fn perform(plan: &Plan, command: &Command, ctx: &Ctx, society: &Society, world: &World) -> Result<Findings, Fault> {
    let claim = Claim { society: &society.name, known: ctx.known_browser || ctx.session.is_some() };
    Ok(match plan {
        Plan::Nothing => Findings::Nothing,
        Plan::CheckPassword { member, verifier, pending } => {
            let typed = typed_password(command);
            let [matches, pending] = password::check(society, world, claim, *member, verifier, pending.as_ref(), typed)?;
            Findings::Password { matches, pending }
        }
        Plan::HashPassword { member, present, generation, shares } => {
            let typed = typed_password(command);
            let [is_present, _] = password::check(society, world, claim, *member, present, None, typed)?;
            Findings::NewPassword { is_present, hash: password::hash(society, world, claim, *member, *generation, *shares, typed)? }
        }
        Plan::CheckTotp { seed, window } => {
            let truncated = world.vault.totp(seed, &window.steps())?;
            Findings::Totp { matched: typed_code(command).map(|code| code.matching(window, &truncated)).unwrap_or_default() }
        }
        Plan::WrapTotp { seed, window } => {
            let (seed, truncated) = totp::wrap(society, world, ctx.account.id, seed, window)?;
            let matched = typed_code(command).map(|code| code.matching(window, &truncated)).unwrap_or_default();
            Findings::WrappedTotp { matched, seed }
        }
        Plan::VerifyCreation { challenge, existing } => {
            Findings::Created(ceremony::created(society, challenge, existing, answer(command), ctx.language)?)
        }
        Plan::VerifyAssertion { member, challenge, candidates } => {
            Findings::Asserted(ceremony::asserted(society, world, *member, challenge, candidates, answer(command))?)
        }
        Plan::CheckMailCode { member, code } => {
            let sent = society.keys(world)?.mail_code(*member, code.item, code.expires);
            Findings::Code { matches: typed_code(command).is_some_and(|typed| typed.is(&sent)) }
        }
        Plan::CheckLookup { member, kind, generation, pepper, mac } => {
            let file = lookup::OnFile { kind: *kind, generation: *generation, pepper: *pepper, mac: *mac };
            let check = |typed| lookup::check(society, world, *member, &file, typed);
            Findings::Code { matches: typed_lookup(command).map(check).transpose()?.unwrap_or(false) }
        }
        Plan::MakeRecoveryCodes { member, generation } => {
            let (codes, sealed) = lookup::make(society, world, *member, *generation, ctx.now)?;
            Findings::RecoveryCodes { codes, sealed }
        }
    })
}

pub use lookup::open_codes;
pub use totp::{new_seed, open_seed};

/// The password's bytes. None typed walks the same path as a wrong one.
fn typed_password(command: &Command) -> &[u8] {
    match command {
        Command::Login { password, .. } | Command::SetPassword { password, .. } | Command::GivePassword(password) => {
            password.as_ref().map_or(&[], Password::bytes)
        }
        _ => &[],
    }
}

fn typed_code(command: &Command) -> Option<&Code> {
    match command {
        Command::GiveCode { code, .. } | Command::ConfirmTotp { code, .. } | Command::GiveMailCode(code) => code.as_ref(),
        _ => None,
    }
}

fn typed_lookup(command: &Command) -> Option<&Lookup> {
    match command {
        Command::GiveRecoveryCode(code) | Command::GiveActivationCode { code, .. } => code.as_ref(),
        _ => None,
    }
}

/// The browser's answer to a passkey ceremony.
fn answer(command: &Command) -> &str {
    match command {
        Command::CreatePasskey(PasskeyAnswer::Json(json)) | Command::GivePasskey(PasskeyAnswer::Json(json)) => json,
        _ => "",
    }
}
