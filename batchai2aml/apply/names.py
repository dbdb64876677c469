"""Names of what comes with a workspace: the same at every attempt, so that none leaves a second one behind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from batchai2aml.apply.model import Place


def companions(place: Place) -> Mapping[str, str]:
    """
    The names of storage account, key vault, log analytics and application insights, by the template's parameters.

    They must be unique in all of Azure; storage accounts take 3 to 24 lower-case letters and digits, vaults 24.
    """
    whole = f"{place.subscription}/{place.group}/{place.workspace}".lower()
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    stem = re.sub(r"[^a-z0-9]", "", place.workspace.lower())[:8] or "ws"
    stem = stem if stem[0].isalpha() else f"w{stem[:7]}"
    return {
        "storageAccountName": f"{stem}storage{digest}"[:24],
        "keyVaultName": f"{stem}keyvault{digest}"[:24],
        "logAnalyticsName": f"{stem}logalyti{digest}"[:24],
        "applicationInsightsName": f"{stem}insights{digest}"[:24],
    }


def deployment(place: Place) -> str:
    """The name of the deployment that makes a workspace."""
    return f"batchai2aml-{place.workspace}"
