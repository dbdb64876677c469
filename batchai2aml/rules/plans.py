"""Plans of Azure ML resources: what no SDK checks (BAI95x)."""

from __future__ import annotations

from batchai2aml.rules.types import Rule

PLANS = (
    Rule(
        "BAI951",
        "error",
        "unknown input or output",
        "The command names an input, output or parameter that the job does not have; the service would refuse the job, "
        "or run it with the text as it stands",
        "${{inputs.X}}, ${{outputs.X}} or ${{search_space.X}} in a command without X below these",
        "declare it there, or correct its name in the command",
    ),
    Rule(
        "BAI952",
        "error",
        "impossible number",
        "The number of nodes, processes or seconds is not one that a job or cluster can have",
        "a count below 1 (for min_instances below 0), or one that is no whole number",
        "write a whole number that is large enough",
    ),
    Rule(
        "BAI953",
        "error",
        "address in a datastore",
        "The address does not say which path of which datastore is meant",
        "azureml://datastores/... without a legal name, or without /paths/",
        "write azureml://datastores/NAME/paths/PATH",
    ),
    Rule(
        "BAI954",
        "error",
        "reference without version",
        "An environment is found by its name and its version, or by a label",
        "azureml:NAME without :VERSION or @LABEL",
        "add the version, as in azureml:NAME:1",
    ),
    Rule(
        "BAI955",
        "error",
        "reference to compute",
        "A compute is named as azureml:NAME; a bare name is taken for something else by some commands",
        "a compute: that does not begin with azureml:",
        "write azureml: before the name",
    ),
    Rule(
        "BAI956",
        "error",
        "name that Azure ML refuses",
        "The name has characters, a beginning, an end or a length that its kind of resource must not have",
        "the name of a workspace, compute, datastore, experiment, input or output",
        "choose the name that the finding offers, everywhere in the plan",
    ),
    Rule(
        "BAI957",
        "error",
        "minimum above maximum",
        "A cluster cannot keep more nodes than it may have",
        "min_instances above max_instances",
        "lower min_instances or raise max_instances",
    ),
    Rule(
        "BAI958",
        "error",
        "reference to nothing",
        "The plan makes no such resource, and its index does not say that it is there already",
        "a compute, environment or datastore that a job names",
        "correct the name, add a file for it, or list it below expected in plan.yml",
    ),
    Rule(
        "BAI959",
        "error",
        "index and files differ",
        "The index lists a file that is not there, or a file is not in the index; it would not be applied",
        "a plan to which a file was added by hand, or from which one was removed",
        "add the entry to plan.yml, or remove it there",
    ),
    Rule(
        "BAI960",
        "error",
        "secret in a plan",
        "A key or password stands in the file; whoever reads the plan can use it",
        "a credential that is not the name of an environment variable",
        "remove it from the file, name the variable below set in plan.yml, and renew the secret",
    ),
)
