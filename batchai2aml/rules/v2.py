"""What to do about a finding where the code is written for SDK v2, as far as that differs."""

from __future__ import annotations

from collections.abc import Mapping

ACTIONS: Mapping[str, str] = {
    "BAI107": "check min_instances and max_instances of the AmlCompute",
    "BAI108": "cancel running jobs (ml_client.jobs.begin_cancel) or wait for them before the cluster gets smaller",
    "BAI119": "check in inputs= and outputs= that every job gets the data it reads and the folders it writes to",
    "BAI128": "raise max_instances of the cluster, or lower instance_count of the job",
    "BAI142": "accept them, or pass storage_account=, key_vault=, application_insights= of existing ones to Workspace",
    "BAI202": "look jobs up by display_name, or keep job.name where a unique name is needed",
    "BAI208": "write the limit as a number of seconds into timeout= of the job",
    "BAI216": "read the logs in Azure ML studio (Outputs + logs) or with ml_client.jobs.download(job.name, all=True)",
    "BAI217": "read the logs with ml_client.jobs.download(job.name, all=True) instead",
    "BAI306": "test the job: the mount has no options with this SDK",
    "BAI315": "bind the folder in outputs= instead of inputs= if the script writes there",
    "BAI419": "bind the output folder of the earlier job in inputs= by hand",
    "BAI507": "choose a whole number for process_count_per_instance",
    "BAI516": "check instance_count= of the job; let Azure ML start the processes if the command used other nodes",
    "BAI610": "set AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET for unattended runs, or sign in with az login",
    "BAI704": "ml_client.jobs.download() fetches a job's files, and with output_name= those of an output",
    "BAI708": "nothing for Python, where begin_delete() deletes a job; az ml job archive only hides it",
    "BAI712": "report the metric in the script with mlflow.log_metric(name, value)",
    "BAI718": "remove the attribute, or take what you need from ml_client.jobs.get(job.name) or compute.get(name)",
    "BAI720": "check ml_client.jobs.get(job.name).status of the earlier job before you submit it again",
    "BAI721": "catch JobException around ml_client.jobs.stream() if the code must go on after a failed job",
    "BAI725": "delete them in the Azure portal, or pass delete_dependent_resources=True to begin_delete()",
    "BAI729": "create the resource group first: az group create -n GROUP -l LOCATION",
}
"""By rule; all other actions are the same for both generations of the SDK."""
