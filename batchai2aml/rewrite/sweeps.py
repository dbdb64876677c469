"""The recipes' parameter sweeps: the same combinations, as loops of submissions (MAPPING 3.8)."""

from __future__ import annotations

from functools import partial

import libcst as cst

from batchai2aml.azureml.model import Code
from batchai2aml.azureml.search import Choice, Range, Search
from batchai2aml.emit import search as emitted
from batchai2aml.emit.sdk import Reading
from batchai2aml.mapping.sweeps import NoSearch, search
from batchai2aml.readers.python.domain import NONE, ModelObject, Result
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite import served
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.experiments import experiment_of
from batchai2aml.rewrite.placeholders import COMBINATION
from batchai2aml.rewrite.storage_clients import service
from batchai2aml.rewrite.workspace import workspace_of
from batchai2aml.text import Text


def is_random(ctx: Context, path: str) -> bool:
    """Whether a file draws its combinations instead of going through all of them."""
    return any(r.op == "helpers.generate_jobs_random_search" and r.cell.path == path for r in ctx.program.records)


def is_template(ctx: Context, made: ModelObject) -> bool:
    """Whether jobs are generated from these parameters."""
    return any(
        r.op.startswith("helpers.generate_jobs") and r.argument("job_create_parameters") is made
        for r in ctx.program.records
    )


def _code(ctx: Context, record: CallRecord, name: str) -> str | None:
    slot = record.arguments.get(name)
    if slot is None or slot.value == NONE:
        return None
    if slot.cell is record.cell:
        return ctx.edits(slot.cell).code(slot.node)
    return ctx.printer(record.cell).code(ctx.given(name, slot, record.cell, record.scope)).text


def specification(ctx: Context, record: CallRecord) -> None:
    """A parameter of a sweep: a tuple of its name and its values, or of its name and how to draw one."""
    drawn = is_random(ctx, record.cell.path)
    kind = record.op.split(".")[1]
    name, work, sdk = _code(ctx, record, "parameter_name"), ctx.file(record.cell), ctx.sdk(record.cell)
    if kind == "FileParameter":
        found: Search = Choice(Code(_files(ctx, record)))
    else:
        try:
            found = search(kind, partial(_code, ctx, record), partial(_known, record), drawn)
        except NoSearch as error:
            raise Unconvertible(str(error), "BAI711") from None
    if served.is_served(ctx, record.cell.path):
        value = sdk.space(found)
    elif drawn or isinstance(found, Range):
        value = emitted.drawn(found, work.needed.add)
    else:
        value = emitted.listed(found, work.needed.add)
    ctx.edits(record.cell).replace(record.node, f"({name}, {value})")


def _known(record: CallRecord, name: str) -> str | None:
    value = record.argument(name)
    return value.known if isinstance(value, Text) else None


def _files(ctx: Context, record: CallRecord) -> str:
    from batchai2aml.azureml.names import slug

    mount = record.argument("mount_path")
    storage = record.argument("storage_type")
    container = _code(ctx, record, "container")
    store = f"bai_{slug(mount.known)}" if isinstance(mount, Text) and mount.known else None
    work = ctx.file(record.cell)
    if store is None or container is None or not isinstance(storage, Text) or storage.known != "BLOB":
        raise Unconvertible("only files of a blob container are listed for a sweep", "BAI716")
    apart = ctx.sdk(record.cell).keeps_storage
    if not apart and not work.has_datastore(store, ctx.function(record.cell, record.node), record.index):
        raise Unconvertible("the sweep lists files before the storage is known", "BAI716")
    pattern = _code(ctx, record, "filter_str")
    condition = ""
    if pattern is not None:
        work.needed.add("re")
        condition = f" if re.match({pattern}, blob.name)"
    ctx.note(record, "BAI716", "the files are listed when the jobs are submitted, as before")
    client = service(ctx, record, "BlockBlobService", "storage_") if apart else f"{store}.blob_service"
    blobs = f"{client}.get_container_client({container}).list_blobs()"
    return f"[blob.name for blob in {blobs}{condition}]"


def sweep(ctx: Context, record: CallRecord) -> None:
    """`ParameterSweep(specs)`: a dict of names and values."""
    specs = record.arguments.get("param_specs")
    if specs is None:
        raise Unconvertible("the sweep names no parameters", "BAI711")
    ctx.put(record, [], f"dict({ctx.edits(specs.cell).code(specs.node)})")


