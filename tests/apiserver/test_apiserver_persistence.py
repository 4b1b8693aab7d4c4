"""Objects in a file: what a restart gives back, what a damaged file says, and files that are written anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from apiserver_fixtures import Api

from opgen.apiserver import ApiServer
from opgen.apiserver.persistence import REWRITE_BYTES, STATE, TOKEN, Persistence, kept_secret
from opgen.errors import OpgenError

MAPS = "/api/v1/namespaces/default/configmaps"


@contextmanager
def kept(folder: Path, rewrite_bytes: int = REWRITE_BYTES, **arguments: Any) -> Iterator[Api]:
    server = ApiServer(**arguments)
    persistence = Persistence(server, folder, rewrite_bytes=rewrite_bytes)
    yield Api(server)
    persistence.close()


def everything(api: Api) -> dict[str, Any]:
    """All objects by table and key, and the revision."""
    with api.server.locked() as context:
        found: dict[str, Any] = {
            f"{table}/{item.namespace}/{item.name}": item.obj
            for table, _ in context.store.tables()
            for item in context.store.items(table)
        }
        return {**found, "revision": context.store.revision}


def test_a_restart_changes_nothing(tmp_path: Path, widgets: dict[str, Any]) -> None:
    """Twice, so that starting again is no change either: uids, versions, deletions, definitions, what waits."""
    path = "/apis/example.com/v1/namespaces/default/widgets"
    with kept(tmp_path) as api:
        api.server.install(widgets)
        api("POST", path, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}})
        waiting = {"apiVersion": "example.com/v1", "kind": "Widget"}
        api("POST", path, {**waiting, "metadata": {"name": "waits", "finalizers": ["example.com/f"]}})
        api("DELETE", f"{path}/waits")
        api("POST", MAPS, {"metadata": {"name": "gone"}})
        api("DELETE", f"{MAPS}/gone")
        api("DELETE", "/api/v1/namespaces/kube-public")
        before = everything(api)
    for _ in range(2):
        with kept(tmp_path) as api:
            assert everything(api) == before
            assert api("GET", f"{path}/waits")["metadata"]["deletionTimestamp"]
    with kept(tmp_path) as api:
        patch = {"metadata": {"finalizers": None}}
        api("PATCH", f"{path}/waits", patch, "application/merge-patch+json")
        api.fails(404, "GET", f"{path}/waits")


def test_a_watch_goes_on_from_before_the_restart(tmp_path: Path) -> None:
    with kept(tmp_path) as api:
        version = api("GET", MAPS)["metadata"]["resourceVersion"]
        api("POST", MAPS, {"metadata": {"name": "a"}})
    with kept(tmp_path) as api:
        api("POST", MAPS, {"metadata": {"name": "b"}})
        with api.server.locked() as context:
            changes = context.store.changes_since("/configmaps", int(version))
        assert [change.item.name for change in changes] == ["a", "b"]


def test_a_deleted_definition_stays_away(tmp_path: Path, widgets: dict[str, Any]) -> None:
    definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
    with kept(tmp_path) as api:
        api.server.install(widgets)
        api("DELETE", definition)
    with kept(tmp_path) as api:
        api.fails(404, "GET", definition)
        assert "example.com" not in json.dumps(api("GET", "/apis"))
        api.server.install(widgets)
    with kept(tmp_path) as api:
        assert api("GET", "/apis/example.com/v1/widgets")["items"] == []


def test_a_file_that_has_grown_is_written_anew(tmp_path: Path) -> None:
    with kept(tmp_path, rewrite_bytes=20_000) as api:
        api("POST", MAPS, {"metadata": {"name": "a"}})
        first = (tmp_path / STATE).stat().st_ino
        for number in range(60):
            patch = {"data": {"n": str(number) * 200}}
            api("PATCH", f"{MAPS}/a", patch, "application/merge-patch+json")
        assert (tmp_path / STATE).stat().st_ino != first
        before = everything(api)
    with kept(tmp_path) as api:
        assert everything(api) == before
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: b"", "not a file of this version"),
        (lambda text: b'{"format":"other/9"}\n' + text, "not a file of this version"),
        (lambda text: text.replace(b'"put"', b'"put', 1), r"objects\.jsonl:2 is damaged"),
        (lambda text: text + b"[1]\n", "is damaged"),
    ],
)
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, damage: Any, said: str) -> None:
    with kept(tmp_path):
        pass
    path = tmp_path / STATE
    path.write_bytes(damage(path.read_bytes()))
    damaged = path.read_bytes()
    with pytest.raises(OpgenError, match=said):
        Persistence(ApiServer(), tmp_path)
    assert path.read_bytes() == damaged


def test_a_line_that_was_cut_short_is_dropped(tmp_path: Path) -> None:
    with kept(tmp_path) as api:
        api("POST", MAPS, {"metadata": {"name": "a"}})
        before = everything(api)
        whole = (tmp_path / STATE).read_bytes()
        api("POST", MAPS, {"metadata": {"name": "b"}})
        longer = (tmp_path / STATE).read_bytes()
    for end in (len(whole) + 1, len(longer) - 1):
        (tmp_path / STATE).write_bytes(longer[:end])
        with kept(tmp_path) as api:
            assert everything(api) == before
        assert (tmp_path / STATE).read_bytes() == whole


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    token = kept_secret(tmp_path / "data", TOKEN)
    assert kept_secret(tmp_path / "data", TOKEN) == token
    assert kept_secret(tmp_path / "data", "other") != token
    assert (tmp_path / "data" / "token").stat().st_mode & 0o077 == 0
