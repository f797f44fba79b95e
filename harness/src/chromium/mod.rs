//! Chromium as a member's browser: the same flows on the real pages, with real clicks and keys, real cookies and a real eye for what
//! the pages look like. One process serves all flows; each browser of a flow is a browser context of its own, which shares nothing
//! with the others.

mod cdp;
mod journey;
mod look;
mod tab;

pub use cdp::CdpError;
pub use tab::ChromiumTab;

use crate::drivers::{DriverError, Pages};
use cdp::Connection;
use look::Inspector;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// The other site: where members read their mail. Nothing of it is on the network.
const WEBMAIL: &str = "https://webmail.test/";

/// How Chromium is run, and what it looks at.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Chromium's program; for the driver `browser`, like what follows
    #[arg(long, value_name = "FILE", default_value = "chromium")]
    pub chromium: PathBuf,
    /// With scripts turned off
    #[arg(long)]
    pub no_script: bool,
    /// What the browsers ask for in Accept-Language. In another language than ja no text of a flow is compared
    #[arg(long, value_enum, default_value = "ja")]
    pub language: Tongue,
    /// Width of the window in CSS pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 360)]
    pub width: u32,
    /// Write a picture of each step there, PROFILE/FLOW/STEP.png
    #[arg(long, value_name = "DIR")]
    pub screenshots: Option<PathBuf>,
    /// axe.min.js of the npm package axe-core, which is run on every page
    #[arg(long, value_name = "FILE")]
    pub axe: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { chromium: PathBuf::from("chromium"), no_script: false, language: Tongue::Ja, width: 360, screenshots: None, axe: None }
    }
}

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Tongue {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Tongue {
    fn accepted(self) -> &'static str {
        match self {
            Self::Ja => "ja,en;q=0.5",
            Self::En => "en,ja;q=0.5",
        }
    }
}

/// A running Chromium.
pub struct Chromium {
    options: Options,
    connection: RefCell<Connection>,
    inspector: RefCell<Inspector>,
    /// A context whose member has gone, to be emptied for the next one: that is several times as quick as a new one, which takes two
    /// processes.
    idle: RefCell<Option<Rc<Context>>>,
}

impl Chromium {
    /// Starts one that takes every name below `.test` to `port` of this machine, reaches nothing else, and trusts the key with this
    /// SHA-256 (base64, of its SubjectPublicKeyInfo) as if an authority had signed for it.
    ///
    /// # Errors
    /// Chromium is not installed, or the file of axe-core is not there.
    pub fn start(options: &Options, port: u16, trusted_key: &str) -> Result<Rc<Self>, DriverError> {
        let inspector = Inspector::new(options)?;
        let arguments = [
            format!("--host-resolver-rules=MAP *.test 127.0.0.1:{port},MAP * ~NOTFOUND"),
            format!("--ignore-certificate-errors-spki-list={trusted_key}"),
        ];
        let connection = Connection::start(&options.chromium, &arguments)?;
        let (connection, inspector) = (RefCell::new(connection), RefCell::new(inspector));
        Ok(Rc::new(Self { options: options.clone(), connection, inspector, idle: RefCell::new(None) }))
    }

    /// A new browser of a member of the society at `origin`.
    pub fn tab(self: &Rc<Self>, origin: &str) -> Result<ChromiumTab, DriverError> {
        Ok(ChromiumTab::open_in(Rc::clone(self), origin)?)
    }

    /// Whether the scripts of pages are run.
    pub fn runs_scripts(&self) -> bool {
        !self.options.no_script
    }

    /// What was seen of the pages since this was last called.
    pub fn pages(&self) -> Pages {
        self.inspector.borrow_mut().take()
    }

    fn call(&self, session: Option<&str>, method: &str, params: Value) -> Result<Value, CdpError> {
        self.connection.borrow_mut().call(session, method, params)
    }

