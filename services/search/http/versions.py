"""What routes take that change a thing of which others may have changed something meanwhile."""

from typing import Annotated

from fastapi import Header
from pydantic import Field

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="The `version` that you have read, in double quotes; if it is another by now, nothing is changed (412).",
    ),
]
Version = Annotated[str, Field(description="Of what people have set; give it back as If-Match when you change it.")]
