"""Starts the time-finding heads, and the shared map of timestamps, from least-squares solutions."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from cli.demo.training.composition import Batch
from cli.demo.training.losses import TIME_HEADS
from cli.demo.training.network import Network
from cli.demo.training.tokens import TIMESTAMPS

FREQUENCIES = (10, 42)
"""The position codes' frequencies that the heads share between them."""
USED_STAMPS = slice(0, None, 5)
"""Training writes tenths of a second, every fifth timestamp."""


def aim_time_heads(network: Network, batches: Iterable[Batch]) -> None:
    """Query and key both become the position code (16 frequencies a head) of the place read and of the encoder frame,
    so that they match there.
    """
    layer = network.model.decoder.layers[0]
    attention = layer.encoder_attn
    with torch.no_grad():
        queries, places, frames, codes = _observe(network, layer, batches)
        width, half = queries.shape[1] // attention.heads, queries.shape[1] // 2
        ones = torch.ones(len(queries), 1)
        for head in range(attention.heads)[TIME_HEADS]:
            low, high = FREQUENCIES
            frequency = torch.arange(low + head % 2, high, 2)
            pick = torch.cat([frequency, half + frequency])
            query = torch.linalg.lstsq(torch.cat([queries, ones], 1), places[:, pick]).solution
            key = torch.linalg.lstsq(frames, codes[:, pick]).solution
            rows = slice(head * width, (head + 1) * width)
            attention.q_proj.weight[rows], attention.q_proj.bias[rows] = 2 * query[:-1].T, 2 * query[-1]
            attention.k_proj.weight[rows] = 2 * key.T
    print("time heads aimed with", len(queries), "places,", len(frames), "frames", flush=True)


def _observe(network: Network, layer: Any, batches: Iterable[Batch]) -> list[torch.Tensor]:
    """Decoder states that read a time, the codes of the places named; encoder frames and their codes."""
    table = network.model.encoder.embed_positions.weight
    rows: list[tuple[torch.Tensor, ...]] = []
    seen: list[torch.Tensor] = []
    hook = layer.encoder_attn_layer_norm.register_forward_hook(lambda module, inputs, output: seen.append(output))
    for batch in batches:
        tensors = Batch(*(torch.from_numpy(array) for array in batch))
        encoded = network.model.encoder(tensors.features, tensors.offsets)
        seen.clear()
        network.model.decoder(tensors.tokens, encoded)
        times, offsets = tensors.times, tensors.offsets
        copies = tensors.tokens.shape[0] // tensors.features.shape[0]
        middle = (times[:, 2] + times[:, 3]) // 2 + offsets[times[:, 0] // copies]
        positions = (offsets[:, None] + torch.arange(encoded.shape[1])).reshape(-1)
        states = seen[0][times[:, 0], times[:, 1]]
        rows.append((states, table[middle], encoded.reshape(-1, encoded.shape[-1]), table[positions]))
    hook.remove()
    return [torch.cat(column) for column in zip(*rows, strict=True)]


def split_timestamps(network: Network, checkpoint: Mapping[str, Any]) -> None:
    """Turns the separate timestamp vectors of an older checkpoint into the shared map and a remainder."""
    decoder = network.model.decoder
    if not decoder.mapped or checkpoint["cfg"].get("time_map"):
        return
    with torch.no_grad():
        weight = decoder.embed_tokens.weight[-TIMESTAMPS:]
        codes = decoder.time_codes[USED_STAMPS]
        decoder.time_map.copy_(torch.linalg.lstsq(codes, weight[USED_STAMPS]).solution)
        rest = torch.zeros_like(weight)
        rest[USED_STAMPS] = 0.5 * (weight[USED_STAMPS] - codes @ decoder.time_map)
        spread, left = weight[USED_STAMPS].std().item(), 2 * rest[USED_STAMPS].std().item()
        print("timestamps: spread", spread, "left over", left)
        weight.copy_(rest)
