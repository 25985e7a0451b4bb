//! The module's own doc.

use std::fmt;

/// Attributes may stand between doc and function.
///
/// # Panics
/// Never.
#[inline]
#[must_use = "it is"] #[cold]
pub const fn between(x: u8) -> u8 { x }

#[doc = "An attribute is a doc."]
fn attribute_doc() {
    helper::<u8>(1);
    fmt::Arguments::new().as_str().parse::<u8>();
    println!("macros are not functions");
}

/// Before the attribute.
#[inline]
// A plain comment.
/// After it.
fn scattered() {}

// A plain comment is no doc.
//// Nor are four slashes.
fn plain() {}

/**
 * A block doc.
 */
async unsafe extern "C" fn block<'a, T: 'a>(x: &'a T) -> impl Fn() + 'a
where
    T: Clone,
{
    fn inner() {}
    move || inner()
}

/// A struct's doc.
struct Stack<T> { items: Vec<T> }

impl<T> fmt::Display for Stack<T> {
    /// Formats it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "") }
}

impl<'a, T> IntoIterator for &'a mut Stack<T> {
    fn into_iter(self) -> Self::IntoIter { self.items.iter_mut() }
}

impl Trait for [u8] {
    fn on_slice() {}
}

pub trait Shape {
    /// The area.
    fn area(&self) -> f64;
    fn name() -> String { String::new() }
}

mod nested {
    pub(crate) mod deeper {
        pub fn function() {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn works() { assert_eq!(1, 1); }

    #[tokio::test(flavor = "multi_thread")]
    async fn works_too() {}
}

impl<'a> Slices for &'a [Item] {
    fn slice(self) -> usize {
        self.len()
    }
}
