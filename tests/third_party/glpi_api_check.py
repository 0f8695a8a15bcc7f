"""Runs the public client glpi-api (0.7.0) against a GLPI legacy API.

Usage: glpi_api_check.py URL APP_TOKEN USER_TOKEN. Ends with 0 and prints "ok" when every
step behaved as against a real server.
"""

import os
import sys
import tempfile

import glpi_api


def main(url, app_token, user_token):
    with glpi_api.connect(url, app_token, user_token) as glpi:
        profiles = glpi.get_my_profiles()
        assert profiles and profiles[0]["entities"], profiles
        glpi.set_active_profile(profiles[0]["id"])
        assert glpi.get_active_profile()["id"] == profiles[0]["id"]
        assert any(entity["id"] == 0 for entity in glpi.get_my_entities())
        assert glpi.set_active_entities(0, is_recursive=True) is not False
        assert glpi.get_active_entities()["id"] == 0
        assert glpi.get_full_session()["glpiname"]
        assert glpi.get_config()["cfg_glpi"]["version"]

        # Names are resolved through the uids of listSearchOptions.
        assert glpi.field_id("Ticket", "content") == "21"
        assert glpi.field_id("Ticket", "Entity.completename") == "80"
        assert glpi.field_uid("User", 11) == "mobile"

        created = glpi.add(
            "Ticket",
            {"name": "glpi-api one", "content": "<p>uno</p><!-- chasqui:py-1 -->"},
            {"name": "glpi-api two", "content": "dos"},
        )
        first, second = (row["id"] for row in created)
        assert glpi.get_item("Ticket", first)["name"] == "glpi-api one"
        assert glpi.get_item("Ticket", 999999) is None
        assert {row["id"] for row in glpi.get_all_items("Ticket", range="0-99")} >= {first, second}
        both = glpi.get_multiple_items(
            {"itemtype": "Ticket", "items_id": first}, {"itemtype": "Ticket", "items_id": second}
        )
        assert [row["id"] for row in both] == [first, second], both

        found = glpi.search(
            "Ticket",
            criteria=[{"field": "content", "searchtype": "contains", "value": "chasqui:py-1"}],
            forcedisplay=["id", "name", "Entity.completename"],
        )
        assert len(found) == 1 and found[0]["2"] == first, found
        nested = glpi.search(
            "Ticket",
            criteria=[
                {"field": "name", "searchtype": "contains", "value": "glpi-api"},
                {"link": "AND", "criteria": [
                    {"field": "status", "searchtype": "equals", "value": "notold"},
                ]},
            ],
            forcedisplay=["id"],
        )
        assert len(nested) == 2, nested

        updated = glpi.update("Ticket", {"id": first, "urgency": 5}, {"id": second, "urgency": 1})
        assert updated[0][str(first)] is True and updated[1][str(second)] is True, updated
        followup = glpi.add(
            "ITILFollowup", {"itemtype": "Ticket", "items_id": first, "content": "visto"}
        )
        assert followup[0]["id"] > 0
        below = glpi.get_sub_items("Ticket", first, "ITILFollowup")
        assert [row["content"] for row in below] == ["visto"], below

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "nota.txt")
            with open(path, "w", encoding="utf-8") as note:
                note.write("hola")
            uploaded = glpi.upload_document("Nota", path)
            os.remove(path)
            fetched = glpi.download_document(uploaded["id"], folder)
            with open(fetched, encoding="utf-8") as note:
                assert note.read() == "hola"
            refused = os.path.join(folder, "voz.opus")
            with open(refused, "w", encoding="utf-8") as voice:
                voice.write("x")
            try:
                glpi.upload_document("Voz", refused)
                raise AssertionError("a refused file type was taken for uploaded")
            except glpi_api.GLPIError as error:
                assert "Filetype not allowed" in str(error), error

        user = glpi.add("User", {"name": "py_client", "mobile": "+51999000111"})[0]["id"]
        assert glpi.delete("User", {"id": user})[0][str(user)] is True

    try:
        glpi_api.GLPI(url, app_token, "not a token")
        raise AssertionError("a wrong token opened a session")
    except glpi_api.GLPIError as error:
        assert "ERROR_GLPI_LOGIN_USER_TOKEN" in str(error), error


if __name__ == "__main__":
    main(*sys.argv[1:4])
    print("ok")
