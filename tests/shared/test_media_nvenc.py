"""NVENC is really tried; on a machine without a graphics card it fails cleanly."""

import pytest

from shared.media_encoders import Choice, Encoder, Wish
from shared.media_nvenc import MachineEncoder, chosen, nvenc_fault


async def test_a_probe_encode_tells_whether_nvenc_works() -> None:
    fault = await nvenc_fault()
    choice = await chosen(Wish.AUTO)
    assert choice == Choice(Encoder.X264 if fault else Encoder.NVENC, fault)
    assert fault is None or (fault and "\n" not in fault)


async def test_nothing_is_tried_where_x264_is_wished_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.media_nvenc.run", None)
    assert await chosen(Wish.X264) == Choice(Encoder.X264)


async def test_the_machine_is_asked_once_when_a_service_starts() -> None:
    encoder = MachineEncoder(Wish.NVENC)
    async with encoder:
        assert encoder.choice() == Choice(Encoder.NVENC, await nvenc_fault(), forced=True)
