"""Jobs: the estimator where the parameters stood, the submission where the job was created."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from functools import partial

import libcst as cst

from batchai2aml.azureml import sizes
from batchai2aml.azureml.model import PLAN_VARIABLE, Code, Job
from batchai2aml.emit import python
from batchai2aml.emit.az import conda_file
from batchai2aml.emit.sdk import Resource
from batchai2aml.emit.templates import launcher as launcher_file
from batchai2aml.emit.templates import render
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.commands import Surroundings
from batchai2aml.mapping.job import LAUNCHER, Mapped, job
from batchai2aml.mapping.sources import UPLOADS, ignored, is_large
from batchai2aml.mapping.storage import Mount, mounts
from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.bodies import leaves
from batchai2aml.readers.python.domain import ModelObject
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite import pollers, served
from batchai2aml.rewrite.bodies import in_place, remove_preparations, replace_body
from batchai2aml.rewrite.clusters import job_compute
from batchai2aml.rewrite.context import Context, DoneJob
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.experiments import experiment_of, variable_for
from batchai2aml.rewrite.listed import looked_into
from batchai2aml.rewrite.placeholders import COMBINATION
from batchai2aml.rewrite.storage import place_datastores, same_storage, told_apart, uploads, workspace_for
from batchai2aml.rewrite.sweeps import is_template, submit
from batchai2aml.rewrite.tree import ancestors
from batchai2aml.rewrite.variables import collected
from batchai2aml.rewrite.workspace import workspace_of
from batchai2aml.text import Text


def cluster_mounts(ctx: Context, made: ModelObject) -> list[Mount]:
    """The mounts of the cluster that a job runs on: the one it names, or the only one there is."""
    found: list[Mount] = []
    for cluster in ctx.program.models:
        if cluster.model.name != "ClusterCreateParameters" or "node_setup" not in cluster.slots:
            continue
        if cluster.cell.path == made.cell.path or len(ctx.work) > 1:
            body = Body({leaf.path: ctx.given(leaf.path, leaf.slot, made.cell, made.scope) for leaf in leaves(cluster)})
            found += mounts(body, "properties.nodeSetup.mountVolumes", "cluster")
    return found


def parameters(ctx: Context, made: ModelObject) -> None:
    """`JobCreateParameters(...)`."""
    variables = collected(ctx, made)
    body = ctx.body(made)
    if body.open:
        raise Unconvertible("a list of the job's parameters is known only at run time", "BAI802")
    sdk = ctx.sdk(made.cell)
    around = Surroundings(
        told_apart(ctx, made, [*mounts(body, "properties.mountVolumes", "job"), *cluster_mounts(ctx, made)]),
        [
            replace(
                upload,
                target=ctx.text(upload.target, made.cell, made.scope),
                local=ctx.text(upload.local, made.cell, made.scope),
            )
            for upload in uploads(ctx, made.cell.path)
        ],
        job_compute(ctx, made),
        _gpu(ctx),
        ctx.files(made.cell),
        sdk.takes_lines,
    )
    mapped = job(body, around, ctx.printer(made.cell))
    if variables is not None:
        mapped = replace(mapped, job=replace(mapped.job, environment=variables))
    if sdk.names_outputs:
        mapped = replace(mapped, job=_with_outputs(ctx, mapped))
    record = made.sent[0] if made.sent else None
    for note in mapped.notes:
        if note.severity == "error":
            ctx.notes.append((made.cell.where(made.node), note))
    used = {binding.datastore for binding in (*mapped.job.bindings, *mapped.outputs)} | _data_stores(
        ctx, made, mapped.mounts, mapped.uploads
    )
    lines = place_datastores(ctx, made, mapped.mounts, used)
    generated = is_template(ctx, made)
    if generated:
        mapped = replace(mapped, job=replace(mapped.job, environment=_swept_variables(ctx, made)))
    inline = (
        record is not None and (given := record.arguments.get("parameters")) is not None and given.node is made.node
    )
    apart = not inline and (generated or record is None or not _together(ctx, made, record))
    plan: list[str] = []
    if mapped.job.launcher is not None:
        _launcher_file(ctx, made, mapped.job)
        if generated and served.is_served(ctx, made.cell.path):
            raise Unconvertible("the launcher's plan would be the same for all runs of the sweep", "BAI712")
        if apart:
            carried, plan = _carried_plan(ctx, made, mapped.job)
            mapped = replace(mapped, job=carried)
        elif inline:
            plan = plan_lines(ctx, made, mapped.job)
    _ignore_file(ctx, made, mapped.local)
    if mapped.job.image is None and sdk.takes_conda_files:
        mapped = replace(mapped, job=_with_conda_file(ctx, made, mapped.job))
    ctx.wanted[made.cell.path] += sdk.job_wanted(mapped.job)

    def workspace() -> str:
        opening, found = workspace_for(ctx, made)
        lines.extend(opening)
        return found

    before, value = sdk.job(mapped.job, workspace)
    if generated:
        _as_function(ctx, made, lines, [*before, *plan], value)
    else:
        replace_body(ctx, made, [*lines, *before, *plan], value)
    if generated or not inline:
        _complete(ctx, made, mapped.job)
    needless = frozenset(
        upload.number
        for upload in mapped.uploads
        if all(other in mapped.uploads for other in around.uploads if other.number == upload.number)
    )
    ctx.jobs[id(made)] = DoneJob(mapped.job, made, mapped.mounts, needless, apart or inline, mapped.outputs)


def _with_outputs(ctx: Context, mapped: Mapped) -> Job:
    """The job with the output directories that the program looks into, whether its command names them or not."""
    bound = {binding.id for binding in mapped.job.bindings}
    asked = looked_into(ctx.program.records)
    more = [binding for binding in mapped.outputs if binding.id in asked and binding.id not in bound]
    return replace(mapped.job, bindings=(*mapped.job.bindings, *more))


def _complete(ctx: Context, made: ModelObject, done: Job) -> None:
    """What a job can only be given once it has its name."""
    sdk = ctx.sdk(made.cell)
    if not sdk.job_afterwards(done, ""):
        return
    small = made.statement.body[0] if isinstance(made.statement, cst.SimpleStatementLine) else None
    target = small.targets[0].target if isinstance(small, cst.Assign) and small.value is made.node else None
    if made.statement is None or not isinstance(target, (cst.Name, cst.Attribute)) or is_template(ctx, made):
        detail = f"complete the job: {'; '.join(sdk.job_afterwards(done, ''))}"
        ctx.notes.append((made.cell.where(made.node), Verdict("manual", "BAI507", detail, "error")))
        return
    lines = sdk.job_afterwards(done, made.cell.code(target))
    ctx.edits(made.cell).insert(made.statement, lines, after=True)


def _together(ctx: Context, made: ModelObject, record: CallRecord) -> bool:
    """Whether a job is built and sent in one function, or both at module level of one file."""
    return ctx.place(record) == (made.cell.path, ctx.function(made.cell, made.node))


def _as_function(ctx: Context, made: ModelObject, before: list[str], lines: list[str], value: str) -> None:
    """A template of a sweep: a function that makes the estimator for a combination of parameters."""
    statement = made.statement
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1 else None
    target = small.targets[0].target if isinstance(small, cst.Assign) else None
    if not isinstance(target, cst.Name) or statement is None:
        raise Unconvertible("the template of the sweep is not bound to a name", "BAI711")
    if any(conditional and id(changed) not in ctx.handled for _, changed, conditional in made.late):
        raise Unconvertible(
            "the program changes the generated jobs one by one, which an estimator does not allow", "BAI711"
        )
    inner = [line for text in lines for line in text.split("\n")]
    work = ctx.file(made.cell)
    text = render(
        "python/template_job",
        work.style.quote,
        function=target.value,
        combination=COMBINATION,
        lines=inner,
        value=value.replace("\n", "\n    "),
    )
    apart = [""] * (2 if work.source.kind == "python" else 1)
    edits = ctx.edits(made.cell)
    rest = made.cell.text[edits.block(statement)[1] :]
    there = len(rest) - len(rest.lstrip("\n"))
    whole = [*before, *(apart if before else ()), text, *(apart[there:] if rest.strip() else ())]
    edits.replace_statement(statement, [work.style.lines("\n".join(whole))])
    remove_preparations(ctx, made)


def _gpu(ctx: Context) -> bool:
    """Whether the cluster has GPUs; True when the size is not known."""
    known: list[bool] = []
    for cluster in ctx.program.models:
        slot = cluster.slots.get("vm_size")
        if (
            cluster.model.name == "ClusterCreateParameters"
            and slot
            and isinstance(slot.value, Text)
            and slot.value.known
        ):
            known.append(sizes.has_gpu(slot.value.known))
    return any(known) if known else True


def _data_stores(ctx: Context, made: ModelObject, found: tuple[Mount, ...], needless: tuple[object, ...]) -> set[str]:
    """Datastores that uploads of data, or reads of outputs, need beside those that the job binds."""
    numbers = {getattr(upload, "number", -1) for upload in needless}
    wanted: set[str] = set()
    for record in ctx.program.records:
        if record.cell.path != made.cell.path:
            continue
        for mount in found:
            data = record.op in UPLOADS and record.index not in numbers
            if (data or "download_and_upload" in record.op) and (
                same_storage(record, mount) if data else mount.kind == "blob"
            ):
                wanted.add(mount.datastore)
    return wanted


def _launcher_file(ctx: Context, made: ModelObject, done: Job) -> None:
    folder = done.source_directory.text
    if folder[:1] not in "'\"":
        raise Unconvertible("the folder of the script is known only at run time, and the launcher must stand there")
    here = ctx.files(made.cell).folder
    path = posixpath.normpath(posixpath.join(here, folder.strip("'\""), LAUNCHER))
    if path.startswith(".."):
        raise Unconvertible("the folder of the script is outside the project, and the launcher must stand there")
    ctx.new_files[path] = launcher_file()


def _ignore_file(ctx: Context, made: ModelObject, script: str | None) -> None:
    """A draft of `.amlignore` beside a script whose folder is too large for a snapshot."""
    folder = posixpath.dirname(script) if script is not None else None
    files = ctx.files(made.cell)
    beside = files.below(folder) if folder is not None else {}
    if folder is None or not is_large(beside) or ".amlignore" in beside:
        return
    path = posixpath.normpath(posixpath.join(files.folder, folder, ".amlignore"))
    ctx.new_files[path] = "".join(f"{name}\n" for name in ignored(beside)).encode()


def _with_conda_file(ctx: Context, made: ModelObject, done: Job) -> Job:
    """The job with a draft of its conda environment beside the program, shared by jobs that need the same."""
    folder, number, content = ctx.files(made.cell).folder, 1, conda_file(done.packages).encode()
    while True:
        name = f"batchai_environment{'' if number == 1 else f'_{number}'}.yml"
        path = posixpath.normpath(posixpath.join(folder, name))
        if ctx.new_files.setdefault(path, content) == content:
            return replace(done, conda_file=Code(ctx.file(made.cell).style.string(name)))
        number += 1


def _carried_plan(ctx: Context, made: ModelObject, done: Job) -> tuple[Job, list[str]]:
    """
    The launcher's plan as a variable of the run's environment, for a job that is built and sent in different places.

    A file would be another job's by the time of the submission.
    """
    assert done.launcher is not None
    work = ctx.file(made.cell)
    work.needed.add("json")
    variable = work.name("launch")
    plan = Code(f"json.dumps({variable})")
    given = done.environment
    if isinstance(given, tuple):
        carried = replace(done, environment=(*given, (Code(work.style.string(PLAN_VARIABLE)), plan)))
    else:
        carried = replace(done, environment=Code(f"dict({given}, {PLAN_VARIABLE}={plan})"))
    return carried, [python.plan(done.launcher, variable, "", work.style)]


def plan_lines(ctx: Context, made: ModelObject, done: Job) -> list[str]:
    """The statements that write the launcher's plan beside the script."""
    assert done.launcher is not None
    work = ctx.file(made.cell)
    work.needed.add("json")
    folder = done.source_directory.text.strip("'\"")
    path = "batchai_launch.json" if folder == "." else f"{folder}/batchai_launch.json"
    return [python.plan(done.launcher, work.name("launch"), work.style.string(path), work.style)]


