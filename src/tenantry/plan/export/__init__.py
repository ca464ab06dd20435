"""How a plan leaves as files that another tool runs, and comes back into the journal all the same."""
