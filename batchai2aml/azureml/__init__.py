"""The new world: names, sizes and images of Azure ML, and the model of what is emitted."""
