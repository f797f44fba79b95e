//! A page as a member sees it: where it stands, what can be typed, pressed and read.

use base64::Engine as _;
use scraper::{ElementRef, Html, Node};
use std::collections::BTreeMap;

/// A parsed answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path and query that it was got from.
    pub address: String,
    /// HTTP status.
    pub status: u16,
    /// Permanent id: `data-step` of its `<main>`.
    pub step: Option<String>,
    /// Permanent id of the refusal: `data-refusal` of its alert.
    pub refusal: Option<String>,
    /// The language that it says it is in.
    pub language: Option<String>,
    /// Its forms.
    pub forms: Vec<Form>,
    /// Addresses of its links.
    pub links: Vec<String>,
    /// What can be read on it, white space folded.
    pub text: String,
    /// The PNG pictures inside it.
    pub pictures: Vec<Vec<u8>>,
    /// A TOTP key that stands on it as text, spaces taken out.
    pub key: Option<String>,
    /// Its passkey dialogue, if it has one.
    pub passkey: Option<PasskeyDialogue>,
}

/// A form that a script fills with an authenticator's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyDialogue {
    /// Whether a passkey is made; else one is used.
    pub is_new: bool,
    /// What the script hands to `navigator.credentials`.
    pub options: String,
    /// Where the form goes.
    pub action: String,
}

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it goes; the page's own address when it does not say.
    pub action: String,
    /// Whether it is sent by POST.
    pub is_post: bool,
    /// What is in it, in order.
    pub fields: Vec<Field>,
    /// What can be read in and around it: its line of a list or table.
    pub about: String,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What is sent if nobody touches it.
    pub value: Option<String>,
    /// What can be sent, where that is a closed list.
    pub options: Vec<String>,
    /// What these are called, one for each.
    pub labels: Vec<String>,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not for the member.
    Hidden,
    /// For typing.
    Text,
    /// A box to tick.
    Box,
    /// One of several: radio buttons or a list.
    Choice,
    /// A button that sends the form.
    Button,
}

/// A form that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Where it goes.
    pub action: String,
    /// Names and values, in the order of the page.
    pub sent: Vec<(String, String)>,
}

/// Why a form cannot be filled like that.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The page has none.
    #[error("no form of the page has the fields {0:?}")]
    NoForm(Vec<String>),
    /// It does not offer that.
    #[error("field {0:?} does not offer {1:?}")]
    NotOffered(String, String),
}

impl Page {
    /// Reads an answer.
    pub fn parse(address: &str, status: u16, html: &str) -> Self {
        let document = Html::parse_document(html);
        let elements = || document.root_element().descendants().filter_map(ElementRef::wrap);
        let named = |name: &'static str| elements().filter(move |element| element.value().name() == name);
        let own = address.split('?').next().unwrap_or_default();
        Self {
            address: address.to_owned(),
            status,
            step: named("main").find_map(|main| attribute(&main, "data-step")),
            refusal: elements().find_map(|element| attribute(&element, "data-refusal")),
            language: attribute(&document.root_element(), "lang"),
            forms: named("form").map(|form| Form::read(&form, own)).collect(),
            links: named("a").filter_map(|link| attribute(&link, "href")).collect(),
            text: text_of(document.root_element()),
            pictures: named("img").filter_map(|picture| embedded_png(&attribute(&picture, "src")?)).collect(),
            key: named("main").flat_map(|main| main.descendants().filter_map(ElementRef::wrap).collect::<Vec<_>>()).find_map(|e| key(&e)),
            passkey: named("form").find_map(|form| PasskeyDialogue::read(&form, own)),
        }
    }

    /// The recovery codes on it, in order: sixteen signs in groups of four.
    pub fn recovery_codes(&self) -> Vec<String> {
        let is_group = |group: &str| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        let is_code = |word: &&str| word.split('-').count() == 4 && word.split('-').all(is_group);
        self.text.split_whitespace().filter(is_code).map(str::to_owned).collect()
    }

