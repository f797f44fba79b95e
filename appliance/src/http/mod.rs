//! The only async code: TLS, HTTP, forms, cookies.
