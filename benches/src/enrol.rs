//! The first log-in of every member, through the pages, with the link from the letter and the set-up of app or passkey.

use crate::AnyError;
use crate::browser::{Connection, Site, between};
use crate::load::{Crew, each};
use crate::member::{BIRTH, Device, Member, options};
use sekisho_harness::mailbox::Mailbox;
use sekisho_harness::world::totp_app::TotpApp;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How many are enrolled at the same time: fewer than the first passwords that a society judges at once with no letters announced.
const AT_ONCE: usize = 16;

/// How long the letters of all members may take.
const LETTERS: Duration = Duration::from_secs(900);

/// A span in which no letter comes means that there is none left.
const QUIET: Duration = Duration::from_secs(5);

/// How long enrolment took.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Up to the address.
    pub forms: Duration,
    /// Until the last letter had come, beyond that.
    pub letters: Duration,
    /// From the links to the apps.
    pub set_up: Duration,
    /// Until the last notice had gone, beyond that.
    pub notices: Duration,
    /// All letters.
    pub mails: usize,
}

/// Enrols `members`.
pub fn all(crew: &Crew, site: &Site, mailbox: &Mailbox, members: Vec<Member>) -> Result<(Vec<Member>, Spent), AnyError> {
    let begun = Instant::now();
    let count = members.len();
    let members = each(crew, AT_ONCE, members, async |member| first_forms(site, member).await)?;
    let forms = begun.elapsed();
    let mails = mailbox.wait_for(count, LETTERS);
    let letters = begun.elapsed();
    let links: BTreeMap<String, String> = mails.iter().filter_map(|mail| Some((mail.to.clone(), mail.link()?.to_owned()))).collect();
    let members = each(crew, AT_ONCE, members, async |member| {
        let link = links.get(&member.mail).ok_or_else(|| format!("no letter has come to {}", member.mail))?;
        from_link(site, member, link).await?;
        set_up(site, member).await
    })?;
    let set_up = begun.elapsed();
    let mails = until_quiet(mailbox);
    let spent = Spent { forms, letters: letters - forms, set_up: set_up - letters, notices: begun.elapsed() - set_up, mails };
    Ok((members, spent))
}

/// Waits until no letter comes any more: what is still in the outbox would be measured with the log-ins.
fn until_quiet(mailbox: &Mailbox) -> usize {
    let mut seen = mailbox.mails().len();
    loop {
        let now = mailbox.wait_for(seen + 100, QUIET).len();
        if now == seen {
            return seen;
        }
        seen = now;
    }
}

/// First password, birth date, terms, address.
async fn first_forms(site: &Site, member: &mut Member) -> Result<(), AnyError> {
    let Member { browser, user_id, first_password, mail, .. } = member;
    let mut connection = site.connect().await?;
    let connection = &mut connection;
    browser.page(connection, "/login", "login").await?;
    browser.post(connection, "/login", &[("user_id", user_id), ("password", first_password)]).await?.leads_to("/birth-date")?;
    browser.page(connection, "/birth-date", "birth-date").await?;
    let [year, month, day] = BIRTH;
    let birth = [("era", "common"), ("year", year), ("month", month), ("day", day)];
    browser.post(connection, "/birth-date", &birth).await?.leads_to("/terms")?;
    let terms = browser.page(connection, "/terms", "terms").await?;
    let version = between(terms.text(), "name=\"version\" value=\"", "\"").ok_or("the terms have no version")?.to_owned();
    browser.post(connection, "/terms", &[("version", &version), ("action", "accept")]).await?.leads_to("/email")?;
    browser.page(connection, "/email", "email").await?;
    browser.post(connection, "/email", &[("email", mail)]).await?.leads_to("/email/wait")
}

/// The link, the method, the password.
async fn from_link(site: &Site, member: &mut Member, link: &str) -> Result<(), AnyError> {
    let Member { browser, password, device, .. } = member;
    let method = if matches!(device, Device::App(_)) { "totp" } else { "passkey" };
    let mut connection = site.connect().await?;
    let connection = &mut connection;
    let path = link.find("/link/").and_then(|at| link.get(at..)).ok_or("the letter's link is none of ours")?;
    let page = browser.get(connection, path).await?;
    let token = between(page.text(), "name=\"t\" value=\"", "\"").ok_or("the link's page has no token")?.to_owned();
    browser.post(connection, "/link/email", &[("t", &token)]).await?;
    browser.page(connection, "/method", "method").await?;
    browser.post(connection, "/method", &[("method", method)]).await?.leads_to("/new-password")?;
    browser.page(connection, "/new-password", "new-password").await?;
    browser.post(connection, "/new-password", &[("password", password), ("again", password)]).await?.leads_to("/complete")
}

/// The second log-in, which sets the app or the passkey up.
async fn set_up(site: &Site, member: &mut Member) -> Result<(), AnyError> {
    let mut connection = site.connect().await?;
    let connection = &mut connection;
    member.browser.overnight();
    member.browser.page(connection, "/login", "login").await?;
    let fields = [("user_id", member.user_id.as_str()), ("password", member.password.as_str())];
    let answer = member.browser.post(connection, "/login", &fields).await?;
    if let Device::Passkey(key, _) = &mut member.device {
        answer.leads_to("/setup-passkey")?;
        let page = member.browser.page(connection, "/setup-passkey", "setup-passkey").await?;
        let made = key.create(&options(&page)?, &site.origin, None).ok_or("the page asks for no passkey")?;
        member.browser.post(connection, "/setup-passkey", &[("credential", &made)]).await?.leads_to("/name-passkey")?;
        member.browser.page(connection, "/name-passkey", "name-passkey").await?;
        member.browser.post(connection, "/name-passkey", &[("device", "")]).await?.leads_to("/recovery-codes")?;
    } else {
        answer.leads_to("/setup-totp")?;
        set_app_up(connection, member).await?;
    }
    member.browser.page(connection, "/recovery-codes", "recovery-codes").await?;
    member.browser.post(connection, "/recovery-codes", &[("action", "leave")]).await?.leads_to("/")
}

async fn set_app_up(connection: &mut Connection, member: &mut Member) -> Result<(), AnyError> {
    // As text: no QR code has to be read, and the key is the same.
    let page = member.browser.page(connection, "/setup-totp/key", "setup-totp").await?;
    let key = between(page.text(), "<code>", "</code>").ok_or("the set-up page shows no key")?;
    member.device = Device::App(Some(TotpApp::typed(key).ok_or("the set-up page's key is none")?));
    let code = member.fresh_code().ok_or("a new app has no code")?;
    let fields = [("code", code.as_str()), ("device", "bench"), ("as_text", "on")];
    member.browser.post(connection, "/setup-totp", &fields).await?.leads_to("/recovery-codes")
}
