"""SDK v2, as the rewriter writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import ClassVar

from batchai2aml.azureml.model import METRIC, METRIC_GOAL, Code, Compute, Datastore, Job, Scale, Wanted
from batchai2aml.azureml.search import Search
from batchai2aml.emit import python, search
from batchai2aml.emit.sdk import Answer, Place, Reading, Resource, Sdk, Sweep
from batchai2aml.emit.templates import render
from batchai2aml.emit.v2 import statements

_FROM_ENVIRONMENT = re.compile(r"os\.(?:environ\[|environ\.get\(|getenv\()['\"](AZURE_\w+)['\"][\])]")


class V2(Sdk):
    """azure-ai-ml 1.35: a client for a workspace, entities that are sent with it, and jobs by name."""

    workspace_variable: ClassVar[str] = "ml_client"
    job_variable: ClassVar[str] = "command_job"
    imports: ClassVar[Mapping[str, str]] = statements.IMPORTS
    classes: ClassVar[Mapping[str, str]] = {
        "BatchAIManagementClient": "MLClient",
        "BatchAI": "MLClient",
        "Cluster": "AmlCompute",
        "Experiment": "str",
        "Job": "Job",
        "JobCreateParameters": "Command",
        "Workspace": "Workspace",
    }
    exceptions: ClassVar[Mapping[str, str]] = {"": "HttpResponseError"}
    pollers: ClassVar[frozenset[str]] = frozenset(
        {
            "workspaces.create",
            "workspaces.delete",
            "clusters.create",
            "clusters.delete",
            "jobs.terminate",
            "jobs.delete",
        }
    )
    times_are_texts: ClassVar[bool] = False
    lost: ClassVar[frozenset[str]] = frozenset({"request_id", "inner_exception"})
    fetching: ClassVar[str] = "MLClient.jobs.download(name, all=True) fetches them"
    has_experiments: ClassVar[bool] = False
    makes_groups: ClassVar[bool] = False
    takes_lines: ClassVar[bool] = True
    names_outputs: ClassVar[bool] = True
    takes_conda_files: ClassVar[bool] = True
    keeps_storage: ClassVar[bool] = True

    def service_principal(self, tenant: Code, client: Code, secret: Code) -> str:
        named = [_FROM_ENVIRONMENT.fullmatch(str(code)) for code in (tenant, client, secret)]
        usual = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]
        if [found and found[1] for found in named] == usual:
            return self._default()
        self.want("ClientSecretCredential")
        arguments = [("tenant_id", tenant), ("client_id", client), ("client_secret", secret)]
        return python.call("ClientSecretCredential", arguments, self.style)

    def credential(self, old: str) -> str | None:
        if old.endswith("Credential"):
            return None  # azure.identity, which the SDK takes as it is
        made = {"MSIAuthentication": "ManagedIdentityCredential"}.get(old, "InteractiveBrowserCredential")
        self.want(made)
        return f"{made}()"

    def _default(self) -> str:
        self.want("DefaultAzureCredential")
        return "DefaultAzureCredential()"

    def opened(self, credential: str) -> str:
        self.want("MLClient")
        return f"MLClient.from_config(credential={credential or self._default()})"

    def workspace_created(self, variable: str, place: Place) -> Answer:
        self.want("Workspace")
        arguments = [("name", place.name)]
        if place.location is not None:
            arguments.append(("location", place.location))
        if place.tags is not None:
            arguments.append(("tags", place.tags))
        lines = [self._client(variable, place)]
        if place.recorded:
            self.need("json", "os")
            lines.append(
                render(
                    "v2/workspace_file",
                    self.style.quote,
                    subscription=place.subscription,
                    group=place.group,
                    name=place.name,
                )
            )
        made = python.call("Workspace", arguments, self.style)
        return Answer(tuple(lines), f"{variable}.workspaces.begin_create({made})")

    def workspace_got(self, variable: str | None, workspace: Callable[[], str], place: Place) -> Answer:
        if variable is None:
            client = self._elsewhere(place) if place.elsewhere else workspace()
            return Answer((), f"{client}.workspaces.get({place.name})")
        return Answer((self._client(variable, place),), f"{variable}.workspaces.get({place.name})")

    def _client(self, variable: str, place: Place) -> str:
        self.want("MLClient")
        credential = place.credential or self._default()
        words = [Code(credential), place.subscription, place.group, place.name]
        return f"{variable} = {python.call('MLClient', [('', word) for word in words], self.style)}"

    def _elsewhere(self, place: Place) -> str:
        return self._of_group(place.credential, place.subscription, place.group)

    def _of_group(self, credential: str, subscription: Code, group: Code) -> str:
        """A client for a resource group, which may be another one than the workspace's."""
        self.want("MLClient")
        return f"MLClient({credential or self._default()}, {subscription}, {group})"

    def workspace_deleted(self, workspace: str, place: Callable[[], Place]) -> str:
        gone = place()
        client = self._elsewhere(gone) if gone.elsewhere else workspace
        return f"{client}.workspaces.begin_delete({gone.name}, delete_dependent_resources=False)"

    def workspace_updated(self, workspace: str, name: Code | None, tags: Code) -> Answer:
        self.want("Workspace")
        shown = name or Code(f"{workspace}.workspace_name")
        return Answer((), f"{workspace}.workspaces.begin_update(Workspace(name={shown}, tags={tags})).result()")

    def workspaces(self, workspace: Callable[[], str], subscription: Callable[[], Code], group: Code | None) -> str:
        if group is None:
            return f"{workspace()}.workspaces.list(scope={self.string('subscription')})"
        return f"{self._of_group('', subscription(), group)}.workspaces.list()"

    def of_cluster(self, variable: str) -> str | None:
        return None

    def cluster_spec(self, made: Compute, name: Code | None) -> str:
        self.want(*statements.compute_names(made))
        return python.call(
            "AmlCompute", statements.compute(made, name or Code(self.string("")), self.style), self.style
        )

    def cluster_wanted(self, made: Compute) -> Wanted:
        keywords = statements.compute(made, Code(""), self.style)
        return Wanted("AmlCompute", tuple((key, code.text) for key, code in keywords))

    def cluster_created(self, variable: str, cluster: Resource, spec: str, again: bool, named: bool) -> Answer:
        lines = () if named else (f"{spec}.name = {cluster.name()}",)
        return Answer(lines, f"{cluster.workspace()}.compute.begin_create_or_update({spec})")

    def cluster(self, cluster: Resource) -> str:
        return cluster.variable or f"{cluster.workspace()}.compute.get({cluster.name()})"

    def cluster_reference(self, holder: str) -> str:
        looked_up = re.fullmatch(r"[\w.]+\.compute\.get\((['\"][\w-]+['\"])\)", holder)
        return looked_up[1] if looked_up is not None else f"{holder}.name"

    def cluster_named(self, workspace: Callable[[], str], name: str) -> str:
        return name

    def cluster_updated(self, cluster: Resource, scale: Scale) -> Answer:
        held = cluster.variable or self.file.name("cluster")
        lines = [] if cluster.variable is not None else [f"{held} = {self.cluster(cluster)}"]
        lines.append(f"{held}.min_instances = {scale.least}")
        if scale.most is not None:
            lines.append(f"{held}.max_instances = {scale.most}")
        return Answer((*lines, f"{cluster.workspace()}.compute.begin_update({held}).result()"), held)

    def cluster_deleted(self, cluster: Resource) -> tuple[str, str, str]:
        return f"{cluster.workspace()}.compute", f"begin_delete({self._name(cluster)})", ""

    @staticmethod
    def _name(cluster: Resource) -> str:
        return f"{cluster.variable}.name" if cluster.variable is not None else str(cluster.name())

    def clusters(self, workspace: str) -> str:
        return f"{workspace}.compute.list(compute_type={self.string('amlcompute')})"

    def nodes(self, cluster: Resource) -> str:
        return f"{cluster.workspace()}.compute.list_nodes({self._name(cluster)})"

    def usages(self, workspace: str, location: Code | None) -> str:
        return f"{workspace}.compute.list_usage({'' if location is None else f'location={location}'})"

    def datastore(self, store: Datastore, workspace: str) -> str:
        function, arguments = statements.datastore(store, self.style)
        self.want(function, "AccountKeyConfiguration")
        return f"{workspace}.datastores.create_or_update({python.call(function, arguments, self.style)})"

    def datastore_wanted(self, store: Datastore) -> Wanted:
        function, arguments = statements.datastore(store, self.style)
        return Wanted(function, tuple((key, str(code)) for key, code in arguments))

    def experiment(self, workspace: Callable[[], str], name: Code) -> str:
        return str(name)

    def experiments(self, workspace: str) -> str:
        return f"sorted({{job.experiment_name for job in {workspace}.jobs.list()}})"

    def experiment_deleted(self, workspace: Callable[[], str], experiment: str) -> list[str]:
        job, step = self.file.again("job"), self.style.indent
        return [
            "# BAI144: an experiment cannot be deleted, only its jobs archived",
            f"for {job} in {self.runs(workspace, experiment)}:",
            f"{step}{workspace()}.jobs.archive({job}.name)",
        ]

    def job(self, made: Job, workspace: Callable[[], str]) -> tuple[list[str], str]:
        self.want(*statements.job_names(made))
        before = [statements.connection(made.registry, workspace(), self.style)] if made.registry is not None else []
        return before, python.call("command", statements.job(made, self.style), self.style)

    def job_wanted(self, made: Job) -> list[Wanted]:
        return [Wanted("command", tuple((key, str(code)) for key, code in statements.job(made, self.style)))]

    def job_afterwards(self, made: Job, variable: str) -> list[str]:
        return []

    def submitted(
        self, run: str, job: str, workspace: Callable[[], str], experiment: str, name: Code | None, tags: str
    ) -> list[str]:
        lines: list[str] = []
        if not re.fullmatch(r"[\w.]+", job):
            held = self.file.again(self.job_variable)
            lines.append(f"{held} = {job}")
            job = held
        if name is not None:
            lines.append(f"{job}.display_name = {name}")
        given = f", tags={tags}" if tags else ""
        return [
            *lines,
            f"{run} = {workspace()}.jobs.create_or_update({job}, experiment_name={experiment}{given})",
        ]

    def variables(self, job: str) -> str:
        return f"{job}.environment_variables"

    def space(self, found: Search) -> str:
        return search.distribution(found, self.need, self.want)

    def sweep(self, made: Sweep) -> str:
        return render("v2/sweep_job", self.style.quote, metric=METRIC, goal=METRIC_GOAL, **asdict(made))

    def trials(self, runs: str, workspace: Callable[[], str]) -> str:
        sweep = self.file.again("sweep_job")
        return f"for {sweep} in {runs} for run in {workspace()}.jobs.list(parent_job_name={sweep}.name)"

    def swept(
        self, run: str, job: str, workspace: Callable[[], str], experiment: str, prefix: str, served: bool = False
    ) -> list[str]:
        self.need("uuid")
        template = self.string("{0}_{1}")
        sent = f"{workspace()}.jobs.create_or_update({job}, experiment_name={experiment})"
        return [
            f"{job}.display_name = {template}.format({prefix}, uuid.uuid4().hex[:16])",
            f"{run} = {sent if served else self.sent_again(job, workspace, experiment)}",
        ]

    def sent_again(self, job: str, workspace: Callable[[], str], experiment: str) -> str:
        return f"{workspace()}.jobs.create_or_update({job}, experiment_name={experiment}, tags={self.variables(job)})"

    def found(self, run: Resource) -> str:
        if run.variable is not None:
            return run.variable
        test = f"job.display_name == {run.name()} and job.experiment_name == {run.experiment()}"
        return f"next(job for job in {run.workspace()}.jobs.list() if {test})"

    def refreshed(self, run: str, workspace: Callable[[], str], again: bool) -> str:
        return run if "(" in run else f"{workspace()}.jobs.get({run}.name)"

    def runs(self, workspace: Callable[[], str], experiment: str) -> str:
        return f"(job for job in {workspace()}.jobs.list() if job.experiment_name == {experiment})"

    def waited(self, run: str, workspace: Callable[[], str], shown: bool) -> list[str]:
        stream = f"{workspace()}.jobs.stream({run}.name)"
        if shown:
            return [stream]
        self.want("JobException")
        error, step = self.file.again("error"), self.style.indent
        return ["try:", f"{step}{stream}", f"except JobException as {error}:", f"{step}print({error})"]

    def cancelled(self, run: str, workspace: Callable[[], str]) -> tuple[str, str, str]:
        return f"{workspace()}.jobs", f"begin_cancel({run}.name)", ""

    def run_deleted(self, run: Callable[[], str], workspace: Callable[[], str]) -> Answer:
        return Answer((), f"{workspace()}.jobs.begin_delete({run()}.name)")

    def runs_deleted(self, workspace: Callable[[], str], runs: Callable[[], str]) -> list[str]:
        job = self.file.again("job")
        return [
            f"for {job} in {runs()}:",
            f"{self.style.indent}{workspace()}.jobs.begin_delete({job}.name).result()",
        ]

    def status(self, run: str) -> str:
        return f"{run}.status"

    def status_of_info(self, info: str) -> str:
        return f"{info}.status"

    def printed(self, code: str, workspace: Callable[[], str], cluster: bool) -> str:
        if cluster:
            return f"print({code if '(' in code else f'{workspace()}.compute.get({code}.name)'})"
        return f"print({self.refreshed(code, workspace, again=False)}.status)"

    def tags(self, run: str) -> str:
        return f"{run}.tags"

    def _held(self, run: str) -> tuple[list[str], str]:
        """A run in a variable, since what looks it up goes through all jobs."""
        if "(" not in run:
            return [], run
        variable = self.file.name("found")
        return [f"{variable} = {run}"], variable

    def run_nodes(self, run: str, workspace: str) -> Answer:
        node = self.file.again("node")
        before, run = self._held(run)
        nodes = f"{workspace}.compute.list_nodes({run}.compute)"
        test = f"vars({node}).get({self.string('runId')}) == {run}.name"
        return Answer(tuple(before), f"[{node} for {node} in {nodes} if {test}]")

    def files(self, run: str, workspace: Callable[[], str]) -> Answer:
        before, run = self._held(run)
        download = f"{workspace()}.jobs.download({run}.name, download_path={run}.name, all=True)"
        return Answer((*before, download), self._downloaded(run, "/artifacts/**/*.*"))

    def output_files(self, run: str, workspace: Callable[[], str], output: str, path: Code, store: Datastore) -> Answer:
        name = self.string(output)
        before, run = self._held(run)
        download = f"{workspace()}.jobs.download({run}.name, download_path={run}.name, output_name={name})"
        return Answer((*before, download), self._downloaded(run, f"/named-outputs/{output}/*"))

    def _downloaded(self, run: str, pattern: str) -> str:
        self.need("glob")
        return f"glob.glob({run}.name + {self.string(pattern)}, recursive=True)"

    def file_name(self, file: str) -> str:
        self.need("os")
        return f"os.path.basename({file})"

    def fetched(self, run: str, file: str, target: str) -> str:
        self.need("shutil")
        return f"shutil.copy({file}, {target})"

    def metric(self, function: str, reading: Reading) -> str:
        self.need("os", "re")
        return render(
            "v2/metric",
            self.style.quote,
            function=function,
            workspace=reading.workspace(),
            output=reading.output,
            logfile=reading.logfile,
            regex=reading.regex,
            reduced=reading.reduced,
        )
