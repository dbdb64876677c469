"""The old world: what Batch AI knew, as tables. Nothing here knows Azure ML."""
