//! Lives of members for the laws on faults: every form that there is behind a log-in, with its refusals on the way.

use crate::faults::Stumbling;
use crate::scene::{Person, WRONG};
use sekisho_harness::drivers::Driver;
use sekisho_harness::world::authenticator::Mutation;
use std::time::Duration;

/// Longer than a proof is fresh enough for a change.
const STALE: u64 = 301;

fn pass(driver: &mut Stumbling, seconds: u64) {
    let until = driver.now().after(Duration::from_secs(seconds));
    driver.wait_until(until).expect("time passes");
}

fn log_out(driver: &mut Stumbling, person: &mut Person) {
    person.open(driver, "/logout");
    assert_eq!(person.send(driver, &[]), ("login", None, 200));
}

/// Begins a change on one of the pages behind the portal.
fn begin<'a>(driver: &mut Stumbling, person: &'a mut Person, page: &str, goal: &str) -> &'a str {
    person.open(driver, page);
    person.send(driver, &[("goal", goal)]).0
}

/// Passkeys: set up, named, log-ins, and another way beside them.
pub fn with_a_passkey(driver: &mut Stumbling) {
    let mut person = driver.scene.member("by passkey").by("passkey");
    person.walk(driver, "setup-passkey");
    let refused = person.answer_passkey(driver, Some(Mutation::OriginOther));
    assert_eq!(refused, ("setup-passkey", Some("passkey.refused"), 422));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "name-passkey");
    assert_eq!(person.send(driver, &[("device", "\u{7}")]), ("name-passkey", Some("device-name.unfit"), 422));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "recovery-codes");
    person.send(driver, &[("action", "make")]);
    person.member.recovery_codes = person.page().recovery_codes();
    assert_eq!(person.member.recovery_codes.len(), 10);
    person.walk(driver, "portal");
    log_out(driver, &mut person);
    person.walk(driver, "login-passkey");
    let refused = person.answer_passkey(driver, Some(Mutation::OriginOther));
    assert_eq!(refused, ("login-passkey", Some("passkey.refused"), 422));
    assert_eq!(driver.scene.failures(&person), (0, 1));
    person.browser.reload(driver).expect("it loads again");
    assert_eq!(person.send_passkey(driver, ""), ("login-passkey", Some("passkey.cancelled"), 422));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "portal");
    assert_eq!(driver.scene.failures(&person), (0, 0));
    log_out(driver, &mut person);
    person.walk(driver, "login-passkey");
    person.open(driver, "/another-way");
    assert_eq!(person.send(driver, &[("way", "recovery-code")]), ("recovery-code", None, 200));
    let code = person.member.recovery_codes[1].clone();
    // The code of another place on the list: none of the ten, and of their shape.
    let wrong = format!("{}{}", &person.member.recovery_codes[0][..10], &code[10..]);
    assert_eq!(person.send(driver, &[("code", &wrong)]), ("recovery-code", Some("recovery-code.wrong"), 422));
    assert_eq!(driver.scene.failures(&person), (0, 1));
    person.browser.reload(driver).expect("it loads again");
    assert_eq!(person.send(driver, &[("code", &code)]), ("portal", None, 200));
    log_out(driver, &mut person);
}

