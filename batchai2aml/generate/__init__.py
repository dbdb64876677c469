"""Python scripts for what has no statements to rewrite: command lines and JSON files, one function for each request."""
