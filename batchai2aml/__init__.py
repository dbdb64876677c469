"""Moves projects from Azure Batch AI to Azure Machine Learning."""

__version__ = "0.1.0"
