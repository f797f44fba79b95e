//! What no page of ours sends: a plain page, the same every time, and the service is not asked.

use super::support::*;
use sekisho_core::step::Step;

fn refused(cases: Vec<(&str, Sent, u16)>) {
    let stage = stage();
    for (what, sent, status) in cases {
        let Sent { method, path, headers, body } = sent;
        let again = || Sent { method, path: path.clone(), headers: headers.clone(), body: body.clone() };
        let first = stage.ask(again());
        let second = stage.ask(again());
        assert_eq!(first.status().as_u16(), status, "{what}");
        assert_eq!(second.status().as_u16(), status, "{what}");
        if status == 421 {
            assert_eq!(first.body(), second.body(), "{what}");
        } else {
            assert_eq!(blanked(&first), blanked(&second), "{what}");
        }
        assert!(!text(&first).contains("<script>"), "{what}");
    }
    assert!(stage.script.calls().is_empty(), "{:?}", stage.script.calls());
}

#[test]
fn forms_that_are_not_exactly_one_of_ours() {
    let good = "user_id=1&password=2";
    let code = |fields: &str| post("/code", fields);
    refused(vec![
        ("unknown field", post("/login", &format!("{good}&admin=1")), 400),
        ("unknown field with markup", post("/login", &format!("{good}&%3Cscript%3E=1")), 400),
        ("field twice", post("/login", &format!("{good}&user_id=2")), 400),
        ("token twice", post("/login", &format!("{good}&csrf=2")), 400),
        ("field missing", post("/login", "user_id=1"), 400),
        ("no field at all", post("/login", ""), 400),
        ("empty body", raw_post("/login", b"").with("cookie", &pre(1)), 403),
        ("bad UTF-8", post("/login", "user_id=%ff&password=2"), 400),
        ("broken escape", post("/login", "user_id=%4&password=2"), 400),
        ("raw bytes", raw_post("/login", b"user_id=\xff&password=2"), 400),
        ("NUL", post("/login", "user_id=%00&password=2"), 400),
        ("long field", post("/login", &format!("user_id={}&password=2", "a".repeat(4097))), 400),
        ("box with another value", post("/logout", "everywhere=yes"), 400),
        ("method of nobody", post("/method", "method=sms&user_id=a"), 400),
        ("era of nobody", post("/birth-date", "era=meiji&year=1&month=1&day=1"), 400),
        ("day missing", post("/birth-date", "era=showa&year=1&month=1"), 400),
        ("action of nobody", post("/email/wait", "action=skip"), 400),
        ("another form's field", code("code=123456&password=x"), 400),
        ("device by name", code("code=123456&device=x"), 400),
        ("device with a sign", code("code=123456&device=%2B1"), 400),
        ("device with a zero in front", code("code=123456&device=01"), 400),
        ("device out of range", code("code=123456&device=4294967296"), 400),
        ("device below zero", code("code=123456&device=-1"), 400),
        ("device of nothing", code("code=123456&device="), 400),
        ("device with a space", code("code=123456&device=1+"), 400),
        ("device in full width", code("code=123456&device=%EF%BC%91"), 400),
        ("link without token", post("/link/email", ""), 400),
        ("link with white space", post("/link/reset", "t=a+b"), 400),
        ("terms without a decision", post("/terms", "version=1"), 400),
        ("terms with another", post("/terms", "version=1&action=later"), 400),
        ("both decisions", post("/terms", "version=1&action=accept&action=decline"), 400),
        ("answer and outcome", post("/passkey", "credential=%7B%7D&outcome=cancelled"), 400),
        ("outcome of nobody", post("/passkey", "credential=&outcome=accepted"), 400),
        ("outcome of the other ceremony", post("/passkey", "credential=&outcome=known"), 400),
        ("outcome alone", post("/setup-passkey", "outcome=cancelled"), 400),
        ("answer too long", post("/passkey", &format!("credential={}", "a".repeat(64 * 1024 + 1))), 400),
        ("way of nobody", post("/another-way", "way=staff"), 400),
        ("way that is no choice here", post("/another-way", "way=anew"), 400),
        ("mailbox for a recovery", post("/recover", "way=mail-code"), 400),
        ("goal of another page", post("/profile", "goal=change-password"), 400),
        ("goal of another page", post("/login-methods", "goal=change-email"), 400),
        ("goal that begins with a link", post("/login-methods", "goal=recover"), 400),
        ("mailbox as a device", post("/login-methods", "goal=add-mail-code"), 400),
        ("delete nothing", post("/login-methods", "goal=delete"), 400),
        ("delete by name", post("/login-methods", "goal=delete&device=phone"), 400),
        ("device for another goal", post("/login-methods", "goal=add-totp&device=1"), 400),
        ("code for another action", post("/own-page", "action=end-others&code=1"), 400),
        ("action without its code", post("/own-page", "action=activation-code"), 400),
        ("question answered with more than yes", post("/login-methods/delete", "device=1"), 400),
    ]);
}