    /// What has to be sent as `name` for the choice, or the line of the page, that is called `label`.
    pub fn choice_called(&self, name: &str, label: &str) -> Option<String> {
        let fields = || self.forms.iter().flat_map(|form| form.fields.iter().map(move |field| (form, field)));
        let mut named = fields().filter(|(_, field)| field.name == name);
        named.find_map(|(form, field)| {
            let called = field.labels.iter().position(|text| text.contains(label));
            let of_line = || field.value.clone().or(field.options.first().cloned()).filter(|_| form.about.contains(label));
            called.and_then(|place| field.options.get(place).cloned()).or_else(|| if field.kind == Kind::Choice { None } else { of_line() })
        })
    }

    /// The form that takes `with`, and its place among the page's. `action` decides where several would do.
    pub fn form(&self, action: Option<&str>, with: &BTreeMap<String, String>) -> Result<(usize, &Form), FormError> {
        let own = self.address.split('?').next().unwrap_or_default();
        let takes = |form: &Form| form.is_post && with.iter().all(|(name, value)| form.takes(name, value));
        let fits = |form: &Form| action.is_none_or(|action| form.action == action) && takes(form);
        let mut forms = self.forms.iter().enumerate().filter(|(_, form)| fits(form));
        let first = forms.next();
        let form = first.filter(|(_, form)| form.action == own).or_else(|| forms.find(|(_, form)| form.action == own)).or(first);
        form.ok_or_else(|| match self.refused_option(with) {
            Some((name, value)) => FormError::NotOffered(name, value),
            None => FormError::NoForm(with.keys().cloned().collect()),
        })
    }

    /// The form that takes `with`, filled: what is sent, in the order of the page. `action` decides where several would do.
    pub fn fill(&self, action: Option<&str>, with: &BTreeMap<String, String>) -> Result<Filled, FormError> {
        let (_, form) = self.form(action, with)?;
        Ok(Filled { action: form.action.clone(), sent: form.filled(with) })
    }

    /// What stands in the field `name`, of any form.
    pub fn standing(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(|field| field.value.as_deref())
    }

    /// What the field `name` offers, of any form.
    pub fn offered(&self, name: &str) -> Option<&[String]> {
        self.field(name).map(|field| field.options.as_slice())
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.forms.iter().flat_map(|form| &form.fields).find(|field| field.name == name)
    }

    fn refused_option(&self, with: &BTreeMap<String, String>) -> Option<(String, String)> {
        let not = |(name, value): &(&String, &String)| self.field(name).is_some_and(|field| !field.takes(value));
        with.iter().find(not).map(|(name, value)| (name.clone(), value.clone()))
    }
}

impl Form {
    fn read(form: &ElementRef, own: &str) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        for element in form.descendants().filter_map(ElementRef::wrap) {
            let Some(field) = Field::read(&element) else { continue };
            let group = |have: &&mut Field| have.name == field.name && have.kind == field.kind;
            match fields.iter_mut().find(group) {
                Some(have) if matches!(field.kind, Kind::Choice | Kind::Button) => {
                    have.options.extend(field.options);
                    have.labels.extend(field.labels);
                    have.value = have.value.take().or(field.value);
                }
                _ => fields.push(field),
            }
        }
        let action = attribute(form, "action").filter(|action| !action.is_empty());
        let is_post = attribute(form, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        let line =
            form.ancestors().filter_map(ElementRef::wrap).find(|above| matches!(above.value().name(), "li" | "tr" | "section" | "dl"));
        let about = text_of(line.unwrap_or(*form));
        Self { action: action.unwrap_or_else(|| own.to_owned()), is_post, fields, about }
    }

