//! What the society's staff can do to one member (catalogue: account-reissue, staff, activation-code).
//!
//! They never choose a password, and no act of theirs is a proof: whoever logs in afterwards still proves everything there is to prove.

use crate::account::{Account, Credentials, OpenFacts, Profile, Verifier};
use crate::audit::Event;
use crate::decide::Count;
use crate::guard::Guessable;
use crate::id::Generation;
use crate::letter::StaffAct;
use crate::tenant::TenantPolicy;
use crate::time::Timestamp;
use crate::user_id::UserId;
use serde::{Deserialize, Serialize};

/// Longest name and longest user ID that a society may give, in characters.
pub const LONGEST: usize = 64;

/// One act.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// A first password, derived and never chosen, and if wanted another user ID. What the member holds stays: the password alone opens
    /// nothing of a finished account.
    Issue {
        /// The user ID that comes with it.
        user_id: Option<UserId>,
        /// Whether a first log-in that was finished begins again (account-reissue.1). One that was not goes on in any case.
        first_login: bool,
        /// How it leaves the house.
        by: Delivery,
    },
    /// The code for the letter; an older one is dead.
    IssueActivation,
    /// The first password by the rule serves again for its time, and a first log-in that was left half-way begins anew.
    Reopen,
    /// Waits and locks end; what has to be proved stays the same.
    Unlock {
        /// Of what opens the first step: password, birth date, activation code.
        password: bool,
        /// Of the second step.
        account: bool,
    },
    /// Devices and recovery codes are gone; the next log-in chooses a method and sets it up.
    ResetFactor,
    /// The name as the society writes it.
    Rename(String),
    /// Nobody gets in, until it is enabled.
    Disable,
    /// Members get in again.
    Enable,
    /// The member is no more.
    Delete,
}

/// How a password leaves the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// By mail, to the address on file or the one that was proven.
    Mail,
    /// In a file for the printer.
    Letter,
}

impl Act {
    /// Permanent id, as in the audit log.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "issue",
            Self::IssueActivation => "activation-code",
            Self::Reopen => "reopen",
            Self::Unlock { .. } => "unlock",
            Self::ResetFactor => "reset-factor",
            Self::Rename(_) => "rename",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
        }
    }

    /// Whether a second person has to approve it (W-15): what takes a credential away, or hands one out.
    pub fn needs_two(&self) -> bool {
        matches!(self, Self::Issue { .. } | Self::ResetFactor | Self::Delete)
    }

    /// Whether it makes a file for the printer.
    pub fn makes_file(&self) -> bool {
        matches!(self, Self::Issue { by: Delivery::Letter, .. } | Self::IssueActivation)
    }

    /// As it is written down.
    pub fn event(&self) -> Event {
        match self {
            Self::Issue { .. } => Event::PasswordIssued,
            Self::IssueActivation => Event::ActivationIssued,
            Self::Reopen => Event::Reopened,
            Self::Unlock { .. } => Event::Unlocked,
            Self::ResetFactor => Event::FactorReset,
            Self::Rename(_) => Event::NameCorrected,
            Self::Disable => Event::Disabled,
            Self::Enable => Event::Enabled,
            Self::Delete => Event::Deleted,
        }
    }

    /// As the member is told.
    pub fn notice(&self) -> StaffAct {
        match self {
            Self::Issue { .. } => StaffAct::PasswordIssued,
            Self::IssueActivation => StaffAct::ActivationIssued,
            Self::Reopen => StaffAct::Reopened,
            Self::Unlock { .. } => StaffAct::Unlocked,
            Self::ResetFactor => StaffAct::FactorReset,
            Self::Rename(_) => StaffAct::NameCorrected,
            Self::Disable => StaffAct::Disabled,
            Self::Enable => StaffAct::Enabled,
            Self::Delete => StaffAct::Deleted,
        }
    }
}

