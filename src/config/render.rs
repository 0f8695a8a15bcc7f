//! A configuration as text: the annotated example and the plain file.

use super::environment;
use super::section::{Section, join};
use super::{Bootstrap, Config};

/// What is known of a setting when it is written.
pub struct About<'a> {
    /// Its key within its table.
    pub key: &'a str,
    /// The table's dotted path.
    pub path: &'a str,
    /// Its comment, line by line.
    pub docs: &'a [&'a str],
    /// Its bounds in words.
    pub bounds: Option<String>,
}

/// TOML in the making. Tables come after the settings of the table around them, as the
/// format demands.
pub struct Page {
    commented: bool,
    text: String,
    tables: Vec<String>,
}

pub(super) fn plain(section: &impl Section) -> String {
    let mut page = Page::new(false);
    section.write("", &mut page);
    page.finish()
}

pub(super) fn example() -> String {
    let mut page = Page::new(true);
    page.text.push_str(
        "# An example of every setting, made by `chasqui config --example`.\n\
         # Each stands at its default; a setting without default is commented out.\n",
    );
    Config::default().write("", &mut page);
    let mut text = page.finish();
    for line in bootstrap_lines().lines() {
        let gap = if line.is_empty() { "" } else { " " };
        text.push_str(&format!("#{gap}{line}\n"));
    }
    text.push_str("\n# The environment, where set, replaces:\n");
    for variable in environment::TABLE {
        let name = variable.name;
        text.push_str(&format!(
            "#   {name:<26} {:<20} {}\n",
            variable.key, variable.about
        ));
    }
    text
}

fn bootstrap_lines() -> String {
    let mut page = Page::new(true);
    Bootstrap::example().write("bootstrap", &mut page);
    page.finish().trim_start().to_owned()
}

impl Page {
    fn new(commented: bool) -> Self {
        Self {
            commented,
            text: String::new(),
            tables: Vec::new(),
        }
    }

    fn finish(mut self) -> String {
        for table in self.tables {
            self.text.push_str(&table);
        }
        self.text.trim_start().to_owned()
    }

    /// One `key = value` line.
    pub(crate) fn setting(&mut self, about: &About, value: &str) {
        self.comment(about.docs);
        if let Some(bounds) = about.bounds.as_deref().filter(|_| self.commented) {
            self.text.push_str(&format!("# Allowed: {bounds}.\n"));
        }
        self.text.push_str(&format!("{} = {value}\n", about.key));
    }

    /// A setting that takes one of a few words.
    pub(crate) fn choice(&mut self, about: &About, word: &str, words: &[&str]) {
        let bounds = Some(words.join(", "));
        let about = About {
            key: about.key,
            path: about.path,
            docs: about.docs,
            bounds,
        };
        self.setting(&about, &format!("\"{word}\""));
    }

    /// A setting that is not given.
    pub(crate) fn absent(&mut self, about: &About) {
        if self.commented {
            self.comment(about.docs);
            self.text.push_str(&format!("# {} =\n", about.key));
        }
    }

    /// A table of its own.
    pub(crate) fn table<S: Section>(&mut self, section: &S, about: &About) {
        let path = join(about.path, about.key);
        self.nested(section, &path, &format!("[{path}]"), about.docs);
    }

    /// An array of tables.
    pub(crate) fn tables<S: Section>(&mut self, sections: &[S], about: &About) {
        let path = join(about.path, about.key);
        for (index, section) in sections.iter().enumerate() {
            let docs = if index == 0 { about.docs } else { &[] };
            self.nested(section, &path, &format!("[[{path}]]"), docs);
        }
    }

    fn nested<S: Section>(&mut self, section: &S, path: &str, header: &str, docs: &[&str]) {
        let mut inner = Page::new(self.commented);
        section.write(path, &mut inner);
        let mut head = Page::new(self.commented);
        head.text.push('\n');
        if self.commented {
            for line in docs {
                head.text.push_str(&format!("#{line}\n"));
            }
        }
        if !inner.text.is_empty() {
            head.text.push_str(&format!(
                "{header}{}",
                if self.commented { "" } else { "\n" }
            ));
            head.text.push_str(&inner.text);
        }
        if head.text.trim().is_empty() {
            head.text.clear();
        }
        self.tables.push(head.text);
        self.tables.append(&mut inner.tables);
    }

    fn comment(&mut self, docs: &[&str]) {
        if self.commented {
            self.text.push('\n');
            for line in docs {
                self.text.push_str(&format!("#{line}\n"));
            }
        }
    }
}
