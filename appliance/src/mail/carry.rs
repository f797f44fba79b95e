//! What a letter carries, derived when it is sent and kept nowhere (design law 7).

use crate::mail::letters::{Carried, Link};
use crate::ports::{Fault, Key, MemberRows, OutboxRow, World};
use crate::records::{open_credentials, open_profile};
use crate::society::{Society, SocietyKeys};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::time::Duration;
use sekisho_core::account::Credentials;
use sekisho_core::command;
use sekisho_core::id::{ItemId, MemberId};
use sekisho_core::letter::{LetterKind, Notice};
use sekisho_core::secret::Secret;
use sekisho_core::shown::LinkKind;
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;

/// "It was not me" speaks of a member, not of an item.
const NO_ITEM: ItemId = ItemId([0; ItemId::LEN]);

const GONE: &str = "its member is gone";
const OVER: &str = "what it carries is over";
const CANCELLED: &str = "the recovery was cancelled";

/// What becomes of a letter that is due.
pub(super) enum Errand {
    /// It goes, with this.
    Send(Carried),
    /// It would be of no use any more; says why, for operators.
    Drop(&'static str),
    /// It was a place-holder: nobody is told anything, operators neither.
    Silence,
}

/// Where one letter is made ready.
pub(super) struct Desk<'a> {
    pub(super) world: &'a World,
    pub(super) society: &'a Society,
    pub(super) now: Timestamp,
}

impl Desk<'_> {
    /// What the letter of `row` carries. The end of a link is committed, and stands in `row`, before the link is derived: whatever has
    /// been mailed, the store knew of it. The ends of codes and passwords stand in the letter itself, committed with it.
    pub(super) fn carry(&self, kind: LetterKind, row: &mut OutboxRow) -> Result<Errand, Fault> {
        let (member, lifetimes) = (row.member, &self.society.policy().lifetimes);
        match kind {
            LetterKind::ConfirmEmail(item) => self.confirm_email(item, row),
            LetterKind::Reset(item) => {
                let link = self.link(row, LinkKind::Reset, item, None, lifetimes.reset_link)?;
                Ok(Errand::Send(Carried::Link(link)))
            }
            LetterKind::UserId => {
                // Written back as the others that anybody can ask for are: the work at the store is the same (design law 3).
                self.put(row)?;
                Ok(self.user_id(member)?.map_or(Errand::Drop(GONE), |user_id| Errand::Send(Carried::UserId(user_id))))
            }
            LetterKind::Nothing => {
                row.expires = Some(self.now.after(lifetimes.reset_link));
                self.put(row)?;
                Ok(Errand::Silence)
            }
            LetterKind::MailCode { expires, .. } | LetterKind::Issued { expires, .. } if expires <= self.now => Ok(Errand::Drop(OVER)),
            LetterKind::MailCode { item, expires } => {
                let code = self.keys()?.mail_code(member, item, expires);
                Ok(Errand::Send(Carried::Code { digits: Secret::new(format!("{:06}", code.expose())), expires }))
            }
            LetterKind::Issued { generation, expires } => {
                let Some(user_id) = self.user_id(member)? else { return Ok(Errand::Drop(GONE)) };
                let password = self.keys()?.issued_password(member, generation, expires);
                Ok(Errand::Send(Carried::Issued { user_id, password, expires }))
            }
            LetterKind::Notice(Notice::RecoveryCounts(item)) if !self.has_come_to_count(member, item)? => Ok(Errand::Drop(CANCELLED)),
            LetterKind::Notice(notice) if notice.can_be_disowned() => {
                let link = self.link(row, LinkKind::Freeze, NO_ITEM, None, lifetimes.freeze_link)?;
                Ok(Errand::Send(Carried::Link(link)))
            }
            LetterKind::Notice(_) => Ok(Errand::Send(Carried::Nothing)),
        }
    }

    /// A link that is on hold serves as long as any other, from the end of the hold on.
    fn confirm_email(&self, item: ItemId, row: &mut OutboxRow) -> Result<Errand, Fault> {
        let Some(member) = self.member(row.member)? else { return Ok(Errand::Drop(GONE)) };
        let pending = self.credentials(&member)?.pending_email.filter(|pending| pending.item == item);
        let on_hold = pending.and_then(|pending| pending.not_before).filter(|from| *from > self.now);
        let link = self.link(row, LinkKind::Email, item, on_hold, self.society.policy().lifetimes.confirm_link)?;
        let waits = self.society.policy().wait_for_email && member.open.finished.is_none();
        Ok(Errand::Send(Carried::Link(Link { waits, ..link })))
    }

    fn link(
        &self,
        row: &mut OutboxRow,
        kind: LinkKind,
        item: ItemId,
        serves_from: Option<Timestamp>,
        lifetime: Duration,
    ) -> Result<Link, Fault> {
        let expires = serves_from.unwrap_or(self.now).after(lifetime);
        row.expires = Some(expires);
        self.put(row)?;
        let token = self.keys()?.link(kind, command::Link { member: row.member, item }, expires);
        let url = format!("{}{}?t={}", self.society.origin, kind.path(), URL_SAFE_NO_PAD.encode(token));
        Ok(Link { url: Secret::new(url), sent: self.now, serves_from, expires, waits: false })
    }

    /// Whether the recovery of this name was left alone until its hold was over. One that was cancelled, or that a newer one has
    /// replaced, never comes to count.
    fn has_come_to_count(&self, member: MemberId, item: ItemId) -> Result<bool, Fault> {
        let Some(member) = self.member(member)? else { return Ok(false) };
        let mut credentials = self.credentials(&member)?;
        credentials.settle(self.now, self.society.policy().lifetimes.half_login);
        Ok(credentials.last_recovery == Some(item))
    }

    fn user_id(&self, member: MemberId) -> Result<Option<UserId>, Fault> {
        let Some(member) = self.member(member)? else { return Ok(None) };
        let profile = open_profile(self.world.vault.as_ref(), &self.society.name, member.id, &member.profile)?;
        Ok(Some(profile.user_id))
    }

    fn credentials(&self, member: &MemberRows) -> Result<Credentials, Fault> {
        open_credentials(self.world.vault.as_ref(), &self.society.name, member.id, &member.credentials)
    }

    fn member(&self, id: MemberId) -> Result<Option<MemberRows>, Fault> {
        Ok(self.world.store.load(&self.society.name, Key::Member(id))?.member)
    }

    fn put(&self, row: &OutboxRow) -> Result<(), Fault> {
        self.world.store.put_letter(&self.society.name, row.id, Some(row.clone()))
    }

    fn keys(&self) -> Result<&SocietyKeys, Fault> {
        self.society.keys(self.world)
    }
}
