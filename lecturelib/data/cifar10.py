"""CIFAR-10: 60,000 photographs of 32×32 pixels in ten classes."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lecturelib.data._download import fetch
from lecturelib.data._split import Part, Split, check_options, make_split

ARCHIVE = "cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
MIRRORS = ("https://www.cs.toronto.edu/~kriz", "https://cave.cs.toronto.edu/kriz")
FOLDER = "cifar-10-batches-bin"
TRAIN = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST = ("test_batch.bin",)
RECORD = 1 + 3 * 32 * 32  # a byte for the class, then the planes of red, green and blue


def cifar10(
    root: Path | str,
    *,
    standardize: bool = False,
    dtype: torch.dtype = torch.float32,
    device: Any = None,
    mirrors: Sequence[str] = MIRRORS,
    progress: bool = True,
) -> Split:
    """Load CIFAR-10, and fetch it into a folder the first time.

    The archive is the authors' binary version of 162 MB, verified by the checksum that they
    publish. A broken transfer goes on where it stopped. Nothing is unpacked to disk and nothing is
    unpickled: a pickle can run code.

    Args:
        root: Folder that holds the archive, or will; it is made if it is not there.
        standardize: Give each channel mean 0 and variance 1, by the moments of the training data.
        dtype: Floating point for pixels in [0, 1], or torch.uint8 for the bytes.
        device: Where the tensors lie; None for PyTorch's default device.
        mirrors: Addresses of folders with the archive, tried in order.
        progress: Show a bar while fetching.

    Returns:
        50,000 images (3, 32, 32) with classes 0 to 9 (airplane, automobile, bird, cat, deer, dog,
        frog, horse, ship, truck) for training and 10,000 for testing.

    Raises:
        DownloadError: If the archive is not there and can't be fetched, such as without a
            connection. The message says what was tried and what to do.
        ValueError: If the archive does not hold what it should.
        TypeError: If dtype is another.

    Example:
        >>> cifar10("no/folder", mirrors=[])
        Traceback (most recent call last):
            ...
        lecturelib.data._download.DownloadError: cifar-10-binary.tar.gz could not be fetched...

    Source:
        Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images, chapter 3.

    Chapter:
        loss_smoothness
    """
    check_options("cifar10", dtype, standardize)
    path = fetch(ARCHIVE, root, mirrors=mirrors, md5=MD5, progress=progress)
    wanted = {f"{FOLDER}/{name}": name for name in (*TRAIN, *TEST)}
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:  # one pass: going back would unpack the archive again
            if member.name in wanted and (file := archive.extractfile(member)) is not None:
                files[wanted[member.name]] = file.read()
    train, test = _read(files, TRAIN), _read(files, TEST)
    return make_split(train, test, standardize=standardize, dtype=dtype, device=device)


def _read(files: dict[str, bytes], names: Sequence[str]) -> Part:
    """Images (n, 3, 32, 32) and classes of some of the archive's files."""
    missing = [name for name in names if len(files.get(name, b"")) % RECORD or name not in files]
    if missing:
        raise ValueError(f"cifar10: {ARCHIVE} has no whole {', '.join(missing)}")
    records = np.concatenate([np.frombuffer(files[name], np.uint8) for name in names])
    records = records.reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, 3, 32, 32).copy(), records[:, 0].copy()
