//! What is done to one member: judged by the rules, made in the token, committed whole, told.

use super::member::Looked;
use super::paper::{self, Paper};
use super::protocol::{Who, Wish};
use super::{Desk, Office, StaffError, in_japan, requests, row, verifiers};
use crate::ports::{Batch, Counted, CounterKey, Index, MemberWrite, NewLetter, StaffBatch};
use crate::records::{
    index_card, index_email, index_passkey, index_reminder, index_user_id, lookup_input, seal_credentials, seal_letter, seal_profile,
};
use crate::society::{Society, SocietyKeys};
use sekisho_core::account::{Activation, Credentials, Profile};
use sekisho_core::fold::fold;
use sekisho_core::id::BlindIndex;
use sekisho_core::letter::{Language, Letter, LetterKind, Notice};
use sekisho_core::plan::LookupKind;
use sekisho_core::staff::{self, Act, Delivery, Make, Obstacle, Outcome};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;

/// Does what is wished, or writes it down where it takes two persons.
pub fn wish(office: &Office, society: &Society, who: &Who, wish: &Wish, takes_file: bool, desk: &dyn Desk) -> Result<(), StaffError> {
    let act = understood(wish);
    if !act.needs_two() {
        may_be_carried_out(&act, takes_file)?;
    }
    let member = Looked::find(office, society, who)?;
    match act.needs_two() {
        true => {
            // What could only be refused is not written down.
            judge(&act, &member, society, office.world.now(&society.name)?)?;
            requests::ask(office, society, &member, act, desk)
        }
        false => carry_out(office, society, &member, &act, None, desk),
    }
}

fn understood(wish: &Wish) -> Act {
    match wish {
        Wish::Issue { new_user_id, first_login, by } => {
            Act::Issue { user_id: new_user_id.as_deref().map(UserId::typed), first_login: *first_login, by: *by }
        }
        Wish::ActivationCode => Act::IssueActivation,
        Wish::Reopen => Act::Reopen,
        Wish::Unlock { password, account } => Act::Unlock { password: *password, account: *account },
        Wish::ResetFactor => Act::ResetFactor,
        Wish::Rename { name } => Act::Rename(name.clone()),
        Wish::Disable => Act::Disable,
        Wish::Enable => Act::Enable,
        Wish::Delete => Act::Delete,
    }
}

/// What is for the printer needs a file that the client has made.
pub(super) fn may_be_carried_out(act: &Act, takes_file: bool) -> Result<(), StaffError> {
    match act.makes_file() && !takes_file {
        true => Err(StaffError::Refused("this makes a file for the printer: say where with --out FILE. Nothing was changed".to_owned())),
        false => Ok(()),
    }
}

/// The request that an act comes from.
#[derive(Clone, Copy)]
pub(super) struct Approved {
    /// Its number.
    pub(super) request: u64,
    /// Who asked.
    pub(super) by: u32,
}

/// Does it. One commit holds records, counters, letters and audit; nothing is shown before it is on the disk.
pub(super) fn carry_out(
    office: &Office,
    society: &Society,
    member: &Looked,
    act: &Act,
    approved: Option<Approved>,
    desk: &dyn Desk,
) -> Result<(), StaffError> {
    let now = office.world.now(&society.name)?;
    let mut outcome = judge(act, member, society, now)?;
    let made = make(office, society, member, &mut outcome)?;
    let note = approved.map(|approved| format!("asked-by-{}", approved.by));
    let batch = Batch {
        member: write(office, society, member, &outcome)?,
        counts: counts(society, member, &mut outcome),
        end_others: outcome.end_sessions.then_some(member.rows.id),
        outbox: letters(office, society, member, act, &outcome)?,
        audit: vec![row(now, act.event(), Some(member.rows.id), note, desk)],
        ..Batch::at(now)
    };
    let has_letters = !batch.outbox.is_empty();
    let staff = StaffBatch {
        released: Some((member.rows.id, released(society.keys(&office.world)?, member, &outcome))),
        deleted: outcome.delete.then_some((member.rows.id, member.rows.revision)),
        carried_out: approved.map(|approved| approved.request),
        ..StaffBatch::of(batch)
    };
    office.world.store.act(&society.name, staff)?;
    if has_letters {
        office.wake(&society.name);
    }
    if let Some(paper) = made.filter(|_| act.makes_file()) {
        desk.hand_over(&paper::csv(&outcome.profile, &paper))?;
    }
    desk.line(&done(act, &outcome))?;
    Ok(())
}

pub(super) fn judge(act: &Act, member: &Looked, society: &Society, now: Timestamp) -> Result<Outcome, StaffError> {
    staff::act(act, &member.account, &member.profile, society.policy(), now)
        .map_err(|obstacle| StaffError::Refused(format!("{}; nothing was changed", advice(obstacle))))
}

