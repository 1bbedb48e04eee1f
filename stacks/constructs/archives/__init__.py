"""Our code as byte-stable archives, for jobs and for functions."""
