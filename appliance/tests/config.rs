//! The configuration: every mistake has a place and a remedy, and nothing weak starts.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use sekisho::config::{self, Problems, TlsVersion};
use sekisho::http::proxy::Says;
use sekisho_core::source::Source;
use sekisho_core::tenant::{Method, Preset, TenantPolicy, UserIdChange};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder with the sample configuration, made complete with what a real one has: PIN, password, certificate, key.
struct Setup {
    folder: tempfile::TempDir,
}

impl Setup {
    fn new() -> Self {
        let setup = Self { folder: tempfile::tempdir().unwrap() };
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/sample");
        fs::create_dir(setup.path("societies.d")).unwrap();
        for file in ["sekisho.toml", "societies.d/example.toml", "societies.d/example.terms.ja.txt", "societies.d/example.terms.en.txt"] {
            setup.write(file, &fs::read_to_string(sample.join(file)).unwrap(), 0o644);
        }
        fs::create_dir(setup.path("state")).unwrap();
        fs::set_permissions(setup.path("state"), fs::Permissions::from_mode(0o700)).unwrap();
        setup.replace("sekisho.toml", "\"/var/lib/sekisho\"", "\"state\"");
        setup.replace("sekisho.toml", "/usr/lib/softhsm/libsofthsm2.so", "module.so");
        setup.write("module.so", "", 0o755);
        setup.write("hsm.pin", "1234\n", 0o400);
        setup.write("relay.password", "secret\n", 0o400);
        setup.certificate("example", "login.example.jp");
        setup
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, text: &str, mode: u32) {
        fs::write(self.path(file), text).unwrap();
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} holds {from}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    fn certificate(&self, name: &str, host: &str) {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        self.write(&format!("societies.d/{name}.chain.pem"), &made.cert.pem(), 0o644);
        self.write(&format!("societies.d/{name}.key.pem"), &made.signing_key.serialize_pem(), 0o400);
    }

    fn load(&self) -> Result<config::Config, Problems> {
        config::load(&self.path("sekisho.toml"))
    }

    /// The problems, one line each, without the folder in front.
    fn problems(&self) -> Vec<String> {
        let Err(problems) = self.load() else { return Vec::new() };
        let folder = format!("{}/", self.folder.path().display());
        problems.to_string().lines().map(|line| line.strip_prefix(&folder).unwrap_or(line).to_owned()).collect()
    }

    /// The line in which `text` stands; the first is 1.
    fn line(&self, file: &str, text: &str) -> usize {
        let content = fs::read_to_string(self.path(file)).unwrap();
        1 + content.lines().position(|line| line.contains(text)).unwrap()
    }

    #[track_caller]
    fn assert_only(&self, start: &str, remedy: &str) {
        let problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert!(problems[0].starts_with(start), "{problems:#?} begins with {start}");
        assert!(problems[0].contains(remedy), "{problems:#?} says {remedy}");
    }
}

#[test]
fn the_sample_loads_and_says_what_it_says() {
    let setup = Setup::new();
    let config = setup.load().map_err(|problems| problems.to_string()).unwrap();
    assert_eq!(config.process.tls_min, TlsVersion::V1_3);
    assert_eq!(config.process.state, setup.path("state"));
    assert_eq!(config.process.staff.path, Path::new("/run/sekisho/staff.sock"));
    assert_eq!(config.process.hsm.pin_file, setup.path("hsm.pin"));
    assert_eq!(config.process.mail.login, Some(("sekisho".to_owned(), setup.path("relay.password"))));
    let [society] = &config.societies[..] else { panic!("one society") };
    assert_eq!(society.society.name.as_str(), "example");
    assert_eq!(society.society.origin, "https://login.example.jp");
    assert_eq!(society.society.policy().preset, Preset::Guarded);
    assert_eq!(society.society.face.services.len(), 2);
    assert!(society.society.terms().ja.starts_with("この文章は見本です"));
    assert_eq!(society.tls.certified.cert.len(), 1);
}

#[test]
fn the_sample_explains_every_key() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/sample/sekisho.toml")).unwrap();
    let keys = "listen health state societies tls_min log_level socket group module token pin_file pool host security port \
                user password_file ca_file memory_kib passes lanes threads queue trusted says companies";
    for key in keys.split_whitespace() {
        assert!(text.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{key} = "))), "{key} is not in the sample");
    }
}

