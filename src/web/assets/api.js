// What the page asks the server, and what comes back in the visitor's language.

const { token } = document.body.dataset;

const WORDS = {
  simulators_away: "El simulador no responde: hay una avería encendida. Apáguela e inténtelo de nuevo.",
  provider_failed: "GLPI no lo acepta en el estado en que está el ticket.",
  no_consent: "No se envió: esta persona no ha dado su permiso para eso.",
  template_not_approved: "No se envió: WhatsApp no ha aprobado esa plantilla, o la tiene en pausa.",
  template_not_translated: "No se envió: esa plantilla no existe en ese idioma.",
  template_value_count: "Faltan datos de la plantilla.",
  template_value_empty: "Falta un dato de la plantilla.",
  template_value_illegal: "Un dato tiene saltos de línea o demasiados espacios, y WhatsApp los rechaza.",
  template_too_long: "El texto resulta demasiado largo para WhatsApp.",
  too_many_requests: "Demasiadas peticiones por minuto; espere un momento.",
  window_closed: "Pasaron más de 24 horas desde su último mensaje: solo una plantilla aprobada puede salir.",
  unreachable: "No hay cómo llegar a esta persona: todavía no ha escrito.",
  not_with_people: "La conversación la tiene el asistente; tómela primero.",
  overloaded: "El servidor tiene todo el trabajo que puede; inténtelo en un momento.",
};

// Whether the page may ask the API at all.
export const allowed = Boolean(token);

// Asks the API; with a body it is an order.
export function api(path, body) {
  const headers = { authorization: `Bearer ${token}` };
  if (!body) return reached(fetch(`/api/v1/${path}`, { headers }));
  headers["content-type"] = "application/json";
  return reached(fetch(`/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

// Gives a file to the API.
export function upload(path, file) {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": file.type || "application/octet-stream",
  };
  return reached(fetch(`/api/v1/${path}`, { method: "POST", headers, body: file }));
}

// Orders something of the demo's own world.
export function world(path, body) {
  const headers = { "content-type": "application/json", "x-chasqui-demo": "1" };
  return reached(fetch(`/demo/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

// Why something was not done.
export async function refusal(answer) {
  const { error } = await answer.json().catch(() => ({}));
  return WORDS[error?.code] ?? error?.message ?? "El servidor no responde.";
}

// A server that is away answers too, without words.
async function reached(call) {
  return call.catch(() => Response.json({}, { status: 503 }));
}
