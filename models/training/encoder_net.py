"""The encoder: a small transformer over pieces of text, made so that it runs fast through plain matrix products."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from encoder_windows import LENGTH, PADDING, SEPARATOR, VOCABULARY
from torch import Tensor, nn

WIDTH, LAYERS, ATTENTION_HEADS = 192, 3, 4
# Weight of the table of pieces against that of places.
PIECE_SCALE = 4.0


def attention_bias(length: int) -> Tensor:
    """Fixed additive bias of each attention head: towards the piece before, the one after, those near, and none.

    With them a head need not learn from little text what its neighbours are (measured: ../README.md).
    """
    distance = (torch.arange(length)[None] - torch.arange(length)[:, None]).float()
    return torch.stack([-(distance + 1).abs(), -(distance - 1).abs(), -0.15 * distance.abs(), torch.zeros_like(distance)])


class Block(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.attention_in = nn.Linear(WIDTH, 3 * WIDTH)
        self.attention_out = nn.Linear(WIDTH, WIDTH)
        self.expansion_norm = nn.LayerNorm(WIDTH)
        self.expansion_in = nn.Linear(WIDTH, 4 * WIDTH)
        self.expansion_out = nn.Linear(4 * WIDTH, WIDTH)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.attention_in, self.expansion_in):
            nn.init.normal_(layer.weight, std=0.04)
        for layer in (self.attention_out, self.expansion_out):
            nn.init.normal_(layer.weight, std=0.04 / math.sqrt(2 * LAYERS))
        for layer in (self.attention_in, self.expansion_in, self.attention_out, self.expansion_out):
            nn.init.zeros_(layer.bias)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        batch, length, _ = states.shape
        parts = self.attention_in(self.attention_norm(states)).view(batch, length, 3, ATTENTION_HEADS, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(2, 3) * (WIDTH // ATTENTION_HEADS) ** -0.5 + bias.to(query.dtype)
        mixed = (torch.softmax(scores, -1).to(value.dtype) @ value).transpose(1, 2).reshape(batch, length, WIDTH)
        states = states + self.dropout(self.attention_out(mixed))
        # ReLU, because it costs a tenth less than GELU where the model runs.
        return states + self.dropout(self.expansion_out(functional.relu(self.expansion_in(self.expansion_norm(states)))))


class Encoder(nn.Module):
    """States of every piece of a batch of `LENGTH` pieces or fewer; `START` first, `PADDING` after the last."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.pieces = nn.Embedding(VOCABULARY, WIDTH, padding_idx=PADDING)
        self.places = nn.Embedding(LENGTH, WIDTH)
        nn.init.normal_(self.places.weight, std=0.01)
        self.blocks = nn.ModuleList(Block(dropout) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("bias", attention_bias(LENGTH), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        length = ids.shape[1]
        states = self.dropout(self.pieces(ids) * PIECE_SCALE + self.places.weight[:length])
        bias = self.bias[None, :, :length, :length]
        padding = ids == PADDING
        if bool(padding.any()):
            bias = bias.masked_fill(padding[:, None, None, :], -1e4)
        for block in self.blocks:
            states = block(states, bias)
        return self.norm(states)

    def start_from(self, embeddings: Path) -> None:
        """Takes the table of pieces from encoder_embeddings.py."""
        table = torch.from_numpy(np.load(embeddings)) * 0.05
        table[: SEPARATOR + 1] = torch.randn(SEPARATOR + 1, WIDTH) * 0.02
        table[PADDING] = 0
        self.pieces.weight.data.copy_(table)


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal, for the matrices of the blocks.

    Method: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, with its coefficients of
    the Newton-Schulz iteration.
    """

    def __init__(self, parameters: list[nn.Parameter], learning_rate: float) -> None:
        super().__init__(parameters, {"lr": learning_rate})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                momentum = state.setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 0.05)
                step = parameter.grad.lerp(momentum, 0.95)
                rows, columns = parameter.shape
                # Query, key and value are three matrices in one.
                parts = 3 if rows == 3 * columns else 1
                step = torch.cat([orthogonalise(part) for part in step.chunk(parts)])
                scale = max(1, rows / parts / columns) ** 0.5
                parameter.mul_(1 - group["lr"] * 0.01)
                parameter.add_(step, alpha=-group["lr"] * scale)


def orthogonalise(matrix: Tensor) -> Tensor:
    a, b, c = 3.4445, -4.7750, 2.0315
    result = matrix.bfloat16()
    tall = result.shape[0] > result.shape[1]
    if tall:
        result = result.T
    result = result / (result.norm() + 1e-7)
    for _ in range(5):
        square = result @ result.T
        result = a * result + (b * square + c * square @ square) @ result
    return (result.T if tall else result).float()
