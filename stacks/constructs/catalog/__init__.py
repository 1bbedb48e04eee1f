"""What AWS offers: container images, instance types, list prices."""
