//! What the paper manuals ask for and the standards do not allow, each by name (design §7). `sekisho policy show` lists a society's;
//! the audit log names the one that a log-in rests on.

use crate::tenant::{FirstLoginItem, Method, Preset, TenantPolicy, UserIdChange};

/// Shortest password that may stand without a second factor (NIST SP 800-63B-4 §3.1.1.2).
pub const SINGLE_FACTOR_LENGTH: usize = 15;

/// One weak point that a society's policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concession {
    /// Permanent id, as in the audit log.
    pub id: &'static str,
    /// What is allowed.
    pub says: &'static str,
    /// Why, and what stands behind it in this preset.
    pub reason: &'static str,
    /// The rows of the standards that it departs from.
    pub departs_from: &'static [&'static str],
}

/// A log-in rests on a first password by rule.
pub const RULE_PASSWORD: &str = "rule-password";

/// Every concession that `policy` makes, the gravest first.
pub fn concessions(policy: &TenantPolicy) -> Vec<Concession> {
    let preset = policy.preset;
    let mail_code = policy.offers_method(Method::MailCode);
    let recovery: &[&str] = &["NIST SP 800-63B-4 §4.2.2.2", "ASVS 6.4.3", "ASVS 6.4.4"];
    let rule: &[&str] = &["NIST SP 800-63B-4 §3.1.1.1", "ASVS 6.4.1"];
    let mut made = Vec::new();
    let mut concede = |is: bool, id, says, reason, departs_from| {
        if is {
            made.push(Concession { id, says, reason, departs_from });
        }
    };
    concede(
        preset == Preset::Manual,
        "recovery-by-mail-at-once",
        "a mail link alone gives a new password and a new second step, at once",
        "the manuals' way back in; every step is told by mail, but the mailbox stands for both factors",
        recovery,
    );
    concede(
        preset == Preset::Guarded,
        "recovery-by-mail-on-hold",
        "a mail link alone gives a new password and a new second step, after a hold",
        "the manuals' way back in; until the hold is over the session is provisional, and the link \"it was not me\" or a log-in with \
         what counted cancels it",
        recovery,
    );
    concede(
        preset == Preset::Manual,
        RULE_PASSWORD,
        "symbol, number and birth date in one open the first log-in",
        "the only first password on the members' paper; waits and locks stand before it, and it has to be changed at once",
        rule,
    );
    concede(
        preset == Preset::Guarded,
        RULE_PASSWORD,
        "symbol, number and birth date in one open the first log-in",
        "the only first password on the members' paper; the account is unproven until an activation code, an address on file or staff \
         show whose it is, and until then changes of address and method are on hold",
        rule,
    );
    concede(
        preset == Preset::Manual,
        "rule-password-without-end",
        "a first password by the rule serves until the first log-in is finished, however long that takes",
        "members may keep the paper for years",
        &["ASVS 6.4.1"],
    );
    concede(
        mail_code,
        "mail-code",
        "a code by mail is taken for the second step",
        "for members with neither app nor passkey; it is called two-step and never two-factor, and the session's acr says so",
        &["NIST SP 800-63B-4 §3.1.3.1", "ASVS 6.3.6"],
    );
    concede(
        mail_code && policy.password.min < SINGLE_FACTOR_LENGTH,
        "short-password-with-mail-code",
        "a password of fewer than 15 characters stands beside a code by mail",
        "the manuals ask everybody for the same length",
        &["NIST SP 800-63B-4 §3.1.1.2"],
    );
    concede(
        true,
        "set-up-from-another-browser",
        "after the first log-in any browser with the new password may set the second step up",
        "the manuals end the first log-in with a log-out, and many members go on with another device; the set-up is told by mail",
        &["NIST SP 800-63B-4 §4.1.2.1"],
    );
    concede(
        preset == Preset::Manual && policy.user_id_change != UserIdChange::Never,
        "user-id-without-re-authentication",
        "the user ID is changed without password and second step being asked once more",
        "the manuals' page asks for neither; the change is told by mail",
        &["ASVS 7.5.1"],
    );
    concede(
        policy.first_login.contains(&FirstLoginItem::BirthDate),
        "birth-date",
        "the first log-in asks for the birth date",
        "a page of the manuals; it is counted on its own, opens nothing by itself, and is no proof of anything",
        &["NIST SP 800-63B-4 §3.1.1.2", "ASVS 6.4.2"],
    );
    concede(
        !policy.wait_for_email,
        "first-login-without-proven-address",
        "the first log-in is finished without waiting for the link in the mail",
        "the manuals go on at once; an address that nobody proved serves no recovery, no code by mail and no notice",
        &["NIST SP 800-63B-4 §4.6", "ASVS 6.3.7"],
    );
    concede(
        policy.user_id_change == UserIdChange::Never,
        "given-user-id",
        "members keep the user ID that their card tells",
        "the society's choice; who knows the card knows the ID, and the waits are the only brake",
        &["OWASP Credential Stuffing, unpredictable user names"],
    );
    concede(
        policy.share_email,
        "shared-address",
        "several members may use one address",
        "families share one; whoever reads it reads the letters of all of them",
        &["NIST SP 800-63B-4 §4.6"],
    );
    concede(
        policy.password.ascii,
        "ascii-passwords",
        "passwords are made of half-width letters, digits and signs only",
        "the manuals list the signs; full-width input is folded",
        &["NIST SP 800-63B-4 §3.1.1.2"],
    );
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::{Lifetimes, Limits, Offer, PasswordRule, UserIdRule};
    use std::collections::BTreeSet;

    fn policy(preset: Preset) -> TenantPolicy {
        TenantPolicy {
            preset,
            methods: Method::ALL.map(|method| Offer { method, recommended: false }).to_vec(),
            first_login: vec![FirstLoginItem::BirthDate, FirstLoginItem::Method, FirstLoginItem::NewPassword],
            wait_for_email: true,
            share_email: false,
            user_id_change: UserIdChange::Optional,
            terms_version: "1".to_owned(),
            user_id: UserIdRule::default(),
            password: PasswordRule { ascii: false, ..PasswordRule::default() },
            limits: Limits::default(),
            lifetimes: Lifetimes::default(),
        }
    }

    fn ids(policy: &TenantPolicy) -> Vec<&'static str> {
        concessions(policy).into_iter().map(|concession| concession.id).collect()
    }

    #[test]
    fn every_preset_concedes_what_the_design_says() {
        let manual = [
            "recovery-by-mail-at-once",
            "rule-password",
            "rule-password-without-end",
            "mail-code",
            "short-password-with-mail-code",
            "set-up-from-another-browser",
            "user-id-without-re-authentication",
            "birth-date",
        ];
        assert_eq!(ids(&policy(Preset::Manual)), manual);
        let guarded = [
            "recovery-by-mail-on-hold",
            "rule-password",
            "mail-code",
            "short-password-with-mail-code",
            "set-up-from-another-browser",
            "birth-date",
        ];
        assert_eq!(ids(&policy(Preset::Guarded)), guarded);
        assert_eq!(ids(&policy(Preset::Hardened)), ["set-up-from-another-browser", "birth-date"]);
    }

    #[test]
    fn what_a_society_chooses_beside_its_preset_is_named_too() {
        let lax = TenantPolicy {
            wait_for_email: false,
            share_email: true,
            user_id_change: UserIdChange::Never,
            password: PasswordRule::default(),
            first_login: vec![FirstLoginItem::Method, FirstLoginItem::NewPassword],
            ..policy(Preset::Hardened)
        };
        let named =
            ["set-up-from-another-browser", "first-login-without-proven-address", "given-user-id", "shared-address", "ascii-passwords"];
        assert_eq!(ids(&lax), named);
        let long = TenantPolicy { password: PasswordRule { min: 15, ..PasswordRule::default() }, ..policy(Preset::Guarded) };
        assert!(!ids(&long).contains(&"short-password-with-mail-code"));
    }

    #[test]
    fn each_has_one_id_a_reason_and_a_row() {
        for preset in [Preset::Manual, Preset::Guarded, Preset::Hardened] {
            let made = concessions(&policy(preset));
            assert_eq!(made.iter().map(|one| one.id).collect::<BTreeSet<_>>().len(), made.len());
            assert!(made.iter().all(|one| !one.says.is_empty() && !one.reason.is_empty() && !one.departs_from.is_empty()));
        }
    }
}
