"""Containers of AWS: their images, and the permissions to run them in the network."""
