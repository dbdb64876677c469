"""The plan: which resources of Azure ML a project needs, one file each, and an index over them."""
