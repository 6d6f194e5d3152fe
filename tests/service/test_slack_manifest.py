"""The app manifest asks for what the bot uses, and for nothing else."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from service.slack import blocks
from service.slack.bot import COMMAND

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "examples" / "slack_manifest.json").read_text(encoding="utf-8"))

# Slack's own table: method or event → the bot scope that it needs (empty: none).
SCOPE_OF = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "views.open": "",
    "auth.test": "",
    "apps.connections.open": "",  # of the app-level token
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
}


def called_methods() -> set[str]:
    """Methods of Slack's Web API that the code of the bot names or calls."""
    found = set()
    for path in (ROOT / "service" / "slack").glob("*.py"):
        if path.stem == "asker":
            continue  # its client is yanbao's own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for given in node.args:
                    if isinstance(given, ast.Constant) and given.value in SCOPE_OF:
                        found.add(given.value)
                if isinstance(node.func, ast.Attribute):
                    dotted = node.func.attr.replace("_", ".")
                    found |= {dotted} & set(SCOPE_OF)
                    is_client = ast.unparse(node.func.value).endswith("client")
                    known = dotted in SCOPE_OF or node.func.attr in {"api_call"}
                    assert known or not is_client, f"{path.name}: {ast.unparse(node.func)}"
    return found


def test_the_scopes_are_those_of_the_methods_and_events_that_are_used() -> None:
    events = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    used = called_methods() | events
    assert {"chat.postMessage", "reactions.add", "views.open", "auth.test"} <= used
    needed = {SCOPE_OF[name] for name in used} - {""} | {"commands"}
    assert sorted(MANIFEST["oauth_config"]["scopes"]["bot"]) == sorted(needed)


def test_the_manifest_names_the_command_and_the_shortcut_that_the_bot_hears() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True  # mentions arrive as tokens, which are taken out
    (shortcut,) = MANIFEST["features"]["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", blocks.ASK_SHORTCUT)


def test_every_address_of_the_manifest_is_the_served_one() -> None:
    urls = [
        MANIFEST["features"]["slash_commands"][0]["url"],
        MANIFEST["settings"]["event_subscriptions"]["request_url"],
        MANIFEST["settings"]["interactivity"]["request_url"],
    ]
    assert urls == ["https://YOUR-HOST/slack/events"] * 3


def test_the_words_of_the_manifest_keep_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
    assert len(MANIFEST["features"]["shortcuts"][0]["name"]) <= 24
    assert len(MANIFEST["features"]["slash_commands"][0]["description"]) <= 2000


def test_the_documentation_lists_the_scopes() -> None:
    text = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    for scope in MANIFEST["oauth_config"]["scopes"]["bot"]:
        assert f"| `{scope}` |" in text
