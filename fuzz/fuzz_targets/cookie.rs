//! Cookie headers, one to a line, are read without a panic; what is read as ours is written in them in the one form that we write.
#![no_main]

use http::header::{COOKIE, HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use sekisho::http::cookie::{Jar, set_before, set_language, set_session};

fuzz_target!(|lines: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n').take(64) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    let jar = Jar::read(&headers);
    let written = [jar.session.as_deref().map(set_session), jar.before.as_deref().map(set_before), jar.language.map(set_language)];
    let texts: Vec<&str> = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    for cookie in written.iter().flatten() {
        let written = cookie.split(';').next().expect("a pair");
        let times = texts.iter().flat_map(|text| text.split(';')).filter(|pair| pair.trim() == written).count();
        assert_eq!(times, 1, "{written}");
    }
});
