"""Runs the public client gupshup-python (0.1.1), which lists and sends templates, against a
Gupshup stand-in.

Usage: gupshup_python_check.py HOST APP APP_ID API_KEY NUMBER CHANNEL, where HOST is the address of
the simulators (http://127.0.0.1:8090). Ends with 0 and prints "ok".
"""

import json
import sys
import urllib.request

from gupshup.client import Client
from gupshup.exceptions import UnauthorizedError, WrongFormatInputError

PERSON = "51999888777"


def main(host, app, _app_id, key, number, channel):
    Client.BASE_URL_MESSAGE = f"{host}/gupshup/sm/api/v1/template/msg"
    Client.BASE_URL_TEMPLATES = f"{host}/gupshup/sm/api/v1/template/list/"
    client = Client(apikey=key, app_name=app)
    variables = client.get_variables_for_template()
    counts = [found["data_vars"] for found in variables]
    assert counts == [[1, 2, 3]] * 4 + [[1, 2], [1], [1]], variables

    template = {"id": variables[0]["template_id"], "params": ["Ana", "7", "resuelto"]}
    data = {"source": number, "destination": PERSON, "template": json.dumps(template)}
    answer = json.loads(client.send_templates_msg(data))
    assert answer["status"] == "submitted", answer
    try:
        client.send_templates_msg({**data, "template": json.dumps({"id": "ticket_update"})})
        raise AssertionError("a template that is not there was accepted")
    except WrongFormatInputError as error:
        assert "Template" in str(error), error
    try:
        Client(apikey="wrong", app_name=app).get_templates_app()
        raise AssertionError("a wrong key was accepted")
    except UnauthorizedError:
        pass

    shown = urllib.request.urlopen(f"{host}/_phone/{channel}/{PERSON}/messages")
    (said,) = json.load(shown)["messages"]
    assert said["text"] == "Hola Ana, tu ticket 7 cambió a: resuelto.", said


if __name__ == "__main__":
    main(*sys.argv[1:7])
    print("ok")
