"""Pre-trains the encoder on hidden pieces (masked language modelling), with checkpoints from which it goes on.

    python models/training/encoder_pretrain.py [--pieces 100e6] [--processes 2]

Reads tokens.bin and embeddings.npy of models/training/build/encoder; writes pretrained.pt there, and a line to
pretrain.log every hundred steps. Run again with more pieces it goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing
import torch.nn.functional as functional
from encoder_net import WIDTH, Encoder, Muon
from encoder_windows import LENGTH, MASK, SEPARATOR, START, VOCABULARY
from torch import Tensor, nn

OUTPUT = Path(__file__).resolve().parent / "build" / "encoder"

SEED = 0
BATCH = 32
HIDDEN_SHARE = 0.25
# Learning rates rise over so many steps, stay, and fall over the last part of the run.
WARM_UP, FALL_SHARE, LAST = 60, 0.6, 0.02
BLOCK_RATE, TABLE_RATE = 0.015, 2e-3
# The right piece is told from those of the batch and as many others as this: all 16,384 would cost a third of the time.
OTHERS = 2048
CHECKPOINT_SECONDS = 300
HELD_OUT = 256


class PreTraining(nn.Module):
    def __init__(self, frequencies: np.ndarray) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.transform = nn.Linear(WIDTH, WIDTH)
        # What a piece's frequency alone explains need not be learned.
        self.bias = nn.Parameter(torch.from_numpy(np.log((frequencies + 1) / frequencies.sum()).astype(np.float32)))

    def loss(self, ids: Tensor, hidden: Tensor, answers: Tensor, candidates: Tensor) -> Tensor:
        """Cross-entropy of the hidden pieces among the candidates, which are ids in order."""
        table, bias = self.encoder.pieces.weight[candidates], self.bias[candidates]
        answers = torch.searchsorted(candidates, answers)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.encoder(ids)[hidden]
            logits = functional.relu(self.transform(states)) @ table.T
        return functional.cross_entropy(logits.float() + bias, answers)


def hide(rows: np.ndarray, random_source: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Hides a share of the pieces: eight in ten by the mask, one by another piece, one is left."""
    ids = np.concatenate([np.full((len(rows), 1), START, np.int64), rows.astype(np.int64)], 1)
    hidden = (random_source.random(ids.shape) < HIDDEN_SHARE) & (ids > SEPARATOR)
    answers = ids[hidden]
    how = random_source.random(ids.shape)
    ids[hidden & (how < 0.8)] = MASK
    other = hidden & (how > 0.9)
    ids[other] = random_source.integers(SEPARATOR + 1, VOCABULARY, other.sum())
    return torch.from_numpy(ids), torch.from_numpy(hidden), torch.from_numpy(answers)


def shuffled_texts(tokens: np.ndarray, random_source: np.random.Generator) -> np.ndarray:
    """All texts in a random order, one after another, cut into rows."""
    ends = np.where(tokens == SEPARATOR)[0] + 1
    starts = np.concatenate([[0], ends[:-1]])
    order = random_source.permutation(len(ends))
    flat = np.concatenate([tokens[starts[i] : ends[i]] for i in order])
    row = LENGTH - 1
    return flat[: len(flat) // row * row].reshape(-1, row)


def average_gradients(parameters: list[nn.Parameter], processes: int) -> None:
    flat = torch.cat([parameter.grad.flatten() for parameter in parameters])
    distributed.all_reduce(flat)
    flat /= processes
    at = 0
    for parameter in parameters:
        parameter.grad.copy_(flat[at : at + parameter.numel()].view_as(parameter))
        at += parameter.numel()


def train(process: int, processes: int, pieces: float, meeting: str) -> None:
    """One process of several that each read their own rows and average their gradients: faster than one with threads."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=process, world_size=processes)
    torch.manual_seed(SEED)
    tokens = np.fromfile(OUTPUT / "tokens.bin", np.uint16)
    rows = shuffled_texts(tokens, np.random.default_rng(SEED))
    held_out, rows = rows[:HELD_OUT], rows[HELD_OUT:]
    model = PreTraining(np.bincount(tokens, minlength=VOCABULARY))
    model.encoder.start_from(OUTPUT / "embeddings.npy")
    parameters = list(model.parameters())
    matrices = [value for name, value in model.encoder.named_parameters() if value.dim() == 2 and name.startswith("blocks")]
    others = [value for value in parameters if all(value is not matrix for matrix in matrices)]
    optimizers = [Muon(matrices, BLOCK_RATE), torch.optim.AdamW(others, TABLE_RATE, betas=(0.9, 0.98), weight_decay=0)]
    checkpoint = OUTPUT / "pretrain-checkpoint.pt"
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        step = state["step"]
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
    batch_pieces = BATCH * processes * LENGTH
    total = int(pieces / batch_pieces)
    log = (OUTPUT / "pretrain.log").open("a")
    mean, saved_at, began, first = None, time.time(), time.time(), step
    while step < total:
        random_source = np.random.default_rng([SEED, step, process])
        at = (step * processes + process) * BATCH % (len(rows) - BATCH)
        ids, hidden, answers = hide(rows[at : at + BATCH], random_source)
        rate = min(1, (step + 1) / WARM_UP) * max(LAST, min(1, (1 - step / total) / FALL_SHARE))
        for optimizer, own in zip(optimizers, (BLOCK_RATE, TABLE_RATE)):
            optimizer.param_groups[0]["lr"] = own * rate
        random_pieces = torch.from_numpy(random_source.integers(SEPARATOR + 1, VOCABULARY, OTHERS))
        loss = model.loss(ids, hidden, answers, torch.unique(torch.cat([answers, random_pieces])))
        loss.backward()
        average_gradients(parameters, processes)
        nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        step += 1
        if process > 0:
            continue
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 0:
            speed = (step - first) * batch_pieces / (time.time() - began)
            log.write(f"{step * batch_pieces / 1e6:.2f} M pieces, loss {mean:.3f}, {speed:.0f} pieces/s\n")
            log.flush()
        if time.time() - saved_at > CHECKPOINT_SECONDS or step == total:
            states = [optimizer.state_dict() for optimizer in optimizers]
            torch.save({"step": step, "model": model.state_dict(), "optimizers": states}, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").rename(checkpoint)
            saved_at = time.time()
    if process > 0:
        return
    torch.save(model.encoder.state_dict(), OUTPUT / "pretrained.pt")
    model.eval()
    with torch.no_grad():
        ids, hidden, answers = hide(held_out, np.random.default_rng(1))
        loss = model.loss(ids, hidden, answers, torch.arange(SEPARATOR + 1, VOCABULARY)).item()
    print(f"{step * batch_pieces / 1e6:.1f} M pieces, held-out loss {loss:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pieces", type=float, default=100e6)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        arguments = (options.processes, options.pieces, str(Path(folder, "meeting")))
        multiprocessing.spawn(train, arguments, options.processes)


if __name__ == "__main__":
    main()
