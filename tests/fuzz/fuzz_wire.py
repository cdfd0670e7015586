"""One line on what a million damaged frames do to the wire; exit code 1 when it is anything.

    python tests/fuzz/fuzz_wire.py                  a million frames
    python tests/fuzz/fuzz_wire.py --frames 20000   fewer
    python tests/fuzz/fuzz_wire.py FILE…            these frames, once each
    python tests/fuzz/fuzz_wire.py --keep           a million, then the corpus made anew

Frames are found by atheris, guided by which lines of ours they reach; where it is not installed
they are changed at random. The frames that crash are kept in build/fuzz.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import mmap
import random
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
CRASHED = Path("build/fuzz")
WARM_UP_FRAMES = 20_000  # until here memory grows: caches fill, the corpus is read
MAX_GROWTH_MIB = 64
SECONDS_FOR_ONE = 10
MODULES = ("wire", "blob", "texts", "bounds")  # whose lines guide the search


class Tally(mmap.mmap):
    """What has been seen so far, in memory that outlives a crash of the process that writes it."""

    _FIELDS = struct.Struct("<QQ")

    def __new__(cls, path: Path) -> Tally:
        """The tally in the file at ``path``."""
        with path.open("r+b") as file:
            return super().__new__(cls, file.fileno(), cls._FIELDS.size)

    def put(self, frames: int, growth_kib: int) -> None:
        """Remember this."""
        self._FIELDS.pack_into(self, 0, frames, growth_kib)

    def take(self) -> tuple[int, int]:
        """Frames tried, and by how much memory grew at most, in KiB."""
        return self._FIELDS.unpack_from(self)


def main() -> int:
    """Exit code of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--keep", action="store_true", help="make the corpus anew")
    parser.add_argument("--tally", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--found", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    if options.files:
        return _try_files(options.files)
    if options.tally:  # the process that may crash
        _search(options.frames, options.seed, options.tally, options.found)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _watch(options, Path(folder))


def _watch(options: argparse.Namespace, folder: Path) -> int:
    tally, found = folder / "tally", folder / "found"
    tally.write_bytes(bytes(16))
    found.mkdir()
    CRASHED.mkdir(parents=True, exist_ok=True)
    given = [sys.executable, __file__, f"--frames={options.frames}", f"--seed={options.seed}"]
    ended = subprocess.run(
        [*given, f"--tally={tally}", f"--found={found}"], capture_output=True, errors="replace"
    )
    frames, growth_kib = Tally(tally).take()
    crashes = int(ended.returncode != 0 or frames < options.frames)
    growth_mib = -(-growth_kib // 1024)
    if crashes:
        print(ended.stdout[-4000:], ended.stderr[-4000:], sep="\n", file=sys.stderr)
    if options.keep and not crashes:
        from keep import keep

        keep(CORPUS, [path.read_bytes() for path in found.iterdir()])
    print(f"wire fuzz: {frames} frames, {crashes} crashes, peak growth {growth_mib} MiB")
    return int(crashes > 0 or growth_mib > MAX_GROWTH_MIB)


# --- in the process that may crash ---------------------------------------------------------------


def _search(count: int, seed: int, tally: Path, found: Path) -> None:
    guided = importlib.util.find_spec("atheris") is not None
    (_guided if guided else _unguided)(count, seed, Tally(tally), found)


def _guided(count: int, seed: int, tally: Tally, found: Path) -> None:
    import atheris

    with atheris.instrument_imports(
        include=[f"autograder.sandbox.inside.{name}" for name in MODULES]
    ):
        from autograder.sandbox.inside import wire  # noqa: F401 - instrumented as it is imported
    import frames

    counted = _counted(count, tally)

    def change(data: bytes, most: int, chosen: int) -> bytes:
        dice = random.Random(chosen)

        def change_part(part: bytes, most: int) -> bytes:
            if dice.random() < 0.5:
                return frames.change_bytes(part, dice)[:most]
            return bytes(atheris.Mutate(part, most)) if most else b""

        return frames.change_frame(data, change_part, dice)[:most]

    def try_one(data: bytes) -> None:
        frames.try_frame(data)
        next(counted, None)

    arguments = [
        sys.argv[0],
        f"-seed={seed}",
        f"-max_len={frames.MAX_FRAME_BYTES}",
        f"-timeout={SECONDS_FOR_ONE}",
        f"-runs={count}",
        f"-artifact_prefix={CRASHED}/",
        str(found),
        str(CORPUS),
    ]
    atheris.Setup(arguments, try_one, custom_mutator=change)
    atheris.Fuzz()


def _unguided(count: int, seed: int, tally: Tally, found: Path) -> None:
    import frames

    dice = random.Random(seed or None)
    known = [path.read_bytes() for path in sorted(CORPUS.iterdir())] or [*frames.seeds().values()]
    for _ in _counted(count, tally):
        data = dice.choice(known)
        for _ in range(dice.choice((1, 1, 2, 3))):
            data = frames.change_frame(
                data, lambda part, most: frames.change_bytes(part, dice)[:most], dice
            )
        try:
            frames.try_frame(data)
        except BaseException:
            name = hashlib.sha256(data).hexdigest()[:16]
            (CRASHED / f"crash-{name}").write_bytes(data)
            raise


def _counted(count: int, tally: Tally) -> Iterator[None]:
    """Counts up to ``count``, and memory's peak above what was taken after the warm-up."""
    before = growth_kib = 0
    for number in range(1, count + 1):
        if number == min(WARM_UP_FRAMES, count):
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5")  # forget the peak. Source: proc(5)
            before = _kib("VmRSS")
        if before and (number % 1000 == 0 or number == count):
            growth_kib = max(0, _kib("VmHWM") - before)
        tally.put(number, growth_kib)
        yield


def _kib(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0])


def _try_files(files: list[Path]) -> int:
    import frames

    for path in files:
        whether = "a frame" if frames.try_frame(path.read_bytes()) else "refused"
        print(f"{path.name}: {whether}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
