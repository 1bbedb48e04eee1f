"""`make demo`: the whole path from an empty sandbox to a measured endpoint.

Imports the specs and operations, and starts two programs: the CDK CLI and the sandbox.
"""
