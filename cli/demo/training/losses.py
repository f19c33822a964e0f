"""What training minimises: the next token, and beside it where the audio of each word is."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F

from cli.demo.training.composition import Batch
from cli.demo.training.network import Network
from cli.demo.training.sequences import IGNORED

GUIDED_HEADS = (0, 1)
"""Heads of the last decoder layer that look at the word to be written; faster-whisper reads word times from them."""
TIME_HEADS = slice(2, 4)
"""Heads of the first decoder layer that find the place a timestamp names."""
SILENT_WEIGHT = 0.15
"""Of frames without a word in the frame loss: they are the most."""


class Losses(NamedTuple):
    """`total` is to be differentiated; the others are numbers for the log."""

    total: torch.Tensor
    words: float
    frames: float
    guide: float
    read: float
    accuracy: float


@dataclass(frozen=True)
class Weights:
    frames: float
    guide: float


def losses(network: Network, batch: Batch, weights: Weights) -> Losses:
    tensors = Batch(*(torch.from_numpy(array) for array in batch))
    with torch.set_grad_enabled(network.model.encoder.conv1.weight.requires_grad):
        encoded = network.model.encoder(tensors.features, tensors.offsets)
    hidden, attention = network.model.decoder(tensors.tokens, encoded)
    asked = tensors.labels != IGNORED
    logits = network.logits(hidden[asked])
    words = F.cross_entropy(logits, tensors.labels[asked])
    accuracy = (logits.argmax(-1) == tensors.labels[asked]).float().mean().item()
    total, frames = words, 0.0
    if weights.frames:
        frame_loss = _frame_loss(network, encoded, tensors.frame_words)
        total, frames = total + weights.frames * frame_loss, frame_loss.item()
    guided = slice(0, len(GUIDED_HEADS))
    values = []
    for marks, layer, heads in ((tensors.write, -1, guided), (tensors.read, 0, guided), (tensors.times, 0, TIME_HEADS)):
        if not weights.guide or not len(marks):
            values.append(0.0)
            continue
        guide_loss = _guide_loss(attention[layer][:, heads], marks)
        total = total + weights.guide * guide_loss
        values.append(guide_loss.item())
    return Losses(total, words.item(), frames, values[0], values[1] / 2 + values[2] / 2, accuracy)


def _frame_loss(network: Network, encoded: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
    """How badly the encoder's frames tell which word they hold."""
    scores = network.frame_head(encoded)
    weight = torch.where(words > 0, 1.0, SILENT_WEIGHT)
    return (F.cross_entropy(scores.transpose(1, 2), words, reduction="none") * weight).sum() / weight.sum()


def _guide_loss(attention: torch.Tensor, marks: torch.Tensor) -> torch.Tensor:
    """How little attention falls on the marked frames."""
    rows = attention[marks[:, 0], :, marks[:, 1]]
    frame = torch.arange(rows.shape[-1])[None]
    inside = (frame >= marks[:, 2:3]) & (frame < marks[:, 3:4])
    return -((rows * inside[:, None]).sum(-1) + 1e-5).log().mean()
