"""The recipes' `configuration.json`: which attribute of `utilities.config.Configuration` is which key of the file."""

from __future__ import annotations

from batchai2aml.project.secrets import ADMIN_PASSWORD, CLIENT_SECRET, REGISTRY_PASSWORD, STORAGE_KEY

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "subscription_id": ("subscription_id",),
    "aad_client_id": ("aad_client_id",),
    "aad_secret_key": ("aad_secret",),
    "aad_tenant": ("aad_tenant",),
    "location": ("location",),
    "url": ("base_url",),
    "resource_group": ("resource_group",),
    "workspace": ("workspace",),
    "storage_account_name": ("storage_account", "name"),
    "storage_account_key": ("storage_account", "key"),
    "admin": ("admin_user", "name"),
    "admin_password": ("admin_user", "password"),
    "admin_ssh_key": ("admin_user", "ssh_public_key"),
    "container_registry_user": ("container_registry", "user"),
    "container_registry_password": ("container_registry", "password"),
    "container_registry_secret_url": ("container_registry", "secret_url"),
    "keyvault_id": ("keyvault_id",),
}

SECRET_ATTRIBUTES: dict[str, str] = {
    "aad_secret_key": CLIENT_SECRET,
    "storage_account_key": STORAGE_KEY,
    "admin_password": ADMIN_PASSWORD,
    "container_registry_password": REGISTRY_PASSWORD,
}
"""The secrets among them, each with the environment variable that takes its place."""

OPTIONAL_ATTRIBUTES = frozenset(
    {
        "admin_password",
        "admin_ssh_key",
        "container_registry_user",
        "container_registry_password",
        "container_registry_secret_url",
        "keyvault_id",
    }
)
"""What the class read with `.get`, so that the file may leave it out."""
