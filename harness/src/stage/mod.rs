//! Everything that a try-out on one machine needs, written into one folder: a local CA, certificates, the configuration of five
//! societies with invented names, and a few members each. `deploy/quickstart` calls it; nothing of it is fit for real members.

mod authority;
mod members;

pub use members::{Member, members};

use authority::Authority;
use sekisho_core::tenant::{Method, TenantPolicy};
use sekisho_core::time::Timestamp;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A society of the try-out: profile, short name, and what it is called.
pub struct StagedSociety {
    /// `a` to `e`.
    pub profile: &'static str,
    /// Short name, and the first label of its host.
    pub name: &'static str,
    name_ja: &'static str,
    name_en: &'static str,
    policy: &'static str,
}

/// The five societies. The names are invented.
pub const SOCIETIES: [StagedSociety; 5] = [
    StagedSociety {
        profile: "a",
        name: "kenpo-a",
        name_ja: "やまびこ健康保険組合（見本）",
        name_en: "Yamabiko Health Insurance Society (sample)",
        policy: include_str!("../../../vectors/profiles/a.toml"),
    },
    StagedSociety {
        profile: "b",
        name: "kenpo-b",
        name_ja: "こもれび健康保険組合（見本）",
        name_en: "Komorebi Health Insurance Society (sample)",
        policy: include_str!("../../../vectors/profiles/b.toml"),
    },
    StagedSociety {
        profile: "c",
        name: "kenpo-c",
        name_ja: "みなもと健康保険組合（見本）",
        name_en: "Minamoto Health Insurance Society (sample)",
        policy: include_str!("../../../vectors/profiles/c.toml"),
    },
    StagedSociety {
        profile: "d",
        name: "kenpo-d",
        name_ja: "いなほ健康保険組合（見本）",
        name_en: "Inaho Health Insurance Society (sample)",
        policy: include_str!("../../../vectors/profiles/d.toml"),
    },
    StagedSociety {
        profile: "e",
        name: "kenpo-e",
        name_ja: "ともしび健康保険組合（見本）",
        name_en: "Tomoshibi Health Insurance Society (sample)",
        policy: include_str!("../../../vectors/profiles/e.toml"),
    },
];

impl StagedSociety {
    /// `https://NAME.localhost:PORT`.
    pub fn origin(&self, ports: &Ports) -> String {
        format!("https://{}.localhost:{}", self.name, ports.https)
    }
}

/// Where the parts of a try-out listen, all on loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
pub struct Ports {
    /// Port for members
    #[arg(long, default_value_t = 8443)]
    pub https: u16,
    /// Port for health
    #[arg(long, default_value_t = 9180)]
    pub health: u16,
    /// Port of the mailbox's SMTP
    #[arg(long, default_value_t = 2525)]
    pub smtp: u16,
    /// Port of the mailbox's page
    #[arg(long, default_value_t = 8025)]
    pub mailbox: u16,
}

/// `sekisho-harness stage`: what `deploy/quickstart` calls.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write everything there; the files must not be there yet
    #[arg(value_name = "DIR", required_unless_present = "hints")]
    pub folder: Option<PathBuf>,
    /// The PKCS#11 module
    #[arg(long, value_name = "FILE", default_value = "/usr/lib/softhsm/libsofthsm2.so")]
    pub module: PathBuf,
    /// Print addresses, user IDs, first passwords and birth dates, and write nothing
    #[arg(long)]
    pub hints: bool,
    /// Where the parts listen.
    #[command(flatten)]
    pub ports: Ports,
}

/// Does what `options` ask for.
pub fn run(options: &Options, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    match &options.folder {
        Some(folder) if !options.hints => write(folder, &options.ports, &options.module, now),
        _ => hints(&options.ports)?.iter().try_for_each(|line| writeln!(out, "{line}")),
    }
}

/// Writes the whole stage below `folder`. The HSM's token and its PIN are made by the caller; `module` is its PKCS#11 library.
pub fn write(folder: &Path, ports: &Ports, module: &Path, now: Timestamp) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    let societies = folder.join("societies.d");
    fs::create_dir_all(&societies)?;
    let authority = Authority::new(now)?;
    put(&folder.join("ca.pem"), 0o644, &authority.certificate())?;
    put(&folder.join("terms.ja.txt"), 0o644, include_str!("terms.ja.txt"))?;
    put(&folder.join("terms.en.txt"), 0o644, include_str!("terms.en.txt"))?;
    for society in &SOCIETIES {
        let (chain, key) = authority.issue(&format!("{}.localhost", society.name))?;
        put(&folder.join(format!("{}.pem", society.name)), 0o644, &chain)?;
        put(&folder.join(format!("{}.key", society.name)), 0o400, &key)?;
        put(&societies.join(format!("{}.toml", society.name)), 0o644, &society_config(society, ports)?)?;
        put(&folder.join(format!("{}.csv", society.name)), 0o600, &members::csv(society)?)?;
    }
    put(&folder.join("sekisho.toml"), 0o644, &process_config(ports, module))?;
    put(&folder.join("target.toml"), 0o600, &target(ports))
}

