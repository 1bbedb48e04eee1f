"""The persistent state of the sandbox's services, saved while it runs."""
