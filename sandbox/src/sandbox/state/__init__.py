"""What survives the sandbox's end: everything that its services know, saved while it runs."""
