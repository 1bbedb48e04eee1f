"""The handlers of resource types: what ministack's drop or do otherwise."""
