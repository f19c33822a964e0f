"""Turns a checkpoint into a faster-whisper model folder."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer
from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

from cli.demo.training.losses import GUIDED_HEADS
from cli.demo.training.network import Shape, make_network
from cli.demo.training.tokens import Tokens, load_tokenizer

FEATURES = {
    "feature_size": 80,
    "sampling_rate": 16000,
    "hop_length": 160,
    "chunk_length": 30,
    "n_fft": 400,
    "n_samples": 480000,
    "nb_max_frames": 3000,
    "padding_side": "right",
    "padding_value": 0.0,
    "feature_extractor_type": "WhisperFeatureExtractor",
    "return_attention_mask": False,
}
COPIED = ["tokenizer.json", "preprocessor_config.json"]


def export(work: Path, name: str, out: Path, *, mean: bool, quantization: str) -> None:
    """Writes the model of checkpoint `work / name` to the folder `out`; with `mean`, its running mean."""
    checkpoint = torch.load(work / name)
    shape = Shape(**checkpoint["cfg"])
    tokenizer_file = work / "tok" / "tokenizer.json"
    tokenizer = load_tokenizer(tokenizer_file)
    folder = work / "hf"
    shutil.rmtree(folder, ignore_errors=True)
    _whisper(shape, Tokens(tokenizer), checkpoint["ema" if mean else "model"]).save_pretrained(folder)
    _save_tokenizer(tokenizer, folder)
    shutil.copy(tokenizer_file, folder / "tokenizer.json")
    (folder / "preprocessor_config.json").write_text(json.dumps(FEATURES, indent=1), encoding="utf-8")
    # As ct2-transformers-converter would do it.
    TransformersConverter(str(folder), copy_files=COPIED).convert(str(out), quantization=quantization, force=True)
    print({path.name: path.stat().st_size for path in sorted(out.iterdir())})


def _whisper(shape: Shape, tokens: Tokens, weights: dict[str, Any]) -> Any:
    """The same network as a transformers model, without what only training needed."""
    special = _special(tokens)
    config = WhisperConfig(
        vocab_size=shape.vocab_size,
        num_mel_bins=80,
        d_model=shape.d_model,
        encoder_layers=shape.enc_layers,
        decoder_layers=shape.dec_layers,
        encoder_attention_heads=shape.enc_heads,
        decoder_attention_heads=shape.dec_heads,
        encoder_ffn_dim=shape.ffn,
        decoder_ffn_dim=shape.ffn,
        max_source_positions=1500,
        max_target_positions=448,
        **special,
    )
    model = WhisperForConditionalGeneration(config)
    model.load_state_dict(_plain_weights(shape, weights), strict=True)
    model.generation_config = GenerationConfig(max_length=448, **special)
    model.generation_config.alignment_heads = [[shape.dec_layers - 1, head] for head in GUIDED_HEADS]
    return model


def _special(tokens: Tokens) -> dict[str, Any]:
    return {
        "bos_token_id": tokens.start,
        "eos_token_id": tokens.end_of_text,
        "pad_token_id": tokens.end_of_text,
        "decoder_start_token_id": tokens.start,
        "suppress_tokens": [],
        "begin_suppress_tokens": [tokens.space, tokens.end_of_text],
    }


def _plain_weights(shape: Shape, weights: dict[str, Any]) -> dict[str, Any]:
    """Weights with the time map folded into the embeddings and the frame head dropped."""
    plain = {name: value for name, value in weights.items() if not name.startswith("frame_head")}
    if shape.time_map:
        full = make_network(shape)
        full.load_state_dict(weights)
        plain["model.decoder.embed_tokens.weight"] = full.model.decoder.table().detach()
        del plain["model.decoder.time_map"]
    plain["proj_out.weight"] = plain["model.decoder.embed_tokens.weight"]
    return plain


def _save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|startoftranscript|>",
        eos_token="<|endoftext|>",
        unk_token="<|endoftext|>",
    )
    fast.save_pretrained(folder)