    /// An empty context for the pages at `origin`.
    fn context(&self, origin: &str) -> Result<Rc<Context>, CdpError> {
        let idle = self.idle.borrow_mut().take();
        match idle {
            Some(idle) if idle.origin == origin => {
                idle.empty(self)?;
                Ok(idle)
            }
            Some(stranger) => {
                stranger.dispose(self)?;
                Ok(Rc::new(Context::new(self, origin)?))
            }
            None => Ok(Rc::new(Context::new(self, origin)?)),
        }
    }
}

/// One browser context with one page in it, and the session that speaks to it.
#[derive(Debug)]
struct Context {
    id: String,
    session: String,
    frame: String,
    origin: String,
}

impl Context {
    fn new(chromium: &Chromium, origin: &str) -> Result<Self, CdpError> {
        let Options { no_script, language, width, .. } = chromium.options;
        let id = string(chromium.call(None, "Target.createBrowserContext", json!({}))?, "browserContextId")?;
        let target = json!({ "url": "about:blank", "browserContextId": id, "width": width, "height": HEIGHT });
        let target = string(chromium.call(None, "Target.createTarget", target)?, "targetId")?;
        let attach = json!({ "targetId": target, "flatten": true });
        let session = string(chromium.call(None, "Target.attachToTarget", attach)?, "sessionId")?;
        let documents = json!({ "patterns": [{ "resourceType": "Document", "requestStage": "Request" }] });
        let agent = string(chromium.call(None, "Browser.getVersion", json!({}))?, "userAgent")?;
        let settings = [
            ("Page.enable", json!({})),
            ("Page.setLifecycleEventsEnabled", json!({ "enabled": true })),
            ("Network.enable", json!({})),
            ("Network.setUserAgentOverride", json!({ "userAgent": agent, "acceptLanguage": language.accepted() })),
            ("Fetch.enable", documents),
            ("Log.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Audits.enable", json!({})),
            ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
            ("Emulation.setDeviceMetricsOverride", metrics(width)),
            // As on phones, where they take no room.
            ("Emulation.setScrollbarsHidden", json!({ "hidden": true })),
            ("Emulation.setScriptExecutionDisabled", json!({ "value": no_script })),
        ];
        let mut connection = chromium.connection.borrow_mut();
        let calls = settings.map(|(method, params)| connection.send(Some(&session), method, params));
        for call in calls {
            let call = call?;
            connection.answer(call)?;
        }
        // A page's own frame is called after its target.
        Ok(Self { id, session, frame: target, origin: origin.to_owned() })
    }

    /// Takes out everything that a site can leave in a browser, and the authenticators. The style sheet stays in the cache: it is the same
    /// for everybody.
    fn empty(&self, chromium: &Chromium) -> Result<(), CdpError> {
        let session = Some(self.session.as_str());
        let in_this_tab = json!({ "storageId": { "securityOrigin": self.origin, "isLocalStorage": false } });
        chromium.call(None, "Storage.clearCookies", json!({ "browserContextId": self.id }))?;
        chromium.call(session, "Storage.clearDataForOrigin", json!({ "origin": self.origin, "storageTypes": "all" }))?;
        chromium.call(session, "DOMStorage.clear", in_this_tab)?;
        chromium.call(session, "WebAuthn.disable", json!({}))?;
        chromium.call(session, "Page.resetNavigationHistory", json!({}))?;
        Ok(())
    }

    fn dispose(&self, chromium: &Chromium) -> Result<(), CdpError> {
        chromium.call(None, "Target.disposeBrowserContext", json!({ "browserContextId": self.id }))?;
        chromium.connection.borrow_mut().take_events(&self.session);
        Ok(())
    }
}

/// Height of the window in CSS pixels: that of a small phone.
const HEIGHT: u32 = 740;

fn metrics(width: u32) -> Value {
    json!({ "width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false })
}

fn string(value: Value, name: &'static str) -> Result<String, CdpError> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(CdpError::Malformed(name))
}