    fn takes(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|field| field.name == name && field.takes(value))
    }

    fn filled(&self, with: &BTreeMap<String, String>) -> Vec<(String, String)> {
        // One button is pressed: the one that is named, or else the first.
        let named = self.fields.iter().find(|field| field.kind == Kind::Button && with.contains_key(&field.name));
        let pressed = named.or_else(|| self.fields.iter().find(|field| field.kind == Kind::Button));
        let mut sent = Vec::new();
        for field in &self.fields {
            let is_other_button = field.kind == Kind::Button && pressed.is_none_or(|button| button.name != field.name);
            let value = match with.get(&field.name).map(String::as_str) {
                _ if is_other_button || field.name.is_empty() => None,
                Some("off") if field.kind == Kind::Box => None,
                Some("on") if field.kind == Kind::Box => field.options.first().cloned(),
                Some(typed) => Some(typed.to_owned()),
                None if field.kind == Kind::Button => field.options.first().cloned(),
                None => field.value.clone(),
            };
            sent.extend(value.map(|value| (field.name.clone(), value)));
        }
        sent
    }
}

impl PasskeyDialogue {
    fn read(form: &ElementRef, own: &str) -> Option<Self> {
        let is_new = match attribute(form, "data-passkey")?.as_str() {
            "create" => true,
            "get" => false,
            _ => return None,
        };
        let action = attribute(form, "action").filter(|action| !action.is_empty()).unwrap_or_else(|| own.to_owned());
        Some(Self { is_new, options: attribute(form, "data-options")?, action })
    }
}

impl Field {
    fn read(element: &ElementRef) -> Option<Self> {
        let value = attribute(element, "value");
        let has = |name| element.value().attr(name).is_some();
        let kind = match element.value().name() {
            "input" => match attribute(element, "type").unwrap_or_default().to_ascii_lowercase().as_str() {
                "hidden" => Kind::Hidden,
                "checkbox" => Kind::Box,
                "radio" => Kind::Choice,
                "submit" => Kind::Button,
                "button" | "reset" | "image" | "file" => return None,
                _ => Kind::Text,
            },
            "button" if attribute(element, "type").is_none_or(|kind| kind.eq_ignore_ascii_case("submit")) => Kind::Button,
            "select" => return Self::select(element),
            "textarea" => {
                let value = Some(text_of(*element));
                return Some(Self { name: name_of(element), kind: Kind::Text, value, options: Vec::new(), labels: Vec::new() });
            }
            _ => return None,
        };
        let value_or_on = || value.clone().unwrap_or_else(|| "on".to_owned());
        let (value, options) = match kind {
            Kind::Box | Kind::Choice => (has("checked").then(value_or_on), vec![value_or_on()]),
            Kind::Button => (None, vec![value.unwrap_or_default()]),
            Kind::Hidden | Kind::Text => (Some(value.unwrap_or_default()), Vec::new()),
        };
        let labels = if options.is_empty() { Vec::new() } else { vec![label_of(element)] };
        Some(Self { name: name_of(element), kind, value, options, labels })
    }

    fn select(element: &ElementRef) -> Option<Self> {
        let entries: Vec<ElementRef> =
            element.descendants().filter_map(ElementRef::wrap).filter(|inner| inner.value().name() == "option").collect();
        let value = |entry: &ElementRef| attribute(entry, "value").unwrap_or_else(|| text_of(*entry));
        let chosen = entries.iter().find(|entry| entry.value().attr("selected").is_some()).or(entries.first());
        let options = entries.iter().map(value).collect();
        let labels = entries.iter().map(|entry| text_of(*entry)).collect();
        Some(Self { name: name_of(element), kind: Kind::Choice, value: chosen.map(value), options, labels })
    }

    /// Whether a member can send `value` with it.
    fn takes(&self, value: &str) -> bool {
        match self.kind {
            Kind::Text => true,
            Kind::Hidden => self.value.as_deref() == Some(value),
            Kind::Box => value == "on" || value == "off",
            Kind::Choice | Kind::Button => self.options.iter().any(|option| option == value),
        }
    }
}

fn attribute(element: &ElementRef, name: &str) -> Option<String> {
    element.value().attr(name).map(str::to_owned)
}

