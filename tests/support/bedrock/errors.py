"""What the fake refuses with: AWS's error codes, each with the status that the service's own model gives it."""

from botocore.model import ServiceModel

UNMODELLED = {
    "MissingAuthenticationTokenException": 403,
    "IncompleteSignatureException": 403,
    "InvalidSignatureException": 403,
    "UnrecognizedClientException": 403,
    "ExpiredTokenException": 403,
    "UnknownOperationException": 404,
}
"""What AWS's front door answers before a service sees the request."""


class AwsError(Exception):
    """An answer that is an error; `extra` are its members beside the message."""

    def __init__(self, code: str, message: str, **extra: str | int) -> None:
        super().__init__(message)
        self.code, self.message, self.extra = code, message, extra

    def status(self, service: ServiceModel) -> int:
        """The HTTP status: that of the error's trait in the service's model."""
        if self.code in UNMODELLED:
            return UNMODELLED[self.code]
        return int(service.shape_for(self.code).metadata["error"]["httpStatusCode"])

    @property
    def body(self) -> dict[str, str | int]:
        """As it is written in the answer's body."""
        return {"message": self.message, **self.extra}


class Dropped(Exception):
    """The connection ends here, and nobody is told why."""


def invalid(message: str) -> AwsError:
    """A request that the service does not take."""
    return AwsError("ValidationException", message)
