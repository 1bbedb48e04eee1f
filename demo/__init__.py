"""The whole path, as a person would walk it: `make demo`.

Knows the specs and the operations, and starts the two programs that have no Python interface: the CDK CLI and the
sandbox.
"""