def created(ctx: Context, record: CallRecord) -> None:
    """`jobs.create`."""
    if record.via is not None and "submit_jobs" in record.via:
        submit(ctx, record)
        return
    slot = record.arguments.get("parameters")
    if record.body is None or slot is None or slot.cell is not record.cell:
        raise Unconvertible("the parameters of the job are not known here", "BAI802")
    done = ctx.jobs.get(id(record.body))
    site = ctx.site(record)
    work, sdk = ctx.file(record.cell), ctx.sdk(record.cell)
    lines: list[str] = []
    estimator = ctx.edits(record.cell).code(slot.node)
    if ctx.in_expression(record) and (done is None or done.written or done.job.launcher is None):
        _submitted_inside(ctx, record, estimator)
        return
    if slot.node is record.body.node:
        variable = work.name(sdk.job_variable)
        lines.append(f"{variable} = {in_place(ctx, record, slot)}")
        lines += sdk.job_afterwards(done.job, variable) if done is not None else []
        estimator = variable
    if done is not None and done.job.launcher is not None and not done.written:
        lines += plan_lines(ctx, done.made, done.job)
    name = ctx.argument(record, "job_name")
    target = site.target if site.form == "assign" and site.target else work.name("run")
    lines += sdk.submitted(
        target,
        estimator,
        partial(workspace_of, ctx, record),
        experiment_of(ctx, record),
        ctx.printer(record.cell).code(name) if name is not None else None,
        _tags(ctx, record),
    )
    if (site.form == "assign" and site.target is None) or site.form == "bare":
        ctx.runs[_run_key(ctx, record, name)] = target
    ctx.put(record, lines, target)


