"""The pages name no `srp` verb, option or make target that there is not, and every setting there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from dagster_srp.cli import app
from dagster_srp.settings import Settings

from .pages import ROOT, blocks, pages, shown

COMMAND = typer.main.get_command(app)
assert isinstance(COMMAND, TyperGroup)
VERBS = COMMAND.commands
OPTIONS = {option for verb in VERBS.values() for parameter in verb.params for option in parameter.opts}
_CODE = re.compile(r"`([^`\n]+)`")
_SHELL = {"", "sh", "bash", "console"}


def commands(page: Path) -> list[str]:
    """What the page gives as a command: in its shell blocks, and in `code` of a sentence."""
    lines = [line for block in blocks(page) if block.language in _SHELL for line in block.text.splitlines()]
    lines = [line.strip().removeprefix("$ ").split("#", 1)[0] for line in lines]
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [*lines, *_CODE.findall(text)]


def srp_words(page: Path) -> list[list[str]]:
    """The words after `srp` of each command that begins with it, with variables set before it or not."""
    found = [re.match(r"(?:\w+=\S* )*srp (.+)", command) for command in commands(page)]
    return [match[1].split() for match in found if match]


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_verb_that_a_page_names_exists(page: Path) -> None:
    named = {words[0] for words in srp_words(page) if re.fullmatch(r"[a-z]+", words[0])}
    assert named <= VERBS.keys(), f"{shown(page)} names {sorted(named - VERBS.keys())}"


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_option_that_a_page_names_exists(page: Path) -> None:
    named = {word.rstrip("]") for words in srp_words(page) for word in words if word.startswith("--")}
    assert named <= OPTIONS | {"--help"}, f"{shown(page)} names {sorted(named - OPTIONS)}"


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    found = (re.match(r"(?:\w+=\S* )*make ([a-z-]+)$", command.strip()) for command in commands(page))
    named = {match[1] for match in found if match}
    assert named <= targets, f"{shown(page)} names {sorted(named - targets)}"


def test_the_engineers_page_lists_every_setting_and_no_other() -> None:
    text = (ROOT / "docs" / "engineer.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `SRP_([A-Z_]+)`", text, re.MULTILINE))
    assert listed == {name.upper() for name in Settings.model_fields}
