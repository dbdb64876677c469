"""The command line `az batchai` in its four generations."""
