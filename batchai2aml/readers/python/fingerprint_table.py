"""Fingerprints of every version of the recipes' helpers (Azure/BatchAI, `utilities`, its whole history)."""

from __future__ import annotations

FINGERPRINTS: dict[str, frozenset[str]] = {
    "Configuration": frozenset(
        {
            "06f6ef53f2751474",
            "144b382a2ab69590",
            "2bb39d85ea1ca621",
            "7345f4b078447283",
            "856acf4efa626c1e",
            "dcf993381dfe52de",
        }
    ),
    "DictParameter": frozenset({"73ade7f193aeabef"}),
    "DiscreteParameter": frozenset({"5c3c710f94e8c42e"}),
    "ExperimentUtils": frozenset(
        {
            "21522a950d421279",
            "234ef695a36571e2",
            "644b24f3372e5c55",
            "79d2936323c44258",
            "b752fbb175babef2",
        }
    ),
    "FileParameter": frozenset({"63dd14c006a01b0d"}),
    "MetricExtractor": frozenset({"05f7d6bb513c1c1e", "e0226607a1ea3056"}),
    "NumericParameter": frozenset({"ba861769b3c7ab7d"}),
    "OutputStreamer": frozenset({"6fcd3ecaf3c6b925", "91cc1d16fe64c338", "a0b9f3f05e8c948a"}),
    "ParameterSweep": frozenset(
        {
            "2221d99eec60b09c",
            "251442b8b3735118",
            "38c70e20f0870d4b",
            "b1f3a4826b8503cf",
            "e8120334fff02368",
        }
    ),
    "convert_job_to_jcp": frozenset({"796ad98f5a1f5dde", "d9c0900a3115d5b2"}),
    "create_batchai_client": frozenset({"e2ed7d2a01c41ee6", "eb6abccf0710ede0"}),
    "create_resource_group": frozenset({"2b04b637761ea7e3", "3bfc6060b7f111b6", "578439b9e78fd40d"}),
    "download_and_upload_mnist_dataset_to_blob": frozenset({"01ca6ba6ae891310", "c81a83a114e44bfd"}),
    "download_and_upload_rnn_dataset_to_blob": frozenset({"91f1cd9772e8c061", "d31041c1dd97196e"}),
    "download_file": frozenset({"47947d5ff511add3"}),
    "print_cluster_status": frozenset({"595b1a6c113043cb", "667c40fdcd1b436a"}),
    "print_job_status": frozenset({"71dd6525085d9f80", "fda71ddadd7fb304"}),
    "wait_for_job_completion": frozenset({"49547745a6f6a4fe", "d119c8311c88eda3", "ed21d876372dbded"}),
}
