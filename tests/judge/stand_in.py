"""Run a converted script against the real Azure ML SDK v1 with the service stood in for, and print what it would have made.

The SDK's own classes check every argument: `AmlCompute.provisioning_configuration`, the estimators, data
references and outputs are the real ones. Only what would speak to the service is replaced: workspaces,
look-ups, registrations, creation and submission. Runs in an environment of its own; see test_judge_v1.py.
"""

import importlib.util
import json
import os
import sys
import types

import statements
from azureml.core import Datastore, Experiment, Run, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.compute_target import ComputeTargetException
from azureml.data.azure_storage_datastore import AzureBlobDatastore, AzureFileDatastore


class Storage:
    """A client of the older storage packages, which are not there beside the SDK; it answers every call with nothing."""

    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        return lambda *args, **kwargs: [] if name.startswith("list") else None


for package, service in (("azure.storage.file", "FileService"), ("azure.storage.blob", "BlockBlobService")):
    if importlib.util.find_spec("azure.storage") is None or package not in sys.modules:
        sys.modules.setdefault(package, types.ModuleType(package))
    setattr(sys.modules[package], service, Storage)

EFFECTS = []
MADE = {}
EXISTING = [*sys.argv[2:], *os.environ.get("EXISTING", "").split()]


class FakeWorkspace:
    """A workspace that knows nothing."""

    name, location = "ws", "eastus"
    _workspace_name, subscription_id, resource_group = "ws", "s", "rg"
    _auth_object = service_context = None

    def write_config(self):
        EFFECTS.append({"kind": "write_config"})


WORKSPACE = FakeWorkspace()


def workspace(kind):
    def call(*args, **kwargs):
        EFFECTS.append({"kind": kind, **{k: v for k, v in kwargs.items() if k != "auth"}})
        return WORKSPACE

    return staticmethod(call)


def look_up(cls, workspace, name):
    if name not in MADE and name not in EXISTING:
        raise ComputeTargetException("no compute " + name)
    return MADE.get(name) or compute(name)


def compute(name):
    made = object.__new__(AmlCompute)
    made.__dict__.update(
        name=name, type="AmlCompute", location="eastus", vm_size="x", workspace=WORKSPACE, _workspace=WORKSPACE
    )
    return made


def create(workspace, name, provisioning_configuration):
    provisioning_configuration.validate_configuration()
    shown = {k: v for k, v in vars(provisioning_configuration).items() if isinstance(v, (str, int))}
    shown.pop("admin_user_password", None)
    scale = provisioning_configuration.scale_settings
    shown.update(min_nodes=scale.minimum_node_count, max_nodes=scale.maximum_node_count)
    EFFECTS.append({"kind": "compute", "name": name, **shown})
    MADE[name] = compute(name)
    return MADE[name]


def register(cls, key):
    def call(workspace, datastore_name, account_name=None, account_key=None, **kwargs):
        EFFECTS.append({"kind": "datastore", "name": datastore_name, "account": account_name, "in": kwargs[key]})
        return cls(workspace, datastore_name, kwargs[key], account_name, account_key=account_key)

    return staticmethod(call)


class Status:
    current_node_count = 0

    def serialize(self):
        return {}


class FakeRun:
    """A run that is done."""

    id, display_name = "run_1", None

    def get_status(self):
        return "Failed" if len([e for e in EFFECTS if e["kind"] == "run"]) < 7 else "Completed"

    def wait_for_completion(self, **kwargs):
        EFFECTS.append({"kind": "wait", **kwargs})

    def get_file_names(self):
        return ["user_logs/std_log.txt"]


def plan(folder, variables):
    if "BATCHAI_LAUNCH" in variables:
        return json.loads(variables["BATCHAI_LAUNCH"])
    with open(os.path.join(folder, "batchai_launch.json")) as handle:
        return json.load(handle)


def submit(self, config, tags=None, **kwargs):
    settings = config.run_config
    script = os.path.join(config.source_directory, settings.script)
    if not os.path.isfile(script):
        raise ValueError("no entry script at " + script)
    EFFECTS.append(
        {
            "kind": "run",
            "experiment": self.name,
            "estimator": type(config).__name__,
            "script": settings.script,
            "arguments": [a if isinstance(a, (str, int, float)) else type(a).__name__ for a in settings.arguments],
            "nodes": settings.node_count,
            "framework": settings.framework,
            "communicator": settings.communicator,
            "per_node": settings.mpi.process_count_per_node,
            "processes": settings.pytorch.process_count,
            "workers": settings.tensorflow.worker_count,
            "servers": settings.tensorflow.parameter_server_count,
            "image": settings.environment.docker.base_image,
            "user_managed": settings.environment.python.user_managed_dependencies,
            "seconds": settings.max_run_duration_seconds,
            "references": {k: v.path_on_data_store for k, v in settings.data_references.items()},
            "compute": settings.target if isinstance(settings.target, str) else settings.target.name,
            "inputs": {k: [v.data_store_name, v.path_on_data_store] for k, v in settings.data_references.items()},
            "outputs": {
                k: [v.output_location.data_path.datastore_name, v.output_location.data_path.relative_path]
                for k, v in settings.output_data.items()
            },
            "variables": dict(settings.environment_variables or {}),
            "plan": plan(config.source_directory, settings.environment_variables or {})
            if settings.script == "batchai_launch.py"
            else None,
        }
    )
    return FakeRun()


def init(self, workspace, name, **kwargs):
    self.__dict__.update(_workspace=workspace, _name=name)


def upload_files(self, files, target_path=None, **kwargs):
    EFFECTS.append({"kind": "upload", "to": self.name, "files": files, "target_path": target_path})


for kind in ("create", "get", "from_config"):
    setattr(Workspace, kind, workspace("workspace." + kind))
ComputeTarget.__new__ = staticmethod(look_up)
ComputeTarget.__init__ = lambda self, workspace, name: None
ComputeTarget.create = staticmethod(create)
AmlCompute.wait_for_completion = lambda self, **kwargs: None
AmlCompute.get_status = lambda self: Status()
AmlCompute.delete = lambda self: EFFECTS.append({"kind": "delete", "name": self.name})
AmlCompute.update = lambda self, **kwargs: EFFECTS.append({"kind": "update", "name": self.name, **kwargs})
AzureFileDatastore.upload_files = AzureBlobDatastore.upload_files = upload_files
Datastore.register_azure_blob_container = register(AzureBlobDatastore, "container_name")
Datastore.register_azure_file_share = register(AzureFileDatastore, "file_share_name")
Experiment.__init__ = init
Experiment.submit = submit
del Run

sys.path.insert(0, os.getcwd())
target = sys.argv[1]
# scripts made from command lines are told which of their steps to run
sys.argv = [target, *os.environ["STEPS"].split()] if "STEPS" in os.environ else [target, *sys.argv[2:]]
names = statements.run(target, {})
if os.environ.get("THEN"):
    exec(os.environ["THEN"], names)
print("EFFECTS " + json.dumps(EFFECTS))