def _submitted_inside(ctx: Context, record: CallRecord, estimator: str) -> None:
    """A submission in a comprehension or a lambda, where a function of its own gives the run its name."""
    name, work = ctx.argument(record, "job_name"), ctx.file(record.cell)
    sdk = ctx.sdk(record.cell)
    submit, step = work.name("submit"), work.style.indent
    made, title, run = work.again(sdk.job_variable), work.again("name"), work.again("run")
    given = ctx.printer(record.cell).code(name).text if name is not None else "None"
    workspace, experiment = partial(workspace_of, ctx, record), experiment_of(ctx, record)
    inner = sdk.submitted(run, made, workspace, experiment, Code(title), _tags(ctx, record))
    lines = [f"def {submit}({made}, {title}):", *(step + line for line in (*inner, f"return {run}")), ""]
    ctx.edits(record.cell).insert(ctx.site(record).statement, lines)
    ctx.put(record, [], f"{submit}({estimator}, {given})")


def _tags(ctx: Context, record: CallRecord) -> str:
    assert record.body is not None
    slot = record.body.slots.get("tags")
    return ctx.edits(slot.cell).code(slot.node) if slot is not None and slot.cell is record.cell else ""


def _run_key(ctx: Context, record: CallRecord, name: Given | None) -> tuple[tuple[str, int], str]:
    return ctx.place(record), (name.code if name else None) or ""


