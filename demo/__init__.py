"""The whole path of a model, from an empty sandbox to a measured endpoint: `make demo`.

Imports the specs and operations, and starts two programs: the CDK CLI and the sandbox.
"""
