"""Models on devices: what works, and what people are told if it does not."""

from pathlib import Path

import ctranslate2
import pytest
from structlog.testing import capture_logs

from cli.demo.command import MODEL
from services.transcribe.loading import Loader, Wanted, WrongCompute, unload
from services.transcribe.models import ModelMissing
from services.transcribe.settings import WhisperSettings

NO_CARD = pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a graphics card")
LOADER = Loader(WhisperSettings(), 1)


def wanted(*, device: str = "cpu", compute_type: str = "default", model: Path = MODEL) -> Wanted:
    return Wanted(str(model), device, compute_type)


def test_the_default_on_the_processor_is_int8() -> None:
    assert LOADER.load(wanted()).model.compute_type == "int8_float32"
    assert LOADER.load(wanted(compute_type="float32")).model.compute_type == "float32"


def test_what_is_unloaded_holds_no_weights() -> None:
    model = LOADER.load(wanted())
    unload(model)
    assert not model.model.model_is_loaded


@NO_CARD
@pytest.mark.parametrize("compute_type", ["int7", "float16"])
def test_an_impossible_compute_type_is_refused_with_those_that_are_possible(compute_type: str) -> None:
    with pytest.raises(
        WrongCompute, match=rf'cannot compute in "{compute_type}", but in .*float32, int8.*SPILLWAY_WHISPER_COMPUTE_TYPE'
    ):
        LOADER.load(wanted(compute_type=compute_type))


def test_a_damaged_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    (tmp_path / "model.bin").write_bytes((MODEL / "model.bin").read_bytes()[:1000])
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        LOADER.load(wanted(model=tmp_path))


@NO_CARD
def test_a_graphics_card_that_does_not_work_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    with capture_logs() as logs:
        assert LOADER.load(wanted(device="auto")).model.device == "cpu"
    assert "the graphics card cannot be used, the processor is" in [line["event"] for line in logs]


@NO_CARD
def test_a_graphics_card_that_is_asked_for_is_not_done_without() -> None:
    with pytest.raises((ModelMissing, WrongCompute), match="graphics card"):
        LOADER.load(wanted(device="cuda"))