def generate(ctx: Context, record: CallRecord) -> None:
    """`generate_jobs` and `generate_jobs_random_search`: combinations, and an estimator for each."""
    statement = record.statement
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    target = small.targets[0].target if isinstance(small, cst.Assign) else None
    template = record.arguments.get("job_create_parameters")
    if not isinstance(target, cst.Tuple) or len(target.elements) != 2 or template is None or statement is None:
        raise Unconvertible("the generated jobs are not taken apart into jobs and combinations", "BAI711")
    jobs, combinations = (record.cell.code(element.value) for element in target.elements)
    if combinations == "_":
        combinations = ctx.file(record.cell).name("combinations")
    edits = ctx.edits(record.cell)
    assert isinstance(record.node.func, cst.Attribute)
    specs = edits.code(record.node.func.value)
    make = edits.code(template.node)
    count = _code(ctx, record, "num_jobs") if record.op.endswith("random_search") else None
    if served.is_served(ctx, record.cell.path):
        lines = served.generate(ctx, record, jobs, specs, make, count)
        edits.replace_statement(statement, [*lines, f"{combinations} = [{specs}]"])
        return
    if ctx.settings.sweeps == "service":
        ctx.note(record, "BAI711", f"it stays a loop: {served.stays(ctx, record.cell.path)}", severity="warning")
    if count is not None:
        drawn = f"[{{name: draw() for name, draw in {specs}.items()}} for _ in range({count})]"
    else:
        ctx.file(record.cell).needed.add("itertools")
        drawn = f"[dict(zip({specs}, values)) for values in itertools.product(*{specs}.values())]"
    made = f"{jobs} = [{make}({COMBINATION}) for {COMBINATION} in {combinations}]"
    edits.replace_statement(statement, [f"{combinations} = {drawn}", made])


def again(ctx: Context, record: CallRecord) -> None:
    """`convert_job_to_jcp(job, client)`: the estimator for the parameters that a run carries."""
    job = record.arguments.get("job")
    template = next(
        (
            r
            for r in ctx.program.records
            if r.op.startswith("helpers.generate_jobs") and r.cell.path == record.cell.path
        ),
        None,
    )
    slot = template.arguments.get("job_create_parameters") if template else None
    if job is None or slot is None:
        raise Unconvertible("a job is turned back into parameters, which a run does not allow", "BAI720")
    edits, quote = ctx.edits(record.cell), ctx.file(record.cell).style.string
    prefix = quote("PARAM_")
    pairs = f"{ctx.sdk(record.cell).tags(edits.code(job.node))}.items() if name.startswith({prefix})"
    make = ctx.edits(slot.cell).code(slot.node)
    ctx.put(record, [], f"{make}({{name[len({prefix}):]: value for name, value in {pairs}}})")


def utilities(ctx: Context, record: CallRecord) -> None:
    """`ExperimentUtils(...)`: the experiment does it all."""
    ctx.remove(record)


def submit(ctx: Context, record: CallRecord) -> None:
    """`submit_jobs(jobs, prefix).result()`: one run after the other."""
    site = ctx.site(record)
    jobs, prefix = record.arguments.get("jcp_list"), record.arguments.get("job_name_prefix")
    if jobs is None or prefix is None:
        raise Unconvertible("the submission names no jobs or no prefix", "BAI710")
    work = ctx.file(record.cell)
    runs = site.target if site.form == "assign" and site.target else work.name("runs")
    edits = ctx.edits(record.cell)
    experiment, sdk = experiment_of(ctx, record), ctx.sdk(record.cell)
    estimator, run = work.again(sdk.job_variable), work.again("run")
    step = work.style.indent
    workspace, whole = partial(workspace_of, ctx, record), served.is_served(ctx, record.cell.path)
    sent = sdk.swept(run, estimator, workspace, experiment, edits.code(prefix.node), whole)
    ctx.sweep_runs[record.cell.path] = runs
    ctx.sweep_jobs[record.cell.path] = edits.code(jobs.node)
    ctx.put(
        record,
        [
            f"{runs} = []",
            f"for {estimator} in {edits.code(jobs.node)}:",
            *(step + line for line in (*sent, f"{runs}.append({run})")),
        ],
        runs,
    )


