"""Writes the generated blocks of the documents from the registries of the code; run as a program, it updates them."""

import ast
import inspect
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import Field
from pathlib import Path
from typing import Any

from eachlabs_contract.certification import trial_rows
from eachlabs_contract.manners import MANNERS
from eachlabs_contract.runner.catalogue import TESTS
from eachlabs_contract.spec.claim import Group, Level
from eachlabs_mock.cli.validate import schema_text
from eachlabs_mock.core.errors import REFUSALS
from eachlabs_mock.core.ledger import Ledger
from eachlabs_mock.faults import scenario
from eachlabs_mock.faults.fault import parameters as parameters_of
from eachlabs_mock.faults.registry import FAULTS, description
from eachlabs_mock.faults.rule import Rule
from eachlabs_mock.models import Catalog, Model, shipped_models
from eachlabs_mock.resources import shipped
from eachlabs_mock.settings.server import flag, registry, variable
from eachlabs_mock.settings.world import own_settings
from eachlabs_mock.testing.in_process import PatchedWorld
from eachlabs_mock.testing.server import MockServer
from eachlabs_mock.testing.world import MockClock, MockWorld
from readme.documents import DOCUMENTS, ROOT

BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
BENCH = ROOT / "fixtures" / "bench.md"
ISLANDS = {
    "eachlabs_mock": ROOT / "mock_server" / "eachlabs_mock",
    "eachlabs_contract": ROOT / "contract" / "eachlabs_contract",
    "eachlabs_client": ROOT / "client" / "eachlabs_client",
}


