"""For command lines and documents: Python scripts for SDK v1, commands of `az ml` for SDK v2."""
