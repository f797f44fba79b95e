//! One browser of a member in Chromium: where they press, what they type, and what comes of it.

use super::cdp::{Call, CdpError, Event};
use super::journey::Journey;
use super::look::View;
use super::{Chromium, Context, WEBMAIL, string};
use crate::browser::jar::Jar;
use crate::browser::page::{Filled, Kind, Page};
use crate::browser::tab::{AuthenticatorKind, Ceremony, Credential, Moment, Tab, UsePasskey};
use crate::browser::{Browser, BrowserError, Exchange};
use crate::drivers::{Driver, DriverError};
use crate::world::authenticator::Authenticator;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the harness looks up on pages.
const PAGE: &str = include_str!("page.js");

/// What tells the harness how a ceremony has ended.
const CEREMONY: &str = include_str!("ceremony.js");

/// Its name for the world that it does so in.
const WORLD: &str = "sekisho-harness";

/// One browser: a context of its own, with one page.
pub struct ChromiumTab {
    chromium: Rc<Chromium>,
    context: Rc<Context>,
    /// Whether nothing is under way, so that the context can serve another member afterwards.
    is_at_rest: bool,
    origin: String,
    page: Option<Page>,
    /// Address of the page before the one that was taken over.
    before: Option<String>,
    /// Cookies as the answers have set them; Chromium has to hold the same.
    jar: Jar,
    exchanges: Vec<Exchange>,
    /// What the page that was taken over was answered with: it has just been loaded, so that loading it anew is what has been done.
    arrived: Vec<Exchange>,
    authenticators: BTreeMap<AuthenticatorKind, String>,
    /// Where scripts of the harness are run on the page it shows.
    world: Option<i64>,
    /// The way to the page it shows, for the eyes.
    view: Option<View>,
}

impl From<CdpError> for BrowserError {
    fn from(error: CdpError) -> Self {
        Self::Driver(error.into())
    }
}

/// Where to press, as `page.js` takes it.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
enum Where<'a> {
    #[serde(untagged)]
    Link { link: &'a str },
    #[serde(untagged)]
    Field { form: usize, name: &'a str, value: &'a str },
    #[serde(untagged)]
    FirstButton { form: usize },
    #[serde(untagged)]
    Summary { summary: usize },
}

/// What `page.js` says of a place.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    missing: bool,
    closed: Option<usize>,
    covered: Option<String>,
    x: f64,
    y: f64,
    checked: bool,
    tag: String,
    longest: i64,
}

fn impossible(text: impl Into<String>) -> BrowserError {
    BrowserError::Impossible(text.into())
}

impl ChromiumTab {
    pub(super) fn open_in(chromium: Rc<Chromium>, origin: &str) -> Result<Self, CdpError> {
        let context = chromium.context(origin)?;
        Ok(Self {
            chromium,
            context,
            is_at_rest: true,
            origin: origin.to_owned(),
            page: None,
            before: None,
            jar: Jar::default(),
            exchanges: Vec::new(),
            arrived: Vec::new(),
            authenticators: BTreeMap::new(),
            world: None,
            view: None,
        })
    }

    pub(super) fn call(&self, method: &str, params: Value) -> Result<Value, CdpError> {
        self.chromium.call(Some(&self.context.session), method, params)
    }

    fn event(&self) -> Result<Event, CdpError> {
        self.chromium.connection.borrow_mut().event(&self.context.session)
    }

    pub(super) fn take_events(&self) -> Vec<Event> {
        self.chromium.connection.borrow_mut().take_events(&self.context.session)
    }

