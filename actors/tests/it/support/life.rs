//! A company whose system lives on a journal, with the clock of the machine that it is tested on.

use std::path::PathBuf;
use std::sync::Arc;

use actors::fold::EntityFold;
use actors::journal::Journal;
use actors::journal::adapter::{Config, SegmentJournal};
use actors::journal::disk::sim::SimDisk;
use actors::model::Key;
use actors::ports::{Clock, Mode};
use actors::system::{Limits, Parts, System};
use actors::testing::company::Company;

use super::machine::{MachineClock, Steady};

/// One life: it begins with what its journal holds.
pub struct Life<J> {
    pub company: Arc<Company>,
    pub journal: Arc<J>,
    pub system: System<J>,
}

impl<J: Journal> Life<J> {
    /// Begins a life around a new company.
    pub async fn begin(journal: J, limits: Limits) -> Self {
        Self::of(Company::new(Mode::Dialogue), Arc::new(journal), limits).await
    }

    /// Begins a life around a company that may have had others.
    pub async fn of(company: Arc<Company>, journal: Arc<J>, limits: Limits) -> Self {
        let (clock, random) = (Arc::new(MachineClock), Arc::new(Steady));
        let parts = Parts {
            limits,
            ..company.parts(journal.clone(), clock, random)
        };
        let system = System::start(parts).await.unwrap();
        Self {
            company,
            journal,
            system,
        }
    }

    /// The entity of the company's one person.
    pub fn key(&self) -> Key {
        Key::Contact(self.company.contact())
    }

    /// Has the person's message accepted.
    pub async fn says(&self, id: &str, text: &str) {
        let message = self.company.message(id, text, MachineClock.now());
        self.system.ingest(vec![message]).await.unwrap();
    }
}

/// The journal of a data directory.
pub fn in_directory(data: PathBuf) -> SegmentJournal {
    SegmentJournal::open(config(data)).unwrap()
}

/// The journal of a simulated disk.
pub fn on_disk(disk: &SimDisk) -> SegmentJournal {
    let config = config("data".into()).without_sled(Arc::new(disk.clone()));
    SegmentJournal::open(config).unwrap()
}

fn config(data: PathBuf) -> Config {
    Config::new(data, Arc::new(MachineClock), Arc::new(EntityFold))
}
