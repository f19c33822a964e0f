"""Whisper in plain PyTorch, with the parameter names of the classes in transformers."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from cli.demo.training.tokens import TIMESTAMPS
from cli.demo.training.vocabulary import WORDS

Offsets = tuple[tuple[int, ...], ...]

# torch is not installed where the project is type-checked, so its classes are unknown there: hence the ignores.


@dataclass(frozen=True)
class Shape:
    """Sizes of the network, and what is needed only to train it."""

    vocab_size: int
    read_guide: bool = False
    """The first decoder layer's attention is guided too, so its weights are needed."""
    time_map: bool = False
    """Timestamps share one learnt map of the position codes."""
    d_model: int = 128
    enc_layers: int = 3
    dec_layers: int = 2
    enc_heads: int = 4
    dec_heads: int = 4
    ffn: int = 512
    offsets: Offsets = ((-6, -2, 2, 6), (-12, -4, 4, 12), (-24, -8, 8, 24))
    """Frames away that each encoder head looks at first, by layer."""


def sinusoids(length: int, channels: int) -> torch.Tensor:
    """Whisper's position codes: length x channels."""
    step = math.log(10000) / (channels // 2 - 1)
    rates = torch.exp(-step * torch.arange(channels // 2))
    angles = torch.arange(length).view(-1, 1) * rates.view(1, -1)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(
        self, x: torch.Tensor, source: torch.Tensor | None = None, *, causal: bool = False, weights: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the queries `x` find in `source` (or in `x`), and on request the weights: rows x heads x places."""
        if source is not None and source.shape[0] != x.shape[0]:
            return self._several_to_a_source(x, source, weights=weights)
        source = x if source is None else source
        query, key = self._split(self.q_proj(x)), self._split(self.k_proj(source))
        value = self._split(self.v_proj(source))
        found = None
        if weights:
            found = torch.softmax(query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]), -1)
            out = found @ value
        else:
            out = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out_proj(out.transpose(1, 2).reshape(x.shape)), found

    def _several_to_a_source(
        self, x: torch.Tensor, source: torch.Tensor, *, weights: bool
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Several sequences read each source: they are put end to end, so that keys are made once."""
        out, found = self.forward(x.reshape(source.shape[0], -1, self.width), source, weights=weights)
        if found is not None:
            found = found.view(source.shape[0], self.heads, -1, x.shape[1], found.shape[-1])
            found = found.transpose(1, 2).flatten(0, 1)
        return out.reshape(x.shape), found


class Layer(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, width: int, heads: int, ffn: int, *, cross: bool) -> None:
        super().__init__()
        self.self_attn, self.self_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        if cross:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, ffn), nn.Linear(ffn, width)
        self.final_layer_norm = nn.LayerNorm(width)
        self.cross = cross

    def forward(
        self, x: torch.Tensor, encoded: torch.Tensor | None = None, *, weights: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        x = x + self.self_attn(self.self_attn_layer_norm(x), causal=self.cross)[0]
        found = None
        if self.cross:
            read, found = self.encoder_attn(self.encoder_attn_layer_norm(x), encoded, weights=weights)
            x = x + read
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x)))), found


class Encoder(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.d_model
        self.conv1 = nn.Conv1d(80, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(1500, width)
        self.embed_positions.weight = nn.Parameter(sinusoids(1500, width), requires_grad=False)
        self.layers = nn.ModuleList(Layer(width, shape.enc_heads, shape.ffn, cross=False) for _ in range(shape.enc_layers))
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, features: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        """Takes windows x 80 x frames and the position of each window's first frame; gives windows x frames/2 x width."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(features)))).transpose(1, 2)
        x = x + self.embed_positions.weight[offsets[:, None] + torch.arange(x.shape[1])[None]]
        for layer in self.layers:
            x = layer(x)[0]
        return self.layer_norm(x)


class Decoder(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.d_model
        self.mapped, self.read_guide = shape.time_map, shape.read_guide
        self.embed_tokens = nn.Embedding(shape.vocab_size, width)
        self.embed_positions = nn.Embedding(448, width)
        self.layers = nn.ModuleList(Layer(width, shape.dec_heads, shape.ffn, cross=True) for _ in range(shape.dec_layers))
        self.layer_norm = nn.LayerNorm(width)
        nn.init.normal_(self.embed_tokens.weight, std=0.05)
        nn.init.normal_(self.embed_positions.weight, std=0.02)
        with torch.no_grad():  # a step of one timestamp is a step of one encoder frame
            self.embed_tokens.weight[-TIMESTAMPS:] += 0.06 * sinusoids(TIMESTAMPS, width)
        if shape.time_map:
            self.time_map = nn.Parameter(torch.zeros(width, width))
            self.register_buffer("time_codes", sinusoids(TIMESTAMPS, width), persistent=False)

    def table(self) -> torch.Tensor:
        """Token embeddings.

        With a time map, timestamps share one learnt map of the encoder's position codes, so that 1501 of them are
        learnt together; it is added to the plain embeddings when the model is exported.
        """
        weight = self.embed_tokens.weight
        if not self.mapped:
            return weight
        return torch.cat([weight[:-TIMESTAMPS], weight[-TIMESTAMPS:] + self.time_codes @ self.time_map])

    def forward(self, tokens: torch.Tensor, encoded: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor | None]]:
        """Hidden states of every position, and each layer's attention to the audio where it is guided."""
        x = F.embedding(tokens, self.table()) + self.embed_positions.weight[: tokens.shape[1]]
        found = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, encoded, weights=number == len(self.layers) - 1 or self.read_guide)
            found.append(weights)
        return self.layer_norm(x), found


class _Halves(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.encoder, self.decoder = Encoder(shape), Decoder(shape)


class Network(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = _Halves(shape)
        # Says which word each frame holds; used in training only and left out of the export.
        self.frame_head = nn.Linear(shape.d_model, len(WORDS) + 1)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden @ self.model.decoder.table().T


def make_network(shape: Shape) -> Network:
    """A fresh network whose encoder heads start by looking a fixed number of frames away."""
    network = Network(shape)
    with torch.no_grad():
        network.model.encoder.conv1.weight *= 2.5  # sound as loud as the position codes
        network.model.encoder.conv2.weight *= 4.0
        for number, layer in enumerate(network.model.encoder.layers):
            for head in range(shape.enc_heads):
                offset = shape.offsets[number % len(shape.offsets)][head]
                _look_away(layer.self_attn.q_proj, head, shape, frames=offset)
                _look_away(layer.self_attn.k_proj, head, shape, frames=0)
    return network


def _look_away(linear: nn.Linear, head: int, shape: Shape, *, frames: int) -> None:
    """Makes a head's projection rotate the position codes by some frames.

    Rotating sinusoidal codes is linear, so training begins as a dilated convolution instead of having to discover
    that neighbours matter; it stays ordinary attention that can be trained to anything.
    """
    half, width = shape.d_model // 2, shape.d_model // shape.enc_heads
    linear.weight[head * width : (head + 1) * width] *= 0.3
    for pair in range(width // 2):
        code = pair * (half // 2) // (width // 2)
        turn = math.exp(-math.log(10000) / (half - 1) * code) * frames
        row = head * width + 2 * pair
        linear.weight[row, code] += 1.5 * math.cos(turn)
        linear.weight[row, half + code] += 1.5 * math.sin(turn)
        linear.weight[row + 1, half + code] += 1.5 * math.cos(turn)
        linear.weight[row + 1, code] -= 1.5 * math.sin(turn)
