"""Which cluster is meant, and as whom: Pods, kubeconfigs, proxies."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from opgen_runtime.client import config, kubeconfig
from opgen_runtime.client.config import TokenFile, explicit, in_cluster, is_in_cluster, proxy_for
from opgen_runtime.client.connect import find_config
from opgen_runtime.errors import ConfigurationError
from opgen_runtime.testing import VirtualClock

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def service_account(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("secret-one\n")
    (tmp_path / "ca.crt").write_text("")
    (tmp_path / "namespace").write_text("operators")
    return tmp_path


def write(
    path: Path, *, user: Mapping[str, Any], cluster: Mapping[str, Any] | None = None, **more: Any
) -> Path:
    doc = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "k", "cluster": {"server": "https://example.com:6443/", **(cluster or {})}}],
        "users": [{"name": "u", "user": dict(user)}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "team"}}],
        **more,
    }
    path.write_text(yaml.safe_dump(doc))
    return path


def read(path: str) -> str:
    return Path(path).read_text()


async def header(found: config.ClusterConfig) -> str:
    return await found.credentials.authorization()


# -- in a Pod -------------------------------------------------------------------------------------------


async def test_a_pod_uses_its_service_account(service_account: Path) -> None:
    found = in_cluster(POD, service_account)
    assert (found.server, found.namespace, found.context) == (
        "https://10.0.0.1:443",
        "operators",
        "in-cluster",
    )
    assert found.ca_file == str(service_account / "ca.crt")
    assert await header(found) == "Bearer secret-one"
    assert "secret" not in repr(found)


def test_an_ipv6_service_address(service_account: Path) -> None:
    assert (
        in_cluster({"KUBERNETES_SERVICE_HOST": "fd00::1"}, service_account).server == "https://[fd00::1]:443"
    )


def test_outside_of_a_pod(tmp_path: Path) -> None:
    assert not is_in_cluster({}, tmp_path)
    with pytest.raises(ConfigurationError, match="KUBERNETES_SERVICE_HOST"):
        in_cluster({}, tmp_path)
    with pytest.raises(ConfigurationError, match="automountServiceAccountToken"):
        in_cluster(POD, tmp_path)


def test_a_token_file_is_read_again_after_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one")

    async def scenario() -> list[str]:
        token = TokenFile(path)
        seen = [await token.authorization()]
        path.write_text("two")
        seen.append(await token.authorization())
        await asyncio.sleep(60)
        seen.append(await token.authorization())
        path.unlink()
        await asyncio.sleep(60)
        seen.append(await token.authorization())
        path.write_text("three")
        await token.renew()
        seen.append(await token.authorization())
        return seen

    assert VirtualClock().run(scenario()) == [f"Bearer {t}" for t in ("one", "one", "two", "two", "three")]


async def test_a_token_file_that_was_never_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the token"):
        await TokenFile(tmp_path / "token").authorization()


# -- by hand, and proxies -------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ["", "example.com", "ftp://example.com", "https://", "https://a:99999"])
def test_an_address_that_is_none(server: str) -> None:
    with pytest.raises(ConfigurationError, match="address of an API server"):
        explicit(server, environ={})


def test_an_address_by_hand() -> None:
    found = explicit("https://example.com/", token="t", environ={"HTTPS_PROXY": "proxy:3128"})
    assert (found.server, found.proxy) == ("https://example.com", "http://proxy:3128")


@pytest.mark.parametrize(
    ("no_proxy", "proxied"),
    [
        ("", True),
        ("*", False),
        ("example.com", False),
        (".example.com", False),
        ("api.example.com", False),
        ("pi.example.com", True),
        ("api.example.com:6443", False),
        ("api.example.com:443", True),
        ("other.org, API.example.com ", False),
        ("10.0.0.0/8", True),
        ("not/acidr", True),
    ],
)
def test_no_proxy(no_proxy: str, proxied: bool) -> None:
    environ = {"https_proxy": "http://proxy:3128", "NO_PROXY": no_proxy}
    assert (proxy_for("https://api.example.com:6443", environ) is not None) == proxied


@pytest.mark.parametrize(
    ("server", "no_proxy", "proxied"),
    [
        ("https://10.1.2.3", "10.0.0.0/8", False),
        ("https://11.1.2.3", "10.0.0.0/8", True),
        ("https://10.1.2.3", "10.1.2.3", False),
        ("https://[fd00::1]", "fd00::/8", False),
        ("https://[fd00::1]:6443", "fd00::1", False),
        ("https://127.0.0.1", "", False),
        ("https://localhost", "", False),
        ("http://10.1.2.3", "", False),
    ],
)
def test_no_proxy_for_addresses(server: str, no_proxy: str, proxied: bool) -> None:
    environ = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": no_proxy}
    assert (proxy_for(server, environ) is not None) == proxied


def test_a_proxy_that_cannot_be_used() -> None:
    with pytest.raises(ConfigurationError, match="socks5"):
        proxy_for("https://example.com", {"HTTPS_PROXY": "socks5://proxy"})


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("nonsense")
    for ca in ("ca.crt", "missing.crt"):
        with pytest.raises(ConfigurationError, match="cannot set up TLS"):
            explicit("https://example.com", ca_file=str(tmp_path / ca), environ={}).ssl_context()
    assert explicit("http://example.com", environ={}).ssl_context() is None


# -- kubeconfig -----------------------------------------------------------------------------------------


async def test_a_kubeconfig_with_a_token(tmp_path: Path) -> None:
    path = write(tmp_path / "config", user={"token": "secret"}, cluster={"insecure-skip-tls-verify": True})
    found = kubeconfig.load(str(path), environ={})
    assert (found.server, found.namespace, found.context) == ("https://example.com:6443", "team", "c")
    assert not found.verify
    assert await header(found) == "Bearer secret"
    path.write_text(path.read_text().replace("secret", "newer"))
    await found.credentials.renew()
    assert await header(found) == "Bearer newer"


async def test_a_kubeconfig_with_a_password(tmp_path: Path) -> None:
    path = write(tmp_path / "config", user={"username": "a", "password": "b"})
    assert (
        await header(kubeconfig.load(str(path), environ={})) == "Basic " + base64.b64encode(b"a:b").decode()
    )


async def test_a_token_file_beside_its_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file")
    path = write(tmp_path / "config", user={"tokenFile": "token", "token": "inline"})
    before = path.read_text()
    found = kubeconfig.load(str(path), environ={})
    assert await header(found) == "Bearer from-file"
    assert path.read_text() == before


def test_what_a_cluster_may_say(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("x")
    cluster = {
        "certificate-authority": "ca.crt",
        "tls-server-name": "inner.example.com",
        "proxy-url": "http://proxy:3128",
    }
    found = kubeconfig.load(str(write(tmp_path / "config", user={}, cluster=cluster)), environ={})
    assert found.ca_file == str(tmp_path / "ca.crt")
    assert (found.tls_server_name, found.proxy) == ("inner.example.com", "http://proxy:3128")


def test_client_certificates_from_data_and_from_files(tmp_path: Path) -> None:
    data = base64.b64encode(b"PEM").decode()
    user = {"client-certificate-data": data, "client-key-data": data}
    found = kubeconfig.load(str(write(tmp_path / "config", user=user)), environ={})
    assert found.client_cert is not None
    assert Path(found.client_cert).read_text() == "PEM"
    (tmp_path / "tls.crt").write_text("file")
    user = {"client-certificate": "tls.crt", "client-key": "tls.crt"}
    found = kubeconfig.load(str(write(tmp_path / "config", user=user)), environ={})
    assert found.client_cert == str(tmp_path / "tls.crt")


PLUGIN = """
import datetime, json, os, pathlib, sys
count = pathlib.Path(sys.argv[1])
n = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(n))
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
expiry = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=int(sys.argv[2]))
status = json.loads(sys.argv[3]) | {"expirationTimestamp": expiry.isoformat().replace("+00:00", "Z")}
if status.get("token"):
    status["token"] += str(n)