fn with_proxies(lines: &str) -> Setup {
    let setup = Setup::new();
    let text = fs::read_to_string(setup.path("sekisho.toml")).unwrap();
    setup.write("sekisho.toml", &format!("{text}\n{lines}\n"), 0o644);
    setup
}

#[test]
fn proxies_and_companies_are_networks_and_without_them_nobody_is_trusted() {
    let at = |address: &str| Source::of(address.parse().unwrap());
    let process = Setup::new().load().unwrap_or_else(|problems| panic!("{problems}")).process;
    assert!(!process.proxies.trusts(at("127.0.0.1")) && process.companies.of(at("203.0.113.7")).is_none());
    let setup = with_proxies(
        "[proxy]\ntrusted = [\"10.0.0.5/32\", \"2001:db8:1:2::/64\"]\nsays = \"forwarded\"\n[sources]\ncompanies = [\"203.0.113.7/32\"]",
    );
    let process = setup.load().unwrap_or_else(|problems| panic!("{problems}")).process;
    assert_eq!(process.proxies.says, Says::Forwarded);
    let trusted = ["10.0.0.5", "::ffff:10.0.0.5", "2001:db8:1:2::9", "10.0.0.6"].map(|address| process.proxies.trusts(at(address)));
    assert_eq!(trusted, [true, true, true, false]);
    assert!(process.companies.of(at("203.0.113.7")).is_some());
}

#[test]
fn a_network_that_is_none_or_everybody_is_told_with_what_to_write() {
    for (lines, remedy) in [
        ("[proxy]\nsays = \"proxy-v2\"\ntrusted = [\"10.0.0.5\"]", "write ADDRESS/BITS"),
        ("[proxy]\nsays = \"proxy-v2\"\ntrusted = [\"10.0.0.5/24\"]", "write zeros there"),
        ("[proxy]\nsays = \"proxy-v2\"\ntrusted = [\"0.0.0.0/0\"]", "write the addresses that are meant"),
        ("[proxy]\nsays = \"proxy-v2\"", "write trusted = "),
        ("[proxy]\ntrusted = [\"10.0.0.5/32\"]", "proxy.says is missing"),
        ("[proxy]\nsays = \"x-forwarded-for\"\ntrusted = [\"10.0.0.5/32\"]", "proxy-v2"),
        ("[sources]\ncompanies = [\"::/0\"]", "write the addresses that are meant"),
    ] {
        let problems = with_proxies(lines).problems();
        assert!(problems.iter().any(|problem| problem.contains(remedy)), "{lines}: {problems:?}");
    }
}

#[test]
fn the_five_profiles_load_without_faults() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/profiles");
    let profile = |name: &str| -> TenantPolicy { toml::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap() };
    let [a, b, c, d, e] = ["a.toml", "b.toml", "c.toml", "d.toml", "e.toml"].map(profile);
    for policy in [&a, &b, &c, &d, &e] {
        assert_eq!(policy.faults(), Vec::<&str>::new());
        assert_eq!(policy.preset, Preset::Guarded);
    }
    let methods = |policy: &TenantPolicy| policy.methods.iter().map(|offer| offer.method).collect::<Vec<_>>();
    let recommended = |policy: &TenantPolicy| policy.methods.iter().find(|offer| offer.recommended).map(|offer| offer.method);
    assert_eq!(methods(&a), [Method::Passkey, Method::Totp, Method::MailCode]);
    assert_eq!(methods(&b), [Method::Totp, Method::MailCode, Method::Passkey]);
    assert_eq!(methods(&c), [Method::Passkey, Method::Totp]);
    assert_eq!([&a, &b, &c, &d, &e].map(recommended), [None, Some(Method::Totp), None, None, Some(Method::MailCode)]);
    assert_eq!([&a, &b, &c, &d, &e].map(|policy| policy.wait_for_email), [true, true, false, false, true]);
    use UserIdChange::{Asked, Never, Optional};
    assert_eq!([&a, &b, &c, &d, &e].map(|policy| policy.user_id_change), [Never, Never, Optional, Asked, Never]);
    assert!(!c.share_email);
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_the_key_that_was_meant() {
    let setup = Setup::new();
    setup.replace("sekisho.toml", "health = ", "helth = ");
    let line = setup.line("sekisho.toml", "helth");
    setup.assert_only(&format!("sekisho.toml:{line}: unknown key helth"), "write health instead");
}

#[test]
fn an_unknown_key_like_no_other_is_told_with_all_there_are() {
    let setup = Setup::new();
    setup.replace("sekisho.toml", "pool = 4", "pool = 4\nzzzzzzzzzzzz = 1");
    setup.assert_only("sekisho.toml:", "there are: module, token, pin_file, pool");
}