def wait(ctx: Context, record: CallRecord) -> None:
    """`wait_all_jobs()`: every run in turn."""
    runs = _runs(ctx, record)
    work = ctx.file(record.cell)
    run = work.again("run")
    waits = ctx.sdk(record.cell).waited(run, partial(workspace_of, ctx, record), shown=False)
    ctx.put(record, [f"for {run} in {runs}:", *(work.style.indent + line for line in waits)], None)


def resubmitted(ctx: Context, record: CallRecord) -> None:
    """`resubmit_failed_jobs()`: what failed is submitted again, and takes its place among the runs."""
    runs, jobs = _runs(ctx, record), ctx.sweep_jobs.get(record.cell.path, "")
    if not jobs.isidentifier():
        raise Unconvertible("the jobs that failed are not known here", "BAI710")
    site, work = ctx.site(record), ctx.file(record.cell)
    index, run, experiment = work.again("index"), work.again("run"), experiment_of(ctx, record)
    step, sdk, workspace = work.style.indent, ctx.sdk(record.cell), partial(workspace_of, ctx, record)
    now = sdk.status(sdk.refreshed(run, workspace, again=False))
    lines = [
        f"for {index}, {run} in enumerate({runs}):",
        f"{step}if {now} == {work.style.string('Failed')}:",
        f"{step * 2}{runs}[{index}] = {sdk.sent_again(f'{jobs}[{index}]', workspace, experiment)}",
    ]
    if site.form == "assign" and site.target is not None:
        lines = [f"{site.target} = []", *lines, f"{step * 2}{site.target}.append({runs}[{index}])"]
    ctx.put(record, lines, site.target)


def deleted(ctx: Context, record: CallRecord) -> None:
    """`delete_jobs_in_experiment()`."""
    workspace, sdk = partial(workspace_of, ctx, record), ctx.sdk(record.cell)

    def runs() -> str:
        return sdk.runs(workspace, experiment_of(ctx, record))

    ctx.put(record, sdk.runs_deleted(workspace, runs), None)


def _runs(ctx: Context, record: CallRecord) -> str:
    for scope in record.scope.chain:
        for name, value in reversed(scope.names.items()):
            if isinstance(value, Result) and value.record.op == "jobs.create" and value.many:
                return name
    known = ctx.sweep_runs.get(record.cell.path)
    if known is None:
        raise Unconvertible("the runs to wait for are not known here", "BAI710")
    return known


def extractor(ctx: Context, record: CallRecord) -> None:
    """`MetricExtractor(...)`: a function that reads the metric of a run from the file that the job wrote."""
    from batchai2aml.rewrite.outputs import output_of

    site = ctx.site(record)
    directory, logfile = record.argument("output_dir_id"), _code(ctx, record, "logfile")
    if site.target is None or not isinstance(directory, Text) or directory.known is None:
        raise Unconvertible("the metric extractor is not bound to a name", "BAI715")
    found = output_of(ctx, record.cell.path, directory.known)
    if found is None:
        raise Unconvertible(f"no job declares the output directory '{directory.known}'", "BAI715")
    method = record.argument("calculate_method")
    known = method.known if isinstance(method, Text) else "last"
    reduce = {"last": "values[-1]", "mean": "sum(values) / len(values)", "min": "min(values)", "max": "max(values)"}
    store, path, kind = found
    reading = Reading(
        partial(workspace_of, ctx, record),
        directory.known,
        store,
        path,
        kind == "file",
        logfile or "",
        _code(ctx, record, "regex") or "",
        reduce.get(known or "last", "values[-1]"),
    )
    ctx.put(record, [ctx.sdk(record.cell).metric(site.target, reading)], site.target)


def metrics(ctx: Context, record: CallRecord) -> None:
    """`get_metrics_for_jobs(jobs, extractor)`."""
    func = record.node
    if len(func.args) < 2:
        raise Unconvertible("the metrics are asked for without jobs or extractor", "BAI715")
    edits, quote = ctx.edits(record.cell), ctx.file(record.cell).style.string
    jobs, read = (edits.code(arg.value) for arg in func.args[:2])
    title = ctx.sdk(record.cell).title("run")
    entry = f"{{{quote('job_name')}: {title}, {quote('job')}: run, {quote('metric_value')}: {read}(run)}}"
    runs = f"for run in {jobs}"
    if served.is_served(ctx, record.cell.path):
        runs = ctx.sdk(record.cell).trials(jobs, partial(workspace_of, ctx, record))
    ctx.put(record, [], f"[{entry} {runs}]")
