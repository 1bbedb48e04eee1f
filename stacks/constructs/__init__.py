"""One folder a part, one concept a file. Constructs take objects (a bucket, a role, a spec), never strings that name them."""