fn name_of(element: &ElementRef) -> String {
    attribute(element, "name").unwrap_or_default()
}

/// What a box, a choice or a button is called: its own text, the label that points to it, or the label around it.
fn label_of(element: &ElementRef) -> String {
    if element.value().name() == "button" {
        return attribute(element, "aria-label").unwrap_or_else(|| text_of(*element));
    }
    let top = element.ancestors().filter_map(ElementRef::wrap).last();
    let all = top.into_iter().flat_map(|top| top.descendants().filter_map(ElementRef::wrap).collect::<Vec<_>>());
    let mut labels = all.filter(|other| other.value().name() == "label");
    let pointing = attribute(element, "id").and_then(|id| labels.find(|label| attribute(label, "for").as_ref() == Some(&id)));
    let around = || element.ancestors().filter_map(ElementRef::wrap).find(|above| above.value().name() == "label");
    pointing.or_else(around).map(text_of).unwrap_or_default()
}

/// What can be read in `element`: neither scripts nor styles.
fn text_of(element: ElementRef) -> String {
    let mut words = Vec::new();
    for node in element.descendants() {
        let Node::Text(text) = node.value() else { continue };
        let parent = node.parent().and_then(ElementRef::wrap);
        if !parent.is_some_and(|parent| matches!(parent.value().name(), "script" | "style" | "title")) {
            words.extend(text.split_whitespace());
        }
    }
    words.join(" ")
}

fn embedded_png(source: &str) -> Option<Vec<u8>> {
    let data = source.strip_prefix("data:image/png;base64,")?;
    base64::engine::general_purpose::STANDARD.decode(data).ok()
}

