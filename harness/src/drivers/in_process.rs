//! The appliance as a library: real rules, pages, store and token; a simulated clock, seeded randomness, a mailbox in memory and a
//! cheap argon2id. No TLS and no socket.

use super::{Driver, DriverError, StaffAnswer, StaffOrder};
use crate::browser::somewhere;
use crate::catalogue::ProfileId;
use crate::flow::{AddressOnFile, Clerk, DriverKind, FirstPassword, Given, StaffAct};
use crate::mailbox::{CollectingMailer, Mail};
use crate::sim::log::Log;
use crate::sim::token::ThrowawayToken;
use crate::world::clock::SimClock;
use crate::world::entropy::{Dice, SimEntropy};
use crate::world::member::Registered;
use bytes::Bytes;
use http::{Request, Response};
use sekisho::http::App;
use sekisho::http::edge::Edge;
use sekisho::http::proxy::Proxies;
use sekisho::mail::outbox::Outbox;
use sekisho::perform::hasher::Argon2Pool;
use sekisho::ports::{Clock, Entropy, Vault, World};
use sekisho::service::Service;
use sekisho::society::{Society, Terms};
use sekisho::staff::import::Encoding;
use sekisho::staff::protocol::{Request as StaffRequest, Who, Wish};
use sekisho::staff::stop::Stop;
use sekisho::staff::{Desk, Office, StaffError};
use sekisho::store::RedbStore;
use sekisho::vault::{Pkcs11Vault, check};
use sekisho_core::account::HashCost;
use sekisho_core::bucket::Admission;
use sekisho_core::id::SocietyName;
use sekisho_core::shown::{Face, Service as ShownService};
use sekisho_core::source::{Networks, Source};
use sekisho_core::staff::Delivery;
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

/// Behind a society's name: the name of one that has a key and no file yet, for the staff to add.
const NEW: &str = "-new";

/// Behind a society's name: the name of one that has no key.
const KEYLESS: &str = "-keyless";

/// Number of the Unix user who works for the staff; the second one's comes after it.
const UID: u32 = 1000;

/// What is put around the parts of the outside before the appliance gets them.
pub type Wrap = dyn Fn(World) -> World + Send + Sync;

/// One appliance with one society for each profile.
pub struct Appliance {
    app: Arc<App>,
    service: Arc<Service>,
    office: Office,
    outbox: Outbox,
    world: World,
    societies: BTreeMap<ProfileId, Arc<Society>>,
    cards: AtomicU32,
    /// How many versions of terms the staff have published.
    terms: AtomicU32,
    /// The last field: it goes when nobody needs it any more.
    ground: Ground,
}

/// What all appliances of one process share: PKCS#11 has one context for each process.
pub struct Premises {
    vault: Arc<dyn Vault>,
    log: Log,
    /// The last field: it goes when nobody needs it any more.
    token: ThrowawayToken,
}

impl Premises {
    /// A new token with a key for each society of these profiles, and the vault upon it. Has to be made before anything else is done in
    /// the process (see [`ThrowawayToken`]).
    ///
    /// # Errors
    /// SoftHSM is not installed, or the temporary folder cannot be written.
    pub fn new<'a>(profiles: impl IntoIterator<Item = &'a ProfileId>, seed: u64) -> Result<Arc<Self>, DriverError> {
        let with_key = |profile: &ProfileId| [name(profile), name(&format!("{profile}{NEW}"))];
        let names: Vec<SocietyName> = profiles.into_iter().flat_map(with_key).collect::<Result<_, _>>()?;
        let token = ThrowawayToken::with_keys(&names).map_err(|error| DriverError::NotSetUp(error.to_string()))?;
        let log = Log::install();
        let entropy: Arc<dyn Entropy> = Arc::new(SimEntropy::new(seed));
        let vault = Arc::new(Pkcs11Vault::open(&token.config(), entropy).map_err(internal)?);
        Ok(Arc::new(Self { vault, log, token }))
    }
}

