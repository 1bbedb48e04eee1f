"""Handwritten digits, 28 x 28 pixels, recognised by a convolutional network."""
