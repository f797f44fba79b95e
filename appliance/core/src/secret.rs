//! Values that must not be printed, copied by accident, compared byte by byte or written down.

use zeroize::Zeroize;

/// A secret that is wiped when it goes out of scope.
///
/// It has no `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize`, and a test keeps it so:
///
/// ```compile_fail
/// fn printed<T: std::fmt::Debug>(_: T) {}
/// printed(sekisho_core::secret::Secret::new(String::new()));
/// ```
/// ```compile_fail
/// fn copied<T: Clone>(_: T) {}
/// copied(sekisho_core::secret::Secret::new(String::new()));
/// ```
/// ```compile_fail
/// fn compared<T: PartialEq>(_: T) {}
/// compared(sekisho_core::secret::Secret::new(String::new()));
/// ```
/// ```compile_fail
/// fn written<T: serde::Serialize>(_: T) {}
/// written(sekisho_core::secret::Secret::new(String::new()));
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in; the caller must not keep another copy.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one place that has to use it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
