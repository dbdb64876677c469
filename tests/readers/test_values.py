"""How values reach a field: every way that real scripts build them."""

from __future__ import annotations

import pytest

from tests.reading import fields, operations

HEAD = """
import os, json, datetime, argparse
from azure.mgmt.batchai import BatchAIManagementClient, models
client = BatchAIManagementClient(None, 'sub')
"""


def image(body: str, value: str, **others: str) -> object:
    """The image of a job whose text is built by `body` and named by `value`."""
    job = (
        "client.jobs.create('rg', 'ws', 'e', 'j', models.JobCreateParameters(node_count=1, "
        f"container_settings=models.ContainerSettings(image_source_registry=models.ImageSourceRegistry(image={value}))))"
    )
    found = fields(HEAD + body + "\n" + job, **others)
    return found["properties.containerSettings.imageSourceRegistry.image"]


@pytest.mark.parametrize(
    ("body", "value", "expected"),
    [
        pytest.param("name = 'a/b'", "name", "a/b", id="variable"),
        pytest.param("", "'a' '/b'", "a/b", id="adjacent literals"),
        pytest.param("n = 'b'", "'a/{0}:{v}'.format(n, v=2)", "a/b:2", id="format"),
        pytest.param("n = 'b'", "'a/%s:%d' % (n, 2)", "a/b:2", id="percent tuple"),
        pytest.param("d = {'n': 'b'}", "'a/%(n)s' % d", "a/b", id="percent dict"),
        pytest.param("n = 'b'", "f'a/{n}'", "a/b", id="f-string"),
        pytest.param("n = 'b'", "'a' + '/' + n", "a/b", id="sum"),
        pytest.param("", "'/'.join(['a', 'b'])", "a/b", id="join"),
        pytest.param("", "os.path.join('a', 'b')", "a/b", id="path join"),
        pytest.param("n = 'a'\nn += '/b'", "n", "a/b", id="augmented"),
        pytest.param("d = {}\nd['n'] = 'a/b'", "d['n']", "a/b", id="dict built stepwise"),
        pytest.param("l = []\nl.append('a/b')", "l[0]", "a/b", id="list built stepwise"),
        pytest.param("l = [x + '/b' for x in ('a',)]", "l[0]", "a/b", id="comprehension"),
        pytest.param("def f(x, y='b'):\n    return x + '/' + y", "f('a')", "a/b", id="function with default"),
        pytest.param("f = lambda x: x + '/b'", "f('a')", "a/b", id="lambda"),
        pytest.param("class C:\n    n = 'a/b'", "C.n", "a/b", id="class attribute"),
        pytest.param("class C:\n    def __init__(self, n):\n        self.n = n", "C('a/b').n", "a/b", id="instance"),
        pytest.param("@dataclass\nclass C:\n    x: int\n    n: str = 'c'", "C(1, 'a/b').n", "a/b", id="data class"),
        pytest.param("@dataclass\nclass C:\n    x: int\n    n: str = 'a/b'", "C(1).n", "a/b", id="data class default"),
        pytest.param(
            "class C(NamedTuple):\n    n: str\n    @classmethod\n    def made(cls, n):\n        return cls(n=n)",
            "C.made('a/b').n",
            "a/b",
            id="class method",
        ),
        pytest.param("if True:\n    n = 'a/b'\nelse:\n    n = 'c'", "n", "a/b", id="branch that is taken"),
        pytest.param("n = 'A/B'", "n.lower()", "a/b", id="string method"),
        pytest.param("n = None", "n or 'a/b'", "a/b", id="or"),
        pytest.param("", "'a/' + os.environ['N']", {"parts": ["a/", {"expr": "os.environ['N']"}]}, id="environment"),
        pytest.param(
            "a = argparse.ArgumentParser().parse_args()", "a.image", {"expr": "a.image"}, id="command line argument"
        ),
        pytest.param(
            "import random\nn = 'x' if random.random() > 1 else 'y'",
            "n",
            {"expr": "'x' if random.random() > 1 else 'y'"},
            id="unknown condition",
        ),
        pytest.param("", "'a/{}'.format(missing)", {"parts": ["a/", {"expr": "missing"}]}, id="undefined name"),
    ],
)
def test_values(body: str, value: str, expected: object) -> None:
    assert image(body, value) == expected


def test_json_and_yaml_of_the_project_are_read() -> None:
    body = "with open('c.json') as f:\n    c = json.load(f)"
    assert image(body, "c['image']", c__json='{"image": "a/b"}') == "a/b"
    body = "import yaml\nc = yaml.safe_load(open('c.yml'))"
    assert image(body, "c['image']", c__yml="image: a/b\n") == "a/b"


def test_other_modules_of_the_project_are_read() -> None:
    assert image("from names import IMAGE", "IMAGE", names__py="IMAGE = 'a/b'\n") == "a/b"
    assert image("import names as n", "n.image('a')", names__py="def image(x):\n    return x + '/b'\n") == "a/b"


def test_user_code_is_never_run() -> None:
    assert image("raise SystemExit(1)" if False else "boom = 1 / 1", "str(int(boom))") == "1"
    assert image("import names", "names.IMAGE", names__py="IMAGE = 'a'\nopen('/nonexistent/x', 'w')\n") == "a"


