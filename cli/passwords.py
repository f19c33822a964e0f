"""How a password comes in: hidden at the terminal or from stdin, and never in the command line, which others can read."""

import sys

import typer

from shared.errors import Invalid


def password_of(name: str, *, from_stdin: bool) -> str | None:
    """A password for somebody; None if one is to be made, or nobody can be asked. Raises Invalid if stdin has none."""
    if from_stdin:
        return line_of_stdin()
    if not sys.stdin.isatty():
        return None
    asked = hidden(f"A password for {name} (Enter for one that is made)")
    require_same(asked)
    return asked or None


def own_password(name: str, *, from_stdin: bool) -> str:
    """The password that somebody has; raises Invalid if there is none, or nobody can be asked."""
    if from_stdin:
        return line_of_stdin()
    require_terminal()
    return hidden(f"The password of {name}")


def new_password(*, from_stdin: bool) -> str:
    """The password that somebody wants in place of his own; raises Invalid as above."""
    if from_stdin:
        return line_of_stdin()
    require_terminal()
    asked = hidden("The new password")
    require_same(asked)
    return asked


def line_of_stdin() -> str:
    """A line of stdin; raises Invalid if there is none."""
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Invalid("There is no password on stdin; write it as a line.")
    return line


def hidden(prompt: str) -> str:
    """What is typed unseen."""
    typed: str = typer.prompt(prompt, default="", hide_input=True, show_default=False, err=True)
    return typed


def require_same(asked: str) -> None:
    """Raise Invalid unless the same is typed once more."""
    if asked and hidden("The same once more") != asked:
        raise Invalid("The two are not the same; nothing was changed.")


def require_terminal() -> None:
    """Raise Invalid if nobody can be asked."""
    if not sys.stdin.isatty():
        raise Invalid("There is no terminal to ask for the password at; write it to stdin, and say --password-stdin.")
