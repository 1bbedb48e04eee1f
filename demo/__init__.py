"""The whole path that a person would walk, from an empty sandbox to a measured endpoint: `make demo`.

Imports the specs and operations, and starts two programs: the CDK CLI and the sandbox.
"""
