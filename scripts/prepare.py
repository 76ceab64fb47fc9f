"""Brings a fresh clone to where its scripts can run, with nothing but Python's standard library: the virtual
environment (by uv), Node (from that environment), the extension's packages and build, Chromium. What stands is left
alone and costs next to nothing; what is done is told in one line; what fails is told in one sentence, with its log.
`prepare.py NEEDS SCRIPT [ARGUMENTS]` ends as SCRIPT, in the environment; NEEDS are steps from the table below.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chromium_on_machine import NoChromium, find_chromium

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
EXTENSION = ROOT / "extension"
PRIVATE_UV = CACHE / "uv"
OLDEST_UV = (0, 9)  # reads this repository's uv.lock
NOT_SOURCES = {"node_modules", ".output", ".wxt", "coverage"}
BUILT_IN = ("CALLBOOK_DEFAULT_SERVER", "CALLBOOK_DEMO_SERVER")  # settings that the extension's build reads


class SetupFailed(Exception):
    """The sentence for the person at the keyboard."""


def main(arguments: Sequence[str]) -> None:
    needs, script, *rest = arguments
    try:
        with _one_at_a_time():
            for need in needs.split(","):
                NEEDS[need]()
    except (SetupFailed, NoChromium) as failure:
        sys.exit(f"Set-up failed: {failure}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
    python = VENV / "bin" / "python"
    command = [str(python), str(ROOT / "scripts" / script), *rest]
    os.execve(python, command, _environment())  # noqa: S606 - a script of this folder, by its verb


def python_packages() -> None:
    wanted = _digest([ROOT / "uv.lock", ROOT / "pyproject.toml"], str(ROOT))
    python, of_tests = VENV / "bin" / "python", VENV / "bin" / "pytest"  # which `uv sync --no-dev` takes away
    if _stands("python", wanted, of_tests):
        return
    uv = _uv()
    interpreter = python if python.exists() else Path(sys.executable).resolve()
    # Compiled once, not by each of the hundreds of programs that the tests start.
    command = [str(uv), "sync", "--frozen", "--all-groups", "--compile-bytecode", "--python", str(interpreter)]
    _run("Python packages", command, ROOT)
    _stamp("python", wanted, of_tests)


def node_packages() -> None:
    python_packages()
    wanted = _digest([EXTENSION / "package-lock.json"], _digest([ROOT / "uv.lock"]))
    installed = EXTENSION / "node_modules" / ".package-lock.json"
    if _stands("node", wanted, installed):
        return
    # As the lock file says, and leaving it alone. `npm ci` refuses a lock file made behind a registry that lacks other
    # platforms' optional packages: https://github.com/npm/cli/issues/9846
    _run("Node packages", ["npm", "install", "--no-save", "--no-audit", "--no-fund"], EXTENSION)
    _stamp("node", wanted, installed)


def extension_build() -> None:
    node_packages()
    wanted = _digest(_sources(EXTENSION), *(os.environ.get(name, "") for name in BUILT_IN))
    manifest = EXTENSION / ".output" / "chrome-mv3" / "manifest.json"
    if _stands("extension", wanted, manifest):
        return
    _run("the extension's build", ["npm", "run", "build"], EXTENSION)
    _stamp("extension", wanted, manifest)


def browser() -> None:
    python_packages()
    found = find_chromium(os.environ)
    if found is None:
        for what, command in _ways_to_install_chromium():
            _run(what, command, ROOT, must=False)
            if found := find_chromium(os.environ):
                break
    if found is None:
        raise SetupFailed(
            "no Chromium was found, and none could be installed. Install one (Debian: apt-get install chromium), or "
            f"name its path in CALLBOOK_CHROMIUM; branded Chrome cannot load the extension. Logs: {CACHE / 'logs'}"
        )
    os.environ["CALLBOOK_CHROMIUM"] = str(found)


NEEDS: dict[str, Callable[[], None]] = {
    "python": python_packages,
    "node": node_packages,
    "extension": extension_build,
    "browser": browser,
}


def _uv() -> Path:
    """Uv of the machine, if it is new enough; else one of our own."""
    places = [shutil.which("uv"), Path(sys.executable).with_name("uv"), PRIVATE_UV / "bin" / "uv"]
    for place in places:
        if place is not None and _uv_version(Path(place)) >= OLDEST_UV:
            return Path(place)
    made = _run("uv", [sys.executable, "-m", "venv", "--clear", str(PRIVATE_UV)], ROOT, must=False)
    if made:
        _run("uv (by pip)", [str(PRIVATE_UV / "bin" / "python"), "-m", "pip", "install", "uv"], ROOT)
    else:  # Debian's Python has no venv without python3-venv; its pip may be there all the same
        _run("uv (by pip)", [sys.executable, "-m", "pip", "install", "--target", str(PRIVATE_UV), "uv"], ROOT)
    return PRIVATE_UV / "bin" / "uv"


def _uv_version(uv: Path) -> tuple[int, ...]:
    """(0,) where there is none that works: a pyenv shim may stand on PATH with nothing behind it."""
    try:
        answer = subprocess.run([uv, "--version"], check=False, capture_output=True, text=True, cwd=ROOT).stdout
    except OSError:
        return (0,)
    version = re.match(r"uv (\d+)\.(\d+)", answer)
    return (int(version[1]), int(version[2])) if version else (0,)


def _ways_to_install_chromium() -> Iterator[tuple[str, list[str]]]:
    """The system's package first: it brings the libraries too. Ubuntu's is only a pointer to a snap."""
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if may_install and "ID=ubuntu" not in _os_release():
        yield "the list of system packages", ["apt-get", "update"]
        yield "Chromium (by apt-get)", ["apt-get", "install", "-y", "chromium", "fonts-liberation"]
    with_libraries = ["--with-deps"] if may_install else []
    yield "Chromium (by Playwright)", [str(VENV / "bin" / "playwright"), "install", *with_libraries, "chromium"]


def _os_release() -> list[str]:
    path = Path("/etc/os-release")
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _run(what: str, command: list[str], folder: Path, *, must: bool = True) -> bool:
    """One line for the person, all the rest in a log."""
    log = CACHE / "logs" / f"{re.sub(r'[^a-z]+', '-', what.lower()).strip('-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"setup: {what} ... ", end="", flush=True)
    began = time.monotonic()
    with log.open("wb") as output:
        try:
            ended = subprocess.run(
                command,
                cwd=folder,
                env=_environment(),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ).returncode
        except OSError as problem:
            output.write(str(problem).encode())
            ended = 127
    print(f"{time.monotonic() - began:.1f} s" if ended == 0 else "did not work", flush=True)
    if ended != 0 and must:
        raise SetupFailed(f"{what} could not be set up ({' '.join(command[:3])}: status {ended}). The log: {log}")
    return ended == 0


def _environment() -> dict[str, str]:
    """The caller's (proxies and certificates with it), with the virtual environment's programs first: its Node, never
    the system's. PYTHONPATH lets scripts use what the end-to-end tests are driven with.
    """
    foreign = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    path = f"{VENV / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "WXT_TELEMETRY_DISABLED": "1"}
    return {**quiet, **kept, "PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONPATH": str(ROOT)}


def _sources(folder: Path) -> Iterable[Path]:
    """What the build reads: not what it makes, not what it is tested with."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        yield from (Path(place) / name for name in sorted(files) if ".test." not in name)


def _digest(files: Iterable[Path], *more: str) -> str:
    digest = hashlib.sha256("\0".join(more).encode())
    for path in files:
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _stands(name: str, wanted: str, result: Path) -> bool:
    """Whether what `_stamp` said of the result is still true: somebody may have made another one by hand."""
    stamp = CACHE / "stamps" / name
    return result.exists() and stamp.exists() and stamp.read_text("utf-8") == _stamp_of(wanted, result)


def _stamp(name: str, wanted: str, result: Path) -> None:
    stamp = CACHE / "stamps" / name
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_stamp_of(wanted, result), "utf-8")


def _stamp_of(wanted: str, result: Path) -> str:
    return f"{wanted} {result.stat().st_mtime_ns}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two scripts started together must not both build."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main(sys.argv[1:])
