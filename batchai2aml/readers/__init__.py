"""From the user's files to the Batch AI model."""
