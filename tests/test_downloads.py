"""CIFAR-10, MNIST and the fetching of files, against a local server with files of their format."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import socket
import struct
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

import lecturelib.data._download as download
from lecturelib.data import DownloadError, cifar10, mnist

RNG = np.random.default_rng(0)
FILE = RNG.integers(256, size=200_000, dtype=np.uint8).tobytes()


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class Server:
    """Serves bytes by name and notes the ranges asked for; it can break, ignore ranges, or lie."""

    def __init__(self):
        self.files, self.ranges = {}, []
        self.break_after = []  # one number for each of the next responses: bytes until it breaks
        self.honour_ranges = True
        self.shift = 0  # how far a resumed response is off the byte that was asked for
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/sets"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    def answer(self, request):
        data = self.files.get(request.path.removeprefix("/sets/"))
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(re.match(r"bytes=(\d+)-$", asked)[1]) if asked and self.honour_ranges else 0
        if data is None:
            request.send_error(404, "no such file")
            return
        if start >= len(data):
            request.send_error(416)
            return
        body = data[start:]
        request.send_response(206 if start else 200)
        if start:
            first = start + self.shift
            request.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: self.break_after.pop(0)] if self.break_after else body)

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "TIMEOUT", 5.0)
    server = Server()
    yield server
    server.close()


def fetch(server, root, *, data=FILE, mirrors=None):
    mirrors = [server.url] if mirrors is None else mirrors
    return download.fetch("set.bin", root, mirrors=mirrors, md5=md5(data), progress=False)


# ---------------------------------------------------------------- fetching


def test_a_file_is_fetched_once_into_a_new_folder(server, tmp_path):
    server.files["set.bin"] = FILE
    root = tmp_path / "a" / "b"
    path = fetch(server, root)
    assert path == root / "set.bin"
    assert path.read_bytes() == FILE
    assert fetch(server, str(root)) == path
    assert server.ranges == [None]  # the second call asked for nothing
    assert [p.name for p in root.iterdir()] == ["set.bin"]


def test_a_broken_transfer_goes_on_where_it_stopped(server, tmp_path):
    server.files["set.bin"] = FILE
    server.break_after = [70_000]
    assert fetch(server, tmp_path).read_bytes() == FILE
    assert server.ranges == [None, "bytes=70000-"]


def test_what_has_arrived_is_kept_for_the_next_call(server, tmp_path):
    server.files["set.bin"] = FILE
    server.break_after = [70_000, 50_000]
    with pytest.raises(DownloadError, match="the connection ended after 120,000 of 200,000 bytes"):
        fetch(server, tmp_path)
    assert (tmp_path / "set.bin.part").read_bytes() == FILE[:120_000]
    assert not (tmp_path / "set.bin").exists()
    assert fetch(server, tmp_path).read_bytes() == FILE
    assert server.ranges == [None, "bytes=70000-", "bytes=120000-"]


def test_a_server_without_ranges_sends_it_all_again(server, tmp_path):
    server.files["set.bin"] = FILE
    server.honour_ranges = False
    server.break_after = [70_000]
    assert fetch(server, tmp_path).read_bytes() == FILE
    assert server.ranges == [None, "bytes=70000-"]


def test_a_server_that_resumes_at_another_byte_is_not_believed(server, tmp_path):
    server.files["set.bin"] = FILE
    server.break_after, server.shift = [70_000], 1
    with pytest.raises(DownloadError, match="resumed at another byte than 70,000"):
        fetch(server, tmp_path)
    assert (tmp_path / "set.bin.part").read_bytes() == FILE[:70_000]


def test_a_part_that_is_whole_already_is_used(server, tmp_path):
    server.files["set.bin"] = FILE
    (tmp_path / "set.bin.part").write_bytes(FILE)
    assert fetch(server, tmp_path).read_bytes() == FILE


def test_a_part_of_another_file_is_thrown_away(server, tmp_path):
    server.files["set.bin"] = FILE
    (tmp_path / "set.bin.part").write_bytes(b"something else")
    assert fetch(server, tmp_path).read_bytes() == FILE
    assert server.ranges == ["bytes=14-", None]


def test_a_damaged_file_is_replaced_only_by_a_whole_one(server, tmp_path):
    (tmp_path / "set.bin").write_bytes(FILE[:-1])
    with pytest.raises(DownloadError, match=r"set.bin is there, but its checksum is wrong"):
        fetch(server, tmp_path)
    assert (tmp_path / "set.bin").read_bytes() == FILE[:-1]
    server.files["set.bin"] = FILE
    assert fetch(server, tmp_path).read_bytes() == FILE


def test_a_file_with_another_checksum_is_refused(server, tmp_path):
    server.files["set.bin"] = FILE[::-1]
    with pytest.raises(DownloadError, match="the file that came has another checksum"):
        fetch(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_second_mirror_goes_on_where_the_first_broke(server, tmp_path):
    server.files |= {"set.bin": FILE, "other/set.bin": FILE}
    server.break_after = [70_000, 0]
    assert fetch(server, tmp_path, mirrors=[server.url, f"{server.url}/other/"]).exists()
    assert server.ranges == [None, "bytes=70000-", "bytes=70000-"]


def test_offline_the_message_names_each_address_and_the_remedy(server, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(DownloadError) as caught:
        fetch(server, tmp_path, mirrors=[f"{server.url}/missing", closed])
    message = str(caught.value)
    assert f"{server.url}/missing/set.bin: HTTP Error 404" in message
    assert f"{closed}/set.bin: " in message
    assert f"put the file at {tmp_path / 'set.bin'} yourself" in message
    assert isinstance(caught.value, OSError)


def test_progress_is_shown_in_bytes_and_only_if_asked(server, tmp_path, capsys):
    server.files["set.bin"] = FILE
    for progress in (False, True):
        download.fetch(
            "set.bin", tmp_path / str(progress), mirrors=[server.url], md5=md5(FILE),
            progress=progress,
        )  # fmt: skip
        shown = capsys.readouterr().err
        assert ("set.bin" in shown and "200k/200k" in shown) == progress


# ---------------------------------------------------------------- CIFAR-10


def cifar_archive(images, classes, *, leave_out=(), cut=None):
    """A tar of six files of records: a class, then 3 x 32 x 32 bytes; two records a file."""
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for i, name in enumerate(["readme.html", *names]):
            part = slice(2 * i - 2, 2 * i)
            data = b"".join(
                bytes([c]) + image.tobytes()
                for image, c in zip(images[part], classes[part], strict=True)
            )
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            data = data[:-1] if name == cut else data
            info.size = len(data)
            if name not in leave_out:
                archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


IMAGES = RNG.integers(256, size=(12, 3, 32, 32), dtype=np.uint8)
LABELS = RNG.integers(10, size=12, dtype=np.uint8)


@pytest.fixture
def cifar_server(server, monkeypatch):
    def serve(**options):
        data = cifar_archive(IMAGES, LABELS, **options)
        server.files["cifar-10-binary.tar.gz"] = data
        monkeypatch.setattr("lecturelib.data.cifar10.MD5", md5(data), raising=True)
        return [server.url]

    return serve


@pytest.fixture(autouse=True)
def modules(monkeypatch):
    """The functions hide the modules of their name; monkeypatch shall find the modules."""
    import sys

    for name in ("cifar10", "mnist"):
        monkeypatch.setattr(f"lecturelib.data.{name}", sys.modules[f"lecturelib.data.{name}"])


def test_cifar10_reads_the_records(cifar_server, tmp_path):
    mirrors = cifar_server()
    data = cifar10(tmp_path, dtype=torch.uint8, mirrors=mirrors, progress=False)
    assert torch.equal(data.x_train, torch.from_numpy(IMAGES[:10]))
    assert torch.equal(data.x_test, torch.from_numpy(IMAGES[10:]))
    assert data.y_train.tolist() == LABELS[:10].tolist()
    assert data.y_test.tolist() == LABELS[10:].tolist()
    assert [p.name for p in tmp_path.iterdir()] == ["cifar-10-binary.tar.gz"]


def test_cifar10_scales_and_standardizes(cifar_server, tmp_path):
    mirrors = cifar_server()
    plain = cifar10(tmp_path, dtype=torch.float64, mirrors=mirrors, progress=False)
    torch.testing.assert_close(plain.x_train, torch.from_numpy(IMAGES[:10]).double() / 255)
    data = cifar10(tmp_path, dtype=torch.float64, standardize=True, mirrors=[])
    std, mean = torch.std_mean(plain.x_train, (0, 2, 3), correction=0, keepdim=True)
    torch.testing.assert_close(data.x_train, (plain.x_train - mean) / std)
    torch.testing.assert_close(data.x_test, (plain.x_test - mean) / std)


@pytest.mark.parametrize(
    "options", [{"leave_out": ["data_batch_3.bin"]}, {"cut": "data_batch_3.bin"}]
)
def test_cifar10_names_what_is_missing_from_the_archive(cifar_server, tmp_path, options):
    mirrors = cifar_server(**options)
    with pytest.raises(ValueError, match=r"^cifar10: .* has no whole data_batch_3.bin"):
        cifar10(tmp_path, mirrors=mirrors, progress=False)


# ---------------------------------------------------------------- MNIST


def idx(array, kind=8):
    header = struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


DIGITS = RNG.integers(256, size=(7, 28, 28), dtype=np.uint8)


@pytest.fixture
def mnist_server(server, monkeypatch):
    def serve(**changes):
        files = {
            "train-images-idx3-ubyte.gz": idx(DIGITS[:5]),
            "train-labels-idx1-ubyte.gz": idx(LABELS[:5]),
            "t10k-images-idx3-ubyte.gz": idx(DIGITS[5:]),
            "t10k-labels-idx1-ubyte.gz": idx(LABELS[5:7]),
        }
        files |= {name.replace("_", "-") + "-ubyte.gz": data for name, data in changes.items()}
        server.files |= files
        sums = {name: md5(data) for name, data in files.items()}
        monkeypatch.setattr("lecturelib.data.mnist.MD5", sums)
        return [server.url]

    return serve


def test_mnist_reads_the_four_files(mnist_server, tmp_path):
    data = mnist(tmp_path, dtype=torch.uint8, mirrors=mnist_server(), progress=False)
    assert torch.equal(data.x_train, torch.from_numpy(DIGITS[:5, None]))
    assert torch.equal(data.x_test, torch.from_numpy(DIGITS[5:, None]))
    assert data.y_train.tolist() == LABELS[:5].tolist()
    assert data.y_test.tolist() == LABELS[5:7].tolist()
    again = mnist(tmp_path, mirrors=[])
    assert again.x_train.dtype == torch.float32
    torch.testing.assert_close(again.x_train, torch.from_numpy(DIGITS[:5, None]).float() / 255)


BROKEN = {
    "type": ({"train_images_idx3": idx(DIGITS[:5], kind=13)}, "is not an IDX file of bytes"),
    "short": (
        {"train_images_idx3": gzip.compress(gzip.decompress(idx(DIGITS[:5]))[:-1])},
        "is not an IDX file of bytes with shape",
    ),
    "number": ({"train_labels_idx1": idx(LABELS[:4])}, "don't belong together"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_mnist_refuses_a_file_of_another_shape(mnist_server, tmp_path, case):
    changes, message = BROKEN[case]
    with pytest.raises(ValueError, match=f"^mnist: .*{message}"):
        mnist(tmp_path, mirrors=mnist_server(**changes), progress=False)


# ---------------------------------------------------------------- both


def test_the_checksums_are_those_that_are_published():
    """CIFAR-10: the authors' page. MNIST: as in torchvision.datasets.MNIST.resources."""
    import sys

    assert sys.modules["lecturelib.data.cifar10"].MD5 == "c32a1d4ab5d03f1284b67883e8d87530"
    assert list(sys.modules["lecturelib.data.mnist"].MD5.values()) == [
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ]


@pytest.mark.parametrize("load", [cifar10, mnist])
def test_types_are_checked_before_anything_is_fetched(load, tmp_path):
    with pytest.raises(TypeError, match=f"^{load.__name__}: dtype must be floating point"):
        load(tmp_path, dtype=torch.int32)
    with pytest.raises(TypeError, match="pixels are not bytes"):
        load(tmp_path, dtype=torch.uint8, standardize=True)
    assert list(tmp_path.iterdir()) == []
