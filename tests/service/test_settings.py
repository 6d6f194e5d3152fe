"""Settings: where they come from, what is refused, what never shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from service.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_without_anything_set_the_defaults_stand():
    settings = load_settings()
    assert settings.index == Path(".yanbao/index")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.max_body_bytes == 1024 * 1024
    assert settings.embedder is None
    assert settings.api_key is None


def test_every_setting_has_a_type_and_a_reason():
    for name, field in Settings.model_fields.items():
        assert field.annotation is not None, name
        assert len(field.description or "") > 20, name
        assert not field.is_required(), name


def test_every_time_and_size_names_its_unit():
    for name, field in Settings.model_fields.items():
        if name.endswith("_s"):
            assert "econds" in (field.description or ""), name
        if name.endswith("_bytes"):
            assert "bytes" in (field.description or ""), name


def test_the_environment_wins_over_the_file_and_arguments_over_both(tmp_path, monkeypatch):
    (tmp_path / "yanbao.toml").write_text('port = 8001\nhost = "localhost"\nworkers = 3\n')
    monkeypatch.setenv("YANBAO_PORT", "8002")
    monkeypatch.setenv("YANBAO_WORKERS", "2")
    settings = load_settings(workers=1)
    assert (settings.host, settings.port, settings.workers) == ("localhost", 8002, 1)


def test_an_argument_that_was_not_given_leaves_the_rest_alone(monkeypatch):
    monkeypatch.setenv("YANBAO_PORT", "8002")
    assert load_settings(port=None).port == 8002


def test_slacks_and_openais_own_names_are_honoured(monkeypatch):
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s1")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    settings = load_settings()
    assert settings.slack_signing_secret
    assert settings.slack_bot_token
    assert settings.slack_app_token
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.openai_api_key
    assert settings.openai_api_key.get_secret_value() == "sk-1"
    assert str(settings.openai_base_url) == "http://127.0.0.1:9/v1"


def test_our_own_name_wins_over_theirs(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "theirs")
    monkeypatch.setenv("YANBAO_SLACK_BOT_TOKEN", "ours")
    token = load_settings().slack_bot_token
    assert token
    assert token.get_secret_value() == "ours"


def test_secrets_may_stand_in_the_file_under_their_field_names(tmp_path):
    (tmp_path / "yanbao.toml").write_text('slack_bot_token = "xoxb-1"\napi_key = "12345678"\n')
    settings = load_settings()
    assert settings.slack_bot_token
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("YANBAO_API_KEY", "")
    monkeypatch.setenv("YANBAO_PORT", "")
    assert load_settings().api_key is None
    assert load_settings().port == 8000


def test_all_faults_are_named_at_once_and_no_value_is_shown(monkeypatch, tmp_path):
    (tmp_path / "yanbao.toml").write_text("colour = 1\nqueue = -1\n")
    monkeypatch.setenv("YANBAO_PORT", "canary")
    monkeypatch.setenv("YANBAO_API_KEY", "cnry")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    for name in ("YANBAO_PORT", "YANBAO_QUEUE", "YANBAO_API_KEY", "colour"):
        assert name in message
    assert "canary" not in message
    assert "cnry" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YANBAO_PORT", "65536"),
        ("YANBAO_PORT", "-1"),
        ("YANBAO_WORKERS", "0"),
        ("YANBAO_BODY_TIMEOUT_S", "0"),
        ("YANBAO_BODY_TIMEOUT_S", "nan"),
        ("YANBAO_ASK_TIMEOUT_S", "inf"),
        ("YANBAO_MAX_BODY_BYTES", "10"),
        ("YANBAO_PUBLIC_URL", "no url"),
        ("YANBAO_PUBLIC_URL", "ftp://x"),
        ("YANBAO_LOG_LEVEL", "loud"),
        ("YANBAO_OPEN_READS", "perhaps"),
        ("OPENAI_BASE_URL", "127.0.0.1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_a_file_that_is_no_toml_is_one_clear_line(tmp_path):
    (tmp_path / "yanbao.toml").write_text("port = [")
    with pytest.raises(SettingsError, match=r"yanbao\.toml cannot be read"):
        load_settings()
    (tmp_path / "yanbao.toml").write_bytes(b"port = \xff")
    with pytest.raises(SettingsError, match=r"yanbao\.toml cannot be read"):
        load_settings()


def test_secrets_never_show(monkeypatch):
    canary = "canary-123"
    for name in ("YANBAO_API_KEY", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, canary)
    settings = load_settings()
    assert canary not in repr(settings) + str(settings) + settings.model_dump_json()


def test_the_public_url_ends_without_a_slash():
    assert (
        load_settings(public_url="https://a.example/yanbao/").base_url == "https://a.example/yanbao"
    )
    assert load_settings(host="0.0.0.0", port=1).base_url == "http://127.0.0.1:1"
    assert load_settings(host="::1", port=1).base_url == "http://[::1]:1"