/// Why an act cannot be done to this member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no address to mail to.
    NoAddress,
    /// The user ID is none that a society may give.
    UserIdUnfit,
    /// The name is empty, too long or holds control characters.
    NameUnfit,
    /// The name is this one already.
    NameUnchanged,
    /// A code would open nothing: the account is proven.
    ProvenAlready,
    /// The first log-in is finished.
    Finished,
    /// This member's first password is, or was, not the one by the rule.
    NotByRule,
    /// There is no device, no recovery code and no code by mail.
    NothingToReset,
    /// It is disabled.
    IsDisabled,
    /// It is enabled.
    IsEnabled,
    /// Neither password nor account was named.
    NothingToUnlock,
    /// So many wrong second steps that only a new factor and a new password end it (SP 800-63B-4 §3.2.2).
    MustRebind,
}

/// What follows from an act. The shell makes what [`Make`] says and commits the whole or nothing.
pub struct Outcome {
    /// The credentials as they will be.
    pub credentials: Credentials,
    /// The profile as it will be.
    pub profile: Profile,
    /// The open facts as they will be.
    pub open: OpenFacts,
    /// What happens to the counters.
    pub counts: Vec<Count>,
    /// Whether every session of the member ends.
    pub end_sessions: bool,
    /// What has to be made and put into `credentials`.
    pub make: Option<Make>,
    /// Whether every row of the member goes.
    pub delete: bool,
}

/// What needs the token to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// [`Verifier::Issued`] of a derived password.
    Issued {
        /// Which issue.
        generation: Generation,
        /// Not accepted from here on.
        expires: Timestamp,
    },
    /// [`Verifier::Rule`] of symbol, number and birth date.
    Rule {
        /// Which issue.
        generation: Generation,
    },
    /// [`crate::account::Activation`] of a derived code.
    Activation {
        /// Which issue.
        generation: Generation,
        /// Not accepted from here on.
        expires: Timestamp,
    },
}

/// Says what follows from `act` at `now`, or why it cannot be done.
pub fn act(act: &Act, account: &Account, profile: &Profile, policy: &TenantPolicy, now: Timestamp) -> Result<Outcome, Obstacle> {
    let mut outcome = Outcome {
        credentials: account.credentials.clone(),
        profile: profile.clone(),
        open: account.open.clone(),
        counts: Vec::new(),
        end_sessions: false,
        make: None,
        delete: false,
    };
    outcome.credentials.settle(now, policy.lifetimes.half_login);
    match act {
        Act::Issue { user_id, first_login, by } => outcome.issue(user_id.as_ref(), *first_login, *by, policy, now)?,
        Act::IssueActivation => outcome.issue_activation(policy, now)?,
        Act::Reopen => outcome.reopen()?,
        Act::Unlock { account: true, .. } if account.counters.since_success >= policy.limits.rebind_at => return Err(Obstacle::MustRebind),
        Act::Unlock { password, account } => outcome.unlock(*password, *account)?,
        // Whoever was wrong a hundred times has the password, and would set up the new factor: the password goes first.
        Act::ResetFactor if account.counters.since_success >= policy.limits.rebind_at && account.credentials.password.is_chosen() => {
            return Err(Obstacle::MustRebind);
        }
        Act::ResetFactor => outcome.reset_factor()?,
        Act::Rename(name) => outcome.rename(name)?,
        Act::Disable if outcome.open.disabled => return Err(Obstacle::IsDisabled),
        Act::Enable if !outcome.open.disabled => return Err(Obstacle::IsEnabled),
        Act::Disable => {
            outcome.open.disabled = true;
            outcome.end_recovery();
            outcome.end_sessions = true;
        }
        Act::Enable => outcome.open.disabled = false,
        Act::Delete => (outcome.delete, outcome.end_sessions) = (true, true),
    }
    Ok(outcome)
}

impl Outcome {
    fn issue(
        &mut self,
        user_id: Option<&UserId>,
        first_login: bool,
        by: Delivery,
        policy: &TenantPolicy,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        if by == Delivery::Mail && self.credentials.email.is_none() {
            return Err(Obstacle::NoAddress);
        }
        if let Some(id) = user_id {
            let fits = is_printable(id.as_str()) && !id.as_str().chars().any(char::is_whitespace);
            self.profile.user_id = fits.then(|| id.clone()).ok_or(Obstacle::UserIdUnfit)?;
        }
        if first_login {
            self.open.finished = None;
        }
        self.first_password(|generation| Make::Issued { generation, expires: now.after(policy.lifetimes.issued_password) });
        Ok(())
    }

