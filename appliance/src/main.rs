//! The binary: the appliance itself, and the operators' tool.

use clap::{Args, Parser, Subcommand, ValueEnum};
use sekisho::config;
use sekisho::run;
use sekisho::staff::client::{self, Luggage};
use sekisho::staff::import::Encoding;
use sekisho::staff::protocol::{Request, Who, Wish};
use sekisho::vault::{VaultError, ceremony, check};
use sekisho_core::id::SocietyName;
use sekisho_core::staff::Delivery;
use std::fs::File;
use std::io::{self, BufRead as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Sekisho, the log-in of a society's members.
#[derive(Parser)]
#[command(version, after_help = "Exit codes: 0 done; 1 not done, the last line says why and what to do; 2 the command was not understood.")]
struct Cli {
    /// The configuration of the process; societies.d stands beside it.
    #[arg(long, global = true, default_value = "/etc/sekisho/sekisho.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the appliance until SIGTERM. The log is on standard error, one JSON object a line.
    Serve,
    /// The keys in the HSM.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Check sekisho.toml, societies.d and every file they name. Shows all problems at once and changes nothing.
    CheckConfig,
    /// A society: its file of members, and counts.
    #[command(subcommand)]
    Society(SocietyCommand),
    /// Members: register, look at, and do what a telephone call asks for.
    #[command(subcommand)]
    Member(MemberCommand),
    /// The terms that members agree to.
    #[command(subcommand)]
    Terms(TermsCommand),
    /// What the society allows.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The clock that expiry, waits and locks are measured by.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// List what other operators have asked for and nobody has approved yet. Written into the audit log.
    Requests {
        /// Whose members.
        #[arg(value_parser = society)]
        society: SocietyName,
    },
    /// Look at what another operator has asked for, and do it. Two persons: two Unix users.
    Approve {
        /// Whose member.
        #[arg(value_parser = society)]
        society: SocietyName,
        /// The number that the other operator was told.
        request: String,
        /// Where the file for the printer goes, for a password by letter. It must not be there yet; only you can open it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make the global keys on an empty token, then check everything. Refuses a token that has some: a lost key is never replaced silently.
    Init,
    /// Make the data key of a society. A running server sees it at once.
    AddSociety {
        /// Short name, as in societies.d/NAME.toml.
        #[arg(value_parser = society)]
        name: SocietyName,
    },
    /// List the keys.
    List,
    /// Check every key and attribute, and try everything that someone with the PIN must not be able to do.
    Check,
}

#[derive(Subcommand)]
enum SocietyCommand {
    /// Make the file of a society that stands in societies.d and whose key is in the HSM. Needs no restart
    /// if societies.d/NAME.toml was there when the server started.
    Add {
        /// Short name, as in societies.d/NAME.toml.
        #[arg(value_parser = society)]
        name: SocietyName,
    },
    /// Say on which days letters with first passwords reach members: the society's budget of wrong first passwords is raised on them.
    AnnounceLetters {
        /// Short name, as in societies.d/NAME.toml.
        #[arg(value_parser = society)]
        name: SocietyName,
        /// The first day, in Japan.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: String,
        /// How many days.
        #[arg(long, value_name = "N")]
        days: u32,
        /// How many members get a letter.
        #[arg(long, value_name = "N")]
        members: u32,
    },
    /// Show counts, one a line: members, and since the start durable commits, what was written in them, and PKCS#11 calls.
    Numbers {
        /// Short name, as in societies.d/NAME.toml.
        #[arg(value_parser = society)]
        name: SocietyName,
    },
}

#[derive(Subcommand)]
enum ClockCommand {
    /// Believe the host's clock although it has jumped more than an hour ahead. It cannot be undone: no earlier time is taken for true
    /// afterwards. Written into the audit log of every society.
    Accept {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
enum MemberCommand {
    /// Register members from a CSV file. All of them or, if one line is bad, none.
    #[command(after_help = "Columns, named in the first line, in any order: symbol/記号, number/番号, birth_date/生年月日, name/氏名; \
                      and if wanted branch/枝番 (00 without it), email/メール, user_id/ユーザID (symbol-number without it), \
                      first_password/初回パスワード, no_rule_password.")]
    Import {
        /// The CSV file.
        file: PathBuf,
        /// Whose members.
        #[arg(long, value_parser = society)]
        society: SocietyName,
        /// Check the file only; write nothing.
        #[arg(long)]
        dry_run: bool,
        /// How the file writes its characters.
        #[arg(long, value_enum, default_value_t)]
        encoding: EncodingChoice,
    },
    /// Show what a telephone call needs: who it is, how far the first log-in is, what is locked. Written into the audit log.
    Show(Member),
    #[command(flatten)]
    Act(ActCommand),
}

#[derive(Subcommand)]
enum ActCommand {
    /// Issue a first password, and if wanted another user ID. Two persons: another operator approves it.
    #[command(after_help = "The password is made by the appliance and never shown: it leaves by mail, or in the file that the approving \
                      operator names. It serves for 30 days and the log-in asks for a new one. Devices stay: the password alone opens \
                      nothing of an account whose first log-in is finished.")]
    Issue {
        #[command(flatten)]
        member: Member,
        /// The user ID that comes with it.
        #[arg(long, value_name = "ID")]
        new_user_id: Option<String>,
        /// Let a finished first log-in begin again, for a member who knows neither ID nor password.
        #[arg(long)]
        first_login: bool,
        #[command(flatten)]
        way: Way,
    },
    /// Issue the activation code for a member's letter. An older one is dead.
    ActivationCode {
        #[command(flatten)]
        member: Member,
        /// Where the file for the printer goes. It must not be there yet; only you can open it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Let the first password by the rule serve again for its time, and a first log-in that was left half-way begin anew.
    Reopen(Member),
    /// Lift a member's waits and locks: both kinds, or the one that is named. Password and device stay as they are.
    Unlock {
        #[command(flatten)]
        member: Member,
        /// Those of the password, the birth date and the activation code.
        #[arg(long)]
        password: bool,
        /// Those of the second step: the account's.
        #[arg(long)]
        account: bool,
    },
    /// Remove a member's devices and recovery codes; the next log-in sets a second step up. Two persons: another operator approves it.
    ResetFactor(Member),
    /// Correct a member's name.
    Rename {
        #[command(flatten)]
        member: Member,
        /// The name as the society writes it.
        #[arg(long)]
        name: String,
    },
    /// Close an account: its sessions end, and nobody gets in until it is enabled.
    Disable(Member),
    /// Open a closed account again.
    Enable(Member),
    /// Remove a member and everything kept of them. It cannot be undone. Two persons: another operator approves it.
    Delete(Member),
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Way {
    /// By mail, to the address on file.
    #[arg(long)]
    mail: bool,
    /// By letter: the operator who approves it says where the file for the printer goes.
    #[arg(long)]
    letter: bool,
}

#[derive(Subcommand)]
enum TermsCommand {
    /// Put new terms in force, at once. Every member is asked before going on. They stand above those of the configuration.
    Publish {
        /// Whose.
        #[arg(value_parser = society)]
        society: SocietyName,
        /// What members agree to; no version comes twice. For example 2027-04-01.
        #[arg(long)]
        version: String,
        /// The Japanese text, in UTF-8, paragraphs parted by empty lines. It is the one that binds.
        #[arg(long, value_name = "FILE")]
        ja: PathBuf,
        /// The English text, likewise.
        #[arg(long, value_name = "FILE")]
        en: PathBuf,
    },
}

#[derive(Subcommand)]
enum PolicyCommand {
    /// Show the preset, every concession with its reason and the standard's row it departs from, all limits and lifetimes.
    Show {
        /// Whose.
        #[arg(value_parser = society)]
        society: SocietyName,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Show the newest lines, oldest first.
    Tail {
        /// Whose log.
        #[arg(long, value_parser = society)]
        society: SocietyName,
        /// How many lines.
        #[arg(long, short = 'n', default_value_t = 50)]
        lines: usize,
    },
}

#[derive(Args)]
struct Member {
    /// Whose member.
    #[arg(long, value_parser = society)]
    society: SocietyName,
    #[command(flatten)]
    who: MemberName,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct MemberName {
    /// The user ID.
    #[arg(long, conflicts_with_all = ["symbol", "number", "branch"])]
    user_id: Option<String>,
    /// The card's symbol (記号).
    #[arg(long, requires = "number")]
    symbol: Option<String>,
    /// The card's number (番号).
    #[arg(long, requires = "symbol")]
    number: Option<String>,
    /// The card's branch number (枝番), if there is one.
    #[arg(long, default_value = "", hide_default_value = true, requires = "number")]
    branch: String,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum EncodingChoice {
    /// Look at the file.
    #[default]
    Auto,
    /// UTF-8, with or without byte order mark.
    #[value(name = "utf-8")]
    Utf8,
    /// Shift_JIS, as Excel in Japan writes it.
    #[value(name = "shift_jis")]
    ShiftJis,
}

fn society(name: &str) -> Result<SocietyName, &'static str> {
    SocietyName::try_from(name.to_owned())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = io::stdout().lock();
    match obey(&cli, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // If even this cannot be said, the exit code says it.
            drop(writeln!(io::stderr().lock(), "{}", text.trim_end()));
            ExitCode::FAILURE
        }
    }
}

/// Does the command. The error is what the operator reads.
fn obey(cli: &Cli, out: &mut dyn Write) -> Result<(), String> {
    let asks: &dyn Fn() -> io::Result<bool> = &agrees;
    let mut luggage = Luggage { agrees: Some(asks), ..Luggage::default() };
    let files: Vec<&Path>;
    let request = match &cli.command {
        Command::CheckConfig => return check_config(&cli.config, out),
        Command::Serve => return serve(&cli.config),
        Command::Keys(command) => return keys(command, &cli.config, out),
        Command::Society(SocietyCommand::Add { name }) => Request::SocietyAdd { society: name.clone() },
        Command::Society(SocietyCommand::Numbers { name }) => Request::SocietyNumbers { society: name.clone() },
        Command::Society(SocietyCommand::AnnounceLetters { name, from, days, members }) => {
            Request::AnnounceLetters { society: name.clone(), from: from.clone(), days: *days, members: *members }
        }
        Command::Clock(ClockCommand::Accept { yes }) => {
            if *yes {
                luggage.agrees = Some(&|| Ok(true));
            }
            Request::ClockAccept
        }
        Command::Member(MemberCommand::Import { file, society, dry_run, encoding }) => {
            files = vec![file.as_path()];
            luggage.files = &files;
            Request::MemberImport { society: society.clone(), encoding: chosen(*encoding, file)?, dry_run: *dry_run }
        }
        Command::Member(MemberCommand::Show(member)) => Request::MemberShow { society: member.society.clone(), who: named(&member.who)? },
        Command::Member(MemberCommand::Act(command)) => {
            luggage.paper = paper(command);
            member_request(command)?
        }
        Command::Terms(TermsCommand::Publish { society, version, ja, en }) => {
            files = vec![ja.as_path(), en.as_path()];
            luggage.files = &files;
            Request::TermsPublish { society: society.clone(), version: version.clone() }
        }
        Command::Policy(PolicyCommand::Show { society }) => Request::PolicyShow { society: society.clone() },
        Command::Requests { society } => Request::Requests { society: society.clone() },
        Command::Approve { society, request, out, yes } => {
            luggage.paper = out.as_deref();
            if *yes {
                luggage.agrees = Some(&|| Ok(true));
            }
            Request::Approve { society: society.clone(), request: request.clone(), takes_file: out.is_some() }
        }
        Command::Audit(AuditCommand::Tail { society, lines }) => Request::AuditTail { society: society.clone(), lines: *lines },
    };
    let process = config::load_process(&cli.config).map_err(|problems| problems.to_string())?;
    client::call(&process.staff.path, &request, &luggage, out).map_err(|error| error.to_string())
}

/// Asks on the terminal. Nothing typed means no.
fn agrees() -> io::Result<bool> {
    let mut err = io::stderr().lock();
    write!(err, "Is this to be done? Type yes within a minute: ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn paper(command: &ActCommand) -> Option<&Path> {
    match command {
        ActCommand::ActivationCode { out, .. } => Some(out),
        _ => None,
    }
}

fn member_request(command: &ActCommand) -> Result<Request, String> {
    let (member, wish) = match command {
        ActCommand::Issue { member, new_user_id, first_login, way } => {
            let by = if way.mail { Delivery::Mail } else { Delivery::Letter };
            (member, Wish::Issue { new_user_id: new_user_id.clone(), first_login: *first_login, by })
        }
        ActCommand::ActivationCode { member, .. } => (member, Wish::ActivationCode),
        ActCommand::Reopen(member) => (member, Wish::Reopen),
        ActCommand::Unlock { member, password, account } => {
            let both = !*password && !*account;
            (member, Wish::Unlock { password: both || *password, account: both || *account })
        }
        ActCommand::ResetFactor(member) => (member, Wish::ResetFactor),
        ActCommand::Rename { member, name } => (member, Wish::Rename { name: name.clone() }),
        ActCommand::Disable(member) => (member, Wish::Disable),
        ActCommand::Enable(member) => (member, Wish::Enable),
        ActCommand::Delete(member) => (member, Wish::Delete),
    };
    let takes_file = paper(command).is_some();
    Ok(Request::MemberAct { society: member.society.clone(), who: named(&member.who)?, wish, takes_file })
}

fn serve(file: &Path) -> Result<(), String> {
    let config = config::load(file).map_err(|problems| problems.to_string())?;
    run::log(config.process.log_level);
    run::serve(config)
}

fn keys(command: &KeysCommand, file: &Path, out: &mut dyn Write) -> Result<(), String> {
    let text = |error: VaultError| error.to_string();
    let process = config::load_process(file).map_err(|problems| problems.to_string())?;
    let token = run::token(&process.hsm)?;
    let mut said = String::new();
    match command {
        KeysCommand::Init => {
            for key in ceremony::init(&token).map_err(text)? {
                said.push_str(&format!("made    {}\n", key.label()));
            }
        }
        KeysCommand::AddSociety { name } => {
            said.push_str(&format!("made    {}\n", ceremony::add_society(&token, name).map_err(text)?.label()));
        }
        KeysCommand::List => {
            for key in ceremony::list(&token).map_err(text)? {
                said.push_str(&format!("{:<32} {}\n", key.label(), key.family.purpose()));
            }
        }
        KeysCommand::Check => {}
    }
    let report = matches!(command, KeysCommand::Init | KeysCommand::Check).then(|| check::full(&token));
    let passed = report.as_ref().is_none_or(check::Report::passed);
    said.push_str(&report.map(|report| report.to_string()).unwrap_or_default());
    out.write_all(said.as_bytes()).map_err(|error| error.to_string())?;
    if passed { Ok(()) } else { Err("the token is not fit for use: see the lines marked FAILED".to_owned()) }
}

fn check_config(file: &Path, out: &mut dyn Write) -> Result<(), String> {
    let config = config::load(file).map_err(|problems| problems.to_string())?;
    let hosts = config.societies.iter().map(|society| format!("{} at {}", society.society.name, society.society.origin));
    writeln!(out, "{}: good; {}", file.display(), hosts.collect::<Vec<_>>().join(", ")).map_err(|error| error.to_string())
}

fn named(who: &MemberName) -> Result<Who, String> {
    match (&who.user_id, &who.symbol, &who.number) {
        (Some(id), _, _) => Ok(Who::UserId(id.clone())),
        (None, Some(symbol), Some(number)) => Ok(Who::Card { symbol: symbol.clone(), number: number.clone(), branch: who.branch.clone() }),
        _ => Err("say which member: --user-id ID, or --symbol S --number N [--branch B]".to_owned()),
    }
}

fn chosen(choice: EncodingChoice, file: &Path) -> Result<Encoding, String> {
    match choice {
        EncodingChoice::Utf8 => Ok(Encoding::Utf8),
        EncodingChoice::ShiftJis => Ok(Encoding::ShiftJis),
        EncodingChoice::Auto => File::open(file).and_then(Encoding::detect).map_err(|error| format!("{}: {error}", file.display())),
    }
}