#[test]
fn an_unknown_value_and_a_wrong_kind_are_told_with_what_to_write() {
    let setup = Setup::new();
    setup.replace("societies.d/example.toml", "preset = \"guarded\"", "preset = \"guardd\"");
    let line = setup.line("societies.d/example.toml", "guardd");
    setup.assert_only(&format!("societies.d/example.toml:{line}: unknown value \"guardd\""), "write guarded instead");
    let setup = Setup::new();
    setup.replace("sekisho.toml", "pool = 4", "pool = \"4\"");
    setup.assert_only(&format!("sekisho.toml:{}: ", setup.line("sekisho.toml", "pool = ")), "a whole number, without quotes");
}

#[test]
fn all_mistakes_of_all_files_are_told_in_one_run() {
    let setup = Setup::new();
    setup.replace("sekisho.toml", "listen = ", "lisen = ");
    setup.replace("sekisho.toml", "module = ", "modul = ");
    setup.replace("sekisho.toml", "log_level = \"info\"", "log_level = \"loud\"");
    setup.replace("sekisho.toml", "127.0.0.1:9180", "0.0.0.0:9180");
    setup.replace("societies.d/example.toml", "phone = ", "fone = ");
    setup.replace("societies.d/example.toml", "min = 8\nmax = 64", "min = 6\nmax = 64");
    setup.replace("societies.d/example.toml", "https://portal.example.jp/costs", "http://portal.example.jp/costs");
    let problems = setup.problems().join("\n");
    for part in ["lisen; write listen", "the key listen is missing", "modul; write module", "\"loud\"", "health: plain HTTP", "fone"] {
        assert!(problems.contains(part), "{part} in:\n{problems}");
    }
    for part in ["example.toml: the key phone is missing", "policy.password.min: below 8", "services.url"] {
        assert!(problems.contains(part), "{part} in:\n{problems}");
    }
}

#[test]
fn a_missing_key_comes_with_an_example() {
    let setup = Setup::new();
    setup.replace("sekisho.toml", "listen = [\"[::]:443\"]", "");
    setup.assert_only("sekisho.toml: the key listen is missing", "listen = [\"[::]:443\"]");
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let setup = Setup::new();
    setup.replace("sekisho.toml", "pool = 4", "pool = = 4");
    setup.assert_only(&format!("sekisho.toml:{}: this is not TOML", setup.line("sekisho.toml", "pool = =")), "");
}

#[test]
fn secrets_that_others_can_open_are_refused_with_the_command_to_run() {
    for file in ["relay.password", "societies.d/example.key.pem"] {
        let setup = Setup::new();
        fs::set_permissions(setup.path(file), fs::Permissions::from_mode(0o440)).unwrap();
        setup.assert_only(&format!("{file}: a secret is for its owner"), "run: chmod 400 ");
    }
    // The PIN goes by the vault's own rule, so that what the check lets pass the start lets pass too.
    let setup = Setup::new();
    fs::set_permissions(setup.path("hsm.pin"), fs::Permissions::from_mode(0o440)).unwrap();
    setup.assert_only("hsm.pin: ", "run `chmod 0400 ");
}

#[test]
fn files_that_others_can_change_are_refused_with_the_command_to_run() {
    for file in ["sekisho.toml", "societies.d/example.toml", "societies.d", "societies.d/example.terms.ja.txt", "module.so"] {
        let setup = Setup::new();
        let mode = fs::metadata(setup.path(file)).unwrap().permissions().mode();
        fs::set_permissions(setup.path(file), fs::Permissions::from_mode(mode | 0o020)).unwrap();
        setup.assert_only(&format!("{file}: others than its owner can change it"), "run: chmod go-w ");
    }
}

#[test]
fn a_state_folder_open_to_everybody_is_refused() {
    let setup = Setup::new();
    fs::set_permissions(setup.path("state"), fs::Permissions::from_mode(0o755)).unwrap();
    setup.assert_only("state: state: others can open", "run: chmod o-rwx,g-w ");
}

#[test]
fn missing_files_are_named() {
    let setup = Setup::new();
    fs::remove_file(setup.path("hsm.pin")).unwrap();
    setup.assert_only("hsm.pin: ", "cannot be read: No such file");
}

