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
        }
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
                    have.value = have.value.take().or(field.value);
                }
                _ => fields.push(field),
            }
        }
        let action = attribute(form, "action").filter(|action| !action.is_empty());
        let is_post = attribute(form, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        Self { action: action.unwrap_or_else(|| own.to_owned()), is_post, fields }
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
                return Some(Self { name: name_of(element), kind: Kind::Text, value: Some(text_of(*element)), options: Vec::new() });
            }
            _ => return None,
        };
        let value_or_on = || value.clone().unwrap_or_else(|| "on".to_owned());
        let (value, options) = match kind {
            Kind::Box | Kind::Choice => (has("checked").then(value_or_on), vec![value_or_on()]),
            Kind::Button => (None, vec![value.unwrap_or_default()]),
            Kind::Hidden | Kind::Text => (Some(value.unwrap_or_default()), Vec::new()),
        };
        Some(Self { name: name_of(element), kind, value, options })
    }

    fn select(element: &ElementRef) -> Option<Self> {
        let entries: Vec<ElementRef> =
            element.descendants().filter_map(ElementRef::wrap).filter(|inner| inner.value().name() == "option").collect();
        let value = |entry: &ElementRef| attribute(entry, "value").unwrap_or_else(|| text_of(*entry));
        let chosen = entries.iter().find(|entry| entry.value().attr("selected").is_some()).or(entries.first());
        let options = entries.iter().map(value).collect();
        Some(Self { name: name_of(element), kind: Kind::Choice, value: chosen.map(value), options })
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
    fn pictures_and_keys_are_found() {
        let html = r#"<main data-step="setup-totp"><img src="data:image/png;base64,iVBORw==" alt="QR">
            <p class="key">HXDM VJEC JJWS RB3H WIZR 4IFU GFTM XBOZ</p></main>"#;
        let page = Page::parse("/setup-totp", 200, html);
        assert_eq!(page.pictures, [vec![0x89, b'P', b'N', b'G']]);
        assert_eq!(page.key.as_deref(), Some("HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ"));
    }
}