/// Makes what the act hands out, and puts its verifier into the credentials.
fn make(office: &Office, society: &Society, member: &Looked, outcome: &mut Outcome) -> Result<Option<Paper>, StaffError> {
    let (world, id) = (&office.world, member.rows.id);
    let keys = society.keys(world)?;
    let policy = society.policy();
    match outcome.make {
        None => Ok(None),
        Some(Make::Rule { generation }) => {
            let (now, card) = (world.now(&society.name)?, &outcome.profile);
            let password = verifiers::rule_password(&card.symbol, &card.number, card.birth, &policy.password);
            let password = password.ok_or_else(|| StaffError::Refused("this member's card makes no first password".to_owned()))?;
            outcome.credentials.password = verifiers::rule(office, keys, id, generation, now, &password)?;
            Ok(None)
        }
        Some(Make::Issued { generation, expires }) => {
            let secret = keys.issued_password(id, generation, expires);
            let password = verifiers::typed(&secret, &policy.password);
            let password = password.ok_or_else(|| StaffError::Refused("the society's rule takes no issued password".to_owned()))?;
            outcome.credentials.password = verifiers::issued(office, &society.name, keys, id, generation, expires, &password)?;
            Ok(Some(Paper { what: "first_password", secret, expires }))
        }
        Some(Make::Activation { generation, expires }) => {
            let code = keys.activation_code(id, generation);
            let input = lookup_input(keys, id, LookupKind::Activation, generation, &code);
            let (pepper, mac) = world.vault.pepper(&input)?;
            outcome.credentials.activation = Some(Activation { mac, pepper, generation, expires });
            Ok(Some(Paper { what: "activation_code", secret: code.printed(), expires }))
        }
    }
}

fn write(office: &Office, society: &Society, member: &Looked, outcome: &Outcome) -> Result<Option<MemberWrite>, StaffError> {
    let (vault, name, id) = (office.world.vault.as_ref(), &society.name, member.rows.id);
    let (account, revision) = (&member.account, member.rows.revision.next());
    let credentials = (outcome.credentials != account.credentials).then_some(&outcome.credentials);
    let profile = (outcome.profile != member.profile).then_some(&outcome.profile);
    let open = (outcome.open != account.open).then(|| outcome.open.clone());
    if outcome.delete || (credentials.is_none() && profile.is_none() && open.is_none()) {
        return Ok(None);
    }
    let keys = society.keys(&office.world)?;
    let (from, to) = (&member.profile.user_id, &outcome.profile.user_id);
    Ok(Some(MemberWrite {
        id,
        from: member.rows.revision,
        credentials: credentials.map(|it| seal_credentials(vault, name, id, revision, it)).transpose()?,
        profile: profile.map(|it| seal_profile(vault, name, id, revision, it)).transpose()?,
        open,
        user_id: (from != to).then(|| (index_user_id(keys, from), index_user_id(keys, to))),
        email: None,
        reminder: None,
        passkeys_claimed: Vec::new(),
        passkeys_released: Vec::new(),
    }))
}

fn counts(society: &Society, member: &Looked, outcome: &mut Outcome) -> Option<Counted> {
    let counts = std::mem::take(&mut outcome.counts);
    let moves = !counts.is_empty() && !outcome.delete;
    moves.then(|| Counted { key: CounterKey::Member(member.rows.id), counts, limits: society.policy().limits, from: None })
}

/// The letter that the act is made for, and the notice of it, where an address is proven.
fn letters(office: &Office, society: &Society, member: &Looked, act: &Act, outcome: &Outcome) -> Result<Vec<NewLetter>, StaffError> {
    let credentials = &outcome.credentials;
    let mut letters = Vec::new();
    let mut letter = |to: Option<&sekisho_core::account::Email>, kind| {
        // Nobody knows in which language a member reads who is not here.
        letters.extend(to.map(|email| Letter { to: email.address.clone(), language: Language::Ja, kind, not_before: None }));
    };
    if let (Some(Make::Issued { generation, expires }), Act::Issue { by: Delivery::Mail, .. }) = (outcome.make, act) {
        letter(credentials.email.as_ref(), LetterKind::Issued { generation, expires });
    }
    letter(credentials.proven_email(), LetterKind::Notice(Notice::Staff(act.notice())));
    let vault = office.world.vault.as_ref();
    let mut sealed = Vec::with_capacity(letters.len());
    for letter in &letters {
        let id = u64::from_be_bytes(office.world.entropy.bytes()?);
        sealed.push(seal_letter(vault, &society.name, member.rows.id, id, letter)?);
    }
    Ok(sealed)
}

