"""Texts as LIKE takes them. Pure."""


def escaped(text: str) -> str:
    """Text that LIKE takes literally."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def pattern(part: str) -> str:
    """What is matched by texts that contain this."""
    return f"%{escaped(part)}%"
