"""Who asks: the tenant context, carried where the application cannot forge it."""
