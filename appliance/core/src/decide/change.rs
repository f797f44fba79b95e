//! Changes behind the portal.

use super::{Count, Draft, Kind};
use crate::account::{MethodChange, PasswordHash, Verifier};
use crate::audit::Event;
use crate::email::EmailAddress;
use crate::letter::Notice;
use crate::refusal::Refusal;
use crate::session::{Credential, Proof, Way};
use crate::step::{Goal, Step};
use crate::tenant::{Method, Preset};
use crate::user_id::UserId;

impl Draft<'_> {
    /// A new password: at the first log-in, as a change, and at the end of a recovery.
    pub(super) fn password(&mut self, is_present: bool, hash: PasswordHash, sign_out_others: bool) {
        if is_present {
            return self.refuse(Refusal::PasswordUnchanged, Event::FormRefused);
        }
        if self.ctx.goal() == Goal::Recover {
            return self.recovered(hash, sign_out_others);
        }
        let Some(session) = &mut self.session else { return };
        // Half log-ins by the old password end in any case; full sessions on other devices go on if the member says so.
        let full = session.factor_holds(&self.ctx.account);
        let end_others = sign_out_others || !full || self.ctx.policy.preset == Preset::Hardened;
        let credentials = &mut self.account.credentials;
        credentials.proven |= Self::proves_identity(&credentials.password);
        credentials.next_generation();
        credentials.password = Verifier::Chosen { hash, since: self.ctx.now };
        if end_others {
            credentials.sessions_from = hash.generation;
        }
        // The proof of the session that made it is made anew (design law 2).
        session.password = Some(Proof::new(self.account.id, Credential::Password, hash.generation, self.ctx.now));
        self.change = Some(Kind::Rise);
        self.end_others = end_others && (full || sign_out_others);
        self.audit.push(Event::PasswordSet);
        if self.ctx.account.open.finished.is_some() {
            self.notify(Notice::PasswordChanged);
        }
        if self.ctx.goal() == Goal::ChangePassword {
            // Password and second step were given a moment ago: a reset that waits, or its link, must not outlive that.
            self.cancel_recovery();
            self.counts.push(Count::Reset(None));
            self.land(Step::LoginMethods);
        }
    }

    pub(super) fn change_email(&mut self, address: &EmailAddress) {
        self.email(address.clone(), self.ctx.change_hold());
        self.notify(Notice::EmailChangeAsked);
        self.land(Step::Profile);
    }

    pub(super) fn change_user_id(&mut self, id: &UserId) {
        let Ok(moves) = self.user_id(id) else { return };
        if moves {
            self.notify(Notice::UserIdChanged);
        }
        self.land(Step::Profile);
    }

    /// The new method is set up at the next log-in, behind the old one; a method whose factor is held already counts at once.
    pub(super) fn change_method(&mut self, method: Method) {
        let hold = self.ctx.change_hold();
        let credentials = &mut self.account.credentials;
        let held = credentials.factors.iter().any(|factor| factor.kind.method() == method);
        if credentials.method == Some(method) {
            credentials.method_change = None;
        } else if held && hold.is_none() {
            credentials.method = Some(method);
            credentials.method_change = None;
        } else {
            credentials.method_change = Some(MethodChange { to: method, not_before: hold });
        }
        if let Some(session) = &mut self.session {
            session.method_changed = true;
        }
        self.audit.push(Event::MethodChosen);
        self.notify(Notice::MethodChanged);
        self.land(Step::Profile);
    }

    pub(super) fn delete_device(&mut self) {
        let Goal::DeleteDevice(id) = self.ctx.goal() else { return };
        let credentials = &mut self.account.credentials;
        let Some(place) = credentials.factors.iter().position(|factor| factor.id == id) else { return };
        let gone = credentials.factors.remove(place).kind.method();
        let mut left = credentials.factors.iter().map(|factor| factor.kind.method());
        if credentials.method == Some(gone) && !left.clone().any(|method| method == gone) {
            credentials.method = left.next_back();
        }
        let generation = credentials.next_generation();
        if let Some(session) = self.session.as_mut().filter(|session| session.factor.and_then(|proof| proof.factor()) == Some(id)) {
            // It was proved a moment ago, by this session: the session goes on without it.
            let at = session.factor.map_or(self.ctx.now, |proof| proof.at());
            session.factor = Some(Proof::new(self.account.id, Credential::Deleted(Way::from(gone)), generation, at));
        }
        self.change = Some(Kind::Update);
        self.audit.push(Event::DeviceDeleted);
        self.notify(Notice::DeviceDeleted);
        self.land(Step::LoginMethods);
    }
}
