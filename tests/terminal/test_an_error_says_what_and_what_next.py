"""Every error has its exit code and the next step that fits its cause."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from dagster_srp import errors
from dagster_srp.cli import app
from dagster_srp.errors import DbtFailed, WarehouseError, explained, near_names
from dagster_srp.home import Home

FULL = OSError(errno.ENOSPC, "No space left on device", "/tmp/x")
CAUSES: list[tuple[BaseException, type[WarehouseError], str]] = [
    (FULL, errors.DiskFull, "Free some room at /tmp"),
    (duckdb.IOException('IO Error: Could not write file "/tmp/x"'), errors.DiskFull, "Free some room"),
    (duckdb.OutOfMemoryException("Out of Memory Error: failed (1 used)"), errors.NotEnoughMemory, "SRP_MEMORY_LIMIT"),
    (duckdb.IOException("IO Error: it is not a valid DuckDB database file!"), errors.FileCorrupt, "from the archive"),
    (PermissionError(errno.EACCES, "Permission denied", "/tmp/x"), errors.NotAllowed, "srp share"),
    (FileNotFoundError(errno.ENOENT, "No such file", "/tmp/x"), errors.FileTrouble, "that file"),
    (duckdb.ParserException("Parser Error: syntax error at end"), errors.WarehouseFault, "report it"),
    (duckdb.BinderException("Binder Error: no column a"), errors.WarehouseFault, "report it"),
    (ZeroDivisionError("division by zero"), errors.WarehouseFault, "report it"),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "kind", "next_step"), CAUSES, ids=[kind.__name__ for _, kind, _ in CAUSES])
def test_a_cause_has_its_own_next_step(
    cause: BaseException, kind: type[WarehouseError], next_step: str
) -> None:
    error = explained(cause)
    assert (type(error), next_step in error.next_step) == (kind, True)


@pytest.mark.parametrize(
    "cause", [cause for cause, kind, _ in CAUSES if kind is not errors.DiskFull], ids=repr
)
def test_only_a_full_disk_wants_room(cause: BaseException) -> None:
    error = explained(cause)
    assert "room" not in f"{error} {error.next_step}"


def test_a_query_that_ctrl_c_broke_off_is_an_interrupt() -> None:
    assert isinstance(explained(RuntimeError("Query interrupted")), errors.Interrupted)


def test_a_fault_quotes_no_value() -> None:
    with duckdb.connect() as connection:
        try:
            connection.execute("select 'Maren Holt'::integer")
        except duckdb.Error as error:
            assert "Maren" not in str(explained(error))


def test_a_fault_says_where_in_the_code() -> None:
    try:
        Home(Path("/nowhere"))._is_unused(None)  # type: ignore[arg-type]
    except AttributeError as error:
        assert "dagster_srp/home.py" in str(explained(error))


def test_a_full_disk_inside_dbt_wants_room() -> None:
    assert "Free some room" in DbtFailed([], "dbt refused: x", FULL).next_step


def test_every_error_has_an_exit_code_of_the_page() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WarehouseError)
    ]
    assert len(kinds) > 15 and {kind.exit_code for kind in kinds} == {1, 2, 3, 130}


@pytest.mark.parametrize(
    ("name", "near"), [("syp_crime", "syp_crimes"), ("incidents_hate", "hate_incidents"), ("zzz", None)]
)
def test_names_that_are_near(name: str, near: str | None) -> None:
    assert (near_names(name, ["syp_crimes", "marac_cases", "hate_incidents"]) or [None])[0] == near


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home in which nothing has landed."""
    home = Home(tmp_path / "home")
    home.make(demo=False)
    return home


def srp(home: Home, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, words, env={"SRP_HOME": str(home.root), **environment})


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["deliveries", "syp_crime"], 2, "Did you mean syp_crimes"),
        (["quarantine", "nofeed"], 2, "srp feeds"),
        (["deliveries", "--month", "2025-13"], 2, "Write it as 2025-03"),
        (["deliveries"], 2, "Nothing has landed yet"),
        (["reconcile"], 2, "Nothing is released yet"),
        (["explain", "hate_incidents"], 2, "Nothing is released yet"),
        (["rebuild", "r0001"], 2, "srp releases"),
        (["refresh", "--as-at", "yesterday"], 2, "2017-03-31T23:59:59"),
        (["refresh", "--as-at", "2999-01-01"], 2, "has not come yet"),
        (["share"], 2, "srp share analysts"),
        (["demo", "--scale", "0"], 2, "home of real extracts"),
        (["nonsense"], 2, "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_verb_says_what_is_wrong(home: Home, words: list[str], code: int, said: str) -> None:
    done = srp(home, *words)
    assert (done.exit_code, said in " ".join(done.stderr.split()), done.stdout) == (code, True, "")


def test_every_wrong_setting_is_named_as_it_was_written(home: Home) -> None:
    done = srp(home, "status", SRP_THREADS="many", SRP_MEMORY_LIMIT="lots", SRP_AS_AT="soon")
    found = [
        name for name in ("SRP_THREADS", "SRP_MEMORY_LIMIT", "SRP_AS_AT") if f"{name} is '" in done.stderr
    ]
    assert (done.exit_code, len(found)) == (2, 3)


def test_without_a_home_the_next_step_makes_one(tmp_path: Path) -> None:
    done = srp(Home(tmp_path / "none"), "status")
    assert (done.exit_code, "`srp refresh` makes one" in done.stderr) == (2, True)


def test_an_empty_home_has_no_release_that_stays(home: Home) -> None:
    (home.warehouse / "landing.duckdb").write_text("no database", encoding="utf-8")
    done = srp(home, "deliveries")
    assert (done.exit_code, "Nothing is released yet." in done.stderr) == (1, True)


def test_an_error_is_json_where_json_is_asked_for(home: Home) -> None:
    done = srp(home, "deliveries", "--json")
    assert '"exit_code": 2' in done.stdout and '"next_step"' in done.stdout


@pytest.fixture
def viewer(home: Home) -> Iterator[int]:
    """Another program that has the landing file open for writing."""
    script = f"import duckdb, sys; kept = duckdb.connect({str(home.workplace.landing)!r}); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


def test_a_lock_names_the_process_and_its_start(home: Home, viewer: int) -> None:
    done = srp(home, "deliveries")
    said = " ".join(done.stderr.split())
    assert done.exit_code == 1
    assert f"process {viewer} (python" in said and "started 20" in said and "Close that program" in said


def test_a_running_refresh_is_named_with_its_process_and_start(home: Home) -> None:
    with home.lock():
        done = srp(home, "refresh")
    said = " ".join(done.stderr.split())
    assert (done.exit_code, f"process {os.getpid()} (" in said, "started 20" in said) == (3, True, True)


def test_after_the_lock_nobody_is_named(home: Home) -> None:
    with home.lock():
        pass
    assert home.holder is None
