"""AWS's rest-json, seen from the server: requests are read, and answers written, as botocore's models of the services say."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from tests.support.bedrock.constraints import check
from tests.support.bedrock.errors import AwsError, invalid

MOST_BYTES = 25_000_000
"""Of a request's body: the length that the model of bedrock-runtime allows to one."""
SERVICES = ("bedrock-runtime", "bedrock")


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over the wire; names of headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpAnswer:
    """An answer as it goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Asked:
    """A request that is understood: what is asked, of which service, with which parameters."""

    operation: OperationModel
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """Of the operation."""
        return str(self.operation.name)


@dataclass(frozen=True)
class Answered:
    """What an operation answers: members of its output, headers beside them."""

    members: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@cache
def service(name: str) -> ServiceModel:
    """A service as botocore knows it."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def operation_for(request: HttpRequest) -> tuple[OperationModel, dict[str, str]]:
    """The operation of a request's method and path, with the labels in its path; raises UnknownOperationException."""
    path = urlsplit(request.target).path
    for method, pattern, operation in _routes():
        if method == request.method and (found := pattern.fullmatch(path)):
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    raise AwsError("UnknownOperationException", f"There is no operation at {request.method} {path}.")


def read(request: HttpRequest, operation: OperationModel, labels: Mapping[str, str]) -> Asked:
    """A request's parameters, checked against the model; raises ValidationException."""
    if len(request.body) > MOST_BYTES:
        limit = f"Member must have length less than or equal to {MOST_BYTES}"
        raise invalid(f"1 validation error detected: Value at 'body' failed to satisfy constraint: {limit}")
    shape = operation.input_shape
    assert isinstance(shape, StructureShape)
    parameters = {**_beside(shape, request, labels), **_within(shape, request)}
    check(parameters, shape)
    return Asked(operation, parameters)


def written(operation: OperationModel, answered: Answered) -> HttpAnswer:
    """An answer on the wire; raises if it is not what the model says that the operation answers."""
    shape = operation.output_shape
    headers = {"content-type": "application/json", **answered.headers}
    if not isinstance(shape, StructureShape):
        return HttpAnswer(_status(operation), headers, b"{}")
    check(answered.members, shape, enums=False)  # AWS is ahead of its own enums: modality VIDEO is in none
    payload = shape.serialization.get("payload")
    rest: dict[str, Any] = {}
    for name, value in answered.members.items():
        member = shape.members[name].serialization
        if member.get("location") == "header":
            headers[member["name"].lower()] = str(value)
        elif name != payload:
            rest[name] = value
    body = answered.members[payload] if payload else json.dumps(_outward(rest)).encode()
    return HttpAnswer(_status(operation), headers, body)


def refused(operation: OperationModel | None, error: AwsError) -> HttpAnswer:
    """An error on the wire."""
    model = operation.service_model if operation else service(SERVICES[0])
    headers = {"content-type": "application/json", "x-amzn-errortype": error.code}
    return HttpAnswer(error.status(model), headers, json.dumps(error.body).encode())


@cache
def _routes() -> tuple[tuple[str, re.Pattern[str], OperationModel], ...]:
    operations = [service(name).operation_model(operation) for name in SERVICES for operation in service(name).operation_names]
    return tuple((one.http["method"], _pattern(one.http["requestUri"]), one) for one in operations)


def _pattern(uri: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(uri.partition("?")[0])))


def _status(operation: OperationModel) -> int:
    return int(operation.http.get("responseCode", 200))


def _beside(shape: StructureShape, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
    """The parameters in path, query and headers."""
    query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    sources: dict[str, Mapping[str, str]] = {"uri": labels, "querystring": query, "header": request.headers}
    found = {}
    for name, member in shape.members.items():
        place = member.serialization
        source = sources.get(place.get("location", ""), {})
        key = place.get("name", name)
        key = key.lower() if place.get("location") == "header" else key
        if key in source:
            found[name] = _plain(source[key], member)
    return found


def _within(shape: StructureShape, request: HttpRequest) -> dict[str, Any]:
    """The parameters in the body."""
    if payload := shape.serialization.get("payload"):
        return {payload: request.body}
    if not request.body:
        return {}
    try:
        values = json.loads(request.body)
    except ValueError as error:
        raise invalid("The request body is not valid JSON.") from error
    return parsed(values, shape)


def parsed(values: Any, shape: StructureShape) -> dict[str, Any]:
    """JSON as the parameters that it stands for; raises ValidationException if it has members that the shape has not."""
    found = _inward(values, shape, ())
    if not isinstance(found, dict):
        raise invalid("Malformed input request: #: expected type: JSONObject")
    return found


def _plain(text: str, shape: Shape) -> Any:
    kinds: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "long": int,
        "boolean": lambda value: value == "true",
        "timestamp": parse_timestamp,
    }
    try:
        return kinds.get(shape.type_name, str)(text)
    except ValueError as error:
        raise invalid(f"'{text}' is no {shape.type_name}.") from error


def _inward(value: Any, shape: Shape, path: tuple[str, ...]) -> Any:
    """A JSON value as the parameter that it stands for."""
    if isinstance(shape, StructureShape) and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        if extra := sorted(set(value) - set(members)):
            raise invalid(f"Malformed input request: #{'/'.join(('', *path))}: extraneous key [{extra[0]}] is not permitted")
        inner = {key: one for key, one in value.items() if one is not None}
        return {members[key][0]: _inward(one, members[key][1], (*path, key)) for key, one in inner.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_inward(one, shape.member, (*path, str(number))) for number, one in enumerate(value)]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _inward(one, shape.value, (*path, key)) for key, one in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return _unpacked(value, path)
    return parse_timestamp(value) if shape.type_name == "timestamp" else value


def _unpacked(text: str, path: tuple[str, ...]) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise invalid(f"Malformed input request: #{'/'.join(('', *path))}: the value is not base64") from error


def _outward(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _outward(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_outward(one) for one in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
