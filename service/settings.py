"""Settings: every choice of a running yanbao in one typed object.

Stands beside the picture: the command, the HTTP app and the Slack bot read it, nothing below does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    AliasChoices,
    AnyHttpUrl,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from corpus.errors import SettingsError

TOML_NAME = "yanbao.toml"
ENV_PREFIX = "YANBAO_"


def _named(*names: str) -> AliasChoices:
    """Environment names of a setting that another product has already given a name."""
    return AliasChoices(*names)


class Settings(BaseSettings):
    """Every setting with its type, unit, default and reason.

    Read from `YANBAO_…` in the environment, then from `yanbao.toml` in the working directory;
    the environment wins. Secrets never show in `repr`.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        toml_file=TOML_NAME,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        validate_default=False,
        env_ignore_empty=True,
    )

    index: Path = Field(
        default=Path(".yanbao/index"),
        description="Folder of the index. In the working directory, so that two projects never "
        "share one by accident.",
    )
    store: Path = Field(
        default=Path(".yanbao/store.sqlite3"),
        description="File of answers, conversations, feedback, jobs and keys; beside the index, "
        "because a new index must not forget them.",
    )
    incoming: Path | None = Field(
        default=None,
        description="Folder of reports that came over HTTP, kept so that the index can be made "
        "again from them. Default: `incoming` beside the index.",
    )
    keep_answers: int = Field(
        default=20_000,
        ge=0,
        le=100_000_000,
        description="Answers that are kept for looking up and resuming conversations; the oldest "
        "go first. 20,000 of about 8 KB are 160 MB; 0 keeps none.",
    )
    keep_days: float = Field(
        default=90.0,
        gt=0,
        le=36_500,
        description="Days after which a kept answer is forgotten; feedback stays.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on. Loopback, because research reports are not public.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="TCP port; 0 takes any free one.")
    public_url: AnyHttpUrl | None = Field(
        default=None,
        description="URL under which people reach this service; it stands in every citation. "
        "Default: http://HOST:PORT.",
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="Key for writing, and for reading from other machines "
        "(Authorization: Bearer KEY). None: neither is possible.",
    )
    open_reads: bool = Field(
        default=False,
        description="Let other machines read without a key. Off, because reports are licensed; "
        "a container sets it, since there the published port decides who may connect.",
    )
    max_body_bytes: int = Field(
        default=1_048_576,
        ge=1024,
        le=1_073_741_824,
        description="Largest request body in bytes. 1 MiB: twenty turns of 8,000 characters fit.",
    )
    max_upload_bytes: int = Field(
        default=268_435_456,
        ge=1024,
        le=17_179_869_184,
        description="Largest body of `POST /v1/reports` in bytes. 256 MiB: the largest file that "
        "is opened (200 MiB) fits, with others.",
    )
    header_timeout_s: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Seconds a connection may stay open without a complete request head; without "
        "it half-sent heads hold sockets for ever.",
    )
    body_timeout_s: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Seconds for the whole body of a request to arrive; slower ones get 408.",
    )
    ask_timeout_s: float = Field(
        default=15.0,
        gt=0,
        le=600,
        description="Seconds a request may wait and work before it gets 503; an answer takes "
        "milliseconds, so only overload ever reaches it.",
    )
    shutdown_timeout_s: int = Field(
        default=20,
        ge=0,
        le=600,
        description="Seconds that requests in flight may take to finish after SIGTERM; under the "
        "30 s that Kubernetes grants.",
    )
    workers: int = Field(
        default=min(4, os.cpu_count() or 1),
        ge=1,
        le=64,
        description="Threads that compute answers. Default: the cores, at most 4, since Python "
        "computes on one core at a time.",
    )
    queue: int = Field(
        default=64,
        ge=0,
        le=10_000,
        description="Requests that may wait for a thread; more get 503 with Retry-After. 64 of "
        "15 ms each wait about a second.",
    )
    reload_s: float = Field(
        default=1.0,
        gt=0,
        le=3600,
        description="Seconds between looks at CURRENT for a newly published snapshot.",
    )
    notice: str = Field(
        default="以上内容摘自所列研报（{sources}），不代表本服务的观点，不构成投资建议。",
        max_length=500,
        description="Line under each answer on the page and in what is copied or exported from it; "
        "{sources} becomes brokers and dates.",
    )
    embedder: Path | None = Field(
        default=None,
        description="Local model folder for dense vectors. None: LSA fitted on the corpus, which "
        "needs no download.",
    )
    vocabulary: Path | None = Field(
        default=None,
        description="User file of metrics, rating words, companies, units, names of periods and "
        "formulas beside the shipped ones.",
    )
    log_level: str = Field(
        default="warning",
        pattern="^(debug|info|warning|error)$",
        description="Lowest level that is logged to standard error.",
    )
    access_log: bool = Field(
        default=False,
        description="Log one JSON line per request (never the question). Off: it costs time and "
        "disk.",
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        validation_alias=_named("YANBAO_SLACK_SIGNING_SECRET", "SLACK_SIGNING_SECRET"),
        description="Slack's secret for signed events; None: /slack/events is not served.",
    )
    slack_bot_token: SecretStr | None = Field(
        default=None,
        validation_alias=_named("YANBAO_SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN"),
        description="Slack token (xoxb-…) with which the bot writes.",
    )
    slack_app_token: SecretStr | None = Field(
        default=None,
        validation_alias=_named("YANBAO_SLACK_APP_TOKEN", "SLACK_APP_TOKEN"),
        description="Slack token (xapp-…) for Socket Mode.",
    )
    slack_api_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://slack.com/api/"),
        description="Slack's Web API; GovSlack has another.",
    )
    slack_per_minute: int = Field(
        default=10,
        ge=1,
        le=1_000_000,
        description="Questions that one person may ask in Slack in a minute; nobody reads faster.",
    )
    slack_at_once: int = Field(
        default=8,
        ge=1,
        le=256,
        description="Slack questions that are worked on at the same time; most of one is waiting "
        "for Slack, the computing has `workers` threads.",
    )
    slack_channel: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Channel (its id) to which changed answers of saved questions are posted; "
        "None: they are only kept.",
    )
    openai_base_url: AnyHttpUrl | None = Field(
        default=None,
        validation_alias=_named("YANBAO_OPENAI_BASE_URL", "OPENAI_BASE_URL"),
        description="OpenAI-compatible server for the reader `llm`; None: answers are extractive.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("YANBAO_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Key for that server; a server on this machine often needs none.",
    )

    openai_model: str = Field(
        default="",
        validation_alias=_named("YANBAO_OPENAI_MODEL", "OPENAI_MODEL"),
        description="Name of the model there; empty: the first that the server lists.",
    )
    model: Path | None = Field(
        default=None,
        description="Folder of a local language model (transformers, safetensors) for the reader "
        "`llm`; it goes before a server. No code of the folder is run, nothing is downloaded.",
    )
    reader: Literal["extractive", "llm"] = Field(
        default="extractive",
        description="What the reader `auto` means for prose questions. Extractive, because it is "
        "exact, fast and needs no model; figures never come from a model.",
    )
    llm_first_s: float = Field(
        default=5.0,
        gt=0,
        le=600,
        description="Seconds until a language model's first words; later it is the extractive "
        "answer, with a note.",
    )
    llm_total_s: float = Field(
        default=12.0,
        gt=0,
        le=600,
        description="Seconds until its last words, retries included; under `ask_timeout_s`, which "
        "Slack's questions keep too.",
    )
    llm_parallel: int = Field(
        default=8,
        ge=1,
        le=256,
        description="Questions that may wait for a language model at once; more get the "
        "extractive answer with a note.",
    )

    @model_validator(mode="after")
    def _model_is_named(self) -> Settings:
        """Answers by a model that is nowhere would silently be extractive ones."""
        if self.reader == "llm" and self.openai_base_url is None and self.model is None:
            raise ValueError("YANBAO_READER=llm needs YANBAO_OPENAI_BASE_URL or YANBAO_MODEL")
        return self

    @field_validator("api_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        """A short key can be guessed over the network."""
        if value is not None and len(value.get_secret_value()) < 8:
            raise ValueError("a key needs at least 8 characters")
        return value

    @property
    def incoming_dir(self) -> Path:
        """Where uploaded reports are kept."""
        return self.incoming or self.index.parent / "incoming"

    @property
    def base_url(self) -> str:
        """The URL that citations begin with, without a slash at the end."""
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        return self.local_url

    @property
    def local_url(self) -> str:
        """Where a browser on this machine finds the service."""
        if self.host in {"0.0.0.0", "::"}:  # noqa: S104  # all addresses: loopback is one of them
            return f"http://127.0.0.1:{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then `yanbao.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**given: Any) -> Settings:
    """The settings of this process; `given` (command line arguments) win over all else.

    Raises:
        SettingsError: one or more settings are wrong; the message names every fault.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError(_faults(error)) from None
    except (OSError, ValueError) as error:  # tomllib's own error is a ValueError
        raise SettingsError(f"{TOML_NAME} cannot be read: {error}") from None


def _faults(error: ValidationError) -> str:
    """Every fault in one line, without the values: one of them may be a secret."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        name = ".".join(str(part) for part in fault["loc"])
        faults.append(f"{_shown(name)}: {fault['msg']}")
    return "settings: " + "; ".join(faults)


def _shown(name: str) -> str:
    """The name by which the person set it."""
    if name.isupper():
        return name
    if name in Settings.model_fields:
        return f"{ENV_PREFIX}{name.upper()} ({name})"
    return f"{name} (unknown, in {TOML_NAME}?)"
