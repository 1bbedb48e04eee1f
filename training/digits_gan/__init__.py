"""Handwritten digits, 28 x 28 pixels, drawn by a generative adversarial network."""