def run_of(ctx: Context, record: CallRecord) -> str:
    """The run that a call is about: a variable that holds it, or a search by display name."""
    variable = variable_for(ctx, record, ("jobs.create", "jobs.get"), "job_name")
    if variable is not None:
        return variable
    name = ctx.argument(record, "job_name")
    made = ctx.runs.get(_run_key(ctx, record, name))
    if made is not None:
        return made
    if name is None:
        raise Unconvertible("the call names no job")
    workspace, experiment = partial(workspace_of, ctx, record), partial(experiment_of, ctx, record)
    title = partial(ctx.printer(record.cell).code, name)
    return ctx.sdk(record.cell).found(Resource(None, workspace, title, experiment))


def got(ctx: Context, record: CallRecord) -> None:
    """`jobs.get`; where an exception is handled, the run is asked for again, as the job was."""
    run, site = run_of(ctx, record), ctx.site(record)
    around = next((here for here in ancestors(record.cell.module, record.node) if isinstance(here, cst.Try)), None)
    again = site.form == "assign" and site.target == run and around is not None and bool(around.handlers)
    ctx.put(record, [], ctx.sdk(record.cell).refreshed(run, partial(workspace_of, ctx, record), again))


def deleted(ctx: Context, record: CallRecord) -> None:
    """`jobs.delete`."""
    answer = ctx.sdk(record.cell).run_deleted(partial(run_of, ctx, record), partial(workspace_of, ctx, record))
    ctx.put(record, list(answer.lines), pollers.polled(ctx, record, answer.value))


def terminated(ctx: Context, record: CallRecord) -> None:
    """`jobs.terminate`."""
    workspace = partial(workspace_of, ctx, record)
    target, begins, waits = ctx.sdk(record.cell).cancelled(run_of(ctx, record), workspace)
    pollers.begin(ctx, record, target, "run", begins, waits)


def waited(ctx: Context, record: CallRecord) -> None:
    """The recipes' `wait_for_job_completion`."""
    shown = record.arguments.get("file_name") is not None
    lines = ctx.sdk(record.cell).waited(run_of(ctx, record), partial(workspace_of, ctx, record), shown)
    ctx.put(record, lines, None)


def listed(ctx: Context, record: CallRecord) -> None:
    """`jobs.list_by_experiment` and its older forms."""
    workspace = partial(workspace_of, ctx, record)
    ctx.put(record, [], ctx.sdk(record.cell).runs(workspace, experiment_of(ctx, record)))


def _swept_variables(ctx: Context, made: ModelObject) -> Code | tuple[()]:
    """The variables that the recipes' sweep gave to every job; a sweep of the service has them in its line."""
    if served.is_served(ctx, made.cell.path):
        return ()
    prefix = ctx.file(made.cell).style.string("PARAM_")
    return Code(f"{{{prefix} + name: str(value) for name, value in {COMBINATION}.items()}}")
