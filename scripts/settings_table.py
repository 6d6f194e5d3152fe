"""The settings table of README.md, made from the class that reads them.

`python scripts/settings_table.py` compares, `--write` brings README.md up to date. Exit 1: differs.
"""

from __future__ import annotations

import sys
import types
import typing
from typing import Any

from marked_section import write_or_check
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from service.settings import ENV_PREFIX, Settings

# Defaults that depend on the machine are said in words.
IN_WORDS = {"workers": "cores, at most 4"}


def main() -> int:
    """Compares or writes."""
    head = (
        "| environment | `yanbao.toml` | type | default | what and why |\n|---|---|---|---|---|\n"
    )
    rows = [row(name, field) for name, field in Settings.model_fields.items()]
    return write_or_check("README.md", "settings", head + "".join(rows))


def row(name: str, field: FieldInfo) -> str:
    """One setting as a line of the table."""
    environment = ", ".join(f"`{one}`" for one in environment_names(name, field))
    words = " ".join((field.description or "").split()).replace("|", "\\|")
    kind = type_in_words(field.annotation)
    return f"| {environment} | `{name}` | {kind} | {default_in_words(name, field)} | {words} |\n"


def environment_names(name: str, field: FieldInfo) -> list[str]:
    """The variables that set it, in order of precedence."""
    if isinstance(field.validation_alias, AliasChoices):
        return [str(one) for one in field.validation_alias.choices if str(one).isupper()]
    return [f"{ENV_PREFIX}{name.upper()}"]


def type_in_words(annotation: Any) -> str:
    """`Path`, `int`, `secret` …; "or none" is told by the default."""
    options = [annotation]
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        options = [one for one in typing.get_args(annotation) if one is not type(None)]
    names = {"SecretStr": "secret", "AnyHttpUrl": "URL", "Path": "path", "str": "text"}
    return " or ".join(names.get(one.__name__, one.__name__) for one in options)


def default_in_words(name: str, field: FieldInfo) -> str:
    """The default as a person would type it; a dash where there is none."""
    if name in IN_WORDS:
        return IN_WORDS[name]
    if field.default is None or field.default is PydanticUndefined:
        return "–"
    value = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"`{value}`"


if __name__ == "__main__":
    sys.exit(main())
