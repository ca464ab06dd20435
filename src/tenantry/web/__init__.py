"""The runtime over HTTP: who asks, for which tenant, and what a refusal looks like."""
