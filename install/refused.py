"""The end of an installation by a sentence."""


class Refused(Exception):
    """When nothing can be installed; the message says why, and the cure."""
