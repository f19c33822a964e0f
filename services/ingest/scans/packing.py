"""Many byte strings as one parameter: the driver writes arrays of bytes in Python, which takes longer than to use them."""

from collections.abc import Iterable

BYTES = "SELECT decode(value, 'hex') AS value FROM unnest(string_to_array(%(values)s, ',')) AS value"
"""The values of the parameter `values`, as rows."""


def packed(values: Iterable[bytes]) -> str:
    """The parameter."""
    return ",".join([value.hex() for value in values])
