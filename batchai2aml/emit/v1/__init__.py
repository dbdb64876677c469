"""Azure ML SDK v1: azureml-core and azureml-train-core."""