print(json.dumps({"apiVersion": info["apiVersion"], "kind": "ExecCredential", "status": status}))
"""


def plugin(tmp_path: Path, seconds: int, status: dict[str, str]) -> dict[str, Any]:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    args = [str(tmp_path / "plugin.py"), str(tmp_path / "count"), str(seconds), json.dumps(status)]
    exec_ = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": args,
        "interactiveMode": "Never",
        "env": [{"name": "X", "value": "y"}],
    }
    return {"exec": exec_}


async def test_an_exec_plugin_runs_again_before_its_token_expires(tmp_path: Path) -> None:
    path = write(tmp_path / "config", user=plugin(tmp_path, 3600, {"token": "t"}))
    found = kubeconfig.load(str(path), environ={})
    assert [await header(found), await header(found)] == ["Bearer t1", "Bearer t1"]
    await found.credentials.renew()
    assert await header(found) == "Bearer t2"
    path = write(tmp_path / "config", user=plugin(tmp_path, 60, {"token": "t"}))
    found = kubeconfig.load(str(path), environ={})
    assert [await header(found), await header(found)] == ["Bearer t4", "Bearer t5"]


async def test_an_exec_plugin_may_give_a_certificate(tmp_path: Path) -> None:
    given = {"clientCertificateData": "CERT", "clientKeyData": "KEY"}
    path = write(tmp_path / "config", user=plugin(tmp_path, 3600, given))
    found = kubeconfig.load(str(path), environ={})
    assert found.client_cert is not None
    assert found.client_key is not None
    assert (read(found.client_cert), read(found.client_key)) == ("CERT", "KEY")
    assert await header(found) == ""


@pytest.mark.parametrize(
    ("user", "problem"),
    [
        ({"exec": {"apiVersion": "v1", "command": "/no/such/plugin"}}, "no/such/plugin"),
        ({"exec": {"apiVersion": "v1"}}, "command"),
        ({"auth-provider": {"name": "azure"}}, "'azure'.* gave no token"),
    ],
)
def test_credentials_that_cannot_be_had(tmp_path: Path, user: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        kubeconfig.load(str(write(tmp_path / "config", user=user)), environ={})


async def test_a_plugin_that_gives_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "config", user=plugin(tmp_path, 3600, {}))
    with pytest.raises(ConfigurationError, match="neither a token nor a client certificate"):
        kubeconfig.load(str(path), environ={})


async def test_an_oidc_token_that_is_still_good(tmp_path: Path) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 4102444800}).encode()).decode().rstrip("=")
    token = f"aGVhZA.{claims}.c2ln"
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token}}}
    found = kubeconfig.load(str(write(tmp_path / "config", user=user)), environ={})
    assert await header(found) == f"Bearer {token}"


def test_a_list_of_kubeconfigs_is_merged(tmp_path: Path) -> None:
    one = write(tmp_path / "one", user={"token": "1"})
    two = write(
        tmp_path / "two",
        user={"token": "2"},
        clusters=[{"name": "k2", "cluster": {"server": "https://two.example.com"}}],
        contexts=[{"name": "c2", "context": {"cluster": "k2", "user": "u"}}],
    )
    environ = {"KUBECONFIG": f"{one}:{tmp_path / 'missing'}:{two}"}
    found = kubeconfig.load(None, "c2", environ)
    assert (found.server, found.namespace) == ("https://two.example.com", "default")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("a: [", "cannot be used"),
        ("[]", "cannot be used"),
        ("apiVersion: v1\nkind: Config\n", "current-context"),
        ("current-context: c\ncontexts: 5\nclusters: 3\nusers: x\n", "cannot be used"),
    ],
)
def test_a_file_that_is_no_kubeconfig(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=problem) as refused:
        kubeconfig.load(str(path), environ={})
    assert "\n" not in str(refused.value)


def test_a_cluster_without_a_server(tmp_path: Path) -> None:
    path = write(tmp_path / "config", user={}, clusters=[{"name": "k", "cluster": {"server": ""}}])
    with pytest.raises(ConfigurationError, match="without a server"):
        kubeconfig.load(str(path), environ={})


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        kubeconfig.load(str(write(tmp_path / "config", user={})), "nowhere", {})


# -- which one ------------------------------------------------------------------------------------------


def test_what_is_given_comes_first(tmp_path: Path) -> None:
    path = write(tmp_path / "config", user={})
    other = write(tmp_path / "other", user={}, cluster={"server": "https://other.example.com"})
    assert (
        find_config(str(other), None, {"KUBECONFIG": str(path), **POD}).server == "https://other.example.com"
    )
    assert find_config(None, None, {"KUBECONFIG": str(path), **POD}).server == "https://example.com:6443"


def test_no_cluster_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="no cluster is configured"):
        find_config(None, None, {})
    with pytest.raises(ConfigurationError, match="no kubeconfig at /no/such/file"):
        find_config("/no/such/file", None, {})


def test_the_official_package_is_loaded_only_for_kubeconfigs() -> None:
    """An operator in a Pod neither needs it nor waits for it."""
    script = (
        "import sys; import opgen_runtime.client.client, opgen_runtime.client.connect;"
        "sys.exit('kubernetes' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_seam_loads_no_http_library() -> None:
    script = "import sys; import opgen_runtime.client.client; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
