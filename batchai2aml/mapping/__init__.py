"""The only place that knows both worlds: what becomes of everything, and the ledger of it."""
