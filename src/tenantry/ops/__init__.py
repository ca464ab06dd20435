"""What whoever runs an application asks of it: is it alive, ready, healthy."""