/// The text of `element` if it is nothing but a base32 key of 160 bits.
fn key(element: &ElementRef) -> Option<String> {
    let text: String = element.text().flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    (text.len() == 32 && text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'))).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHOD: &str = r#"<!doctype html><html lang="ja"><head><title>方法</title><style>p{}</style></head><body>
        <form method="post" action="/language"><input type="hidden" name="csrf" value="t"><button name="to" value="en">English</button></form>
        <main data-step="method"><h1>ログイン方法</h1><p role="alert" data-refusal="user-id.unfit">使えません</p>
        <form method="post" action="/method"><input type="hidden" name="csrf" value="t">
        <label><input type="radio" name="method" value="passkey">生体認証</label>
        <label><input type="radio" name="method" value="totp" checked>認証アプリ　推奨</label>
        <label><input name="user_id" value="12-345" autocomplete="username"></label>
        <input type="checkbox" name="sign_out" value="1" checked>
        <select name="era"><option value="common">西暦</option><option value="showa" selected>昭和</option></select>
        <button>次へ</button></form><a href="/help">困ったとき</a></main></body></html>"#;

    fn with(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_page_says_where_it_stands_and_what_it_holds() {
        let page = Page::parse("/method?x=1", 200, METHOD);
        assert_eq!(page.step.as_deref(), Some("method"));
        assert_eq!(page.refusal.as_deref(), Some("user-id.unfit"));
        assert_eq!(page.links, ["/help"]);
        assert_eq!(page.offered("method").unwrap(), ["passkey", "totp"]);
        assert_eq!(page.standing("user_id"), Some("12-345"));
        assert!(page.text.contains("認証アプリ 推奨") && !page.text.contains("p{}"), "{}", page.text);
    }

    #[test]
    fn a_form_is_sent_with_everything_that_stands_in_it() {
        let page = Page::parse("/method", 200, METHOD);
        let Filled { action, sent } = page.fill(None, &with(&[("user_id", "tabi-1")])).unwrap();
        assert_eq!(action, "/method");
        let expected = [("csrf", "t"), ("method", "totp"), ("user_id", "tabi-1"), ("sign_out", "1"), ("era", "showa")];
        assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_box_can_be_cleared_and_another_button_pressed() {
        let page = Page::parse("/method", 200, METHOD);
        let Filled { sent, .. } = page.fill(None, &with(&[("sign_out", "off"), ("method", "passkey")])).unwrap();
        assert!(!sent.iter().any(|(name, _)| name == "sign_out"));
        let Filled { action, sent } = page.fill(None, &with(&[("to", "en")])).unwrap();
        assert_eq!(action, "/language");
        assert!(sent.contains(&("to".to_owned(), "en".to_owned())));
    }

    #[test]
    fn with_nothing_to_type_the_form_of_the_page_itself_is_meant() {
        let page = Page::parse("/method", 200, METHOD);
        assert_eq!(page.fill(None, &with(&[])).unwrap().action, "/method");
        assert_eq!(page.fill(Some("/language"), &with(&[])).unwrap().action, "/language");
    }

    #[test]
    fn what_the_page_does_not_offer_cannot_be_sent() {
        let page = Page::parse("/method", 200, METHOD);
        let refused = page.fill(None, &with(&[("method", "mail-code")])).unwrap_err();
        assert_eq!(refused, FormError::NotOffered("method".to_owned(), "mail-code".to_owned()));
        assert_eq!(page.fill(None, &with(&[("code", "1")])).unwrap_err(), FormError::NoForm(vec!["code".to_owned()]));
        assert!(page.fill(None, &with(&[("csrf", "forged")])).is_err());
    }

    #[test]
    fn a_choice_is_found_by_what_it_is_called() {
        let page = Page::parse("/method", 200, METHOD);
        assert_eq!(page.choice_called("method", "生体認証").as_deref(), Some("passkey"));
        assert_eq!(page.choice_called("era", "昭和").as_deref(), Some("showa"));
        assert_eq!(page.choice_called("method", "ほか"), None);
        let html = r#"<ul><li>わたしの電話 <form method="post"><input type="hidden" name="device" value="3"><button>削除</button></form></li>
            <li>タブレット <form method="post"><input type="hidden" name="device" value="5"><button>削除</button></form></li></ul>"#;
        let page = Page::parse("/login-methods", 200, html);
        assert_eq!(page.choice_called("device", "タブレット").as_deref(), Some("5"));
        let html = r#"<p><input type="radio" name="device" id="d3" value="3"></p><label for="d3">わたしの電話</label>
            <form method="post"><input type="radio" name="device" id="d5" value="5"><label for="d5">タブレット</label></form>"#;
        assert_eq!(Page::parse("/code", 200, html).choice_called("device", "タブレット").as_deref(), Some("5"));
    }

    #[test]
    fn recovery_codes_and_passkey_dialogues_are_found() {
        let html = r#"<main><ol><li>0ABC-DEFG-HJKM-NPQR</li><li>1ABC-DEFG-HJKM-NPQR</li></ol><p>tel 000-0000-0000</p>
            <form method="post" data-passkey="get" data-options='{"a":1}'><input type="hidden" name="credential"></form></main>"#;
        let page = Page::parse("/passkey", 200, html);
        assert_eq!(page.recovery_codes(), ["0ABC-DEFG-HJKM-NPQR", "1ABC-DEFG-HJKM-NPQR"]);
        let dialogue = PasskeyDialogue { is_new: false, options: r#"{"a":1}"#.to_owned(), action: "/passkey".to_owned() };
        assert_eq!(page.passkey, Some(dialogue));
    }

    #[test]
    fn pictures_and_keys_are_found() {
        let html = r#"<main data-step="setup-totp"><img src="data:image/png;base64,iVBORw==" alt="QR">
            <p class="key">HXDM VJEC JJWS RB3H WIZR 4IFU GFTM XBOZ</p></main>"#;
        let page = Page::parse("/setup-totp", 200, html);
        assert_eq!(page.pictures, [vec![0x89, b'P', b'N', b'G']]);
        assert_eq!(page.key.as_deref(), Some("HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ"));
    }
}
