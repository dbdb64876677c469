"""SDK v1, as the rewriter writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from batchai2aml.azureml.model import Code, Compute, Datastore, Job, Scale, Wanted
from batchai2aml.emit import python
from batchai2aml.emit.sdk import Answer, Place, Reading, Resource, Sdk
from batchai2aml.emit.templates import render
from batchai2aml.emit.v1 import statements, wanted


class V1(Sdk):
    """azureml-core 1.61 and azureml-train-core 1.62: compute targets, datastores, experiments, estimators, runs."""

    workspace_variable: ClassVar[str] = "ws"
    job_variable: ClassVar[str] = "estimator"
    imports: ClassVar[Mapping[str, str]] = statements.IMPORTS
    classes: ClassVar[Mapping[str, str]] = {
        "BatchAIManagementClient": "Workspace",
        "BatchAI": "Workspace",
        "Cluster": "AmlCompute",
        "Experiment": "Experiment",
        "Job": "Run",
        "JobCreateParameters": "Estimator",
        "Workspace": "Workspace",
    }
    exceptions: ClassVar[Mapping[str, str]] = {
        "clusters": "ComputeTargetException",
        "workspaces": "WorkspaceException",
        "": "AzureMLException",
    }
    pollers: ClassVar[frozenset[str]] = frozenset()
    times_are_texts: ClassVar[bool] = True
    lost: ClassVar[frozenset[str]] = frozenset({"status_code", "response", "error", "request_id", "inner_exception"})
    fetching: ClassVar[str] = "Run.download_file(name, path) fetches one"
    has_experiments: ClassVar[bool] = True
    makes_groups: ClassVar[bool] = True
    takes_lines: ClassVar[bool] = False
    names_outputs: ClassVar[bool] = False
    takes_conda_files: ClassVar[bool] = False
    keeps_storage: ClassVar[bool] = False

    def service_principal(self, tenant: Code, client: Code, secret: Code) -> str:
        self.want("ServicePrincipalAuthentication")
        arguments: list[tuple[str, Code | str]] = [
            ("tenant_id", tenant),
            ("service_principal_id", client),
            ("service_principal_password", secret),
        ]
        return python.call("ServicePrincipalAuthentication", arguments, self.style)

    def credential(self, old: str) -> str | None:
        made = {
            "AzureCliCredential": "AzureCliAuthentication",
            "MSIAuthentication": "MsiAuthentication",
            "ManagedIdentityCredential": "MsiAuthentication",
        }.get(old, "InteractiveLoginAuthentication")
        self.want(made)
        return f"{made}()"

    def opened(self, credential: str) -> str:
        self.want("Workspace")
        return f"Workspace.from_config(auth={credential})" if credential else "Workspace.from_config()"

    def workspace_created(self, variable: str, place: Place) -> Answer:
        self.want("Workspace")
        arguments = [("name", place.name), *self._place(place)]
        if place.location is not None:
            arguments.append(("location", place.location))
        if place.tags is not None:
            arguments.append(("tags", place.tags))
        arguments += [("create_resource_group", Code(str(place.makes_group))), ("exist_ok", Code("True"))]
        lines = [f"{variable} = {python.call('Workspace.create', arguments, self.style)}"]
        lines += [f"{variable}.write_config()"] if place.recorded else []
        return Answer(tuple(lines), variable)

    def workspace_got(self, variable: str | None, workspace: Callable[[], str], place: Place) -> Answer:
        self.want("Workspace")
        value = python.call("Workspace.get", [("name", place.name), *self._place(place)], self.style)
        return Answer((), value) if variable is None else Answer((f"{variable} = {value}",), variable)

    @staticmethod
    def _place(place: Place) -> list[tuple[str, Code]]:
        auth = [("auth", Code(place.credential))] if place.credential else []
        return [*auth, ("subscription_id", place.subscription), ("resource_group", place.group)]

    def workspace_deleted(self, workspace: str, place: Callable[[], Place]) -> str:
        return f"{workspace}.delete(delete_dependent_resources=False, no_wait=False)"

    def workspace_updated(self, workspace: str, name: Code | None, tags: Code) -> Answer:
        return Answer((f"{workspace}.update(tags={tags})",), workspace)

    def workspaces(self, workspace: Callable[[], str], subscription: Callable[[], Code], group: Code | None) -> str:
        self.want("Workspace")
        words = [str(subscription()), *([f"resource_group={group}"] if group is not None else [])]
        found, each = self.file.again("found"), self.file.again("workspace")
        return f"[{each} for {found} in Workspace.list({', '.join(words)}).values() for {each} in {found}]"

    def of_cluster(self, variable: str) -> str | None:
        return f"{variable}.workspace"

    def cluster_spec(self, made: Compute, name: Code | None) -> str:
        self.want("AmlCompute")
        return statements.compute(made, self.style)

    def cluster_wanted(self, made: Compute) -> Wanted:
        return wanted.of_compute(made)

    def cluster_created(self, variable: str, cluster: Resource, spec: str, again: bool, named: bool) -> Answer:
        self.want("ComputeTarget")
        if not again:
            self.want("ComputeTargetException")
        text = render(
            "v1/compute",
            self.style.quote,
            again=again,
            variable=variable,
            workspace=cluster.workspace(),
            name=cluster.name(),
            configuration=spec,
        )
        return Answer((text,), variable)

    def cluster(self, cluster: Resource) -> str:
        return cluster.variable or str(self.cluster_named(cluster.workspace, str(cluster.name())))

    def cluster_reference(self, holder: str) -> str:
        return holder

    def cluster_named(self, workspace: Callable[[], str], name: str) -> str:
        self.want("ComputeTarget")
        return f"ComputeTarget(workspace={workspace()}, name={name})"

    def cluster_updated(self, cluster: Resource, scale: Scale) -> Answer:
        target = self.cluster(cluster)
        arguments = ", ".join(f"{name}={value}" for name, value in statements.scale(scale))
        return Answer((f"{target}.update({arguments})",), target)

    def cluster_deleted(self, cluster: Resource) -> tuple[str, str, str]:
        wait = "wait_for_completion(show_output=True, is_delete_operation=True)"
        return self.cluster(cluster), "delete()", wait

    def clusters(self, workspace: str) -> str:
        self.want("ComputeTarget")
        kind = self.string("AmlCompute")
        return f"[target for target in ComputeTarget.list({workspace}) if target.type == {kind}]"

    def nodes(self, cluster: Resource) -> str:
        return f"{self.cluster(cluster)}.list_nodes()"

    def usages(self, workspace: str, location: Code | None) -> str:
        self.want("AmlCompute")
        return f"AmlCompute.list_usages({workspace}{'' if location is None else f', location={location}'})"

    def datastore(self, store: Datastore, workspace: str) -> str:
        self.want("Datastore")
        return statements.datastore(store, workspace, self.style)

    def datastore_wanted(self, store: Datastore) -> Wanted:
        return wanted.of_datastore(store, self.style)

    def experiment(self, workspace: Callable[[], str], name: Code) -> str:
        self.want("Experiment")
        return f"Experiment({workspace()}, name={name})"

    def experiments(self, workspace: str) -> str:
        self.want("Experiment")
        return f"Experiment.list({workspace})"

    def experiment_deleted(self, workspace: Callable[[], str], experiment: str) -> list[str]:
        return ["# BAI144: an experiment cannot be deleted, only archived", f"{experiment}.archive()"]

    def job(self, made: Job, workspace: Callable[[], str]) -> tuple[list[str], str]:
        self.want(*statements.names(made))
        return statements.job(made, self.file.name("script_params"), self.style)

    def job_wanted(self, made: Job) -> list[Wanted]:
        return list(wanted.of_job(made, self.style))

    def job_afterwards(self, made: Job, variable: str) -> list[str]:
        several = statements.several_processes(made, self.style)
        if several is None:
            return []
        if variable:
            self.want("PyTorchConfiguration")
        return [statements.processes(several, variable)]

    def submitted(
        self, run: str, job: str, workspace: Callable[[], str], experiment: str, name: Code | None, tags: str
    ) -> list[str]:
        given = f", tags={tags}" if tags else ""
        lines = [f"{run} = {experiment}.submit({job}{given})"]
        return [*lines, f"{run}.display_name = {name}"] if name is not None else lines

    def variables(self, job: str) -> str:
        return f"{job}.run_config.environment_variables"

    def swept(
        self, run: str, job: str, workspace: Callable[[], str], experiment: str, prefix: str, served: bool = False
    ) -> list[str]:
        step, template = self.style.indent, self.string("{0}_{1}")
        return [
            f"{run} = {experiment}.submit(",
            f"{step}{job}, tags={self.variables(job)})",
            f"{run}.display_name = {template}.format({prefix}, {run}.id)",
        ]

    def sent_again(self, job: str, workspace: Callable[[], str], experiment: str) -> str:
        return f"{experiment}.submit({job}, tags={self.variables(job)})"

    def found(self, run: Resource) -> str:
        if run.variable is not None:
            return run.variable
        return f"next(run for run in {run.experiment()}.get_runs() if run.display_name == {run.name()})"

    def refreshed(self, run: str, workspace: Callable[[], str], again: bool) -> str:
        if not again:
            return run
        self.want("Run")
        return f"Run({run}.experiment, run_id={run}.id)"

    def runs(self, workspace: Callable[[], str], experiment: str) -> str:
        return f"{experiment}.get_runs()"

    def waited(self, run: str, workspace: Callable[[], str], shown: bool) -> list[str]:
        return [f"{run}.wait_for_completion({'show_output=True' if shown else 'raise_on_error=False'})"]

    def cancelled(self, run: str, workspace: Callable[[], str]) -> tuple[str, str, str]:
        return run, "cancel()", "wait_for_completion(raise_on_error=False)"

    def run_deleted(self, run: Callable[[], str], workspace: Callable[[], str]) -> Answer:
        return Answer(("# BAI708: a run cannot be deleted with SDK v1; delete it in the studio or keep it",))

    def runs_deleted(self, workspace: Callable[[], str], runs: Callable[[], str]) -> list[str]:
        return ["# BAI708: runs cannot be deleted with SDK v1; delete them in the studio or keep them"]

    def status(self, run: str) -> str:
        return f"{run}.get_status()"

    def status_of_info(self, info: str) -> str:
        return f"{info}[{self.string('status')}]"

    def printed(self, code: str, workspace: Callable[[], str], cluster: bool) -> str:
        return f"print({code}.get_status(){'.serialize()' if cluster else ''})"

    def tags(self, run: str) -> str:
        return f"{run}.get_tags()"

    def run_nodes(self, run: str, workspace: str) -> Answer:
        self.want("ComputeTarget")
        node = self.file.again("node")
        target = f"ComputeTarget({workspace}, {run}.get_details()[{self.string('target')}])"
        test = f"{node}.get({self.string('runId')}) == {run}.id"
        return Answer((), f"[{node} for {node} in {target}.list_nodes() if {test}]")

    def files(self, run: str, workspace: Callable[[], str]) -> Answer:
        return Answer((), f"{run}.get_file_names()")

    def output_files(self, run: str, workspace: Callable[[], str], output: str, path: Code, store: Datastore) -> Answer:
        lines: list[str] = []
        if not store.variable:
            self.want("Datastore")
            lines.append(f"{store.name} = Datastore.get({workspace()}, {self.string(store.name)})")
        folder = statements.destination(str(path), run, self.style)
        return Answer(tuple(lines), statements.listing(store.name, store.kind, folder, self.style))

    def file_name(self, file: str) -> str:
        return file

    def fetched(self, run: str, file: str, target: str) -> str:
        return f"{run}.download_file({file}, output_file_path={target})"

    def metric(self, function: str, reading: Reading) -> str:
        self.need("re")
        return render(
            "v1/metric",
            self.style.quote,
            function=function,
            datastore=reading.datastore,
            folder=statements.destination(str(reading.path), "run", self.style),
            file=reading.share,
            logfile=reading.logfile,
            regex=reading.regex,
            reduced=reading.reduced,
        )