/// What found the member and does so no more. The user ID moves with the record's own write.
fn released(keys: &SocietyKeys, member: &Looked, outcome: &Outcome) -> Vec<(Index, BlindIndex)> {
    let before = indexes(keys, &member.account.credentials, &member.profile);
    let after = if outcome.delete { Vec::new() } else { indexes(keys, &outcome.credentials, &outcome.profile) };
    before.into_iter().filter(|index| !after.contains(index)).collect()
}

/// Everything that finds a member. An address that several share is in the index for one of them; giving up what another has is nothing.
fn indexes(keys: &SocietyKeys, credentials: &Credentials, profile: &Profile) -> Vec<(Index, BlindIndex)> {
    let mut indexes = vec![
        (Index::UserId, index_user_id(keys, &profile.user_id)),
        (Index::Card, index_card(keys, &profile.symbol, &profile.number, &profile.branch)),
    ];
    if let Some(email) = credentials.proven_email() {
        indexes.push((Index::Email, index_email(keys, &email.address)));
        indexes.push((Index::Reminder, index_reminder(keys, profile.birth, &email.address)));
    }
    indexes.extend(credentials.passkeys().map(|(_, passkey)| (Index::Passkey, index_passkey(keys, &passkey.credential_id))));
    indexes
}

/// What stands in the way, and what to do.
fn advice(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NoAddress => "this member has no address on file; issue it with --letter",
        Obstacle::UserIdUnfit => "a user ID has 1 to 64 characters and no spaces",
        Obstacle::NameUnfit => "a name has 1 to 64 characters and no line breaks",
        Obstacle::NameUnchanged => "this is the name already",
        Obstacle::ProvenAlready => "this account is proven already; an activation code would open nothing",
        Obstacle::Finished => "this member has finished the first log-in; issue a password with `sekisho member issue`",
        Obstacle::NotByRule => "this member has no first password by the rule; issue one with `sekisho member issue`",
        Obstacle::NothingToReset => "this member has set up no second step yet",
        Obstacle::IsDisabled => "this account is disabled already",
        Obstacle::IsEnabled => "this account is not disabled",
        Obstacle::MustRebind => {
            "a hundred wrong codes since the last right one: password and device have to be new. Run `sekisho member issue` first, and then \
             `sekisho member reset-factor`"
        }
        Obstacle::NothingToUnlock => "say what to unlock: --password, --account, or neither for both",
    }
}

/// What the operator can tell the member. No secret.
fn done(act: &Act, outcome: &Outcome) -> String {
    let until = match outcome.make {
        Some(Make::Issued { expires, .. } | Make::Activation { expires, .. }) => in_japan(expires),
        _ => String::new(),
    };
    match act {
        Act::Issue { by: Delivery::Mail, .. } => {
            let to = outcome.credentials.email.as_ref().map(|email| email.address.masked()).unwrap_or_default();
            format!("issued: the letter goes to {to}; the password serves until {until}, and the log-in asks for a new one")
        }
        Act::Issue { by: Delivery::Letter, .. } => format!("issued: the password serves until {until}, and the log-in asks for a new one"),
        Act::IssueActivation => format!("issued: the code serves until {until}; an older one is dead"),
        Act::Reopen => "reopened: the first password by the rule serves again, and the first log-in begins anew".to_owned(),
        Act::Unlock { .. } => "unlocked: the member can try again at once, with the same password and the same device as before".to_owned(),
        Act::ResetFactor => "reset: the next log-in chooses a method and sets it up; devices and recovery codes are gone".to_owned(),
        Act::Rename(_) => "corrected".to_owned(),
        Act::Disable => "disabled: every session has ended, and nobody gets in until `sekisho member enable`".to_owned(),
        Act::Enable => "enabled: the member can log in again".to_owned(),
        Act::Delete => "deleted: no row of this member is left but the audit log's, which hold a random number".to_owned(),
    }
}

/// What a request or an act is, for people. Names what staff typed: a user ID, a name.
pub(super) fn described(act: &Act) -> String {
    match act {
        Act::Issue { user_id, first_login, by } => {
            let id = user_id.as_ref().map_or(String::new(), |id| format!(" and the user ID {}", fold(id.as_str())));
            let way = if *by == Delivery::Mail { "by mail" } else { "by letter" };
            let again = if *first_login { "; a finished first log-in begins again" } else { "" };
            format!("issue a first password{id}, {way}{again}")
        }
        Act::ResetFactor => "remove every device and recovery code".to_owned(),
        Act::Delete => "DELETE the member; this cannot be undone".to_owned(),
        other => other.id().to_owned(),
    }
}
