"""Fetches one published npm package, for the scripts that make catalogue data from it."""

import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def unpacked(spec: str, given: str | None):
    """The folder of the package `spec`: fetched, or from the folder or tarball `given`."""
    if given and Path(given).is_dir():
        yield Path(given)
        return
    with TemporaryDirectory() as folder:
        tarball = given or Path(folder) / fetch(spec, folder)
        with tarfile.open(tarball) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder) / "package"


def fetch(spec: str, folder: str) -> str:
    packed = subprocess.run(
        ["npm", "pack", "--silent", spec],
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return packed.stdout.split()[-1]
