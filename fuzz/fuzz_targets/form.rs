//! A body is refused, or reads exactly as `form_urlencoded` reads it, each name once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho::http::form::Fields;
use sekisho::route::VALUE_BYTES;

fuzz_target!(|body: &[u8]| {
    let Ok(mut fields) = Fields::parse(body, VALUE_BYTES) else { return };
    for (name, value) in form_urlencoded::parse(body) {
        let ours = fields.take(&name).expect("a name that form_urlencoded finds, and finds once");
        assert_eq!(ours.as_str(), value);
    }
    assert!(fields.finish().is_ok(), "a name that form_urlencoded does not find");
});
