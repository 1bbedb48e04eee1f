"""The operations of stacks: what is created, changed, removed and undone, in which order, with which events."""