/// What stays when the process ends and another begins.
struct Ground {
    profiles: BTreeMap<ProfileId, TenantPolicy>,
    clock: Arc<SimClock>,
    entropy: Arc<dyn Entropy>,
    mailer: Arc<CollectingMailer>,
    wrap: Box<Wrap>,
    store_folder: tempfile::TempDir,
    /// The last field: it goes when nobody needs it any more.
    premises: Arc<Premises>,
}

impl Appliance {
    /// A new appliance on a new token. Has to be made before anything else is done in the process (see [`ThrowawayToken`]).
    pub fn new(profiles: &BTreeMap<ProfileId, TenantPolicy>, seed: u64) -> Result<Self, DriverError> {
        Self::with(profiles, seed, |world| world)
    }

    /// As [`Self::new`], with `wrap` around the outside: for faults, conflicts and who waits for whom.
    pub fn with(
        profiles: &BTreeMap<ProfileId, TenantPolicy>,
        seed: u64,
        wrap: impl Fn(World) -> World + Send + Sync + 'static,
    ) -> Result<Self, DriverError> {
        Self::at(&Premises::new(profiles.keys(), seed)?, profiles, seed, wrap)
    }

    /// As [`Self::with`], on premises that other appliances have too: its clock, store and post are its own.
    pub fn at(
        premises: &Arc<Premises>,
        profiles: &BTreeMap<ProfileId, TenantPolicy>,
        seed: u64,
        wrap: impl Fn(World) -> World + Send + Sync + 'static,
    ) -> Result<Self, DriverError> {
        let owner_only = std::fs::Permissions::from_mode(0o700);
        let appliance = Self::start(Ground {
            profiles: profiles.clone(),
            clock: Arc::new(SimClock::at(BEGIN)),
            entropy: Arc::new(SimEntropy::new(seed)),
            mailer: Arc::new(CollectingMailer::default()),
            wrap: Box::new(wrap),
            store_folder: tempfile::Builder::new().permissions(owner_only).tempdir().map_err(internal)?,
            premises: Arc::clone(premises),
        })?;
        for society in appliance.societies.values() {
            appliance.order(&StaffRequest::SocietyAdd { society: society.name.clone() }, "")?;
        }
        Ok(appliance)
    }

    /// The process ends, and another one begins over the same files. A session of the token stays open all the while: PKCS#11 has
    /// one context for each process, and there is only one process here.
    pub fn restart(self) -> Result<Self, DriverError> {
        let Self { app, service, office, outbox, world, cards, terms, ground, .. } = self;
        drop((app, service, office, outbox, world));
        Ok(Self { cards, terms, ..Self::start(ground)? })
    }

    fn start(ground: Ground) -> Result<Self, DriverError> {
        let societies = ground.societies()?;
        let all: Vec<Arc<Society>> = societies.values().cloned().collect();
        let world = (ground.wrap)(World {
            clock: ground.clock.clone(),
            entropy: ground.entropy.clone(),
            vault: Arc::clone(&ground.premises.vault),
            store: Arc::new(RedbStore::open(ground.store_folder.path()).map_err(internal)?),
            hasher: Arc::new(Argon2Pool::new(1, 8, CHEAP).map_err(internal)?),
            mailer: ground.mailer.clone(),
            alarms: Arc::default(),
        });
        let service = Arc::new(Service::new(world.clone(), |_| {}));
        Ok(Self {
            app: Arc::new(ground.app(Arc::clone(&service), all.clone())),
            service,
            office: Office::new(world.clone(), all.into_iter().chain(ground.to_be_added()?).collect(), 1, Arc::new(Stop::default())),
            outbox: Outbox::new(world.clone()).map_err(internal)?,
            world,
            societies,
            cards: AtomicU32::new(1),
            terms: AtomicU32::new(1),
            ground,
        })
    }

