// Prints the functions that syn parses, as JSON lines: path, dotted name, first line, last line,
// doc. Takes a file that lists the files to read. A file with syntax errors gives only its path.
use std::{env, fs};

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

struct Functions {
    path: String,
    scope: Vec<String>,
    rows: Vec<String>,
}

impl Functions {
    fn within(&mut self, name: String, walk: impl FnOnce(&mut Self)) {
        let depth = self.scope.len();
        self.scope.extend(Some(name).filter(|name| !name.is_empty()));
        walk(self);
        self.scope.truncate(depth);
    }

    fn function(
        &mut self,
        attributes: &[syn::Attribute],
        name: &syn::Ident,
        item: &dyn Spanned,
        walk: impl FnOnce(&mut Self),
    ) {
        let (docs, others): (Vec<_>, Vec<_>) =
            attributes.iter().partition(|attribute| text(attribute).is_some());
        let first = others.iter().map(|attribute| attribute.span().start().line);
        // The span of an item begins with its first attribute, docs included: ask for what follows.
        let start = item.span().start().line;
        let doc: Vec<_> = docs.iter().filter_map(|attribute| text(attribute)).collect();
        self.within(name.to_string(), |this| {
            this.rows.push(format!(
                "[{},{},{},{},{}]",
                quote(&this.path),
                quote(&this.scope.join(".")),
                first.chain([start]).min().unwrap_or(start),
                item.span().end().line,
                quote(&doc.join("\n"))
            ));
            walk(this);
        });
    }
}

fn text(attribute: &syn::Attribute) -> Option<String> {
    match attribute.parse_meta() {
        Ok(syn::Meta::NameValue(syn::MetaNameValue { path, lit: syn::Lit::Str(text), .. }))
            if path.is_ident("doc") =>
        {
            Some(text.value())
        }
        _ => None,
    }
}

fn type_name(kind: &syn::Type) -> String {
    match kind {
        syn::Type::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()),
        syn::Type::Reference(reference) => Some(type_name(&reference.elem)),
        syn::Type::Ptr(pointer) => Some(type_name(&pointer.elem)),
        syn::Type::Paren(inner) => Some(type_name(&inner.elem)),
        syn::Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            syn::TypeParamBound::Trait(bound) => {
                bound.path.segments.last().map(|s| s.ident.to_string())
            }
            _ => None,
        }),
        _ => {
            let written = kind.to_token_stream().to_string();
            Some(written.replace(" ;", ";").replace(" ,", ",").replace("& ", "&"))
        }
    }
    .unwrap_or_default()
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.within(item.ident.to_string(), |this| visit::visit_item_mod(this, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.within(item.ident.to_string(), |this| visit::visit_item_trait(this, item));
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.within(type_name(&item.self_ty), |this| visit::visit_item_impl(this, item));
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let bare = syn::ItemFn { attrs: vec![], ..item.clone() };
        self.function(&item.attrs, &item.sig.ident, &bare, |this| visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_method(&mut self, item: &'ast syn::ImplItemMethod) {
        let bare = syn::ImplItemMethod { attrs: vec![], ..item.clone() };
        self.function(&item.attrs, &item.sig.ident, &bare, |this| {
            visit::visit_impl_item_method(this, item)
        });
    }

    fn visit_trait_item_method(&mut self, item: &'ast syn::TraitItemMethod) {
        let bare = syn::TraitItemMethod { attrs: vec![], ..item.clone() };
        self.function(&item.attrs, &item.sig.ident, &bare, |this| {
            visit::visit_trait_item_method(this, item)
        });
    }

    fn visit_foreign_item_fn(&mut self, item: &'ast syn::ForeignItemFn) {
        let bare = syn::ForeignItemFn { attrs: vec![], ..item.clone() };
        self.function(&item.attrs, &item.sig.ident, &bare, |_| ());
    }
}

fn quote(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c < ' ' => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

fn main() {
    let list = fs::read_to_string(env::args().nth(1).expect("a file")).expect("a readable list");
    for path in list.lines() {
        let parsed = fs::read_to_string(path).ok().and_then(|s| syn::parse_file(&s).ok());
        let mut found = Functions { path: path.into(), scope: vec![], rows: vec![] };
        match parsed {
            Some(file) => found.visit_file(&file),
            None => found.rows.push(format!("[{}]", quote(path))),
        }
        found.rows.iter().for_each(|row| println!("{row}"));
    }
}
