"""Python scripts and notebooks, read without being run."""