    fn issue_activation(&mut self, policy: &TenantPolicy, now: Timestamp) -> Result<(), Obstacle> {
        if self.credentials.proven {
            return Err(Obstacle::ProvenAlready);
        }
        let expires = now.after(policy.lifetimes.issued_password);
        self.make = Some(Make::Activation { generation: self.credentials.next_generation(), expires });
        self.counts.push(Count::Clear(Guessable::ActivationCode));
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), Obstacle> {
        let credentials = &mut self.credentials;
        if self.open.finished.is_some() {
            return Err(Obstacle::Finished);
        }
        let by_rule = match credentials.password {
            Verifier::Rule { .. } => true,
            // Who chose a password behind an issued one is proven by it: so this one was chosen behind the rule's.
            Verifier::Chosen { .. } => !credentials.proven,
            Verifier::None | Verifier::Issued { .. } => false,
        };
        if !by_rule {
            return Err(Obstacle::NotByRule);
        }
        if !credentials.proven {
            // It was given by whoever began the first log-in, and nothing says that this was the member.
            credentials.email.take_if(|email| email.proven);
        }
        credentials.pending_email = None;
        credentials.method_change = None;
        if credentials.factors.is_empty() {
            credentials.method = None;
        }
        self.open.consent = None;
        self.first_password(|generation| Make::Rule { generation });
        Ok(())
    }

    /// Another first password takes the place of what counted: guesses at the old one say nothing of it, and what began with it ends.
    fn first_password(&mut self, make: impl FnOnce(Generation) -> Make) {
        self.make = Some(make(self.credentials.next_generation()));
        self.counts.extend([Count::Unlock(Guessable::Password), Count::Clear(Guessable::BirthDate), Count::ForgetBrowsers]);
        self.end_recovery();
        self.end_sessions = true;
    }

    fn unlock(&mut self, password: bool, account: bool) -> Result<(), Obstacle> {
        let first = [Guessable::Password, Guessable::BirthDate, Guessable::ActivationCode];
        let second = [Guessable::SecondStep, Guessable::MailCode];
        let of = |is: bool, guessed: &[Guessable]| if is { guessed.iter().copied().map(Count::Unlock).collect() } else { Vec::new() };
        self.counts = [of(password, &first), of(account, &second)].concat();
        if self.counts.is_empty() { Err(Obstacle::NothingToUnlock) } else { Ok(()) }
    }

    fn reset_factor(&mut self) -> Result<(), Obstacle> {
        let credentials = &mut self.credentials;
        let nothing = credentials.factors.is_empty() && credentials.recovery_codes.is_none() && credentials.recovery.is_none();
        if nothing && credentials.method.is_none() {
            return Err(Obstacle::NothingToReset);
        }
        credentials.factors.clear();
        credentials.recovery_codes = None;
        // Who has lost a device may want another method, and who has lost a mailbox must.
        credentials.method = None;
        credentials.method_change = None;
        self.open.forget_all_but(|_| false);
        self.counts.extend([Count::Clear(Guessable::SecondStep), Count::Clear(Guessable::MailCode), Count::ForgetBrowsers]);
        self.end_recovery();
        self.end_sessions = true;
        Ok(())
    }

    fn rename(&mut self, name: &str) -> Result<(), Obstacle> {
        let name = name.trim();
        if !is_printable(name) {
            return Err(Obstacle::NameUnfit);
        }
        if name == self.profile.name {
            return Err(Obstacle::NameUnchanged);
        }
        self.profile.name = name.to_owned();
        Ok(())
    }

    /// No recovery that is under way or on hold may undo what staff have done.
    fn end_recovery(&mut self) {
        self.credentials.recovery = None;
        self.counts.push(Count::Reset(None));
    }
}

/// Whether a society may write it: 1 to [`LONGEST`] characters, none of them a control character or a sign that did not decode.
pub fn is_printable(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() || c == '\u{fffd}')
}
