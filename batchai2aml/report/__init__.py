"""The result of a run, in several forms over one ledger."""