    /// Calls, all sent before the first answer is waited for.
    fn calls(&self, calls: impl IntoIterator<Item = (&'static str, Value)>) -> Result<(), CdpError> {
        let mut connection = self.chromium.connection.borrow_mut();
        let session = Some(self.context.session.as_str());
        let sent = calls.into_iter().map(|(method, params)| connection.send(session, method, params)).collect::<Result<Vec<_>, _>>()?;
        sent.into_iter().try_for_each(|call| connection.answer(call).map(drop))
    }

    /// Runs `expression` beside the page's own scripts and returns what it is worth.
    pub(super) fn evaluate(&self, expression: &str) -> Result<Value, BrowserError> {
        let world = self.world.ok_or_else(|| impossible("no page is open in this browser"))?;
        let params = json!({ "expression": expression, "contextId": world, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", params)?;
        if let Some(thrown) = answer.pointer("/exceptionDetails/exception/description").and_then(Value::as_str) {
            return Err(DriverError::Internal(format!("page.js: {thrown}")).into());
        }
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    /// Asks `page.js` something.
    pub(super) fn ask(&self, what: &str, argument: &Value) -> Result<Value, BrowserError> {
        self.evaluate(&format!("({PAGE}).{what}({argument})"))
    }

    fn place(&self, at: &Where) -> Result<Place, BrowserError> {
        let argument = serde_json::to_value(at).map_err(|error| DriverError::Internal(error.to_string()))?;
        let place = self.ask("point", &argument)?;
        let place: Place = serde_json::from_value(place).map_err(|error| DriverError::Internal(error.to_string()))?;
        match &place {
            Place { missing: true, .. } => Err(impossible(format!("the page has no {at:?}"))),
            Place { covered: Some(by), .. } => Err(impossible(format!("a member cannot press {at:?}; there is {by}"))),
            _ => Ok(place),
        }
    }

    /// Where to press; a menu that hides it is opened first.
    fn reach(&self, at: &Where) -> Result<Place, BrowserError> {
        let place = self.place(at)?;
        let Some(summary) = place.closed else { return Ok(place) };
        self.press(&self.place(&Where::Summary { summary })?)?;
        let place = self.place(at)?;
        if place.closed.is_some() { Err(impossible(format!("{at:?} stays hidden in its menu"))) } else { Ok(place) }
    }

    fn press(&self, place: &Place) -> Result<(), CdpError> {
        let mouse = |kind: &str| {
            ("Input.dispatchMouseEvent", json!({ "type": kind, "x": place.x, "y": place.y, "button": "left", "clickCount": 1 }))
        };
        self.calls([mouse("mouseMoved"), mouse("mousePressed"), mouse("mouseReleased")])
    }

    /// Types in place of what stands in the field that was pressed last.
    fn type_text(&self, text: &str) -> Result<(), CdpError> {
        let key = |kind: &str, key: &str| json!({ "type": kind, "key": key });
        let all = json!({ "type": "rawKeyDown", "key": "a", "code": "KeyA", "modifiers": 2, "commands": ["selectAll"] });
        let none = json!({ "type": "rawKeyDown", "key": "Backspace", "code": "Backspace", "commands": ["deleteBackward"] });
        let first = [all, key("keyUp", "a"), none, key("keyUp", "Backspace")];
        let typed = text.chars().map(String::from).flat_map(|letter| {
            [json!({ "type": "keyDown", "key": letter, "text": letter, "unmodifiedText": letter }), key("keyUp", &letter)]
        });
        self.calls(first.into_iter().chain(typed).map(|params| ("Input.dispatchKeyEvent", params)))
    }

    /// Does `begin` and follows where it leads until the page there is loaded.
    fn travel(
        &mut self,
        driver: &mut dyn Driver,
        expected: Option<&Filled>,
        begin: impl FnOnce(&mut Self) -> Result<Option<Call>, BrowserError>,
    ) -> Result<(), BrowserError> {
        self.arrived.clear();
        // What the page before still says is nobody's business any more.
        drop(self.take_events());
        self.is_at_rest = false;
        // Chromium answers when the page has begun to come, which takes our consent in between.
        let begun = begin(self)?;
        self.follow_through(driver, Journey::default(), expected)?;
        if let Some(call) = begun {
            self.chromium.connection.borrow_mut().answer(call)?;
        }
        Ok(())
    }

    /// Follows a journey that has begun to its end.
    fn follow_through(&mut self, driver: &mut dyn Driver, mut journey: Journey, expected: Option<&Filled>) -> Result<(), BrowserError> {
        let mut unchecked = expected;
        while !journey.is_over() {
            let event = match self.event() {
                Err(CdpError::Silent) if !journey.has_begun() => return Err(impossible("nothing was asked for when it was pressed")),
                event => event?,
            };
            if event.method == "Fetch.requestPaused" {
                self.let_go(driver, &mut journey, &event.params, &mut unchecked)?;
            }
            journey.take(&event);
        }
        self.arrive(driver, journey)
    }

    /// A request of the document that Chromium wants to send: counted, compared with the form it comes from, and let go.
    fn let_go(
        &self,
        driver: &mut dyn Driver,
        journey: &mut Journey,
        paused: &Value,
        expected: &mut Option<&Filled>,
    ) -> Result<(), BrowserError> {
        let id = paused.get("requestId").cloned().unwrap_or_default();
        if let Some(Filled { action, sent }) = expected.take() {
            let text = |pointer: &str| paused.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let body: Vec<(String, String)> = form_urlencoded::parse(text("/request/postData").as_bytes()).into_owned().collect();
            let to = super::journey::path_and_query(text("/request/url"));
            if body != *sent || to != *action {
                self.call("Fetch.failRequest", json!({ "requestId": id, "errorReason": "Aborted" }))?;
                return Err(impossible(format!("Chromium sends {body:?} to {to}; the form holds {sent:?} for {action}")));
            }
        }
        journey.leaves(driver.commits());
        self.call("Fetch.continueRequest", json!({ "requestId": id }))?;
        Ok(())
    }

    fn arrive(&mut self, driver: &mut dyn Driver, mut journey: Journey) -> Result<(), BrowserError> {
        self.make_world()?;
        let html = string(self.ask("source", &Value::Null)?, "html")?;
        let body = self.body(&journey).unwrap_or_default();
        let mut exchanges = journey.exchanges(body, &html, driver.commits(), &mut self.jar)?;
        let faults = self.cookie_faults()?;
        let last = exchanges.last_mut().ok_or_else(|| impossible("Chromium has shown a page that it did not ask for"))?;
        last.cookie_faults.extend(faults);
        self.page = Some(last.page.clone());
        self.exchanges.extend(exchanges);
        self.view = Some(View::new(journey));
        self.is_at_rest = true;
        Ok(())
    }

    /// Reads the page again, which a script has changed.
    fn read_again(&mut self) -> Result<(), BrowserError> {
        let html = string(self.ask("source", &Value::Null)?, "html")?;
        let page = self.page()?;
        self.page = Some(Page::parse(&page.address, page.status, &html));
        Ok(())
    }

    /// A world for the harness's scripts on the page that has just come.
    fn make_world(&mut self) -> Result<(), CdpError> {
        let params = json!({ "frameId": self.context.frame, "worldName": WORLD });
        self.world = self.call("Page.createIsolatedWorld", params)?.get("executionContextId").and_then(Value::as_i64);
        Ok(())
    }

    /// The document's body as it came.
    fn body(&self, journey: &Journey) -> Option<Bytes> {
        let answer = self.call("Network.getResponseBody", json!({ "requestId": journey.document()? })).ok()?;
        let body = answer.get("body")?.as_str()?;
        let is_base64 = answer.get("base64Encoded").and_then(Value::as_bool).unwrap_or_default();
        if is_base64 { STANDARD.decode(body).ok().map(Bytes::from) } else { Some(Bytes::from(body.to_owned())) }
    }

    /// Cookies that Chromium does not hold though it was sent them, or holds though they were taken back.
    fn cookie_faults(&self) -> Result<Vec<String>, BrowserError> {
        let answer = self.chromium.call(None, "Storage.getCookies", json!({ "browserContextId": self.context.id }))?;
        let held = answer.get("cookies").and_then(Value::as_array).into_iter().flatten();
        let mut held: Vec<&str> = held.filter_map(|cookie| cookie.get("name")?.as_str()).collect();
        held.sort_unstable();
        let sent: Vec<&str> = self.jar.cookies().map(|(name, ..)| name).collect();
        Ok(if held == sent { Vec::new() } else { vec![format!("Chromium holds the cookies {held:?}; it was given {sent:?}")] })
    }

    fn go_to(&mut self, driver: &mut dyn Driver, url: &str) -> Result<(), BrowserError> {
        self.travel(driver, None, |tab| {
            let mut connection = tab.chromium.connection.borrow_mut();
            Ok(Some(connection.send(Some(&tab.context.session), "Page.navigate", json!({ "url": url }))?))
        })
    }

    /// Fills the form that takes `with`. Returns what it is to send.
    fn fill(&mut self, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(usize, Filled), BrowserError> {
        let page = self.page()?;
        let filled = page.fill(form, with)?;
        let (place, form) = page.form(form, with)?;
        let fields: Vec<_> = form.fields.iter().filter_map(|field| Some((field, with.get(&field.name)?))).collect();
        for (field, value) in fields {
            let at = Where::Field { form: place, name: &field.name, value };
            match field.kind {
                Kind::Hidden | Kind::Button => {}
                Kind::Text => self.write(place, &at, value)?,
                Kind::Box => self.set(&at, value == "on")?,
                Kind::Choice => self.choose(&at, field.options.iter().position(|option| option == value))?,
            }
        }
        Ok((place, filled))
    }

    fn write(&self, form: usize, at: &Where, text: &str) -> Result<(), BrowserError> {
        let place = self.reach(at)?;
        let longest = usize::try_from(place.longest).unwrap_or(usize::MAX);
        if text.encode_utf16().count() > longest {
            self.ask("loosen", &json!({ "form": form }))?;
        }
        self.press(&place)?;
        Ok(self.type_text(text)?)
    }

    fn set(&self, at: &Where, on: bool) -> Result<(), BrowserError> {
        let place = self.reach(at)?;
        if place.checked != on {
            self.press(&place)?;
        }
        Ok(())
    }

    /// Presses a radio button, or moves through a list with the keys.
    fn choose(&self, at: &Where, option: Option<usize>) -> Result<(), BrowserError> {
        let place = self.reach(at)?;
        if place.tag != "select" {
            return if place.checked { Ok(()) } else { Ok(self.press(&place)?) };
        }
        let key = |name: &str, code: u32| {
            let event = move |kind: &str| {
                ("Input.dispatchKeyEvent", json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code }))
            };
            [event("rawKeyDown"), event("keyUp")]
        };
        // The first press opens the list, Escape closes it and leaves the focus there.
        self.press(&place)?;
        let down = std::iter::repeat_n(key("ArrowDown", 40), option.unwrap_or_default());
        let keys = [key("Escape", 27), key("Home", 36)].into_iter().chain(down);
        Ok(self.calls(keys.flatten())?)
    }

    /// Fills a form, and says what is to be sent and which button sends it.
    fn ready(&mut self, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(Filled, Place), BrowserError> {
        let (place, filled) = self.fill(form, with)?;
        if self.ask("invalid", &json!({ "form": place }))?.get("invalid") == Some(&Value::Bool(true)) {
            self.ask("loosen", &json!({ "form": place }))?;
        }
        let (_, form) = self.page()?.form(form, with)?;
        let buttons = form.fields.iter().filter(|field| field.kind == Kind::Button);
        let named = buttons.filter_map(|button| Some((button.name.as_str(), with.get(&button.name)?))).next();
        let button = match named {
            Some((name, value)) => Where::Field { form: place, name, value },
            None => Where::FirstButton { form: place },
        };
        Ok((filled, self.reach(&button)?))
    }

    /// Presses the button of a form whose page begins a ceremony then. Returns what the way from there has been so far, or `None` if the
    /// page has stayed.
    fn ceremony(&mut self, driver: &mut dyn Driver, button: &Place) -> Result<Option<Journey>, BrowserError> {
        self.call("Runtime.evaluate", json!({ "expression": CEREMONY }))?;
        drop(self.take_events());
        let session = self.context.session.clone();
        let params =
            json!({ "expression": format!("({PAGE}).ceremony()"), "contextId": self.world, "returnByValue": true, "awaitPromise": true });
        let ended = self.chromium.connection.borrow_mut().send(Some(&session), "Runtime.evaluate", params)?;
        self.press(button)?;
        let mut journey = Journey::default();
        loop {
            let event = self.chromium.connection.borrow_mut().event_or_answer(&session, &ended);
            let event = match event {
                Err(CdpError::Silent) => return Err(impossible("no ceremony began or ended when the button was pressed")),
                event => event?,
            };
            let Some(event) = event else { break };
            if event.method == "Fetch.requestPaused" {
                self.let_go(driver, &mut journey, &event.params, &mut None)?;
            }
            journey.take(&event);
        }
        // A page that is left takes its world along, and with it the answer.
        let _ = self.chromium.connection.borrow_mut().answer(ended);
        Ok(journey.has_begun().then_some(journey))
    }

    /// Goes on where the harness's own browser has stopped: with its cookies, its passkeys, and the page it shows. That page is got once
    /// more, which is no part of the flow.
    /// `reloads`: the page is about to be loaded anew, which taking it over does.
    pub fn take_over(&mut self, driver: &mut dyn Driver, mut own: Browser, reloads: bool) -> Result<(), BrowserError> {
        self.jar = own.jar().clone();
        let cookies: Vec<Value> = self.jar.cookies().map(|cookie| self.cookie(cookie)).collect();
        self.chromium.call(None, "Storage.setCookies", json!({ "browserContextId": self.context.id, "cookies": cookies }))?;
        for kind in AuthenticatorKind::ALL {
            // A kind that it has not is not there afterwards either.
            let Ok(credentials) = own.export_credentials(kind) else { continue };
            self.add_authenticator(kind)?;
            credentials.iter().try_for_each(|credential| self.import_credential(kind, credential))?;
        }
        self.before = own.page_before().map(str::to_owned);
        if let Ok(page) = own.page() {
            self.open(driver, &page.address)?;
            let arrived = std::mem::take(&mut self.exchanges);
            if reloads {
                self.arrived = arrived;
            }
        }
        Ok(())
    }

    fn cookie(&self, (name, value, strict): (&str, &str, bool)) -> Value {
        let same_site = if strict { "Strict" } else { "Lax" };
        json!({ "name": name, "value": value, "url": self.origin, "path": "/", "secure": true, "httpOnly": true, "sameSite": same_site })
    }

    fn authenticator(&self, kind: AuthenticatorKind) -> Result<&str, BrowserError> {
        let id = self.authenticators.get(&kind).map(String::as_str);
        id.ok_or_else(|| impossible(format!("there is no {} authenticator at this browser", kind.transport())))
    }
}

impl Tab for ChromiumTab {
    fn page(&self) -> Result<&Page, BrowserError> {
        self.page.as_ref().ok_or_else(|| impossible("no page is open in this browser"))
    }

    fn holds(&self, cookie: &str) -> bool {
        self.jar.holds(cookie)
    }

    fn take_exchanges(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    fn open(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        let url = format!("{}{address}", self.origin);
        self.go_to(driver, &url)
    }

    fn open_from_mail(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        let link = format!("{}{address}", self.origin);
        self.open_webmail(&link)?;
        self.travel(driver, None, |tab| {
            let place = tab.reach(&Where::Link { link: &link })?;
            tab.press(&place)?;
            Ok(None)
        })
    }

    fn follow(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        if !self.page()?.links.iter().any(|link| link == address) {
            return Err(impossible(format!("the page has no link to {address}; it has {:?}", self.page()?.links)));
        }
        self.travel(driver, None, |tab| {
            let place = tab.reach(&Where::Link { link: address })?;
            tab.press(&place)?;
            Ok(None)
        })
    }

    fn submit(&mut self, driver: &mut dyn Driver, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(), BrowserError> {
        let (filled, button) = self.ready(form, with)?;
        self.travel(driver, Some(&filled), |tab| {
            tab.press(&button)?;
            Ok(None)
        })
    }

    fn reload(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        if !self.arrived.is_empty() {
            self.exchanges.append(&mut self.arrived);
            return Ok(());
        }
        let address = self.page()?.address.clone();
        self.open(driver, &address)
    }

    fn back(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        let before = match self.entry_before()? {
            Some(entry) => entry,
            None => {
                self.walk_again(driver)?;
                self.entry_before()?.ok_or_else(|| impossible("there is no page before this one"))?
            }
        };
        self.travel(driver, None, |tab| {
            let mut connection = tab.chromium.connection.borrow_mut();
            let params = json!({ "entryId": before });
            Ok(Some(connection.send(Some(&tab.context.session), "Page.navigateToHistoryEntry", params)?))
        })
    }

    fn add_authenticator(&mut self, kind: AuthenticatorKind) -> Result<(), BrowserError> {
        if self.authenticators.is_empty() {
            self.call("WebAuthn.enable", json!({ "enableUI": false }))?;
        }
        let options = json!({
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": kind.transport(), "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
            "defaultBackupEligibility": kind != AuthenticatorKind::Usb, "defaultBackupState": kind != AuthenticatorKind::Usb,
        });
        let id = string(self.call("WebAuthn.addVirtualAuthenticator", json!({ "options": options }))?, "authenticatorId")?;
        self.authenticators.insert(kind, id);
        Ok(())
    }

    fn set_user_verified(&mut self, kind: AuthenticatorKind, verified: bool) -> Result<(), BrowserError> {
        let id = self.authenticator(kind)?;
        self.call("WebAuthn.setUserVerified", json!({ "authenticatorId": id, "isUserVerified": verified }))?;
        Ok(())
    }

    fn remove_authenticator(&mut self, kind: AuthenticatorKind) -> Result<(), BrowserError> {
        let id = self.authenticator(kind)?.to_owned();
        self.call("WebAuthn.removeVirtualAuthenticator", json!({ "authenticatorId": id }))?;
        self.authenticators.remove(&kind);
        Ok(())
    }

    fn export_credentials(&mut self, kind: AuthenticatorKind) -> Result<Vec<Credential>, BrowserError> {
        let id = self.authenticator(kind)?;
        let mut answer = self.call("WebAuthn.getCredentials", json!({ "authenticatorId": id }))?;
        let credentials = answer.get_mut("credentials").and_then(Value::as_array_mut).map(std::mem::take);
        Ok(credentials.ok_or(CdpError::Malformed("WebAuthn.getCredentials"))?.into_iter().map(Credential).collect())
    }

    fn import_credential(&mut self, kind: AuthenticatorKind, credential: &Credential) -> Result<(), BrowserError> {
        let id = self.authenticator(kind)?;
        self.call("WebAuthn.addCredential", json!({ "authenticatorId": id, "credential": credential.0 }))?;
        Ok(())
    }

    fn use_passkey(&mut self, driver: &mut dyn Driver, passkey: &UsePasskey, device: &mut Authenticator) -> Result<(), BrowserError> {
        let UsePasskey { form, with, kind, outcome } = passkey;
        if self.chromium.options.no_script {
            return Err(impossible("a passkey takes a script, and scripts are turned off"));
        }
        // Only what the member has on this device is at hand, and nothing else.
        self.clear_authenticators()?;
        self.add_authenticator(*kind)?;
        for credential in device.portable() {
            self.import_credential(*kind, &Credential(credential))?;
        }
        self.set_user_verified(*kind, *outcome == Ceremony::Verified)?;
        // The page's script writes the answer into the form, so what is sent is not what stands there now.
        let (_, button) = self.ready(form.as_deref(), with)?;
        self.is_at_rest = false;
        let left = self.ceremony(driver, &button)?;
        device.carry(self.export_credentials(*kind)?.into_iter().map(|Credential(credential)| credential).collect());
        match left {
            Some(journey) => self.follow_through(driver, journey, None),
            None => {
                self.is_at_rest = true;
                self.read_again()
            }
        }
    }

    fn witness(&mut self, moment: &Moment) -> Result<(), BrowserError> {
        let Some(mut view) = self.view.take() else { return Ok(()) };
        view.late(self.take_events());
        let chromium = Rc::clone(&self.chromium);
        let looked = chromium.inspector.borrow_mut().look(self, &view, moment);
        self.view = Some(view);
        looked
    }
}

impl ChromiumTab {
    fn clear_authenticators(&mut self) -> Result<(), BrowserError> {
        let kinds: Vec<AuthenticatorKind> = self.authenticators.keys().copied().collect();
        kinds.into_iter().try_for_each(|kind| self.remove_authenticator(kind))
    }

    /// The entry of Chromium's history before the present one, if that was a page of ours.
    fn entry_before(&self) -> Result<Option<Value>, CdpError> {
        let history = self.call("Page.getNavigationHistory", json!({}))?;
        let current = history.get("currentIndex").and_then(Value::as_u64).and_then(|place| usize::try_from(place).ok());
        let before = current.and_then(|place| history.pointer("/entries")?.get(place.checked_sub(1)?));
        let is_ours = |entry: &&Value| entry.get("url").and_then(Value::as_str).is_some_and(|url| url.starts_with(&self.origin));
        Ok(before.filter(is_ours).and_then(|entry| entry.get("id").cloned()))
    }

    /// Makes Chromium's history that of the browser it has taken over, as far as going back once needs it.
    fn walk_again(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        let before = self.before.take().ok_or_else(|| impossible("there is no page before this one"))?;
        let address = self.page()?.address.clone();
        self.open(driver, &before)?;
        self.open(driver, &address)?;
        self.exchanges.clear();
        Ok(())
    }

    /// Shows a page of another site with a link on it. It is made here: nothing is asked for on the network.
    fn open_webmail(&mut self, link: &str) -> Result<(), BrowserError> {
        let mut connection = self.chromium.connection.borrow_mut();
        let session = self.context.session.as_str();
        drop(connection.take_events(session));
        let call = connection.send(Some(session), "Page.navigate", json!({ "url": WEBMAIL }))?;
        let mut loader = Value::Null;
        loop {
            let Event { method, params } = connection.event(session)?;
            match method.as_str() {
                "Fetch.requestPaused" => {
                    loader = params.get("networkId").cloned().unwrap_or_default();
                    let headers = json!([{ "name": "content-type", "value": "text/html; charset=utf-8" }]);
                    let (id, body) = (params.get("requestId"), STANDARD.encode(webmail(link)));
                    let page = json!({ "requestId": id, "responseCode": 200, "responseHeaders": headers, "body": body });
                    connection.call(Some(session), "Fetch.fulfillRequest", page)?;
                }
                "Page.lifecycleEvent" if params.get("name") == Some(&"load".into()) && params.get("loaderId") == Some(&loader) => break,
                _ => {}
            }
        }
        connection.answer(call)?;
        drop(connection);
        Ok(self.make_world()?)
    }
}

/// What a member sees of a letter at the other site.
fn webmail(link: &str) -> String {
    let link = link.replace('&', "&amp;").replace('"', "&quot;");
    format!("<!doctype html><title>Mail</title><link rel=icon href=\"data:,\"><a href=\"{link}\">{link}</a>")
}

impl Drop for ChromiumTab {
    fn drop(&mut self) {
        let mut idle = self.chromium.idle.borrow_mut();
        if self.is_at_rest && idle.is_none() {
            *idle = Some(Rc::clone(&self.context));
        } else {
            // A Chromium that has ended holds no context any more.
            let _ = self.context.dispose(&self.chromium);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chromium::Options;
    use crate::drivers::Pages;
    use crate::drivers::browser::House;
    use crate::vectors::Vectors;

    fn house() -> House {
        let vectors = Vectors::load(&Vectors::find().unwrap()).unwrap();
        let profiles = vectors.profiles.into_iter().filter(|(id, _)| id == "a").collect();
        let axe = std::env::var_os("SEKISHO_AXE").expect("SEKISHO_AXE names axe.min.js; deploy/test fetches it");
        House::new(&profiles, 1, &Options { axe: Some(axe.into()), ..Options::default() }).unwrap()
    }

    /// The eyes have to be able to see what they look for.
    #[test]
    #[ignore = "needs Chromium; deploy/test runs it"]
    fn a_page_that_is_wide_nameless_or_loud_is_found() {
        let house = house();
        let mut driver = house.driver("a").unwrap();
        let origin = driver.origin().to_owned();
        let mut tab = house.chromium().tab(&origin).unwrap();
        tab.open(&mut driver, "/help").unwrap();
        let spoil = r#"const wide = document.createElement("input"); wide.style.minWidth = "400px"; document.querySelector("main").append(wide);
            document.body.setAttribute("style", "color: #eee"); console.error("loud"); new Image().src = "https://elsewhere.test/x.png";
            document.head.append(Object.assign(document.createElement("style"), { textContent: "p {}" }));"#;
        let done = tab.call("Runtime.evaluate", json!({ "expression": spoil })).unwrap();
        assert_eq!(done.get("exceptionDetails"), None);
        tab.witness(&Moment { profile: "a", flow: "f", step: ("f", "S010") }).unwrap();
        let Pages { seen, findings, not_looked_at } = house.chromium().pages();
        assert_eq!((seen, not_looked_at), (1, Vec::new()));
        for expected in
            ["scrolled sideways at 320 px", "scrolled sideways at 360 px", "axe label", "the console says loud", "img-src", "style-src"]
        {
            assert!(findings.iter().any(|finding| finding.contains(expected)), "{expected}: {findings:#?}");
        }
        assert!(findings.iter().all(|finding| finding.starts_with("page help in ja: ")), "{findings:#?}");
    }
}