#[test]
fn bodies_that_are_no_forms() {
    refused(vec![
        ("JSON", raw_post("/login", b"{}").instead("content-type", "application/json"), 415),
        ("no type", raw_post("/login", b"a=1").without("content-type"), 415),
        ("multipart", raw_post("/login", b"a=1").instead("content-type", "multipart/form-data; boundary=x"), 415),
        ("packed", raw_post("/login", b"a=1").with("content-encoding", "gzip"), 415),
        ("too large", raw_post("/login", &[b'a'; 16 * 1024 + 1]), 413),
        ("too large for any passkey", raw_post("/passkey", &[b'a'; 196 * 1024 + 1]), 413),
        ("said to be too large", raw_post("/login", b"").with("content-length", "99999999"), 413),
    ]);
}

#[test]
fn methods_that_a_path_does_not_have() {
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
        refused(vec![("method", get("/login").by(method), 405)]);
    }
    refused(vec![("form to a page", post("/help", ""), 405), ("form to a screen without one", post("/", ""), 405)]);
    let stage = stage();
    for (path, allow) in [("/login", "GET, HEAD, POST"), ("/help", "GET, HEAD"), ("/language", "POST")] {
        let response = stage.ask(get(path).by("DELETE"));
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, allow));
    }
}

#[test]
fn paths_that_are_nearly_ours() {
    for path in [
        "//login",
        "/login/",
        "/x/../login",
        "/./login",
        "/%6cogin",
        "/setup-totp%2fkey",
        "/setup-totp%2Fkey",
        "/login%00",
        "/LOGIN",
        "/login;a=1",
    ] {
        refused(vec![("path", get(path), 404)]);
    }
    refused(vec![
        ("icon", get("/favicon.ico"), 404),
        ("another style sheet", get("/style-.css"), 404),
        ("another script", get("/passkey-.js"), 404),
        ("no link", get("/link?t=abc"), 404),
        ("another link", get("/link/password?t=abc"), 404),
        ("another well-known", get("/.well-known/"), 404),
    ]);
}

#[test]
fn hosts_that_are_not_the_connections_society() {
    refused(vec![
        ("another society", get("/login").instead("host", SOUTH), 421),
        ("nobody", get("/login").instead("host", "nobody.example.test"), 421),
        ("no host", get("/login").without("host"), 421),
        ("two hosts", get("/login").with("host", SOUTH), 421),
        ("address of another", get(&format!("https://{SOUTH}/login")), 421),
        ("dot at the end", get("/login").instead("host", &format!("{NORTH}.")), 421),
        ("another port", get("/login").instead("host", &format!("{NORTH}:8443")), 421),
        ("a name around", get("/login").instead("host", &format!("x@{NORTH}")), 421),
    ]);
    let stage = stage();
    for sni in [None, Some(SOUTH), Some("nobody.example.test")] {
        assert_eq!(stage.app.respond(sni, somewhere(), get("/login").request()).status().as_u16(), 421, "{sni:?}");
    }
    assert!(stage.script.calls().is_empty());
    let whole = get(&format!("https://{NORTH}/login")).without("host");
    assert_eq!(stage.ask(whole).status().as_u16(), 200);
    assert_eq!(stage.ask(get("/login").instead("host", "North.Example.Test")).status().as_u16(), 200);
}

#[test]
fn letters_in_a_code_reach_the_rules_as_no_code() {
    let stage = stage();
    for code in ["abcdef", "12345", "1234567", "12345x", "", "%F0%9F%98%80"] {
        assert_eq!(stage.ask(post("/code", &format!("code={code}"))).status().as_u16(), 200, "{code}");
    }
    let commands = stage.script.commands.lock().unwrap();
    assert_eq!(commands.len(), 6);
    assert!(commands.iter().all(|command| matches!(command, sekisho_core::command::Command::GiveCode { code: None, device: None })));
}

#[test]
fn no_form_is_taken_where_a_screen_has_none() {
    for step in [Step::Portal, Step::FirstLoginComplete, Step::SeeMail, Step::TermsDeclined] {
        refused(vec![(step.id(), post(step.path(), ""), 405)]);
    }
}
