//! The templates of the run: half in Spanish, half in Brazilian Portuguese, as a company would have
//! them approved.

/// Name, language and text; every text takes a name, a number and one thing more.
pub(super) const READY: [(&str, &str, &str); 20] = [
    (
        "load_order_confirmed",
        "es",
        "Hola {{1}}, tu pedido {{2}} está confirmado. Llega el {{3}}.",
    ),
    (
        "load_payment_reminder",
        "es",
        "Hola {{1}}, la factura {{2}} vence el {{3}}.",
    ),
    (
        "load_shipping_notice",
        "es",
        "Hola {{1}}, tu envío {{2}} salió con {{3}}.",
    ),
    (
        "load_delivery_today",
        "es",
        "Hola {{1}}, hoy entregamos tu pedido {{2}} entre {{3}}.",
    ),
    (
        "load_appointment",
        "es",
        "Hola {{1}}, tu cita {{2}} es el {{3}}.",
    ),
    (
        "load_ticket_opened",
        "es",
        "Hola {{1}}, abrimos tu ticket {{2}}: {{3}}.",
    ),
    (
        "load_ticket_assigned",
        "es",
        "Hola {{1}}, tu ticket {{2}} lo atiende {{3}}.",
    ),
    (
        "load_ticket_pending",
        "es",
        "Hola {{1}}, tu ticket {{2}} espera tu respuesta: {{3}}.",
    ),
    (
        "load_ticket_solved",
        "es",
        "Hola {{1}}, tu ticket {{2}} tiene solución: {{3}}.",
    ),
    (
        "load_ticket_closed",
        "es",
        "Hola {{1}}, cerramos tu ticket {{2}}. {{3}}",
    ),
    (
        "load_pedido_confirmado",
        "pt_BR",
        "Olá {{1}}, seu pedido {{2}} está confirmado. Chega em {{3}}.",
    ),
    (
        "load_lembrete_pagamento",
        "pt_BR",
        "Olá {{1}}, a fatura {{2}} vence em {{3}}.",
    ),
    (
        "load_aviso_envio",
        "pt_BR",
        "Olá {{1}}, seu envio {{2}} saiu com {{3}}.",
    ),
    (
        "load_entrega_hoje",
        "pt_BR",
        "Olá {{1}}, hoje entregamos seu pedido {{2}} entre {{3}}.",
    ),
    (
        "load_agendamento",
        "pt_BR",
        "Olá {{1}}, seu horário {{2}} é em {{3}}.",
    ),
    (
        "load_chamado_aberto",
        "pt_BR",
        "Olá {{1}}, abrimos seu chamado {{2}}: {{3}}.",
    ),
    (
        "load_chamado_atribuido",
        "pt_BR",
        "Olá {{1}}, seu chamado {{2}} está com {{3}}.",
    ),
    (
        "load_chamado_pendente",
        "pt_BR",
        "Olá {{1}}, seu chamado {{2}} espera sua resposta: {{3}}.",
    ),
    (
        "load_chamado_resolvido",
        "pt_BR",
        "Olá {{1}}, seu chamado {{2}} tem solução: {{3}}.",
    ),
    (
        "load_chamado_fechado",
        "pt_BR",
        "Olá {{1}}, fechamos seu chamado {{2}}. {{3}}",
    ),
];

/// Gupshup's id of the `nth` template.
pub(super) fn gupshup_id(nth: usize) -> String {
    format!("c6aecef6-bcb0-4fb1-8100-28c094e4{nth:04x}")
}

/// A text with its values in their places.
pub(super) fn filled(text: &str, values: &[impl AsRef<str>]) -> String {
    let mut text = text.to_owned();
    for (nth, value) in values.iter().enumerate() {
        text = text.replace(&format!("{{{{{}}}}}", nth + 1), value.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_templates_are_ready_and_each_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = READY.iter().map(|row| row.0).collect();
        assert_eq!((names.len(), READY.len()), (20, 20));
        assert!(READY.iter().all(|row| row.2.contains("{{3}}")));
    }
}
