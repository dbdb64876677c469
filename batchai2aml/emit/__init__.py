"""From the Azure ML model to text."""