/// Codes by mail, and every change of the settings behind a re-authentication.
pub fn with_codes_by_mail(driver: &mut Stumbling) {
    let mut person = driver.scene.member("by mail").by("mail-code");
    person.walk(driver, "mail-code");
    let right = person.mailed_code(driver);
    let wrong = if right == "000000" { "111111" } else { "000000" };
    assert_eq!(person.send(driver, &[("action", "give"), ("code", wrong)]), ("mail-code", Some("mail-code.wrong"), 422));
    assert_eq!(driver.scene.counters(&person).mail_code.failures, 1);
    person.browser.reload(driver).expect("it loads again");
    assert_eq!(person.send(driver, &[("action", "resend"), ("code", "")]), ("mail-code", Some("mail.too-soon"), 429));
    pass(driver, 61);
    person.browser.reload(driver).expect("it loads again");
    assert_eq!(person.send(driver, &[("action", "resend"), ("code", "")]), ("mail-code", None, 200));
    person.walk(driver, "portal");
    assert_eq!(driver.scene.counters(&person).mail_code.failures, 0);
    pass(driver, STALE);
    assert_eq!(begin(driver, &mut person, "/profile", "change-email"), "re-authentication");
    assert_eq!(person.send(driver, &[("password", WRONG)]), ("re-authentication", Some("re-authentication.wrong"), 422));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "change-email");
    let other = person.member.other_mail.clone();
    assert_eq!(person.send(driver, &[("email", &other)]), ("profile", None, 200));
    assert_eq!(begin(driver, &mut person, "/profile", "change-method"), "change-method");
    assert_eq!(person.send(driver, &[("method", "mail-code")]), ("change-method", Some("method.unchanged"), 422));
    assert_eq!(begin(driver, &mut person, "/login-methods", "add-totp"), "setup-totp");
    person.enrol();
    let code = person.code(driver.now());
    assert_eq!(person.send(driver, &[("code", &code), ("device", "電話")]), ("login-methods", None, 200));
    person.typed(driver.now());
    assert_eq!(begin(driver, &mut person, "/login-methods", "add-passkey"), "setup-passkey");
    person.walk(driver, "login-methods");
    let passkey = person.page().choice_called("device", "わたしの鍵").expect("the new device");
    assert_eq!(person.send(driver, &[("goal", "delete"), ("device", &passkey)]), ("delete-device", None, 200));
    assert_eq!(person.send(driver, &[]), ("login-methods", None, 200));
    assert_eq!(begin(driver, &mut person, "/login-methods", "recovery-codes"), "recovery-codes");
    person.send(driver, &[("action", "make")]);
    assert_eq!(person.send(driver, &[("action", "leave")]), ("login-methods", None, 200));
    assert_eq!(begin(driver, &mut person, "/login-methods", "change-password"), "new-password");
    let chosen = person.member.other_password.clone();
    assert_eq!(person.send(driver, &[("password", &chosen), ("again", &chosen)]), ("login-methods", None, 200));
    person.member.password = chosen;
    pass(driver, 61);
    person.elsewhere().walk(driver, "portal");
    assert_eq!(person.open(driver, "/own-page").0, "own-page");
    assert_eq!(person.send(driver, &[("action", "end-others")]), ("own-page", None, 200));
    let link = person.link_of(driver, "freeze");
    assert_eq!(person.elsewhere().press(driver, &link), ("link-frozen", None, 200));
    log_out(driver, &mut person);
}

/// Everything that is forgotten: the ID, the password, the device.
pub fn with_everything_forgotten(driver: &mut Stumbling) {
    let mut person = driver.scene.member("forgets");
    person.walk(driver, "recovery-codes");
    person.send(driver, &[("action", "make")]);
    person.member.recovery_codes = person.page().recovery_codes();
    person.walk(driver, "portal");
    log_out(driver, &mut person);
    let id = person.member.user_id.clone();
    person.open(driver, "/forgot-user-id");
    let birth = person.member.registered.birth;
    let (year, month, day) = (birth.year.to_string(), birth.month.to_string(), birth.day.to_string());
    let mail = person.member.registered.mail.clone();
    let with = [("era", "common"), ("year", year.as_str()), ("month", &month), ("day", &day), ("email", &mail)];
    assert_eq!(person.send(driver, &with), ("see-mail", None, 200));
    // With something that is held: at once.
    let link = reset(driver, &mut person, &id);
    assert_eq!(person.press(driver, &link), ("recover", None, 200));
    assert_eq!(person.send(driver, &[("way", "recovery-code")]), ("recovery-code", None, 200));
    let code = person.member.recovery_codes[0].clone();
    assert_eq!(person.send(driver, &[("code", &code)]), ("new-password", None, 200));
    let chosen = person.member.other_password.clone();
    assert_eq!(person.send(driver, &[("password", &chosen), ("again", &chosen)]), ("portal", None, 200));
    person.member.password = chosen;
    log_out(driver, &mut person);
    // By the letter alone: on hold.
    let link = reset(driver, &mut person, &id);
    assert_eq!(person.press(driver, &link), ("recover", None, 200));
    assert_eq!(person.send(driver, &[("way", "anew")]), ("setup-totp", None, 200));
    let app = person.member.apps.clone();
    person.enrol();
    let code = person.code(driver.now());
    assert_eq!(person.send(driver, &[("code", &code), ("device", "電話")]), ("new-password", None, 200));
    let chosen = person.member.chosen_password.clone();
    assert_eq!(person.send(driver, &[("password", &chosen), ("again", &chosen)]), ("portal", None, 200));
    // Whoever has what counts takes it back.
    person.member.apps = app;
    let mut owner = person.elsewhere();
    owner.walk(driver, "portal");
    log_out(driver, &mut owner);
}

/// Asks for a reset link.
fn reset(driver: &mut Stumbling, person: &mut Person, id: &str) -> String {
    person.open(driver, "/forgot-password");
    assert_eq!(person.send(driver, &[("user_id", id)]), ("see-mail", None, 200));
    person.link_of(driver, "reset")
}
