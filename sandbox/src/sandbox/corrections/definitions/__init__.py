"""The definitions of state machines: what AWS refuses, and what the sandbox lacks, before anything runs."""
