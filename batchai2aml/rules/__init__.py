"""The catalogue of findings. Ids are never reused; titles are stable."""

from __future__ import annotations

from batchai2aml.rules.arguments import ARGUMENTS
from batchai2aml.rules.clusters import CLUSTERS
from batchai2aml.rules.inputs import INPUTS
from batchai2aml.rules.jobs import JOBS
from batchai2aml.rules.names import NAMES
from batchai2aml.rules.operations import OPERATIONS
from batchai2aml.rules.plans import PLANS
from batchai2aml.rules.storage import STORAGE
from batchai2aml.rules.toolkits import TOOLKITS
from batchai2aml.rules.types import RANK, Disposition, Rule, Severity

__all__ = ["RANK", "RULES", "Disposition", "Rule", "Severity"]

RULES: dict[str, Rule] = {
    rule.id: rule for rule in (*CLUSTERS, *JOBS, *STORAGE, *ARGUMENTS, *TOOLKITS, *NAMES, *OPERATIONS, *INPUTS, *PLANS)
}
