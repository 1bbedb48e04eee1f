"""What `upload` consists of: parts that can be resumed, the state that remembers them, and client-side encryption."""
