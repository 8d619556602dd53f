"""Every limit is declared once: the command, the environment and the reference page say the same."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from lungkg.cli import cli
from lungkg.cli.serve import limit_options, serve
from lungkg.limits import ONE_QUERY, Limits, option, variable

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "limits.md").read_text("utf-8")
TABLE = {name: (default, about) for name, default, about in Limits.table()}
NUMBERS = [name for name, (default, _) in TABLE.items() if not isinstance(default, str)]
# Defaults that depend on the machine: what the page says instead of a number.
OF_THE_MACHINE = {"quick_workers": "one for each core, at least 2", "spill": "the system's"}

each_limit = pytest.mark.parametrize("name", TABLE)


@click.command()
@limit_options
def probe(**given: Any) -> None:
    """Print the limits that `serve` would have; starts nothing."""
    click.echo(repr(Limits(**given)))


def probed(arguments: list[str], environment: Mapping[str, str]) -> Result:
    """Run the probe in an environment that sets no other limit."""
    cleared: dict[str, str | None] = dict.fromkeys(map(variable, TABLE))
    return CliRunner().invoke(probe, arguments, env={**cleared, **environment})


def rows() -> list[list[str]]:
    """The rows of the first table of the reference page, as lists of cells."""
    lines = re.findall(r"^\|(.*)\|$", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines][2:]


# What a limit is ---------------------------------------------------------------------------------


@each_limit
def test_a_limit_says_what_it_is(name: str) -> None:
    """It has a sentence of help, a unit, and a least value that its default does not fall below."""
    default, about = TABLE[name]

    assert set(about) == {"help", "unit", "least"}
    assert about["help"].endswith(".")
    assert about["unit"]
    assert isinstance(default, str) or default >= about["least"]


def test_the_table_has_every_field_in_order() -> None:
    """No limit is left out of the table."""
    assert list(TABLE) == [entry.name for entry in fields(Limits)]


@pytest.mark.parametrize(
    ("query", "data", "shapes", "longest"),
    [pytest.param(1000, 10, 10, 1000, id="a-query"), pytest.param(10, 700, 300, 1000, id="data-with-shapes")],
)
def test_a_request_is_kept_as_long_as_what_it_may_hold(query: int, data: int, shapes: int, longest: int) -> None:
    """Percent-encoded, whichever is the longest."""
    assert 4 * longest + 2**16 == Limits(query_size=query, data_size=data, shapes_size=shapes).body_size


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("timeout", ("--timeout", "LUNGKG_TIMEOUT"), id="one-word"),
        pytest.param("quick_workers", ("--quick-workers", "LUNGKG_QUICK_WORKERS"), id="two-words"),
    ],
)
def test_option_and_variable_are_made_from_the_name(name: str, expected: tuple[str, str]) -> None:
    """Underscores become hyphens in the option, and stay in the variable."""
    assert (option(name), variable(name)) == expected


def test_a_command_that_asks_once_has_one_worker_a_lane() -> None:
    """All other limits are the defaults."""
    assert Limits(quick_workers=1, slow_workers=1) == ONE_QUERY


# The reference page ------------------------------------------------------------------------------


def test_the_reference_lists_every_limit_once_and_nothing_else() -> None:
    """The rows of the page are the limits, in order."""
    assert [row[0] for row in rows()] == [f"`{name}`" for name in TABLE]


@each_limit
def test_the_reference_tells_option_variable_default_and_unit(name: str) -> None:
    """A row that is not what the code says is stale."""
    default, about = TABLE[name]
    shown = OF_THE_MACHINE.get(name, f"{default:,}" if isinstance(default, int) else f"{default}")

    row = next(row for row in rows() if row[0] == f"`{name}`")

    assert row[1:5] == [f"`{option(name)}`", f"`{variable(name)}`", shown, about["unit"]]


@each_limit
def test_the_reference_says_what_happens_when_a_limit_is_reached(name: str) -> None:
    """No row ends with an empty cell."""
    row = next(row for row in rows() if row[0] == f"`{name}`")

    assert (len(row), len(row[5]) > 10) == (6, True)


def test_the_defaults_that_depend_on_the_machine_are_as_the_reference_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers follow the number of cores, the folder follows the system's."""
    seen = []
    for cores in (None, 1, 2, 7):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        seen.append(Limits().quick_workers)

    assert seen == [2, 2, 2, 7]
    assert Limits().spill == tempfile.gettempdir()


# The command -------------------------------------------------------------------------------------


def test_the_command_names_every_option() -> None:
    """`lungkg serve --help` has them all."""
    shown = CliRunner().invoke(cli, ["serve", "--help"], terminal_width=200)

    assert shown.exit_code == 0
    named = set(re.findall(r"^  (--[a-z-]+)", shown.output, re.MULTILINE))
    assert [name for name in TABLE if option(name) not in named] == []


@each_limit
def test_the_command_tells_what_a_limit_is_for(name: str) -> None:
    """The help of an option is the help of its limit."""
    shown = CliRunner().invoke(cli, ["serve", "--help"], terminal_width=200)

    assert " ".join(TABLE[name][1]["help"].split()) in " ".join(shown.output.split())


def test_without_options_the_limits_are_the_defaults() -> None:
    """The command adds no defaults of its own."""
    assert probed([], {}).output == f"{Limits()!r}\n"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_limit_is_set_by_its_variable_and_by_its_option(name: str) -> None:
    """The environment sets a limit, and the option wins over the environment."""
    kind = type(TABLE[name][0])

    by_variable = probed([], {variable(name): "3"})
    by_option = probed([option(name), "5"], {variable(name): "3"})

    assert by_variable.output == f"{Limits(**{name: kind(3)})!r}\n"
    assert by_option.output == f"{Limits(**{name: kind(5)})!r}\n"


def test_the_folder_is_set_by_its_variable(tmp_path: Path) -> None:
    """A text is taken as it is."""
    assert probed([], {"LUNGKG_SPILL": str(tmp_path)}).output == f"{Limits(spill=str(tmp_path))!r}\n"


@pytest.mark.parametrize("name", NUMBERS)
def test_the_least_value_is_still_allowed(name: str) -> None:
    """A limit may be as low as its least value."""
    default, about = TABLE[name]

    taken = probed([], {variable(name): f"{about['least']:g}"})

    assert taken.output == f"{Limits(**{name: type(default)(about['least'])})!r}\n"


@pytest.mark.parametrize("value", ["-1", "many", "1e", "0x10"], ids=["below-least", "word", "broken", "hexadecimal"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_variable_that_is_no_limit_ends_the_command(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value out of range or no number ends the command with exit code 2 before it does anything."""
    started: list[object] = []
    monkeypatch.setattr(serve, "callback", lambda **given: started.append(given))

    ended = CliRunner().invoke(cli, ["serve"], env={variable(name): value})

    assert (ended.exit_code, started) == (2, [])
    assert f"Invalid value for '{option(name)}'" in ended.output


@pytest.mark.parametrize("name", NUMBERS)
def test_a_variable_that_is_no_limit_is_told_by_name(name: str) -> None:
    """Who set a variable wrongly reads the name of the variable."""
    assert variable(name) in probed([], {variable(name): "-1"}).output


@pytest.mark.parametrize("name", [name for name in NUMBERS if isinstance(TABLE[name][0], float)])
def test_not_a_number_is_no_limit(name: str) -> None:
    """`nan` is refused, since nothing is ever above it or below it."""
    assert probed([], {variable(name): "nan"}).exit_code == 2