    /// The driver of one profile's society.
    pub fn driver(&self, profile: &str) -> Result<InProcess<'_>, DriverError> {
        self.driver_through(&self.app, profile)
    }

    /// As [`Self::driver`], through another front.
    pub fn driver_through<'a>(&'a self, app: &'a App, profile: &str) -> Result<InProcess<'a>, DriverError> {
        Ok(InProcess { appliance: self, app, society: Arc::clone(self.society(profile)?), request: None })
    }

    /// Another front over the same outside, which remembers nothing: no key is open, no record, nobody has been seen, nothing is in
    /// flight. As a process that has just begun, or a second one.
    pub fn another_front(&self) -> Result<App, DriverError> {
        let service = Arc::new(Service::new(self.world.clone(), |_| {}));
        Ok(self.ground.app(service, self.ground.societies()?.into_values().collect()))
    }

    /// Its edge, for a server: no proxy stands before it.
    pub fn edge(&self) -> Arc<Edge> {
        let (alarms, clock) = (Arc::clone(&self.world.alarms), Arc::clone(&self.world.clock));
        Arc::new(Edge::new(Proxies::default(), Networks::default(), Admission::default(), alarms, clock))
    }

    /// Its front, for a server.
    pub fn front(&self) -> Arc<App> {
        Arc::clone(&self.app)
    }

    /// The society of a profile.
    pub fn society(&self, profile: &str) -> Result<&Arc<Society>, DriverError> {
        self.societies.get(profile).ok_or_else(|| DriverError::NotSetUp(format!("no profile {profile}")))
    }

    /// The outside, wrapped.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What time it is for everybody.
    pub fn clock(&self) -> &SimClock {
        &self.ground.clock
    }

    /// The post.
    pub fn mailer(&self) -> &CollectingMailer {
        &self.ground.mailer
    }

    /// Lets the staff do something that has to succeed.
    fn order(&self, request: &StaffRequest, file: &str) -> Result<(), DriverError> {
        let desk = SimDesk { uid: UID, files: vec![file], said: Mutex::default(), printed: Mutex::default() };
        self.office.run(request, &desk).map_err(|error| DriverError::Internal(format!("staff: {error}; {}", desk.said().join("; "))))
    }
}

impl Ground {
    fn societies(&self) -> Result<BTreeMap<ProfileId, Arc<Society>>, DriverError> {
        self.profiles.iter().map(|(profile, policy)| Ok((profile.clone(), Arc::new(society(profile, policy)?)))).collect()
    }

    /// Societies that have a configuration and no file yet.
    fn to_be_added(&self) -> Result<Vec<Arc<Society>>, DriverError> {
        let both = self.profiles.iter().flat_map(|(profile, policy)| [(profile, NEW, policy), (profile, KEYLESS, policy)]);
        both.map(|(profile, which, policy)| Ok(Arc::new(society(&format!("{profile}{which}"), policy)?))).collect()
    }

    fn app(&self, service: Arc<Service>, societies: Vec<Arc<Society>>) -> App {
        App::new(service, societies, self.clock.clone(), self.entropy.clone())
    }
}

/// Drives one society of an [`Appliance`].
pub struct InProcess<'a> {
    appliance: &'a Appliance,
    app: &'a App,
    society: Arc<Society>,
    /// Number of what the first clerk has asked for and the second has to approve.
    request: Option<String>,
}