#[test]
fn hashing_below_every_owasp_minimum_is_refused() {
    for (memory, passes) in [(19_455, 2), (47_103, 1), (12_287, 3), (9_215, 4), (7_167, 5), (7_167, 6), (19_456, 1)] {
        let setup = Setup::new();
        setup.replace("sekisho.toml", "memory_kib = 19456\npasses = 2", &format!("memory_kib = {memory}\npasses = {passes}"));
        setup.assert_only(&format!("sekisho.toml:{}: hashing: weaker", setup.line("sekisho.toml", "[hashing]")), "memory_kib = 19456");
    }
}

#[test]
fn every_owasp_minimum_itself_is_accepted() {
    for (memory, passes) in config::WEAKEST {
        let setup = Setup::new();
        setup.replace("sekisho.toml", "memory_kib = 19456\npasses = 2", &format!("memory_kib = {memory}\npasses = {passes}"));
        assert_eq!(setup.problems(), Vec::<String>::new());
    }
}

#[test]
fn letters_do_not_cross_a_network_in_the_clear() {
    let setup = Setup::new();
    setup.replace("sekisho.toml", "security = \"starttls\"", "security = \"plain\"");
    setup.assert_only("sekisho.toml:", "letters cross the network in the clear");
    setup.replace("sekisho.toml", "smtp.example.jp", "127.0.0.1");
    assert_eq!(setup.problems(), Vec::<String>::new());
}

#[test]
fn two_societies_do_not_share_a_host() {
    let setup = Setup::new();
    setup.write("societies.d/other.toml", &fs::read_to_string(setup.path("societies.d/example.toml")).unwrap(), 0o644);
    let line = setup.line("societies.d/other.toml", "host = ");
    setup.assert_only(&format!("societies.d/other.toml:{line}: host:"), "belongs to example already");
}

#[test]
fn a_certificate_for_another_host_and_a_key_that_does_not_fit_are_refused() {
    let setup = Setup::new();
    setup.certificate("example", "other.example.jp");
    setup.assert_only("societies.d/example.chain.pem: ", "is not for login.example.jp");
    let setup = Setup::new();
    let other = rcgen::generate_simple_self_signed(["login.example.jp".to_owned()]).unwrap();
    fs::remove_file(setup.path("societies.d/example.key.pem")).unwrap();
    setup.write("societies.d/example.key.pem", &other.signing_key.serialize_pem(), 0o400);
    setup.assert_only("societies.d/example.key.pem: ", "does not fit the certificate");
}

#[test]
fn hosts_addresses_and_names_of_files_are_checked() {
    for host in ["https://login.example.jp", "Login.example.jp", "login.example.jp:443", "192.0.2.1", "login", ""] {
        let setup = Setup::new();
        setup.replace("societies.d/example.toml", "\"login.example.jp\"", &format!("\"{host}\""));
        setup.assert_only("societies.d/example.toml:", "host: write a full host name");
    }
    let setup = Setup::new();
    setup.replace("societies.d/example.toml", "\"login@example.jp\"", "\"Login <login@example.jp>\"");
    setup.assert_only("societies.d/example.toml:", "mail_from: write one address");
    let setup = Setup::new();
    fs::rename(setup.path("societies.d/example.toml"), setup.path("societies.d/Example.toml")).unwrap();
    setup.assert_only("societies.d/Example.toml: ", "rename the file");
}

#[test]
fn a_public_port_stands_in_every_link() {
    let setup = Setup::new();
    setup.replace("societies.d/example.toml", "# port = 8443", "port = 8443");
    assert_eq!(setup.load().unwrap().societies[0].society.origin, "https://login.example.jp:8443");
}

#[test]
fn the_hash_of_the_terms_does_not_depend_on_line_ends() {
    let setup = Setup::new();
    let before = setup.load().unwrap().societies[0].society.terms().hash;
    let text = fs::read_to_string(setup.path("societies.d/example.terms.ja.txt")).unwrap();
    setup.write("societies.d/example.terms.ja.txt", &text.replace('\n', "\r\n"), 0o644);
    assert_eq!(setup.load().unwrap().societies[0].society.terms().hash, before);
}

#[test]
fn an_operators_command_needs_none_of_the_secrets() {
    let setup = Setup::new();
    fs::remove_file(setup.path("hsm.pin")).unwrap();
    fs::remove_file(setup.path("societies.d/example.key.pem")).unwrap();
    let process = config::load_process(&setup.path("sekisho.toml")).unwrap();
    assert_eq!(process.staff.path, Path::new("/run/sekisho/staff.sock"));
}
