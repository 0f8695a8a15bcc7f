//! What is stopped at the last moment: marketing of a person who withdrew, and templates beyond the
//! day's limit.

use super::*;
use crate::model::{Call, Phone, Recipient, TemplateCategory, TemplateMessage};
use crate::outbox::tests::{id, reply};
use crate::ports::TemplateLimits;

fn template(n: u64, category: TemplateCategory) -> Effect {
    Effect {
        priority: match category {
            TemplateCategory::Marketing => Priority::Marketing,
            _ => Priority::Notification,
        },
        class: Class::Once,
        call: Call::SendTemplate(Box::new(TemplateMessage {
            to: Recipient::Phone(Phone::parse("51999888777").expect("a number")),
            name: "t".into(),
            language: "es".into(),
            second_id: None,
            provider_id: "".into(),
            category,
            values: Vec::new(),
            media: None,
            text: "Hola".to_owned(),
        })),
        ..reply(n)
    }
}

impl Bench {
    async fn refused_unbegun(&mut self) -> String {
        match self.event().await {
            Event::Undeliverable { reason, .. } => reason.to_string(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn marketing_of_a_person_who_withdrew_is_stopped_at_the_door() {
    let mut bench = Bench::new(settings()).await;
    bench.withdrawals.settle(key(), InSeq(0), true);
    bench
        .send_new(template(1, TemplateCategory::Marketing))
        .await;
    let reason = bench.refused_unbegun().await;
    assert_eq!(
        reason,
        "the person withdrew their consent before it was sent"
    );
    assert!(bench.provider.calls().is_empty());
    assert_eq!(bench.open(id(1)).await.last, None, "nothing is on record");
    // What is no marketing goes on.
    bench.send_new(template(2, TemplateCategory::Utility)).await;
    assert_eq!(bench.called().await, done());
    bench.withdrawals.settle(key(), InSeq(0), false);
    bench
        .send_new(template(3, TemplateCategory::Marketing))
        .await;
    assert_eq!(bench.called().await, done());
}

#[tokio::test(start_paused = true)]
async fn beyond_the_days_limit_a_template_is_refused_and_shown_in_health() {
    let mut bench = Bench::new(GatewaySettings {
        templates: Some(TemplateLimits {
            notices: 1,
            marketing: 5,
        }),
        ..settings()
    })
    .await;
    bench.send_new(template(1, TemplateCategory::Utility)).await;
    assert_eq!(bench.called().await, done());
    bench.send_new(template(2, TemplateCategory::Utility)).await;
    let reason = bench.refused_unbegun().await;
    assert!(reason.contains("1 templates of a day"), "{reason}");
    let health = bench.handle.health(bench.clock.now()).await.expect("alive");
    let count = health.templates.expect("a number of WhatsApp's");
    assert_eq!((count.notices, count.notices_limit), (1, 1));
    bench.send_new(reply(3)).await;
    assert_eq!(bench.called().await, done());
    tokio::time::advance(Duration::from_secs(25 * 3_600)).await;
    bench.send_new(template(4, TemplateCategory::Utility)).await;
    assert_eq!(bench.called().await, done());
}

#[tokio::test(start_paused = true)]
async fn a_template_that_surely_did_not_leave_is_not_counted() {
    let mut bench = Bench::new(GatewaySettings {
        templates: Some(TemplateLimits {
            notices: 1,
            marketing: 1,
        }),
        ..settings()
    })
    .await;
    bench.provider.will([Does::Answers(not_done(None))]);
    let effect = bench.send_new(template(1, TemplateCategory::Utility)).await;
    assert!(matches!(bench.called().await, Called::NotDone { .. }));
    bench.send(&effect, 2);
    assert_eq!(bench.called().await, done());
}
