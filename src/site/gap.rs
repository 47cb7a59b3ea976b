//! Pages that are rendered once and completed when they are asked for.

use askama::filters::HtmlSafe;
use std::cell::RefCell;
use std::fmt;

/// A place that a template leaves open. Printing it begins the next part of the page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gap<'a>(Option<&'a Parts>);

/// Takes what a template writes, in parts with the gaps between them.
#[derive(Debug)]
pub(super) struct Parts(RefCell<Vec<String>>);

impl Default for Parts {
    fn default() -> Self {
        Self(RefCell::new(vec![String::new()]))
    }
}

impl Parts {
    pub(super) fn gap(&self) -> Gap<'_> {
        Gap(Some(self))
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.0.into_inner()
    }
}

impl fmt::Write for &Parts {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.borrow_mut().last_mut().ok_or(fmt::Error)?.push_str(text);
        Ok(())
    }
}

impl fmt::Display for Gap<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parts) = self.0 {
            parts.0.borrow_mut().push(String::new());
        }
        Ok(())
    }
}

/// It prints nothing.
impl HtmlSafe for Gap<'_> {}
