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
    """The programs of an environment with the wheel and what it declares to need, nothing else."""
    return environment_with(wheel, tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="session")
def testing_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, its extra `patch` and pytest."""
    programs = environment_with(wheel, tmp_path_factory.mktemp("testing"), "pytest", "responses")
    script = programs / "pytest"
    script.write_text(f"#!{programs / 'python'}\nimport sys\nimport pytest\nsys.exit(pytest.console_main())\n")
    script.chmod(0o755)
    return programs


def environment_with(wheel: Path, folder: Path, *names: str) -> Path:
    """Install the wheel and borrow *names* from this environment, without a network; return the programs."""
    run("uv", "venv", "--quiet", "--offline", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    run("uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), str(wheel))
    paths = sysconfig.get_paths(vars={"base": str(folder / "venv"), "platbase": str(folder / "venv")})
    needed = dependencies(distribution("eachlabs-mock"))
    for name in names:
        needed |= {name: distribution(name), **dependencies(distribution(name))}
    for name in needed:
        borrow(name, Path(paths["purelib"]))
    return python.parent


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


def test_models_and_document_of_the_judge_are_those_of_the_emulator(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        judge, emulator = (fixtures(archive, package) for package in ("eachlabs_contract", "eachlabs_mock"))

    assert sorted(judge) == [*(f"models/{model}.json" for model in MODELS), "openapi/page.yaml"]
    assert judge == {name: emulator[name] for name in judge}


def fixtures(archive: zipfile.ZipFile, package: str) -> dict[str, bytes]:
    prefix = f"{package}/fixtures/"
    return {name.removeprefix(prefix): archive.read(name) for name in archive.namelist() if name.startswith(prefix)}


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
    assert "needs hypothesis" in done.stderr
    assert "pip install '.[contract]' in a checkout, or install the wheel with [contract]" in done.stderr


# Beside a project that owns modules and folders with likely names

OWNED = [
    "client/orders.py",
    "client/__init__.py",
    "client.py",
    "contract/orders.py",
    "contract/__init__.py",
    "contract.py",
    "mock_server/orders.py",
    "mock_server/__init__.py",
    "mock_server.py",
    "tests/orders.py",
    "tests/__init__.py",
]
"""A file of the project: a module, or a part of a folder with or without `__init__.py`."""

TESTS = """
import os

import requests

import {module}


def create():
    base_url, headers = os.environ["EACHLABS_BASE_URL"], {{"X-API-Key": os.environ["EACHLABS_API_KEY"]}}
    body = {{"model": "qwen-image", "input": {{"prompt": "a kite"}}}}
    return requests.post(f"{{base_url}}/prediction/", json=body, headers=headers).json()["predictionID"]


def test_own_module():
    assert {module}.OWNER == "the project"


def test_server(eachlabs_mock):
    assert [create()] == [prediction["id"] for prediction in eachlabs_mock.predictions]


def test_patched(eachlabs_patched):
    assert [create()] == [prediction["id"] for prediction in eachlabs_patched.predictions]
"""

WAYS = {
    "pytest": (["pytest"], {}),
    "python -m pytest": (["python", "-m", "pytest"], {}),
    "PYTHONPATH=. pytest": (["pytest", "--import-mode=importlib"], {"PYTHONPATH": "."}),
}


@pytest.fixture(params=OWNED)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project with one file of its own, a program that imports it, and tests that use our fixtures as well."""
    file = Path(request.param)
    module = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    for path, text in {
        file: "OWNER = 'the project'\n",
        Path("program.py"): f"import {module}\nprint({module}.OWNER)\n",
        Path("programs/program.py"): f"import {module}\nprint({module}.OWNER)\n",
        Path("test_project.py"): TESTS.format(module=module),
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_programs_of_a_project_import_its_own_modules(testing_environment: Path, project: Path) -> None:
    python = str(testing_environment / "python")

    assert run(python, "program.py", cwd=project) == "the project\n"
    assert run(python, "programs/program.py", cwd=project, PYTHONPATH=".") == "the project\n"


@pytest.mark.parametrize("way", WAYS)
def test_tests_of_a_project_have_its_own_modules_and_our_fixtures(
    testing_environment: Path, project: Path, way: str
) -> None:
    (program, *arguments), variables = WAYS[way]

    output = run(str(testing_environment / program), *arguments, "-q", cwd=project, **variables)

    assert "3 passed" in output


@pytest.mark.parametrize("variables", [{}, {"PYTHONPATH": "."}], ids=["", "PYTHONPATH=."])
def test_our_commands_work_within_a_project(
    testing_environment: Path, project: Path, variables: dict[str, str]
) -> None:
    def ours(command: str, *arguments: str) -> str:
        return run(str(testing_environment / command), *arguments, cwd=project, **variables)

    assert ours("eachlabs-mock", "--version").startswith("eachlabs-mock, version ")
    assert ours("eachlabs-mock", "exec", str(testing_environment / "python"), "program.py") == "the project\n"
    assert ours("python", "-m", "eachlabs_mock", "--version").startswith("eachlabs-mock, version ")
    assert "generate" in ours("eachlabs-client", "--help")
    assert "check" in ours("eachlabs-contract", "--help")
