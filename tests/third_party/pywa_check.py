"""Runs the public client pywa (4.5) against a Cloud API stand-in, and its own reader of webhooks,
which checks their signature, on what follows.

pywa always speaks to Meta's own host, so a transport carries its calls to the simulators instead.

Usage: pywa_check.py HOST PHONE_NUMBER_ID ACCESS_TOKEN WABA_ID APP_SECRET CHANNEL, where HOST
is the address of the simulators (http://127.0.0.1:8090). Ends with 0 and prints "ok".
"""

import http.server
import json
import queue
import sys
import threading
import urllib.request

import httpx
from pywa import WhatsApp, errors, handlers, types
from pywa.types.templates import BodyText, TemplateLanguage
from pywa.utils import webhook_updates_validator

PERSON = "51999888777"
USER_ID = "PE.13491208655302741918"
PATIENCE_S = 10


class Elsewhere(httpx.BaseTransport):
    """Sends what is meant for Meta's host to the stand-in; every other host is a mistake."""

    def __init__(self, host):
        self.host = httpx.URL(host)
        self.inner = httpx.HTTPTransport()

    def handle_request(self, request):
        url = request.url
        if url.host == "graph.facebook.com":
            url = url.copy_with(
                scheme="http", host=self.host.host, port=self.host.port, path=f"/meta{url.path}"
            )
        assert url.host == self.host.host, url
        request.url = url
        request.headers["Host"] = url.netloc.decode()
        return self.inner.handle_request(request)


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def receiver():
    """A webhook receiver: its address and the queue of what it got."""
    inbox = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.put((body, self.headers["X-Hub-Signature-256"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/", inbox


def refused(kind, act):
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def sends(client, host):
    """Every kind of message that the simulator must take; gives the ids of the text, the buttons
    and the list."""
    text = client.send_message(PERSON, "¡Hola! ñ+1 👍", tracker="p-1")
    asked = client.send_message(
        PERSON,
        "¿Correcto?",
        buttons=[types.Button("Sí", "yes"), types.Button("No", "no")],
        reply_to_message_id=text.id,
    )
    rows = [types.SectionRow("Uno", "1", "d"), types.SectionRow("Dos", "2")]
    listed = client.send_message(
        PERSON, "Elija", buttons=types.SectionList("Ver", [types.Section("S", rows)])
    )
    client.send_location(PERSON, -12.04, -77.03, "Lima", "Centro")
    client.send_reaction(PERSON, "👍", text.id)

    media = client.upload_media(b"not really a picture", mime_type="image/png", filename="a.png")
    found = client.get_media_url(media.id)
    assert found.mime_type == "image/png", found
    assert client.get_media_bytes(found.url) == b"not really a picture"
    client.send_image(PERSON, media.id, caption="c")
    client.send_document(PERSON, b"%PDF-1.4", filename="a.pdf", mime_type="application/pdf")
    assert client.delete_media(media.id)

    templates = client.get_templates(name="ticket_update")
    assert (len(list(templates)), templates.total_count) == (4, 4), templates
    assert all(isinstance(template.components[0], BodyText) for template in templates)
    body = BodyText.params("Ana", "7", "resuelto")
    sent = client.send_template(PERSON, "ticket_update", TemplateLanguage.SPANISH, params=[body])
    assert sent.id.startswith("wamid."), sent

    missing = refused(
        errors.WhatsAppError,
        lambda: client.send_template(PERSON, "no_such", TemplateLanguage.SPANISH),
    )
    assert missing.code == 132001, missing
    limit = {"kind": "rate_limit", "retry_after_s": 0, "provider": "meta", "count": 1}
    post(f"{host}/_control", {"faults": [limit]})
    refused(errors.RateLimitHit, lambda: client.send_message(PERSON, "limited"))
    return text.id, asked.id, listed.id


def main(host, number, token, account, secret, channel):
    address, inbox = receiver()
    # pywa reads only webhooks that name the business-scoped user id.
    world = {
        "callback_url": address, "pair_limit": False, "mps": 0, "user_ids": {PERSON: USER_ID},
    }
    post(f"{host}/_control", {"meta": {channel: world}})
    client = WhatsApp(
        phone_id=number, token=token, waba_id=account, app_secret=secret, verify_token="v",
        session=httpx.Client(transport=Elsewhere(host)), server=None,
    )
    messages, taps, statuses = [], [], []
    client.add_handlers(
        handlers.MessageHandler(lambda _, message: messages.append(message)),
        handlers.CallbackButtonHandler(lambda _, tap: taps.append(tap)),
        handlers.CallbackSelectionHandler(lambda _, tap: taps.append(tap)),
        handlers.MessageStatusHandler(lambda _, status: statuses.append(status)),
    )
    text_id, asked_id, listed_id = sends(client, host)

    phone = f"{host}/_phone/{channel}/{PERSON}/messages"
    typed = post(phone, {"text": "¿Sí? ñ/👍"})
    client.mark_message_as_read(typed["id"])
    client.indicate_typing(typed["id"])
    post(phone, {"button_reply": {"id": "yes", "title": "Sí"}, "context_id": asked_id})
    post(phone, {"list_reply": {"id": "2", "title": "Dos"}, "context_id": listed_id})
    place = {"latitude": -12.04, "longitude": -77.03, "name": "Lima"}
    post(phone, {"message": {"type": "location", "location": place}})

    wrong = WhatsApp(
        phone_id=number, token="wrong", session=httpx.Client(transport=Elsewhere(host))
    )
    refused(errors.ExpiredAccessToken, lambda: wrong.send_message(PERSON, "x"))

    def fates():
        return {status.status.value for status in statuses if status.id == text_id}

    while not (len(messages) == 2 and len(taps) == 2 and fates() >= {"sent", "delivered"}):
        body, signature = inbox.get(timeout=PATIENCE_S)
        assert webhook_updates_validator(secret, body, signature)
        assert not webhook_updates_validator(secret, body + b" ", signature)
        said, code = client.webhook_update_handler(body)
        assert code == 200, said
    # Webhooks keep no order.
    (said,) = [message for message in messages if message.text]
    (placed,) = [message for message in messages if message.location]
    assert (said.text, said.from_user.wa_id) == ("¿Sí? ñ/👍", PERSON), said
    assert placed.location.name == "Lima", placed
    assert sorted(tap.data for tap in taps) == ["2", "yes"], taps


if __name__ == "__main__":
    main(*sys.argv[1:7])
    print("ok")
