"""What can keep the local stack from running; the text of each says what is wrong and what to do."""


class LocalStackError(Exception):
    """Root of the errors of the local stack."""


class AlreadyRunning(LocalStackError):
    """Another process holds the data folder."""


class PortTaken(LocalStackError):
    """A port that the user chose is in use."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(f"Port {port}, set by {setting}, is in use; stop what uses it, or choose another port.")
        self.port = port
        self.setting = setting


class CannotRunAsRoot(LocalStackError):
    """Postgres refuses root, and no other identity is to be had."""


class MissingProgram(LocalStackError):
    """A server's program is not installed."""


class NotReady(LocalStackError):
    """A server or service does not answer yet."""


class ServerFailed(LocalStackError):
    """A server ended, refused its data, or never became ready."""