def table(*rows: tuple[str, ...]) -> str:
    """Return *rows*, the first of them the heading, as a Markdown table."""
    ruled = [rows[0], tuple("---" for _ in rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in ruled) + "\n"


def newcomer_settings() -> str:
    shown = (field for field in registry() if field.metadata.get("newcomer"))
    rows = ((f"`{flag(field.name)}`", _default(field), field.metadata["help"]) for field in shown)
    return table(("flag", "default", "what it does"), *rows)


def settings() -> str:
    own, rows = own_settings(), [("flag", "variable", "default", "per world", "what it does")]
    for field in sorted(registry(), key=lambda setting: not setting.metadata.get("newcomer")):
        name = f"`{flag(field.name)}`"
        bold = f"**{name}**" if field.metadata.get("newcomer") else name
        mark = "yes" if field.name in own else ""
        rows.append((bold, f"`{variable(field.name)}`", _default(field), mark, field.metadata["help"]))
    return table(*rows)


def _default(setting: Field[Any]) -> str:
    return f"`{setting.metadata['default']}`" if setting.metadata["default"] else "none"


def faults() -> str:
    rows = []
    for name, kind in FAULTS.items():
        own = ", ".join(f"`{key}` {_example(schema)}" for key, schema in parameters_of(kind).items())
        usual, others = sorted(kind.usual), sorted(kind.routes - kind.usual)
        where = ", ".join([*(f"**{route}**" for route in usual), *others])
        flag_needed = " Needs `--wire-faults`." if kind().needs_socket else ""
        rows.append((f"`{name}`", where, own, f"{description(kind)}{flag_needed}"))
    return table(("fault", "where (**by default**)", "parameters (*default*)", "what happens"), *rows)


def _example(schema: dict[str, object]) -> str:
    default = schema["default"]
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    options = schema.get("enum")
    if isinstance(options, list):
        return ", ".join(f"*{option}*" if option == default else str(option) for option in options)
    return f"*{shown}*"


def rules() -> str:
    rows = [(f"`{name}`", str(schema["description"])) for name, schema in parameters_of(Rule).items()]
    return table(("key", "what it says"), *rows)


def scenarios() -> str:
    rows = [(f"`{name}`", scenario.load_scenario(name).description) for name in scenario.shipped_scenarios()]
    return table(("scenario", "what it rehearses"), *rows)


def refusals() -> str:
    rows = [
        (f"`{row.key}`", str(row.status), row.message, "yes" if row.definite else "no", row.source)
        for row in REFUSALS.values()
    ]
    return table(("case", "HTTP", "`message`", "definite", "source"), *rows)


def models() -> str:
    heading = ("slug", "USD per execution", "parameters (bounds, options; *default*)")
    served = Catalog.load(shipped_models()).values()
    return table(heading, *((f"`{model.slug}`", str(model.cost or "unknown"), parameters(model)) for model in served))


def parameters(model: Model) -> str:
    required = model.request_schema.get("required", ())
    properties = model.request_schema["properties"].items()
    return ", ".join(f"`{name}`{parameter(schema, required=name in required)}" for name, schema in properties)


def parameter(schema: dict[str, object], *, required: bool) -> str:
    facts = []
    if "enum" in schema:
        facts.append("/".join(map(str, schema["enum"])))
    if "minimum" in schema:
        facts.append(f"{schema['minimum']} to {schema['maximum']}")
    if "default" in schema:
        default = schema["default"]
        facts.append(f"*{str(default).lower() if isinstance(default, bool) else default}*")
    return f" ({'required' if required else '; '.join(facts)})" if facts or required else ""


def groups() -> str:
    claims = [test.claim for test in TESTS]
    rows = [("group", *(level.value for level in Level), "one of them")]
    for group in Group:
        levels = Counter(claim.level for claim in claims if claim.group is group)
        first = next(claim for claim in claims if claim.group is group)
        rows.append((f"`{group}`", *(str(levels[level]) for level in Level), f"`{first.id}`: {first.sentence}"))
    return table(*rows)


def manners() -> str:
    rows = [(f"`{manner.id}`", manner.level.value, manner.sentence, manner.right) for manner in MANNERS]
    return table(("manner", "level", "rule", "right behaviour"), *rows)


def certification() -> str:
    return table(("trial", "title", "level", "story"), *trial_rows())


def figures() -> str:
    """Return the targets of the benchmark with what was measured: the missed ones, then the met ones."""
    rows = re.findall(r"^\| (.+) \| (.+) \| (met|missed) \|$", BENCH.read_text(), re.MULTILINE)
    lines = {
        verdict: [f"{row[0]} ({row[1]})" for row in rows[1:] if row[2] == verdict] for verdict in ("met", "missed")
    }
    return f"- **missed**: {'; '.join(lines['missed'])}\n- met: {'; '.join(lines['met'])}\n"


def layers() -> str:
    return _layers("eachlabs_mock")


def contract_layers() -> str:
    return _layers("eachlabs_contract")


def _layers(package: str) -> str:
    """Return the layers that import-linter holds *package* to, the highest first, as a picture in text."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rows: list[str] = next(rule["layers"] for rule in contracts if rule.get("containers") == [package])
    lines = (f"{len(rows) - number:>2}  {row.replace(' | ', '   ')}\n" for number, row in enumerate(rows))
    return f"```text\n{''.join(lines)}```\n"


def packages() -> str:
    return _packages("eachlabs_mock")


def contract_packages() -> str:
    return _packages("eachlabs_contract")


def client_packages() -> str:
    return _packages("eachlabs_client")


def _packages(package: str) -> str:
    """Return a row for each package and module directly inside *package*: the first line of its docstring."""
    rows = [("path", "what it does")]
    for path in sorted(ISLANDS[package].iterdir()):
        source = path / "__init__.py" if path.is_dir() else path
        if source.is_file() and source.suffix == ".py" and path.name != "__init__.py":
            purpose = ast.get_docstring(ast.parse(source.read_text())) or ""
            rows.append((f"`{path.name}{'/' * path.is_dir()}`", purpose.splitlines()[0]))
    return table(*rows)


def fixture_world() -> str:
    return _members(MockWorld)


def fixture_clock() -> str:
    return _members(MockClock)


def fixture_server() -> str:
    return _members(MockServer)


def fixture_patched() -> str:
    return _members(PatchedWorld)


def fixture_ledger() -> str:
    return table(("attribute", "what it is"), *_described(Ledger, "param"))


def _members(kind: type) -> str:
    """Return a row for each public attribute and method that *kind* itself declares."""
    rows = [("name", "what it is or does"), *_described(kind, "ivar")]
    for name, member in vars(kind).items():
        if not name.startswith("_"):
            function = member.fget if isinstance(member, property) else member
            rows.append((f"`{name}{_arguments(member)}`", (inspect.getdoc(function) or "").splitlines()[0]))
    return table(*rows)


def _described(kind: type, field: str) -> Iterator[tuple[str, str]]:
    """Yield what the docstring of *kind* says in its fields `:ivar name:` or `:param name:`."""
    doc = " ".join(inspect.getdoc(kind).split()) if kind.__doc__ else ""
    for name, text in re.findall(rf":{field} (\w+): (.*?)(?= :\w+ \w+: |$)", doc):
        yield f"`{name}`", text[:1].upper() + text[1:]


def _arguments(member: object) -> str:
    if not inspect.isfunction(member):
        return ""
    shown = inspect.signature(member)
    bare = [
        argument.replace(annotation=inspect.Parameter.empty)
        for name, argument in shown.parameters.items()
        if name != "self"
    ]
    return str(shown.replace(parameters=bare, return_annotation=inspect.Signature.empty))


GENERATORS: dict[str, Callable[[], str]] = {
    generator.__name__: generator
    for generator in (
        newcomer_settings,
        settings,
        faults,
        rules,
        scenarios,
        refusals,
        models,
        groups,
        manners,
        certification,
        figures,
        layers,
        contract_layers,
        packages,
        contract_packages,
        client_packages,
        fixture_world,
        fixture_clock,
        fixture_server,
        fixture_patched,
        fixture_ledger,
    )
}


def with_tables(text: str) -> str:
    """Return *text* with the current content of every generated block."""
    return BLOCK.sub(lambda block: block[1] + GENERATORS[block[2]]() + block[4], text)


def write(path: Path) -> None:
    path.write_text(with_tables(path.read_text()))


if __name__ == "__main__":
    for document in DOCUMENTS:
        write(document)
    (shipped("scenarios") / "scenario.schema.json").write_text(schema_text())
