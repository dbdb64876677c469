"""Documents of Batch AI: `job.json`, `cluster.json`, file servers, ARM templates."""
