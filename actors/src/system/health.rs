//! A small serialisable picture of a running system.

use std::time::Duration;

use serde::Serialize;

use super::System;
use crate::contact::{ContactMsg, View};
use crate::gateway;
use crate::journal::Journal;
use crate::supervisor::{Restarts, RootMsg};

/// Living contacts shown one by one.
const SHOWN: usize = 50;
/// How long a busy actor is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// The state of a system at one instant.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    /// Contacts by state of life.
    pub contacts: ContactsHealth,
    /// Restarts of supervisors.
    pub restarts: Restarts,
    /// Every gateway that was needed since the start.
    pub gateways: Vec<gateway::Health>,
    /// Figures of the whole system.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether the system is shutting down.
    pub draining: bool,
}

/// Figures of the whole system, for health and metrics alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Contacts alive.
    #[serde(skip)]
    pub live: usize,
    /// Contacts left alone after failing too often.
    #[serde(skip)]
    pub parked: usize,
    /// Inputs accepted since the start.
    pub accepted: u64,
    /// Of these, messages that people wrote; a repeated one counts again.
    pub messages: u64,
    /// Steps taken since the start.
    pub steps: u64,
    /// Sends whose end is not on record yet.
    pub calls_under_way: u64,
    /// Entities that wait to be woken.
    pub wakes: usize,
    /// Lanes whose head holds up what waits behind it.
    pub lanes_blocked: u64,
    /// Effects of which nobody knows whether they were done, not yet given to an operator.
    pub in_doubt: u64,
    /// Inputs a contact was about to decide out of order. Must stay 0.
    pub inputs_out_of_order: u64,
    /// Effects begun before an older one of their lane and priority. Must stay 0.
    pub effects_out_of_order: u64,
}

/// Contacts by state of life.
#[derive(Clone, Debug, Serialize)]
pub struct ContactsHealth {
    /// Alive.
    pub live: usize,
    /// Left alone after failing too often.
    pub parked: Vec<String>,
    /// Some of the living ones.
    pub some: Vec<View>,
}

impl<J: Journal> System<J> {
    /// Figures that cost no question to an actor.
    pub fn counts(&self) -> Counts {
        let environment = &self.environment;
        let (lanes_blocked, in_doubt) = environment.stuck.now();
        let (inputs_out_of_order, effects_out_of_order) = environment.counters.out_of_order();
        Counts {
            live: environment.contacts.live(),
            parked: environment.contacts.parked().len(),
            accepted: environment.counters.accepted(),
            messages: environment.counters.messages(),
            steps: environment.counters.steps(),
            calls_under_way: environment.calls.under_way(),
            wakes: environment.wakes.len(),
            lanes_blocked,
            in_doubt,
            inputs_out_of_order,
            effects_out_of_order,
        }
    }

    /// The state now. Actors that are busy for more than a moment are left out.
    pub async fn health(&self) -> Health {
        let environment = &self.environment;
        let mut some = Vec::new();
        for actor in environment.contacts.some(SHOWN) {
            let asked = actor
                .call(|reply| ContactMsg::View { reply }, Some(PATIENCE))
                .await;
            if let Ok(ractor::rpc::CallResult::Success(view)) = asked {
                some.push(view);
            }
        }
        let restarts = self.root.call(RootMsg::Restarts, Some(PATIENCE)).await;
        let restarts = match restarts {
            Ok(ractor::rpc::CallResult::Success(restarts)) => restarts,
            _ => Restarts::default(),
        };
        let parked = environment.contacts.parked();
        Health {
            contacts: ContactsHealth {
                live: environment.contacts.live(),
                parked: parked.iter().map(ToString::to_string).collect(),
                some,
            },
            restarts,
            gateways: environment.gateways.health().await,
            counts: self.counts(),
            draining: environment.is_draining(),
        }
    }
}
