"""Makes the tables of the README from the registries of the code; run as a program it writes them."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from eachlabs_contract.certification import trial_rows
from eachlabs_contract.manners import MANNERS
from eachlabs_contract.runner.catalogue import TESTS
from eachlabs_contract.spec.claim import Group, Level
from eachlabs_mock.cli.validate import schema_text
from eachlabs_mock.core.errors import REFUSALS
from eachlabs_mock.faults import scenario
from eachlabs_mock.faults.fault import parameters as parameters_of
from eachlabs_mock.faults.registry import FAULTS, meaning
from eachlabs_mock.faults.rule import keys
from eachlabs_mock.models import Catalog, Model, shipped_models
from eachlabs_mock.resources import shipped
from eachlabs_mock.settings.server import flag, registry, variable
from eachlabs_mock.settings.world import own_settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(*rows: tuple[str, ...]) -> str:
    """Return *rows*, the first of them the heading, as a Markdown table."""
    ruled = [rows[0], tuple("---" for _ in rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(each.replace('|', chr(92) + '|') for each in row)} |" for row in ruled) + "\n"


def settings() -> str:
    own, rows = own_settings(), [("flag", "variable", "default", "per world", "what it does")]
    for field in sorted(registry(), key=lambda each: not each.metadata.get("newcomer")):
        name = f"`{flag(field.name)}`"
        bold = f"**{name}**" if field.metadata.get("newcomer") else name
        default = f"`{field.metadata['default']}`" if field.metadata["default"] else "none"
        mark = "yes" if field.name in own else ""
        rows.append((bold, f"`{variable(field.name)}`", default, mark, field.metadata["help"]))
    return table(*rows)


def faults() -> str:
    rows = []
    for name, kind in FAULTS.items():
        own = ", ".join(f"`{key}` {_example(each)}" for key, each in parameters_of(kind).items())
        usual, others = sorted(kind.usual), sorted(kind.routes - kind.usual)
        where = ", ".join([*(f"**{each}**" for each in usual), *others])
        flag_needed = " Needs `--wire-faults`." if kind().needs_socket else ""
        rows.append((f"`{name}`", where, own, f"{meaning(kind)}{flag_needed}"))
    return table(("fault", "where (**unless told**)", "parameters (*default*)", "what happens"), *rows)


def _example(rules: dict[str, object]) -> str:
    default = rules["default"]
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    options = rules.get("enum")
    if isinstance(options, list):
        return ", ".join(f"*{each}*" if each == default else str(each) for each in options)
    return f"*{shown}*"


def rules() -> str:
    rows = [(f"`{name}`", str(each["description"])) for name, each in keys().items()]
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
    shipped = Catalog.load(shipped_models()).values()
    return table(heading, *((f"`{each.slug}`", str(each.cost or "unknown"), parameters(each)) for each in shipped))


def parameters(model: Model) -> str:
    required = model.request_schema.get("required", ())
    properties = model.request_schema["properties"].items()
    return ", ".join(f"`{name}`{parameter(rules, required=name in required)}" for name, rules in properties)


def parameter(rules: dict[str, object], *, required: bool) -> str:
    facts = []
    if "enum" in rules:
        facts.append("/".join(map(str, rules["enum"])))
    if "minimum" in rules:
        facts.append(f"{rules['minimum']} to {rules['maximum']}")
    if "default" in rules:
        facts.append(f"*{str(rules['default']).lower() if isinstance(rules['default'], bool) else rules['default']}*")
    return f" ({'required' if required else '; '.join(facts)})" if facts or required else ""


def groups() -> str:
    claims = [each.claim for each in TESTS]
    rows = [("group", *(level.value for level in Level), "one of them")]
    for group in Group:
        levels = Counter(each.level for each in claims if each.group is group)
        first = next(each for each in claims if each.group is group)
        rows.append((f"`{group}`", *(str(levels[level]) for level in Level), f"`{first.id}`: {first.sentence}"))
    return table(*rows)


def manners() -> str:
    rows = [(f"`{each.id}`", each.level.value, each.sentence, each.right) for each in MANNERS]
    return table(("manner", "level", "rule", "right behaviour"), *rows)


def certification() -> str:
    return table(("trial", "title", "level", "story"), *trial_rows())


def rooms() -> str:
    """Return a row for each module and for each package, in whose modules the first lines say more."""
    rows = [("room", "what it is for")]
    for path in chain.from_iterable(
        map(_rooms, ("mock_server/eachlabs_mock", "contract/eachlabs_contract", "client/eachlabs_client"))
    ):
        source = path / "__init__.py" if path.is_dir() else path
        purpose = ast.get_docstring(ast.parse(source.read_text())) or ""
        rows.append((f"`{path.relative_to(ROOT)}{'/' * path.is_dir()}`", purpose.splitlines()[0]))
    return table(*rows)


def _rooms(island: str) -> Iterator[Path]:
    """Yield the island itself, then what lies in it."""
    yield ROOT / island
    for path in sorted((ROOT / island).iterdir()):
        if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.name != "__init__.py"):
            yield path


GENERATORS: dict[str, Callable[[], str]] = {
    each.__name__: each
    for each in (settings, faults, rules, scenarios, refusals, models, groups, manners, certification, rooms)
}


def with_tables(text: str) -> str:
    """Return *text* with every generated block made anew."""
    return BLOCK.sub(lambda found: found[1] + GENERATORS[found[2]]() + found[4], text)


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
    (shipped("scenarios") / "scenario.schema.json").write_text(schema_text())
