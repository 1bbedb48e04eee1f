"""Facts about AWS: instance types and list prices."""