/// One line for each thing a person needs to log members in by hand: every society with its methods, every member below it.
fn hints(ports: &Ports) -> io::Result<Vec<String>> {
    let mut lines = vec![format!("  {:<16} {:<20} {:<12} {:<28} (name)", "user ID", "first password", "birth date", "an address to type")];
    for society in &SOCIETIES {
        let policy: TenantPolicy = toml::from_str(society.policy).map_err(io::Error::other)?;
        let methods: Vec<&str> = policy.offers().map(|offer| said(offer.method)).collect();
        lines.push(format!("{}   {}", society.origin(ports), methods.join(", ")));
        for Member { user_id, first_password, birth, mail, name, .. } in members(society) {
            lines.push(format!("  {user_id:<16} {first_password:<20} {birth:<12} {mail:<28} ({name})"));
        }
    }
    Ok(lines)
}

/// A method as the hints call it, beside what the pages call it.
fn said(method: Method) -> &'static str {
    match method {
        Method::Passkey => "passkey (生体認証)",
        Method::Totp => "TOTP app (認証アプリ)",
        Method::MailCode => "code by mail (二段階確認(メール))",
    }
}

fn put(file: &Path, mode: u32, text: &str) -> io::Result<()> {
    // A key that lies open for a moment has lain open.
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(file)?;
    out.write_all(text.as_bytes())
}

fn process_config(ports: &Ports, module: &Path) -> String {
    let module = module.display();
    let Ports { https, health, smtp, .. } = ports;
    format!(
        "# Written by deploy/quickstart for trying out. deploy/sample/sekisho.toml explains every key.\n\
         listen = [\"127.0.0.1:{https}\"]\n\
         health = \"127.0.0.1:{health}\"\n\
         state = \"state\"\n\
         societies = \"societies.d\"\n\n\
         [hsm]\nmodule = \"{module}\"\ntoken = \"sekisho-quickstart\"\npin_file = \"hsm.pin\"\n\n\
         [mail]\nhost = \"127.0.0.1\"\nport = {smtp}\nsecurity = \"plain\"\n\n\
         # Everybody who tries it out comes from this machine.\n[sources]\ncompanies = [\"127.0.0.0/8\"]\n"
    )
}

fn society_config(society: &StagedSociety, ports: &Ports) -> io::Result<String> {
    let StagedSociety { name, name_ja, name_en, policy, .. } = society;
    let policy: toml::Table = policy.parse().map_err(io::Error::other)?;
    let policy = toml::to_string(&toml::Table::from_iter([("policy".to_owned(), policy.into())])).map_err(io::Error::other)?;
    let https = ports.https;
    Ok(format!(
        "# Written by deploy/quickstart for trying out. deploy/sample/societies.d/example.toml explains every key.\n\
         host = \"{name}.localhost\"\nport = {https}\n\
         name_ja = \"{name_ja}\"\nname_en = \"{name_en}\"\n\
         phone = \"000-0000-0000\"\nhours_ja = \"平日 9:00–17:00\"\nhours_en = \"weekdays 9:00–17:00\"\n\
         mail_from = \"login@{name}.example\"\n\n\
         [tls]\nchain = \"../{name}.pem\"\nkey = \"../{name}.key\"\n\n\
         [terms]\nja = \"../terms.ja.txt\"\nen = \"../terms.en.txt\"\n\n\
         [[services]]\nname_ja = \"医療費のお知らせ\"\nname_en = \"Medical expenses\"\nurl = \"https://expenses.{name}.example/\"\n\n\
         [[services]]\nname_ja = \"健診の予約\"\nname_en = \"Health check-ups\"\nurl = \"https://checkups.{name}.example/\"\n\n\
         {policy}"
    ))
}

fn target(ports: &Ports) -> String {
    let mut target = format!("ca-file = \"ca.pem\"\nmails = \"http://127.0.0.1:{}/mails.json\"\n", ports.mailbox);
    for society in &SOCIETIES {
        let origin = society.origin(ports);
        target.push_str(&format!("\n[[profile]]\nid = \"{}\"\norigin = \"{origin}\"\n", society.profile));
        for Member { user_id, first_password, birth, mail, issued, .. } in members(society) {
            let kind = if issued { "temporary" } else { "rule" };
            target.push_str(&format!(
                "[[profile.member]]\nuser-id = \"{user_id}\"\nfirst-password = \"{first_password}\"\nkind = \"{kind}\"\n\
                 birth = \"{birth}\"\nmail = \"{mail}\"\n"
            ));
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hints_name_every_member_and_between_them_all_methods() {
        let ports = Ports { https: 8443, health: 9180, smtp: 2525, mailbox: 8025 };
        let hints = hints(&ports).unwrap().join("\n");
        for society in &SOCIETIES {
            assert!(hints.contains(&society.origin(&ports)), "{}", society.name);
            for member in members(society) {
                let line = hints.lines().find(|line| line.contains(&member.mail)).unwrap();
                let told = [member.user_id.as_str(), &member.first_password, member.birth, member.name];
                assert!(told.iter().all(|part| line.contains(part)), "{line}");
            }
        }
        assert!(Method::ALL.into_iter().all(|method| hints.contains(said(method))), "{hints}");
    }
}
