"""The Python packages of AWS's container images: their tables, and folders that hold just those."""