impl InProcess<'_> {
    /// What the running process does once a minute. That a clock has run steadily for an hour is not waited for.
    fn tick(&self) -> Result<(), DriverError> {
        let Appliance { world, office, service, .. } = self.appliance;
        let societies = std::slice::from_ref(&self.society);
        let watch = office.clock.look(world, societies);
        office.clock.tell_of_members(world, societies, service.look_at_codes());
        let floor = if watch.jump().is_none() { watch.believed() } else { watch.floor() };
        let before = Timestamp(watch.believed().0.saturating_sub(Duration::from_secs(24 * 3600).as_secs()));
        let unused = Timestamp(watch.believed().0.saturating_sub(self.society.policy().lifetimes.browser.as_secs()));
        world.store.tick(&self.society.name, floor, before, unused).map_err(internal)
    }

    /// The command that an order stands for; `None`: it is not one of the office's.
    fn request(&self, order: &StaffOrder<'_>) -> Result<StaffRequest, DriverError> {
        let society = self.society.name.clone();
        let another = |which: &str| SocietyName::try_from(format!("{society}{which}")).map_err(internal);
        Ok(match order.act {
            StaffAct::Show => StaffRequest::MemberShow { society, who: who(order) },
            StaffAct::PolicyShow => StaffRequest::PolicyShow { society },
            StaffAct::ClockAccept => StaffRequest::ClockAccept,
            StaffAct::AnnounceLetters => {
                let given = |name: &str| order.with.get(name).map(String::as_str).unwrap_or_default();
                let number = |name: &str| given(name).parse::<i64>().map_err(|_| internal(format!("`{name}` is no number")));
                let count = |name: &str| u32::try_from(number(name)?).map_err(internal);
                let from = day_in_japan(self.now(), number("in-days")?)?;
                StaffRequest::AnnounceLetters { society, from, days: count("days")?, members: count("members")? }
            }
            StaffAct::SocietyAdd => StaffRequest::SocietyAdd { society: another(NEW)? },
            StaffAct::SocietyAddWithoutKey => StaffRequest::SocietyAdd { society: another(KEYLESS)? },
            StaffAct::PublishTerms => {
                let version = format!("2027-{}", self.appliance.terms.fetch_add(1, Ordering::Relaxed));
                StaffRequest::TermsPublish { society, version }
            }
            act => match (order.by, wish(act, order)?) {
                (Clerk::Second, wish) if needs_two(&wish) => {
                    let request = self.request.clone().ok_or_else(|| internal("nobody has asked for anything that could be approved"))?;
                    StaffRequest::Approve { society, request, takes_file: true }
                }
                (_, wish) => StaffRequest::MemberAct { society, who: who(order), wish, takes_file: true },
            },
        })
    }
}

/// The member that an order is about.
fn who(order: &StaffOrder<'_>) -> Who {
    let (symbol, number, branch) = order.card;
    Who::Card { symbol: symbol.to_owned(), number: number.to_owned(), branch: branch.to_owned() }
}

/// The day in Japan so many days after `now`, as `YYYY-MM-DD`: flows begin at any time, one after another.
fn day_in_japan(now: Timestamp, days: i64) -> Result<String, DriverError> {
    let second = i64::try_from(now.0).map_err(internal)?;
    let today = jiff::Timestamp::from_second(second).map_err(internal)?.to_zoned(jiff::tz::Offset::constant(9).to_time_zone()).date();
    Ok(today.checked_add(jiff::Span::new().try_days(days).map_err(internal)?).map_err(internal)?.to_string())
}

/// What an order does to a member.
fn wish(act: StaffAct, order: &StaffOrder<'_>) -> Result<Wish, DriverError> {
    let issue =
        |by| Wish::Issue { new_user_id: order.with.get("user-id").cloned(), first_login: order.with.contains_key("first-login"), by };
    Ok(match act {
        StaffAct::IssueByMail => issue(Delivery::Mail),
        StaffAct::IssueByLetter => issue(Delivery::Letter),
        StaffAct::ActivationCode => Wish::ActivationCode,
        StaffAct::Reopen => Wish::Reopen,
        StaffAct::UnlockPassword => Wish::Unlock { password: true, account: false },
        StaffAct::UnlockAccount => Wish::Unlock { password: false, account: true },
        StaffAct::ResetFactor => Wish::ResetFactor,
        StaffAct::Rename => Wish::Rename { name: order.with.get("name").cloned().unwrap_or_default() },
        StaffAct::Disable => Wish::Disable,
        StaffAct::Enable => Wish::Enable,
        StaffAct::Delete => Wish::Delete,
        other => return Err(internal(format!("{other:?} is done to no member"))),
    })
}

/// Whether a second person has to approve it.
fn needs_two(wish: &Wish) -> bool {
    matches!(wish, Wish::Issue { .. } | Wish::ResetFactor | Wish::Delete)
}

