"""The two networks: a generator of digits, and a discriminator between drawn and real ones.

Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks" (2015). Kernels are 4 x 4 with stride 2, so that every pixel of a transposed convolution
has equally many taps (Odena et al., "Deconvolution and Checkerboard Artifacts", 2016).
"""

from __future__ import annotations

import keras

from training.common.normalization import BatchNormalization
from training.digits_gan.algorithm import DATA, LATENT

START = 7
WIDE, NARROW = 64, 32


def build_generator(seed: int) -> keras.Model:
    """A network from latent vectors float32 [n, LATENT] to images float32 [n, 28, 28, 1], -1 to 1."""
    layers = keras.layers
    initial = [keras.initializers.RandomNormal(stddev=0.02, seed=seed + number) for number in range(3)]
    latent = keras.Input((LATENT,), name="latent")
    x = layers.Dense(START * START * WIDE, use_bias=False, kernel_initializer=initial[0])(latent)
    x = layers.Reshape((START, START, WIDE))(x)
    x = layers.ReLU()(BatchNormalization()(x))
    x = layers.Conv2DTranspose(NARROW, 4, 2, "same", use_bias=False, kernel_initializer=initial[1])(x)
    x = layers.ReLU()(BatchNormalization()(x))
    images = layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh", kernel_initializer=initial[2])(x)
    return keras.Model(latent, images, name="generator")


def build_discriminator(seed: int) -> keras.Model:
    """A network from images float32 [n, 28, 28, 1], -1 to 1, to logits float32 [n, 1].

    A positive logit means real. It has no batch normalisation: real and drawn images go through it together.
    """
    layers = keras.layers
    initial = [keras.initializers.GlorotUniform(seed=seed + number) for number in range(3, 6)]
    images = keras.Input((*DATA.shape, 1), name="images")
    x = layers.Conv2D(NARROW, 4, 2, "same", kernel_initializer=initial[0])(images)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Conv2D(WIDE, 4, 2, "same", kernel_initializer=initial[1])(x)
    x = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(1, kernel_initializer=initial[2], name="logits")(layers.Flatten()(x))
    return keras.Model(images, logits, name="discriminator")
