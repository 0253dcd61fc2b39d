"""The layers of the guides in PyTorch, each called once in a region of its name: to be run under exec.

    flopmeter exec --json -o counts.json -- python3 torch_layers.py THREADS

The names are those of validate/published/counts.json. Inference, f32; every layer has run before
its region begins, so that what is made once (JIT code, packed weights) is not in it.
"""
import pathlib
import sys

import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import flopmeter  # pylint: disable=wrong-import-position


def layers():
    """(name, module, inputs) of each."""
    rand = torch.rand
    yield "linear 512-1000, batch 32", nn.Linear(512, 1000), [rand(32, 512)]
    yield ("MLP 128-64-10 with ReLU, batch 32",
           nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)), [rand(32, 128)])
    yield "convolution 3-64, padded, 224", nn.Conv2d(3, 64, 3, padding=1), [rand(1, 3, 224, 224)]
    yield ("convolution 32-64, 2 groups, 56", nn.Conv2d(32, 64, 3, padding=1, groups=2),
           [rand(1, 32, 56, 56)])
    yield ("depthwise 32 and pointwise 64, 56",
           nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, groups=32), nn.Conv2d(32, 64, 1)),
           [rand(1, 32, 56, 56)])
    yield ("transposed convolution 64-32, stride 2, 28",
           nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1), [rand(1, 64, 28, 28)])
    yield ("LSTM 128-256, batch 32, 10 steps", nn.LSTM(128, 256, batch_first=True),
           [rand(32, 10, 128)])
    yield ("GRU 128-256, batch 32, 10 steps", nn.GRU(128, 256, batch_first=True),
           [rand(32, 10, 128)])
    tokens = rand(16, 32, 512)
    yield ("MultiheadAttention 512, 8 heads, 16 x 32 tokens",
           nn.MultiheadAttention(512, 8, batch_first=True), [tokens] * 3)
    yield ("TransformerEncoderLayer 512, 8 heads, 2048, 16 x 32 tokens",
           nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True), [tokens])


def pieces():
    """What layers are made of besides products, each on 65,536 numbers, so that it can be named."""
    numbers = torch.rand(64, 1024)
    yield "sigmoid", torch.sigmoid, [numbers]
    yield "tanh", torch.tanh, [numbers]
    yield "softmax", lambda x: torch.softmax(x, -1), [numbers.reshape(-1, 32)]
    yield "layernorm", nn.LayerNorm(512), [numbers.reshape(-1, 512)]


def main():
    torch.manual_seed(1)
    torch.set_num_threads(int(sys.argv[1]))
    with torch.no_grad():
        for name, module, inputs in [*layers(), *pieces()]:
            if isinstance(module, nn.Module):
                module.eval()
            for _ in range(2):
                module(*inputs)
            with flopmeter.region(name):
                module(*inputs)


if __name__ == "__main__":
    main()
