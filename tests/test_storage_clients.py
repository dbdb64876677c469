"""Storage clients of version 2 with `--target v2`: each call in the words of version 12, for the real clients."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done

HEAD = """import os
from azure.mgmt.batchai import BatchAIManagementClient
from azure.storage.blob import BlockBlobService
from azure.storage.file import FileService

client = BatchAIManagementClient(credentials=None, subscription_id='s')
client.clusters.get('rg', 'ws', 'c')
blobs = BlockBlobService('contoso', os.environ['KEY'])
files = FileService(account_name='contoso', account_key=os.environ['KEY'])
"""
_FILE = "files.get_share_client('s').get_directory_client('d').get_file_client('f')"
_OPEN = "with open('l', 'rb') as handle:\n    "


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("blobs.create_container('c', fail_on_exist=True)", "blobs.create_container('c')"),
        (
            "blobs.create_container('c')",
            "try:\n    blobs.create_container('c')\nexcept ResourceExistsError:\n    pass",
        ),
        (
            "files.create_directory('s', 'd', fail_on_exist=False)",
            "try:\n    files.get_share_client('s').create_directory('d')\nexcept ResourceExistsError:\n    pass",
        ),
        (
            "blobs.create_blob_from_path('c', 'b', 'l')",
            f"{_OPEN}blobs.get_blob_client('c', 'b').upload_blob(handle, overwrite=True)",
        ),
        (
            "blobs.create_blob_from_text('c', 'b', 'text')",
            "blobs.get_blob_client('c', 'b').upload_blob('text', overwrite=True)",
        ),
        ("files.create_file_from_path('s', 'd', 'f', 'l')", f"{_OPEN}{_FILE}.upload_file(handle)"),
        (
            "files.get_file_to_path('s', 'd', 'f', 'l')",
            f"with open('l', 'wb') as handle:\n    handle.write({_FILE}.download_file().readall())",
        ),
        (
            "names = [b.name for b in blobs.list_blobs('c', prefix='p')]",
            "names = [b.name for b in blobs.get_container_client('c').list_blobs(name_starts_with='p')]",
        ),
        (
            "for f in files.list_directories_and_files('s', None):\n    print(f.name)",
            "for f in files.get_share_client('s').get_directory_client().list_directories_and_files():\n    print(f.name)",
        ),
        ("there = blobs.exists('c', 'b')", "there = blobs.get_blob_client('c', 'b').exists()"),
        ("there = files.exists('s', 'd', 'f')", f"there = {_FILE}.exists()"),
        ("blobs.delete_blob('c', 'b')", "blobs.get_blob_client('c', 'b').delete_blob()"),
        ("files.delete_share('s')", "files.delete_share('s')"),
    ],
)
def test_calls(tmp_path: Path, run: Callable[..., Done], old: str, new: str) -> None:
    (tmp_path / "a.py").write_text(f"{HEAD}{old}\n")
    done = run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    text = (tmp_path / "a.py").read_text()
    ast.parse(text)
    assert text.endswith(f"{new}\n"), text
    assert (
        "blobs = BlobServiceClient('https://contoso.blob.core.windows.net', credential=os.environ['KEY'])" in text
        or (
            "blobs = BlobServiceClient(\n    'https://contoso.blob.core.windows.net',\n    credential=os.environ['KEY'])"
            in text
        )
    )
    assert "from azure.storage.file import" not in text
    assert done.status == 0, done.out


def test_what_has_no_newer_words_is_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "a.py").write_text(f"{HEAD}url = blobs.generate_blob_shared_access_signature('c', 'b')\n")
    done = run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    assert done.status == 1
    assert "# BAI817: 'generate_blob_shared_access_signature' is not a method" in (tmp_path / "a.py").read_text()
