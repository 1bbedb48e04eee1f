"""Facts about AWS's offers: container images, instance types, list prices."""