impl Driver for InProcess<'_> {
    fn kind(&self) -> DriverKind {
        DriverKind::InProcess
    }

    fn origin(&self) -> &str {
        &self.society.origin
    }

    fn now(&self) -> Timestamp {
        self.appliance.ground.clock.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        let span = instant.since(self.now());
        self.appliance.ground.clock.advance(span);
        self.tick()
    }

    fn jump(&mut self, seconds: i64) -> Result<(), DriverError> {
        self.appliance.ground.clock.step(seconds);
        self.tick()
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
        self.appliance.order(&StaffRequest::MemberImport { society, encoding: Encoding::Utf8, dry_run: false }, &file)?;
        Ok(member)
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        let source = request.extensions().get::<Source>().copied().unwrap_or_else(somewhere);
        Ok(self.app.respond(Some(&self.society.host), source, request))
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.appliance.outbox.run_once(std::slice::from_ref(&self.society), self.now());
        Ok(self.appliance.ground.mailer.mails_that(|mail| mail.to == to && mail.from == self.society.mail_from))
    }

    fn staff(&mut self, order: &StaffOrder<'_>) -> Result<StaffAnswer, DriverError> {
        if order.act == StaffAct::KeysCheck {
            let report = check::full(&self.appliance.ground.premises.token.config());
            let said = report.to_string().lines().map(str::to_owned).collect();
            return Ok(StaffAnswer { said, refused: !report.passed(), file: None });
        }
        let request = self.request(order)?;
        let uid = if order.by == Clerk::First { UID } else { UID + 1 };
        // Terms that nobody has seen before, in Japanese and in English.
        let files = vec!["改訂された利用規約の見本です。\n\n組合のサービスは、ご本人だけが利用できます。", "Sample terms of use, revised."];
        let desk = SimDesk { uid, files, said: Mutex::default(), printed: Mutex::default() };
        let done = self.appliance.office.run(&request, &desk);
        let mut said = desk.said();
        let refused = match done {
            Ok(()) => false,
            Err(StaffError::Refused(why)) => {
                said.push(why);
                true
            }
            Err(StaffError::Fault(fault)) => {
                said.push(fault.to_string());
                true
            }
            Err(error @ StaffError::Gone(_)) => return Err(internal(error)),
        };
        if let Some(number) = said.iter().find_map(|line| line.split_once("sekisho approve ")?.1.split_whitespace().nth(1)) {
            self.request = Some(number.trim_end_matches('"').to_owned());
        }
        let file = desk.printed.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(StaffAnswer { said, refused, file })
    }

    fn commits(&self) -> Option<u64> {
        self.appliance.world.store.numbers(&self.society.name).ok().map(|numbers| numbers.commits)
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(self.appliance.ground.store_folder.path()).into_iter().flatten().flatten();
        let files = entries.filter_map(|entry| Some((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).ok()?)));
        files.chain(std::iter::once(("the log".to_owned(), self.appliance.ground.premises.log.written()))).collect()
    }
}

fn internal(error: impl ToString) -> DriverError {
    DriverError::Internal(error.to_string())
}

fn name(profile: &str) -> Result<SocietyName, DriverError> {
    SocietyName::try_from(format!("kumiai-{profile}")).map_err(internal)
}

fn society(profile: &str, policy: &TenantPolicy) -> Result<Society, DriverError> {
    let name = name(profile)?;
    let host = format!("{name}.test");
    // What is behind a hyphen tells societies of one kind apart; their members see no difference.
    let letter = profile.split('-').next().unwrap_or_default().to_uppercase();
    let face = Face {
        name_ja: format!("試験健康保険組合{letter}"),
        name_en: format!("Trial Health Insurance Society {letter}"),
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

/// A desk at which files lie ready. Whoever sits there agrees to everything.
struct SimDesk<'a> {
    uid: u32,
    files: Vec<&'a str>,
    said: Mutex<Vec<String>>,
    printed: Mutex<Option<String>>,
}

impl SimDesk<'_> {
    /// What was said so far.
    fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Desk for SimDesk<'_> {
    fn uid(&self) -> u32 {
        self.uid
    }

    fn line(&self, text: &str) -> io::Result<()> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
        Ok(())
    }

    fn file(&self, which: usize) -> io::Result<Box<dyn Read + '_>> {
        let file = self.files.get(which).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(file.as_bytes()))
    }

    fn agrees(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn hand_over(&self, file: &[u8]) -> io::Result<()> {
        let text = String::from_utf8(file.to_vec()).map_err(io::Error::other)?;
        *self.printed.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        Ok(())
    }
}
