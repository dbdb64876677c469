"""Azure's regions and clouds."""

from __future__ import annotations

import re

_NAMES = """
australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth
brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral chinaeast chinaeast2 chinaeast3
chinanorth chinanorth2 chinanorth3 eastasia eastus eastus2 francecentral francesouth germanynorth germanywestcentral
indonesiacentral israelcentral italynorth japaneast japanwest jioindiacentral jioindiawest koreacentral koreasouth
malaysiawest mexicocentral newzealandnorth northcentralus northeurope norwayeast norwaywest polandcentral
qatarcentral southafricanorth southafricawest southcentralus southeastasia southindia spaincentral swedencentral
switzerlandnorth switzerlandwest uaecentral uaenorth uksouth ukwest usdodcentral usdodeast usgovarizona usgovtexas
usgovvirginia westcentralus westeurope westindia westus westus2 westus3
"""
_REGIONS = frozenset(_NAMES.split())
"""Names of regions (`az account list-locations`, 2026), without previews such as `eastus2euap`."""


def is_known(location: str) -> bool:
    """Whether a location is a region; `West Europe` and `westeurope` are the same."""
    return re.sub(r"[\s()-]", "", location).lower() in _REGIONS


def is_sovereign(endpoint: str) -> bool:
    """Whether a management endpoint is not that of the public cloud."""
    return "://" in endpoint and "management.azure.com" not in endpoint
