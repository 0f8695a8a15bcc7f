"""Runs the public client kapso-whatsapp-cloud-api (0.3) against a Cloud API stand-in, and its
webhook tools against the webhooks that follow.

Usage: kapso_check.py HOST PHONE_NUMBER_ID ACCESS_TOKEN WABA_ID APP_SECRET CHANNEL, where HOST
is the address of the simulators (http://127.0.0.1:8090). Ends with 0 and prints "ok".
"""

import asyncio
import http.server
import json
import queue
import sys
import threading
import urllib.request

from kapso_whatsapp import WhatsAppClient
from kapso_whatsapp.exceptions import AuthenticationError, RateLimitError, ValidationError
from kapso_whatsapp.webhooks import normalize_webhook, verify_signature

PERSON = "51999888777"
PATIENCE_S = 10


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


async def main(host, number, token, account, secret, channel):
    address, inbox = receiver()
    world = {"callback_url": address, "pair_limit": False, "mps": 0}
    post(f"{host}/_control", {"meta": {channel: world}})
    client = WhatsAppClient(
        access_token=token, base_url=f"{host}/meta", max_retries=1, retry_backoff=0.1
    )
    async with client:
        messages = client.messages
        to = {"phone_number_id": number, "to": f"+{PERSON}"}
        sent = await messages.send_text(**to, body="¡Hola! ñ", biz_opaque_callback_data="k-1")
        assert sent.contacts[0].wa_id == PERSON, sent
        text_id = sent.messages[0].id
        buttons = [{"id": "yes", "title": "Sí"}, {"id": "no", "title": "No"}]
        await messages.send_interactive_buttons(**to, body_text="¿Correcto?", buttons=buttons)
        rows = [{"id": "1", "title": "Uno", "description": "d"}, {"id": "2", "title": "Dos"}]
        await messages.send_interactive_list(
            **to, body_text="Elija", button_text="Ver", sections=[{"title": "S", "rows": rows}]
        )
        template = {"name": "hello_world", "language": "en_US"}
        templated = await messages.send_template(**to, template=template)
        assert templated.messages[0].id.startswith("wamid."), templated
        uploaded = await client.media.upload(
            phone_number_id=number, file=b"not really a picture", type="image/png", filename="a.png"
        )
        found = await client.media.get(media_id=uploaded.id)
        assert found.mime_type == "image/png", found
        assert await client.media.download(media_id=uploaded.id) == b"not really a picture"
        await client.media.delete(media_id=uploaded.id)
        listed = await client.templates.list(business_account_id=account, name="ticket_update")
        assert len(listed["data"]) == 4, listed

        try:
            missing = {"name": "no_such", "language": "es"}
            await messages.send_template(**to, template=missing)
            raise AssertionError("a missing template was accepted")
        except Exception as error:
            assert getattr(error, "error_code", None) == 132001, error
        try:
            await messages.send_interactive_buttons(**to, body_text="x" * 1025, buttons=buttons)
            raise AssertionError("a body of 1025 characters was accepted")
        except ValidationError as error:
            assert error.error_code == 131009, error

        limit = {"kind": "rate_limit", "retry_after_s": 0, "provider": "meta", "count": 1}
        post(f"{host}/_control", {"faults": [limit]})
        await messages.send_text(**to, body="sent by its retry")
        post(f"{host}/_control", {"faults": [{**limit, "count": 2}]})
        try:
            await messages.send_text(**to, body="limited")
            raise AssertionError("a limited send was accepted")
        except RateLimitError as error:
            assert error.error_code == 130429, error

        typed = post(f"{host}/_phone/{channel}/{PERSON}/messages", {"text": "¿Sí? ñ/👍"})
        await messages.mark_read(phone_number_id=number, message_id=typed["id"])

    wrong = WhatsAppClient(access_token="wrong", base_url=f"{host}/meta", max_retries=0)
    async with wrong:
        try:
            await wrong.messages.send_text(**to, body="x")
            raise AssertionError("a wrong token was accepted")
        except AuthenticationError as error:
            assert error.error_code == 190, error

    texts, statuses = [], set()
    while not (texts and statuses >= {"sent", "delivered"}):
        body, signature = inbox.get(timeout=PATIENCE_S)
        assert verify_signature(app_secret=secret, raw_body=body, signature_header=signature)
        assert not verify_signature(
            app_secret=secret, raw_body=body + b" ", signature_header=signature
        )
        result = normalize_webhook(json.loads(body))
        texts += [message["text"]["body"] for message in result.messages if "text" in message]
        statuses |= {status.status for status in result.statuses if status.id == text_id}
    assert texts == ["¿Sí? ñ/👍"], texts


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:7]))
    print("ok")
