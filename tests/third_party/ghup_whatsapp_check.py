"""Runs the public client ghup-whatsapp (0.1.1) against a Gupshup stand-in and looks at the events
that follow.

Usage: ghup_whatsapp_check.py HOST APP APP_ID API_KEY NUMBER CHANNEL, where HOST is the address of
the simulators (http://127.0.0.1:8090). Ends with 0 and prints "ok".
"""

import http.server
import json
import queue
import sys
import threading
import urllib.request

from ghup import Client

PERSON = "51999888777"
PATIENCE_S = 10


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def receiver():
    """An event receiver: its address and the queue of what it got."""
    inbox = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            inbox.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/", inbox


def main(host, app, app_id, key, number, channel):
    address, inbox = receiver()
    world = {"callback_url": address, "pair_limit": False, "mps": 0}
    post(f"{host}/_control", {"gupshup": {channel: world}})
    Client.BASE_URL_API = f"{host}/gupshup/wa/"
    Client.BASE_URL_SEND_MESSAGE = f"{Client.BASE_URL_API}api/v1/msg"
    client = Client(app_name=app, api_token=key, app_number=number, api_id=app_id)

    typed = post(f"{host}/_phone/{channel}/{PERSON}/messages", {"text": "¿Sí? ñ+👍"})
    link = "https://example.com/a"
    rows = [{"title": "S", "options": [{"type": "text", "title": "Uno", "postbackText": "1"}]}]
    answers = [
        client.send_text(PERSON, "¡Hola! ñ+1 👍", context_msg_id=typed["id"]),
        client.send_image(PERSON, f"{link}.png", caption="c"),
        client.send_document(PERSON, f"{link}.pdf", "a.pdf"),
        client.send_audio(PERSON, f"{link}.ogg"),
        client.send_video(PERSON, f"{link}.mp4"),
        client.send_sticker(PERSON, f"{link}.webp"),
        client.send_location(PERSON, -12.04, -77.03, "Lima", "Centro"),
        client.send_reaction(PERSON, "👍", typed["id"]),
        client.send_list(PERSON, "T", "Elija", "Ver", rows),
        client.send_quick_reply(PERSON, "T", "¿Correcto?", ["Sí", "No"]),
        client.send_cta_url(PERSON, "T", link, "Vea"),
    ]
    ids = [answer["messageId"] for answer in answers]
    assert all(answer["status"] == "submitted" for answer in answers), answers
    assert len(set(ids)) == len(answers), ids
    assert json.loads(client.set_mark_as_read(typed["id"]))["status"] == "success"

    for wrong, expected in [
        (Client(app, "wrong", number, app_id), "HTTP 401"),
        (Client("Other", key, number, app_id), "Invalid App Details"),
    ]:
        wrong.headers_set()
        try:
            wrong.send_text(PERSON, "x")
            raise AssertionError("a wrong app or key was accepted")
        except RuntimeError as error:
            assert expected in str(error), error

    texts, fates = [], {}
    while not (texts and fates.get(ids[0], set()) >= {"enqueued", "sent", "delivered"}):
        event = inbox.get(timeout=PATIENCE_S)
        payload = event["payload"]
        if event["type"] == "message":
            texts.append(payload["payload"]["text"])
        elif event["type"] == "message-event":
            joined = payload.get("gsId") or payload["id"]
            fates.setdefault(joined, set()).add(payload["type"])
    assert texts == ["¿Sí? ñ+👍"], texts

    shown = urllib.request.urlopen(f"{host}/_phone/{channel}/{PERSON}/messages")
    said = [message for message in json.load(shown)["messages"] if message["direction"] == "out"]
    assert said[0]["text"] == "¡Hola! ñ+1 👍", said[0]
    assert [button["title"] for button in said[9]["buttons"]] == ["Sí", "No"], said[9]


if __name__ == "__main__":
    main(*sys.argv[1:7])
    print("ok")
