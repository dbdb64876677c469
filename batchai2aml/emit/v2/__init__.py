"""Azure ML SDK v2: azure-ai-ml."""
