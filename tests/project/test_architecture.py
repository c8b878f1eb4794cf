"""Imports flow one way, heavy packages stay in their room, and starting is cheap."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import docextract

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "docextract"
CODE = ("docextract", "benchmarks", "fixtures", "schemas", "docs", "tests")
DOCUMENTED = {"_replace", "_asdict", "_fields", "_exit"}
"""Of named tuples and of ``os``: underscores that are not private."""

FLOOR = {"core", "schema"}
SEAM = {"engine.base", "engine.checked"}
WORDS = {"engine.answers", "engine.prompt"}
TOOL = {"normalise"}
ROWS: dict[str, set[str]] = {
    "core": set(),
    "schema workers": {"core"},
    "normalise store engine.base engine.answers engine.prompt": FLOOR,
    "documents": {"core"} | TOOL,
    "engine.checked": FLOOR | SEAM,
    "engine.text verify": FLOOR | SEAM | TOOL,
    "engine.llava engine.server": FLOOR | SEAM | WORDS,
    "engine": FLOOR | SEAM | {"engine.text", "engine.llava", "engine.server"},
    "learning": FLOOR | TOOL | {"verify"},
    "pipeline": FLOOR | SEAM | TOOL | {"verify", "learning", "documents", "workers"},
    "pipeline.worker_task": FLOOR
    | {"pipeline", "verify", "learning", "documents", "workers", "engine"},
    "pipeline.engine_desk": {"core", "pipeline", "pipeline.worker_task", "documents", "workers"},
    "export": FLOOR | {"store"},
    "storage": FLOOR | {"documents", "store"},
    "review": FLOOR | TOOL | {"verify", "learning", "store", "export", "documents", "workers"},
    "evaluation": FLOOR | TOOL | {"verify", "store"},
    "training": FLOOR
    | SEAM
    | WORDS
    | TOOL
    | {"engine.llava", "evaluation", "verify", "documents", "workers", "store", "export"},
    "doctor": FLOOR | {"documents", "engine", "engine.llava", "workers"},
}
"""Who may import whom; ``api``, ``batch``, ``ask`` and ``cli`` stand above them all."""

ALLOWED = {room: allowed for rooms, allowed in ROWS.items() for room in rooms.split()}

ABOVE = {"", "__main__", "api", "ask", "batch", "cli"}
HEAVY_HOMES = {
    "torch": "engine.llava training",
    "transformers": "engine.llava training",
    "bitsandbytes": "engine.llava",
    "llguidance": "engine.llava",
    "accelerate": "engine.llava",
    "huggingface_hub": "engine.llava",
    "peft": "engine.llava training",
    "requests": "engine.server api",
    "urllib3": "engine.server api",
    "rapidocr": "documents",
    "ray": "workers",
    "pypdfium2": "documents",
    "pdf2image": "documents",
    "sqlite3": "store documents export",
    "obstore": "storage",
    "typer": "cli",
    "xlsxwriter": "export",
}


def room_of(name: str) -> str:
    """Return the room a module path belongs to, such as ``engine.text``."""
    parts = ".".join(name.split(".")[1:])
    home = next((room for room in sorted(ALLOWED, reverse=True) if is_within(parts, room)), None)
    top = parts.partition(".")[0]
    return home or top


def is_within(parts: str, room: str) -> bool:
    """Whether a module path below the package stands in a room."""
    return parts == room or parts.startswith(f"{room}.")


def imports():
    """Yield (file, importing room, imported module, whether only for type checkers)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(["docextract", *path.relative_to(PACKAGE).with_suffix("").parts])
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                yield path, room_of(module.removesuffix(".__init__")), name


def test_imports_flow_one_way():
    wrong = []
    for path, room, name in imports():
        if room in ALLOWED and name.split(".")[0] == "docextract":
            target = room_of(name)
            if target != room and target not in ALLOWED[room]:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert wrong == []


def test_the_house_keeps_its_measure():
    code = [sys.executable, "benchmarks/structure.py", "--check"]
    done = subprocess.run(code, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_worked_examples_name_files_that_are_there():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.partition("**Ten changes")[2].partition("**Tests**")[0]
    named = re.findall(r"`([\w./]+/[\w.]*)`", table)
    assert len(named) > 20
    assert [
        name for name in named if not ((PACKAGE / name).exists() or (ROOT / name).exists())
    ] == []


def test_the_floor_has_one_door():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path, room, name in imports()
        if name.startswith("docextract.core.") and room != "core"
    ]
    assert wrong == []


def test_every_room_is_known():
    rooms = {room for _, room, _ in imports()}
    assert rooms <= ABOVE | set(ALLOWED)


def test_nothing_imports_the_cli():
    wrong = [
        p
        for p, room, name in imports()
        if room_of(name) == "cli"
        and room not in ("cli", "__main__")
        and name.startswith("docextract")
    ]
    assert wrong == []


def test_heavy_packages_stay_in_their_room():
    wrong = []
    for path, room, name in imports():
        homes = HEAVY_HOMES.get(name.split(".")[0])
        if homes and room not in homes.split():
            wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert wrong == []


def test_one_loop_hands_out_what_comes_of_jobs():
    told = re.compile(r"case (Message|Finished|Tick)\(|isinstance\(.*\b(Message|Finished|Tick)\b")
    asked = re.compile(r"\b(pool|runner)\.run\(")
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if told.search(text := path.read_text("utf-8")) or asked.search(text)
    }
    # Runners hand on what comes: the actor from its pool, the pool of a cluster from its actors.
    runners = {"workers/cluster/actor.py", "workers/cluster/ray_pool.py"}
    assert found == {"workers/events.py", *runners}


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["run", "--help"],
        ["ask", "--help"],
        ["eval", "--help"],
        ["version"],
        ["schema", "list"],
        ["models", "list", "--vram-gb", "24"],
        ["models", "show", "llava-1.5-7b"],
        ["train", "run", "--help"],
    ],
)
def test_starting_needs_nothing_heavy(command):
    code = (
        "import sys\nfrom docextract.cli import main\n"
        f"sys.argv = ['docextract', *{command!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'transformers', 'bitsandbytes', 'rapidocr', 'cv2', 'pypdfium2',"
        " 'llguidance', 'onnxruntime', 'numpy'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_text_run_needs_no_torch(tmp_path, fixtures):
    one = sorted((fixtures / "invoices").glob("*.pdf"))[0]
    code = (
        "import sys\nfrom docextract.cli import main\n"
        f"sys.argv = ['docextract', 'run', {str(one)!r}, '--schema', 'invoice',"
        f" '--out', {str(tmp_path / 'out')!r}, '-q']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print('EXIT', end.code)\n"
        "print('torch' in sys.modules, 'rapidocr' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False", done.stderr


def test_private_names_of_libraries_stay_in_adapters_that_say_where_they_were_proved():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in our_files()}
    own = {name for tree in trees.values() for name in defined_names(tree)}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in trees.items()
        if "Proved on" not in (ast.get_docstring(tree) or "")
        for name in used_names(tree)
        if name.startswith("_") and not name.startswith("__") and name not in own | DOCUMENTED
    ]
    assert wrong == []


def our_files():
    return sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))


def used_names(tree):
    """Yield attributes, and names and modules imported from others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (*node.module.split("."), *(alias.name for alias in node.names))


def defined_names(tree):
    """Yield names of functions, classes, modules' values and attributes that are set."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def test_public_names_are_exact():
    assert sorted(docextract.__all__) == docextract.__all__
    for name in docextract.__all__:
        assert getattr(docextract, name) is not None
    with pytest.raises(AttributeError):
        docextract.nothing  # noqa: B018
