//! The appliance as a library: real rules, pages, store and token; a simulated clock, seeded randomness, a mailbox in memory and a
//! cheap argon2id. No TLS and no socket.

use super::{Driver, DriverError};
use crate::catalogue::ProfileId;
use crate::flow::{AddressOnFile, DriverKind, FirstPassword, Given};
use crate::mailbox::{CollectingMailer, Mail};
use crate::sim::log::Log;
use crate::sim::token::ThrowawayToken;
use crate::world::clock::SimClock;
use crate::world::entropy::{Dice, SimEntropy};
use crate::world::member::Registered;
use bytes::Bytes;
use http::{Request, Response};
use sekisho::http::App;
use sekisho::mail::outbox::Outbox;
use sekisho::perform::hasher::Argon2Pool;
use sekisho::ports::{Clock, Entropy, World};
use sekisho::service::Service;
use sekisho::society::{Society, Terms};
use sekisho::staff::import::Encoding;
use sekisho::staff::protocol::Request as StaffRequest;
use sekisho::staff::stop::Stop;
use sekisho::staff::{Desk, Office};
use sekisho::store::RedbStore;
use sekisho::vault::Pkcs11Vault;
use sekisho_core::account::HashCost;
use sekisho_core::id::SocietyName;
use sekisho_core::shown::{Face, Service as ShownService};
use sekisho_core::tenant::TenantPolicy;
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// When every simulation begins: 2027-01-15 08:00:00 UTC.
const BEGIN: Timestamp = Timestamp(1_800_000_000);

/// Under a tenth of a millisecond; one job of CI keeps the real cost.
const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };

/// Terms of the simulated societies.
const TERMS: &str = "利用規約の見本です。\n\n組合のサービスは、ご本人だけが利用できます。";

/// One appliance with one society for each profile.
pub struct Appliance {
    app: App,
    office: Office,
    outbox: Outbox,
    world: World,
    clock: Arc<SimClock>,
    mailer: Arc<CollectingMailer>,
    societies: BTreeMap<ProfileId, Arc<Society>>,
    log: Log,
    cards: AtomicU32,
    store_folder: tempfile::TempDir,
    /// The last field: it goes when nobody needs it any more.
    _token: ThrowawayToken,
}

impl Appliance {
    /// A new appliance on a new token. Has to be made before anything else is done in the process (see [`ThrowawayToken`]).
    pub fn new(profiles: &BTreeMap<ProfileId, TenantPolicy>, seed: u64) -> Result<Self, DriverError> {
        let societies: BTreeMap<ProfileId, Arc<Society>> = profiles
            .iter()
            .map(|(profile, policy)| Ok((profile.clone(), Arc::new(society(profile, policy)?))))
            .collect::<Result<_, DriverError>>()?;
        let names: Vec<SocietyName> = societies.values().map(|society| society.name.clone()).collect();
        let token = ThrowawayToken::with_keys(&names).map_err(|error| DriverError::NotSetUp(error.to_string()))?;
        let log = Log::install();
        let owner_only = std::fs::Permissions::from_mode(0o700);
        let store_folder = tempfile::Builder::new().permissions(owner_only).tempdir().map_err(internal)?;
        let clock = Arc::new(SimClock::at(BEGIN));
        let mailer = Arc::new(CollectingMailer::default());
        let entropy: Arc<dyn Entropy> = Arc::new(SimEntropy::new(seed));
        let world = World {
            clock: clock.clone(),
            entropy: entropy.clone(),
            vault: Arc::new(Pkcs11Vault::open(&token.config(), entropy.clone()).map_err(internal)?),
            store: Arc::new(RedbStore::open(store_folder.path()).map_err(internal)?),
            hasher: Arc::new(Argon2Pool::new(1, 8, CHEAP).map_err(internal)?),
            mailer: mailer.clone(),
        };
        let all: Vec<Arc<Society>> = societies.values().cloned().collect();
        let service = Arc::new(Service::new(world.clone(), |_| {}));
        let appliance = Self {
            app: App::new(service, all.clone(), clock.clone(), entropy),
            office: Office::new(world.clone(), all.clone(), 1, Arc::new(Stop::default())),
            outbox: Outbox::new(world.clone()).map_err(internal)?,
            world,
            clock,
            mailer,
            societies,
            log,
            cards: AtomicU32::new(1),
            store_folder,
            _token: token,
        };
        for society in all {
            appliance.staff(&StaffRequest::SocietyAdd { society: society.name.clone() }, "")?;
        }
        Ok(appliance)
    }

