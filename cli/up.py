"""`./spillway up`: everything on this machine, until it is stopped."""

from cli.console import STATUS, escape_markup
from cli.credentials import read
from cli.local.home import Home
from cli.local.installation import installed
from cli.local.settings import LocalSettings
from cli.local.signals import wait_for_signal
from shared.errors import Invalid
from shared.migrate import migrate as migrate_platform
from shared.platform import run_async
from shared.settings import PlatformSettings


def up() -> None:
    """Run Spillway until Ctrl-C: Postgres, NATS, S3 (unless they are elsewhere) and every service."""
    settings = LocalSettings()
    with installed(settings, STATUS, report=say) as installation:
        say(f"ready at [bold]{installation.address}[/]; data in {escape_markup(str(settings.data))}; Ctrl-C stops it")
        say_how_to_sign_in(settings)
        wait_for_signal()


def say_how_to_sign_in(settings: LocalSettings) -> None:
    """Who can sign in on the page, and where the password is; never the password."""
    path = Home(settings.data).credentials
    try:
        first = read(path)
    except Invalid as error:
        say(escape_markup(str(error)))
        return
    if "password" in first:
        say(f"sign in on the page as {escape_markup(str(first.get('name')))}; the password is in {escape_markup(str(path))}")


def migrate() -> None:
    """Bring tables, streams and bucket of an outside platform (SPILLWAY_DATABASE_URL, …) up to date."""
    run_async(migrate_platform(PlatformSettings()))


def say(step: str) -> None:
    """A word on what happens."""
    STATUS.print(f"[bold]spillway[/] {step}", soft_wrap=True)