@pytest.mark.parametrize(
    "how",
    [
        "import azure.mgmt.batchai.models as m",
        "from azure.mgmt.batchai import models as m",
        "import azure.mgmt.batchai as b\nm = b.models",
        "import azure.mgmt.batchai\nm = azure.mgmt.batchai.models",
    ],
)
def test_import_styles(how: str) -> None:
    found = fields(f"{HEAD}\n{how}\nclient.clusters.create('rg', 'ws', 'c', m.ClusterCreateParameters(vm_size='S'))")
    assert found == {"properties.vmSize": "S"}


def test_star_import_and_submodule_names() -> None:
    text = f"{HEAD}\nfrom azure.mgmt.batchai.models import *\nclient.clusters.create('rg', 'ws', 'c', ClusterCreateParameters(vm_size='S'))"
    assert fields(text) == {"properties.vmSize": "S"}
    text = f"{HEAD}\nclient.clusters.create('rg', 'ws', 'c', models.cluster_create_parameters.ClusterCreateParameters(vm_size='S'))"
    assert fields(text) == {"properties.vmSize": "S"}


def test_attribute_assignment_after_construction() -> None:
    text = (
        HEAD
        + """
p = models.ClusterCreateParameters(vm_size='S')
p.scale_settings = models.ScaleSettings(manual=models.ManualScaleSettings(target_node_count=1))
p.scale_settings.manual.target_node_count = 4
setattr(p, 'vm_priority', models.VmPriority.lowpriority)
client.clusters.create('rg', 'ws', 'c', parameters=p)
"""
    )
    assert fields(text) == {
        "properties.vmSize": "S",
        "properties.scaleSettings.manual.targetNodeCount": 4,
        "properties.vmPriority": "lowpriority",
    }


def test_a_plain_dict_is_read_as_the_sdk_reads_it() -> None:
    text = (
        HEAD
        + "client.clusters.create('rg', 'ws', 'c', {'VMSize': 'S', 'scale_settings': {'manual': {'targetNodeCount': 2}}})"
    )
    assert fields(text) == {"properties.vmSize": "S", "properties.scaleSettings.manual.targetNodeCount": 2}


def test_positional_arguments_of_the_first_version() -> None:
    text = (
        HEAD + "client.jobs.create('rg', 'j', models.JobCreateParameters('eastus', models.ResourceId('id'), 2, '$P'))"
    )
    assert fields(text) == {
        "location": "eastus",
        "properties.cluster.id": "id",
        "properties.nodeCount": 2,
        "properties.stdOutErrPathPrefix": "$P",
    }


def test_secrets_have_no_text() -> None:
    text = (
        HEAD
        + """
key = models.AzureStorageCredentialsInfo(account_key='bm90LXJlYWw=')
client.clusters.create('rg', 'ws', 'c', models.ClusterCreateParameters(user_account_settings=models.UserAccountSettings(
    admin_user_name='u', admin_user_password=os.environ['P'])))
"""
    )
    assert fields(text)["properties.userAccountSettings.adminUserPassword"] == {
        "secret": True,
        "source": "os.environ['P']",
    }


def test_durations_become_iso_8601() -> None:
    text = HEAD + (
        "client.jobs.create('rg', 'ws', 'e', 'j', models.JobCreateParameters(constraints="
        "models.JobBasePropertiesConstraints(max_wall_clock_time=datetime.timedelta(days=1, hours=6))))"
    )
    assert fields(text) == {"properties.constraints.maxWallClockTime": "P1DT6H"}


def test_what_was_built_and_never_sent_is_an_operation() -> None:
    found = operations(HEAD + "p = models.ClusterCreateParameters(vm_size='S')")
    assert [(op.op, op.reached) for op in found] == [("client.create", "always"), ("clusters.create", "uncalled")]


def test_reached() -> None:
    text = (
        HEAD
        + """
client.clusters.get('rg', 'ws', 'a')
if os.environ.get('X'):
    client.clusters.get('rg', 'ws', 'b')
for name in ('c', 'd'):
    client.clusters.get('rg', 'ws', name)
def never():
    client.clusters.get('rg', 'ws', 'e')
"""
    )
    found = {op.where.line - HEAD.count("\n"): op.reached for op in operations(text) if op.op == "clusters.get"}
    assert found == {2: "always", 4: "branch", 6: "loop", 8: "uncalled"}


def test_a_helper_called_from_two_places_gives_two_operations() -> None:
    text = (
        HEAD
        + """
def make(name):
    return client.clusters.get('rg', 'ws', name)
make('a')
make('b')
"""
    )
    found = [op for op in operations(text) if op.op == "clusters.get"]
    assert [op.name.value for op in found] == ["a", "b"]  # type: ignore[union-attr]
    assert all(op.via and op.via.endswith("in make") for op in found)


INI = """[DEFAULT]
registry = a
[job]
image = %(registry)s/b
nodes = 3
"""


@pytest.mark.parametrize(
    "value",
    ["c.get('job', 'image')", "c['job']['image']", "c['job'].get('image')", "c.get('job', 'missing', fallback='a/b')"],
)
def test_ini_files_of_the_project_are_read(value: str) -> None:
    body = "import configparser\nc = configparser.ConfigParser()\nc.read('c.ini')"
    assert image(body, value, **{"c.ini": INI}) == "a/b"
