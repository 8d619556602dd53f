"""The pages about validation: what they show is what the command does."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from lungkg.cli import cli
from lungkg.cli.check import validate
from lungkg.reporting import FORMATS
from lungkg.reporting.programs import plain
from lungkg.validation.sentences import _TEMPLATES
from tests.test_reporting import finding

ROOT = Path(__file__).parents[1]
HOWTO = (ROOT / "docs" / "howto" / "validate-in-ci.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference" / "validation.md").read_text("utf-8")
PLANTED = ROOT / "tests" / "fixtures" / "planted"


def blocks(language: str) -> list[str]:
    """The fenced blocks of the how-to in a language."""
    return re.findall(rf"```{language}\n(.*?)```", HOWTO, re.DOTALL)


COMMANDS = re.findall(r"lungkg validate[^\n#|>]*", "\n".join(blocks("sh") + blocks("yaml")))


@pytest.mark.parametrize("command", COMMANDS, ids=[str(n) for n in range(len(COMMANDS))])
def test_every_command_shown_is_one(command: str) -> None:
    """Its options exist and have values that they take."""
    words = shlex.split(command)[2:]

    assert validate.make_context("validate", words, resilient_parsing=False).params


def test_there_are_commands_to_check() -> None:
    """A pattern that finds nothing would pass."""
    assert len(COMMANDS) >= 10
    with pytest.raises(click.ClickException):
        validate.make_context("validate", ["--format", "sharif"])


@pytest.mark.parametrize("text", blocks("yaml"), ids=["pre-commit", "workflow"])
def test_configurations_are_yaml(text: str) -> None:
    """The hook and the workflow can be read."""
    assert isinstance(yaml.safe_load(text), dict)


def test_the_finding_shown_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word."""
    monkeypatch.chdir(tmp_path)
    shapes = (PLANTED / "shapes.ttl").read_text("utf-8").replace("ex:Loaf-grams , ", "")
    (tmp_path / "shapes.ttl").write_text(shapes)
    (tmp_path / "loaf.ttl").write_text(
        (PLANTED / "data.ttl").read_text("utf-8").replace("ex:weight 750", 'ex:weight "750"')
    )

    printed = CliRunner().invoke(cli, ["validate", "loaf.ttl", "--shapes", "shapes.ttl"]).output

    assert blocks("text") == [printed]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_described(name: str) -> None:
    """In the table of formats."""
    assert f"\n| `{name}` |" in REFERENCE


@pytest.mark.parametrize("key", plain(finding()))
def test_every_key_of_a_finding_is_described(key: str) -> None:
    """In the table of keys."""
    assert f"`{key}`" in REFERENCE


@pytest.mark.parametrize("option", [option.opts[0] for option in validate.params if option.opts[0].startswith("--")])
def test_every_option_is_described(option: str) -> None:
    """In the table of options, or among those that several commands share."""
    shared = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")

    assert f"`{option}" in REFERENCE + shared


@pytest.mark.parametrize("component", _TEMPLATES)
def test_every_constraint_is_in_the_table_of_mends(component: str) -> None:
    """With its mend, or with the reason why it has none."""
    assert f"`sh:{component}`" in REFERENCE or component.startswith(("qualified", "min", "max"))
