//! What the server's own timeline says of an effect: asked only about what the log showed to
//! be unusual.

use serde_json::Value;

use crate::people::Person;
use crate::server::Server;

/// The lines of a contact's timeline, oldest first.
pub struct Timeline(Vec<Value>);

impl Timeline {
    pub async fn of(server: &Server, person: &Person) -> Self {
        let found = format!("/contacts?phone={}", person.phone);
        let (status, contact) = server.api(person.tenant, &found).await;
        assert_eq!(status, 200, "{} is not known: {contact}", person.phone);
        let id = contact["id"].as_str().unwrap();
        let path = format!("/contacts/{id}/timeline?limit=5000");
        let (status, timeline) = server.api(person.tenant, &path).await;
        assert_eq!(status, 200, "{timeline}");
        Self(timeline["entries"].as_array().unwrap().clone())
    }

    /// Whether an attempt of this effect was marked as one that the person may see twice.
    pub fn marks_repeat(&self, effect: &str) -> bool {
        let mut attempts = self.lines(effect, "attempt");
        attempts.any(|line| line["possible_repeat"] == true)
    }

    /// Whether any attempt of any effect was so marked.
    pub fn marks_any_repeat(&self) -> bool {
        let mut attempts = self.0.iter().filter(|line| line["kind"] == "attempt");
        attempts.any(|line| line["possible_repeat"] == true)
    }

    /// Whether nobody knew for a while what became of an effect.
    pub fn was_ever_in_doubt(&self) -> bool {
        let mut outcomes = self.0.iter().filter(|line| line["kind"] == "outcome");
        outcomes.any(|line| line["outcome"] == "in_doubt") || self.marks_any_repeat()
    }

    /// The effects that were given to the operators because nobody knows whether they were
    /// carried out.
    pub fn uncertain(&self) -> Vec<String> {
        let outcomes = self.0.iter().filter(|line| line["kind"] == "outcome");
        outcomes
            .filter(|line| line["outcome"] == "uncertain")
            .filter_map(|line| Some(line["effect"].as_str()?.to_owned()))
            .collect()
    }

    /// The lines of one kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |line| line["kind"] == kind)
    }

    fn lines<'a>(&'a self, effect: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.of_kind(kind)
            .filter(move |line| line["effect"] == effect)
    }
}

impl std::fmt::Debug for Timeline {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in &self.0 {
            writeln!(formatter, "{line}")?;
        }
        Ok(())
    }
}
