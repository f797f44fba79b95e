use sekisho::mail::smtp::{Relay, RelayError, SmtpMailer, Tls};
use std::path::PathBuf;

fn relay(host: &str, tls: Tls) -> Relay {
    Relay { host: host.to_owned(), port: 25, tls, ca_file: None, user: None, password_file: None, timeout_seconds: 5 }
}

#[test]
fn a_plain_connection_is_refused_unless_it_stays_on_this_machine() {
    for host in ["relay.example.test", "192.0.2.1", "0.0.0.0", "10.0.0.1", "localhost", "127.0.0.1.example.test", "::ffff:192.0.2.1"] {
        let error = SmtpMailer::new(&relay(host, Tls::LoopbackPlain)).err().expect(host);
        assert!(matches!(&error, RelayError::PlainOutside(named) if named == host));
        assert!(error.to_string().contains("loopback"), "it says why: {error}");
    }
    for host in ["127.0.0.1", "127.8.0.1", "::1"] {
        assert!(SmtpMailer::new(&relay(host, Tls::LoopbackPlain)).is_ok(), "{host}");
    }
}

#[test]
fn half_a_log_in_at_the_relay_is_refused() {
    let user = Relay { user: Some("sekisho".to_owned()), ..relay("relay.example.test", Tls::Required) };
    assert!(matches!(SmtpMailer::new(&user), Err(RelayError::HalfLogin)));
    let password = Relay { password_file: Some(PathBuf::from("password")), ..relay("relay.example.test", Tls::Required) };
    assert!(matches!(SmtpMailer::new(&password), Err(RelayError::HalfLogin)));
}

#[test]
fn a_file_that_is_missing_or_wrong_is_named() {
    let files = tempfile::tempdir().unwrap();
    let gone = files.path().join("gone.pem");
    let error = SmtpMailer::new(&Relay { ca_file: Some(gone), ..relay("relay.example.test", Tls::Required) }).err().unwrap();
    assert!(error.to_string().contains("gone.pem"), "{error}");

    let empty = files.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    let error = SmtpMailer::new(&Relay { ca_file: Some(empty), ..relay("relay.example.test", Tls::Required) }).err().unwrap();
    assert!(error.to_string().contains("empty.pem"), "{error}");

    let password = files.path().join("password");
    std::fs::write(&password, b"geheim\xff\n").unwrap();
    let with = Relay { user: Some("sekisho".to_owned()), password_file: Some(password), ..relay("relay.example.test", Tls::Required) };
    let error = SmtpMailer::new(&with).err().unwrap();
    assert!(matches!(error, RelayError::Password(_)) && !error.to_string().contains("geheim"), "{error}");
}
