//! What a society allows that it should not, and every limit that holds (staff.10).

use super::{Desk, Office, StaffError, letters};
use crate::society::Society;
use sekisho_core::audit::Event;
use sekisho_core::bucket::{Admission, Rate};
use sekisho_core::concession::concessions;
use sekisho_core::tenant::{Lifetimes, Limit, Limits, Preset, Quota, TenantPolicy};
use std::time::Duration;

/// Shows preset, concessions, limits and lifetimes.
pub fn show(office: &Office, society: &Society, desk: &dyn Desk) -> Result<(), StaffError> {
    // Written down before anything is shown. It also opens the file, and with it puts published terms in force.
    society.keys(&office.world)?;
    office.audit(society, Event::PolicyShown, None, desk)?;
    let now = office.world.now(&society.name)?;
    let brake = office.world.store.brake(&society.name)?;
    let announced = brake.letters.iter().filter(|letters| now < letters.until).map(letters::described);
    for line in lines(society.policy(), announced.collect()) {
        desk.line(&line)?;
    }
    Ok(())
}

fn lines(policy: &TenantPolicy, announced: Vec<String>) -> Vec<String> {
    let preset = match policy.preset {
        Preset::Manual => "manual: the paper to the letter",
        Preset::Guarded => "guarded: the paper's screens, with holds and notices behind them",
        Preset::Hardened => "hardened: NIST SP 800-63B-4 AAL2 and ASVS",
    };
    let mut lines = vec![format!("preset  {preset}"), format!("terms   version {}", policy.terms_version), String::new()];
    for concession in concessions(policy) {
        lines.push(format!("concession {}", concession.id));
        lines.push(format!("  {}", concession.says));
        lines.push(format!("  because: {}", concession.reason));
        lines.push(format!("  departs from: {}", concession.departs_from.join("; ")));
    }
    lines.push(String::new());
    let table = |title: &str, rows: Vec<(&str, String)>| {
        let rows = rows.into_iter().map(|(what, text)| format!("  {what:<48}{text}"));
        std::iter::once(title.to_owned()).chain(rows).collect::<Vec<_>>()
    };
    lines.extend(table("limits", limits(&policy.limits)));
    lines.extend(announced.into_iter().map(|letters| format!("  announced: {letters}")));
    lines.push(String::new());
    lines.extend(table("sources, all societies together", sources(&Admission::default())));
    lines.push(String::new());
    lines.extend(table("lifetimes", lifetimes(&policy.lifetimes, policy.preset)));
    lines
}

fn limits(limits: &Limits) -> Vec<(&'static str, String)> {
    let Limits {
        password,
        share,
        birth_dates,
        birth_date,
        activation,
        second_step,
        rebind_at,
        tell_at,
        brake,
        mail_code,
        mail_code_tries,
        mail_codes,
        recovery,
        user_ids,
        letter_every,
        letters_a_day,
    } = limits;
    vec![
        ("wrong passwords", limit(password)),
        ("of strangers' free tries, for one source", format!("{share} of {}", password.free)),
        ("wrong birth dates in one log-in", format!("{birth_dates}, then back to the log-in page")),
        ("wrong birth dates", limit(birth_date)),
        ("wrong activation codes", limit(activation)),
        ("wrong TOTP codes, passkeys, recovery codes", limit(second_step)),
        (
            "the same since the last right one",
            format!("{rebind_at}, then a new factor and a new password; at {tell_at} in a row the member is told"),
        ),
        ("wrong first passwords, all members, strangers", format!("{}; more on announced mornings of letters", quota(brake))),
        ("wrong codes by mail", limit(mail_code)),
        ("wrong codes for one mail", format!("{mail_code_tries}, then it is dead")),
        ("codes by mail", quota(mail_codes)),
        ("reset links and reminders", quota(recovery)),
        ("user IDs tried out", quota(user_ids)),
        ("links to confirm an address", format!("one in {}, {letters_a_day} a day", span(*letter_every))),
    ]
}

fn sources(admission: &Admission) -> Vec<(&'static str, String)> {
    let Admission { narrow, wide, company, letters, connections, company_connections } = admission;
    let rate = |Rate { burst, a_second }: &Rate| format!("{burst} at once, and {a_second} a second");
    vec![
        ("passwords of one IPv4 address or IPv6 /64", rate(narrow)),
        ("passwords of one /24 or /48", rate(wide)),
        ("passwords of one company's network", format!("{}, in the place of both", rate(company))),
        ("forms that ask for a letter", format!("{letters} count as one password")),
        ("connections of one IPv4 address or IPv6 /64", connections.to_string()),
        ("connections of one company's network", company_connections.to_string()),
    ]
}

fn limit(limit: &Limit) -> String {
    let Limit { free, first_wait, longest_wait, lock_at, lock, longest_lock, forgive_every } = limit;
    let waits = if first_wait == longest_wait {
        format!("{free} free, then a wait of {}", span(*first_wait))
    } else {
        format!("{free} free, then waits of {} doubling to {}", span(*first_wait), span(*longest_wait))
    };
    let locked = match (lock_at, lock) {
        (&u32::MAX, _) => String::new(),
        (at, Some(lock)) => format!("; at {at} locked for {}, doubling to {}", span(*lock), span(*longest_lock)),
        (at, None) => format!("; at {at} locked until staff unlocks"),
    };
    let forgiven = forgive_every.map_or(String::new(), |every| format!("; one forgiven every {}", span(every)));
    format!("{waits}{locked}{forgiven}")
}

pub(super) fn quota(quota: &Quota) -> String {
    let Quota { every, an_hour, a_day } = quota;
    let gap = if every.is_zero() { String::new() } else { format!("one in {}, ", span(*every)) };
    format!("{gap}{an_hour} an hour, {a_day} a day")
}

fn lifetimes(lifetimes: &Lifetimes, preset: Preset) -> Vec<(&'static str, String)> {
    let Lifetimes {
        half_login,
        setup,
        confirm_link,
        reset_link,
        freeze_link,
        challenge,
        mail_code,
        hold,
        reauthentication,
        browser,
        session_idle,
        session,
        issued_password,
        rule_password,
    } = lifetimes;
    let rows = [
        ("half a log-in", half_login),
        ("TOTP set-up", setup),
        ("link that confirms an address", confirm_link),
        ("reset link, from its sending", reset_link),
        ("link \"it was not me\"", freeze_link),
        ("passkey challenge", challenge),
        ("code by mail", mail_code),
        ("hold", hold),
        ("re-authentication", reauthentication),
        ("a known browser, since its last full log-in", browser),
        ("session without a request", session_idle),
        ("session", session),
        ("issued password, activation code", issued_password),
    ];
    // A concession of `manual`, like `Verifier::end`.
    let by_rule = if preset == Preset::Manual { "without end".to_owned() } else { span(*rule_password) };
    let rows = rows.into_iter().map(|(what, lasts)| (what, span(*lasts)));
    rows.chain([("first password by the rule", by_rule)]).collect()
}

/// A span as people say it.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => "0 s".to_owned(),
        _ if seconds.is_multiple_of(86_400) && seconds > 3 * 86_400 => format!("{} days", seconds / 86_400),
        _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
