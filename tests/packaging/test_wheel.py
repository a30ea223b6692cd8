"""The wheel as a stranger gets it: alone in an empty environment, and beside a project of the stranger's own."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = [
    "flux-2-flex",
    "flux-2-klein-9b-base-text-to-image",
    "flux-2-pro",
    "qwen-image",
    "z-image-turbo-lora",
]


pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it declares to need, nothing else; made without a network."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    run("uv", "venv", "--quiet", "--offline", "--python", sys.executable, str(home))
    python = home / "bin" / "python"
    run("uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), str(wheel))
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    for needed in dependencies(distribution("eachlabs-mock")):
        borrow(needed, Path(paths["purelib"]))
    return home / "bin"


def run(*command: str, cwd: Path | None = None, **environment: str) -> str:
    bin_folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([bin_folder, os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, "PATH": path, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dependencies(of: Distribution) -> dict[str, Distribution]:
    """Return what *of* needs, directly or not, without its extras."""
    found: dict[str, Distribution] = {}
    names = [re.match(r"[\w.-]+", need)[0] for need in of.requires or () if ";" not in need]
    for name in names:
        found |= {name: distribution(name), **dependencies(distribution(name))}
    return found


def borrow(name: str, into: Path) -> None:
    installed = distribution(name)
    for top in {file.parts[0] for file in installed.files or () if not file.parts[0].startswith(("..", "__pycache__"))}:
        if not (into / top).exists():
            (into / top).symlink_to(installed.locate_file(top))


def test_wheel_holds_the_packages_their_data_and_the_licences_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert {name.split("/")[0] for name in names} == {
        "eachlabs_mock",
        "eachlabs_contract",
        "eachlabs_client",
        "eachlabs_mock-0.1.0.dist-info",
    }
    assert sorted(Path(name).stem for name in names if name.startswith("eachlabs_mock/fixtures/models/")) == MODELS
    assert "eachlabs_mock/fixtures/openapi/page.yaml" in names
    assert all(f"{island}/py.typed" in names for island in ("eachlabs_mock", "eachlabs_contract", "eachlabs_client"))


def test_every_font_has_its_licence_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [Path(name) for name in archive.namelist() if "/fonts/" in name]

    fonts = [name for name in names if name.suffix in {".ttf", ".otf"}]
    licences = [name.name for name in names if name.name.endswith("-LICENSE.txt")]
    assert fonts
    assert all(any(font.stem.startswith(each.removesuffix("-LICENSE.txt")) for each in licences) for font in fonts)


def test_wheel_stays_under_twenty_megabytes(wheel: Path) -> None:
    assert wheel.stat().st_size < 20_000_000


def test_wheel_serves_from_an_empty_environment(environment: Path, tmp_path: Path) -> None:
    command = [str(environment / "eachlabs-mock"), "serve", "--port", "0", "--progress", "immediate"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base_url = json.loads(server.stdout.readline())["base_url"]
        try:
            with urllib.request.urlopen(f"{base_url}/models") as answer:  # noqa: S310  # our own server
                served = [model["slug"] for model in json.load(answer)]
            where = {"EACHLABS_BASE_URL": base_url, "EACHLABS_API_KEY": "k"}
            run(str(environment / "eachlabs-client"), "generate", "a kite", "--out", "kite.webp", cwd=tmp_path, **where)
        finally:
            server.terminate()

    assert served == MODELS
    assert (tmp_path / "kite.webp").read_bytes()[8:12] == b"WEBP"


def test_contract_of_the_wheel_finds_the_models_and_the_document(environment: Path, tmp_path: Path) -> None:
    imports = "from eachlabs_contract.spec.model import fixtures_folder, load_model"
    program = f"{imports}; print(load_model().slug, (fixtures_folder() / 'openapi').is_dir())"

    assert run(str(environment / "python"), "-c", program, cwd=tmp_path) == "qwen-image True\n"


def test_contract_without_its_extra_names_it_in_one_line(environment: Path, tmp_path: Path) -> None:
    command = [str(environment / "eachlabs-contract"), "check", "http://127.0.0.1:9"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install '.[contract]'" in done.stderr


def test_project_with_a_client_and_tests_of_its_own_is_not_disturbed(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "__init__.py").write_text("OWNER = 'the project'\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("OWNER = 'the project'\n")
    python, theirs = str(environment / "python"), "import client, tests; print(client.OWNER, tests.OWNER)"

    assert run(python, "-c", theirs, cwd=tmp_path) == "the project the project\n"
    assert run(python, "-m", "eachlabs_mock", "--version", cwd=tmp_path).startswith("eachlabs-mock, version ")
    assert run(str(environment / "eachlabs-mock"), "--version", cwd=tmp_path).startswith("eachlabs-mock, version ")
    assert "generate" in run(str(environment / "eachlabs-client"), "--help", cwd=tmp_path)
