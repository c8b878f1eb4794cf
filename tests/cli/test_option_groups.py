"""Groups of options: commands that share options get them from one declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from docextract.cli.options import OptionGroup, with_option_groups

Name = Annotated[str, typer.Option("--name", help="Whose.")]
Width = Annotated[int, typer.Option("--width", min=1)]
Height = Annotated[int, typer.Option("--height", min=1)]


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    size: Size


def size(*, width: Width = 3, height: Height) -> Size:
    if width < height:
        raise ValueError("too narrow")
    return Size(width, height)


def sheet(name: Name, size: Annotated[Size, OptionGroup(size)]) -> Sheet:
    return Sheet(name, size)


@pytest.fixture
def app():
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    @with_option_groups
    def show(sheet: Annotated[Sheet, OptionGroup(sheet)], is_loud: bool = False) -> None:
        """Show a sheet."""
        typer.echo(f"{sheet} {is_loud}")

    return app


def test_a_group_is_flat_on_the_command_line_and_one_object_in_the_command(app):
    done = CliRunner().invoke(app, ["--height", "2", "--name", "a", "--is-loud"])
    assert done.output == f"{Sheet('a', Size(3, 2))} True\n"
    names = [each.name for each in get_command(app).params]
    assert names[:4] == ["name", "width", "height", "is_loud"]


def test_options_of_a_group_keep_their_limits_and_whether_they_are_required(app):
    for arguments, code in ((["--name", "a"], 2), (["--name", "a", "--height", "0"], 2)):
        assert CliRunner().invoke(app, arguments).exit_code == code


def test_what_a_group_cannot_build_the_command_raises(app):
    done = CliRunner().invoke(app, ["--height", "9", "--name", "a"])
    assert str(done.exception) == "too narrow"


def test_two_groups_cannot_share_an_option():
    def both(
        one: Annotated[Size, OptionGroup(size)], other: Annotated[Size, OptionGroup(size)]
    ) -> None: ...

    with pytest.raises(ValueError, match="duplicate parameter"):
        with_option_groups(both)
