"""Runs the public client glpi-rest (0.1.0), which opens a session anew after a 401, against a
GLPI legacy API.

Usage: glpi_rest_check.py HOST APP_TOKEN USER_TOKEN, where HOST is the address of the simulators
(http://127.0.0.1:8090). Ends with 0 and prints "ok".
"""

import json
import sys
import urllib.request

from glpi_rest import GLPIAuthError, GLPIClient, GLPIError, GLPINotFoundError, SearchCriterion

PATIENCE_S = 10
# Search options of a ticket (GLPI REST API, listSearchOptions).
TITLE, ID, STATUS, CONTENT = 1, 2, 12, 21


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def refused(kind, act):
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def main(host, app_token, user_token):
    url = f"{host}/glpi/apirest.php"
    with GLPIClient(url, app_token, user_token=user_token) as glpi:
        assert glpi.is_connected
        made = [
            glpi.add_item("Ticket", {"name": f"glpi-rest {n}", "content": f"<!-- chasqui:r-{n} -->"})
            for n in range(5)
        ]
        first = made[0]["id"]
        assert glpi.get_item("Ticket", first)["name"] == "glpi-rest 0"
        assert glpi.get_item("Ticket", first, expand_dropdowns="true")["id"] == first
        page = glpi.get_items("Ticket", range="0-1", sort="id", order="DESC")
        assert [row["id"] for row in page] == [made[4]["id"], made[3]["id"]], page

        marker = [SearchCriterion(CONTENT, "chasqui:r-3")]
        found = glpi.search("Ticket", marker, forcedisplay=[ID, TITLE])
        assert (found.total_count, found.count, found.content_range) == (1, 1, "0-0/1"), found
        assert found.data[0][str(ID)] == made[3]["id"], found
        both = [
            SearchCriterion(TITLE, "glpi-rest"),
            SearchCriterion(STATUS, "notold", "equals", link="AND"),
        ]
        paged = glpi.search(
            "Ticket", both, forcedisplay=[ID], sort=ID, order="DESC", range_="0-1"
        )
        assert (paged.total_count, paged.count) == (5, 2), paged
        ids = [row[str(ID)] for row in paged.data]
        assert ids == [made[4]["id"], made[3]["id"]], paged
        nobody = glpi.search("Ticket", [SearchCriterion(TITLE, "no such title")])
        assert (nobody.total_count, nobody.data) == (0, []), nobody

        # Every session is gone, as after the server's clean-up of old ones.
        post(f"{host}/_control", {"glpi": {app_token: {"end_sessions": True}}})
        answer = glpi.update_item("Ticket", first, {"urgency": 5})
        assert answer[0][str(first)] is True, answer
        assert glpi.get_item("Ticket", first)["urgency"] == 5

        refused(GLPINotFoundError, lambda: glpi.get_item("Ticket", 999999))
        wrong = refused(GLPIError, lambda: glpi.get_items("NoSuchThing"))
        assert "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM" in str(wrong), wrong
        # The connector's profile may not purge tickets; users it may.
        kept = refused(GLPIError, lambda: glpi.delete_item("Ticket", first, force_purge=True))
        assert "ERROR_GLPI_DELETE" in str(kept), kept
        user = glpi.add_item("User", {"name": "rest_client", "mobile": "+51999000222"})["id"]
        answer = glpi.delete_item("User", user, force_purge=True)
        assert answer[0][str(user)] is True, answer
        refused(GLPINotFoundError, lambda: glpi.get_item("User", user))
    assert not glpi.is_connected

    with GLPIClient(url, app_token, username="tech", password="tech") as glpi:
        followup = {"itemtype": "Ticket", "items_id": first, "content": "visto"}
        assert glpi.add_item("ITILFollowup", followup)["id"] > 0
    refused(GLPIAuthError, GLPIClient(url, app_token, user_token="wrong").init_session)
    refused(GLPIError, GLPIClient(url, "wrong", user_token=user_token).init_session)


if __name__ == "__main__":
    main(*sys.argv[1:4])
    print("ok")
