"""One folder a part, one concept a file. Constructs take objects (a bucket, a role), never strings that name them."""