    /// The driver of one profile's society.
    pub fn driver(&self, profile: &str) -> Result<InProcess<'_>, DriverError> {
        let society = self.societies.get(profile).ok_or_else(|| DriverError::NotSetUp(format!("no profile {profile}")))?;
        Ok(InProcess { appliance: self, society: Arc::clone(society) })
    }

    /// Lets the staff do something.
    fn staff(&self, request: &StaffRequest, file: &str) -> Result<(), DriverError> {
        let desk = SimDesk { file, said: Mutex::default() };
        self.office.run(request, &desk).map_err(|error| {
            let said = desk.said.lock().unwrap_or_else(PoisonError::into_inner).join("; ");
            DriverError::Internal(format!("staff: {error}; {said}"))
        })
    }
}

/// Drives one society of an [`Appliance`].
pub struct InProcess<'a> {
    appliance: &'a Appliance,
    society: Arc<Society>,
}

impl Driver for InProcess<'_> {
    fn kind(&self) -> DriverKind {
        DriverKind::InProcess
    }

    fn origin(&self) -> &str {
        &self.society.origin
    }

    fn now(&self) -> Timestamp {
        self.appliance.clock.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        let span = instant.since(self.now());
        self.appliance.clock.advance(span);
        // What the running process does once a minute.
        let before = Timestamp(self.now().0.saturating_sub(Duration::from_secs(24 * 3600).as_secs()));
        self.appliance.world.store.tick(&self.society.name, self.now(), before).map_err(internal)
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        let member = Registered::draw(given, self.appliance.cards.fetch_add(1, Ordering::Relaxed), dice);
        let Registered { symbol, number, branch, name, user_id, .. } = &member;
        let birth = member.birth.iso();
        let email = if member.address == AddressOnFile::OnFile { member.mail.as_str() } else { "" };
        let password = if member.kind == FirstPassword::Rule { "" } else { member.first_password.as_str() };
        let file = format!(
            "symbol,number,branch,birth_date,name,email,user_id,first_password\n\
             {symbol},{number},{branch},{birth},{name},{email},{user_id},{password}\n"
        );
        let society = self.society.name.clone();
        self.appliance.staff(&StaffRequest::MemberImport { society, encoding: Encoding::Utf8, dry_run: false }, &file)?;
        Ok(member)
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        Ok(self.appliance.app.respond(Some(&self.society.host), request))
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.appliance.outbox.run_once(std::slice::from_ref(&self.society), self.now());
        Ok(self.appliance.mailer.mails().into_iter().filter(|mail| mail.to == to).collect())
    }

    fn commits(&self) -> Option<u64> {
        self.appliance.world.store.numbers(&self.society.name).ok().map(|numbers| numbers.commits)
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(self.appliance.store_folder.path()).into_iter().flatten().flatten();
        let files = entries.filter_map(|entry| Some((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).ok()?)));
        files.chain(std::iter::once(("the log".to_owned(), self.appliance.log.written()))).collect()
    }
}

fn internal(error: impl ToString) -> DriverError {
    DriverError::Internal(error.to_string())
}

fn society(profile: &str, policy: &TenantPolicy) -> Result<Society, DriverError> {
    let name = SocietyName::try_from(format!("kumiai-{profile}")).map_err(internal)?;
    let host = format!("{name}.test");
    let face = Face {
        name_ja: format!("試験健康保険組合{}", profile.to_uppercase()),
        name_en: format!("Trial Health Insurance Society {}", profile.to_uppercase()),
        phone: "000-0000-0000".to_owned(),
        hours_ja: "平日 9:00–17:00".to_owned(),
        hours_en: "weekdays 9:00–17:00".to_owned(),
        services: vec![ShownService {
            name_ja: "健診の予約".to_owned(),
            name_en: "Health check-ups".to_owned(),
            url: format!("https://checkups.{name}.test/"),
        }],
    };
    let mut hash = [0; 32];
    hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, TERMS.as_bytes()).as_ref());
    let terms = Terms { ja: TERMS.to_owned(), en: "Sample terms of use.".to_owned(), hash };
    let origin = format!("https://{host}");
    let mail_from = format!("login@{host}");
    Ok(Society::new(name, host, origin, policy.clone(), face, terms, mail_from))
}

/// A desk at which a file lies ready.
struct SimDesk<'a> {
    file: &'a str,
    said: Mutex<Vec<String>>,
}

impl Desk for SimDesk<'_> {
    fn uid(&self) -> u32 {
        1000
    }

    fn line(&self, text: &str) -> io::Result<()> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
        Ok(())
    }

    fn file(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.file.as_bytes()))
    }
}
