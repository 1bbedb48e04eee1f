"""The two networks: a generator of digits of a class, and a discriminator between drawn and real ones.

Both are told the class: Mirza and Osindero, "Conditional Generative Adversarial Nets" (2014). The generator's first
layer reads it beside the latent vector; of the discriminator's ten logits the one of the class counts, which is the
projection of Miyato and Koyama, "cGANs with Projection Discriminator" (2018), without its part for all classes.

Nearly all products are convolutions of many channels at 7 x 7, which run at the speed of a large matrix product: pixels
become channels before the first and after the last (Shi et al., "Real-Time Single Image and Video Super-Resolution
Using an Efficient Sub-Pixel Convolutional Neural Network", 2016).
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from training.common.normalization import BatchNormalization
from training.digits_gan.algorithm import DATA, LATENT

START = 7
WIDE, NARROW = 128, 64
BLOCK = 2
"""A block of 2 x 2 pixels is four channels."""


def generator_input(latent: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    """The generator's input, from latent vectors float32 [n, LATENT] and classes int [n]."""
    return tf.concat([latent, tf.one_hot(classes, len(DATA.classes))], 1)


def build_generator(seed: int) -> keras.Model:
    """A network from `generator_input` to images float32 [n, 28, 28, 1], -1 to 1."""
    layers = keras.layers
    initial = [keras.initializers.GlorotUniform(seed=seed + number) for number in range(3)]

    def convolve(x: keras.KerasTensor, channels: int, number: int, **options: Any) -> keras.KerasTensor:
        return layers.Conv2D(channels, 3, padding="same", kernel_initializer=initial[number], **options)(x)

    def activate(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU()(BatchNormalization()(x))

    asked = keras.Input((LATENT + len(DATA.classes),), name="asked")
    x = layers.Dense(START * START * WIDE, use_bias=False, kernel_initializer=initial[0])(asked)
    x = activate(layers.Reshape((START, START, WIDE))(x))
    x = activate(_to_pixels(convolve(x, BLOCK**2 * NARROW, 1, use_bias=False)))
    images = layers.Activation("tanh")(_to_pixels(convolve(x, BLOCK**2, 2)))
    return keras.Model(asked, images, name="generator")


def build_discriminator(seed: int) -> keras.Model:
    """A network from images float32 [n, 28, 28, 1], -1 to 1, to logits float32 [n, classes].

    A positive logit means a real image of the class. There is no batch normalisation: real and drawn images go through
    it together.
    """
    layers = keras.layers
    initial = [keras.initializers.GlorotUniform(seed=seed + number) for number in range(3, 6)]
    images = keras.Input((*DATA.shape, 1), name="images")
    x = layers.Lambda(lambda pixels: tf.nn.space_to_depth(pixels, BLOCK))(images)
    x = layers.Conv2D(NARROW, 4, 2, "same", kernel_initializer=initial[0])(x)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Conv2D(NARROW, 3, 1, "same", kernel_initializer=initial[1])(x)
    x = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(len(DATA.classes), kernel_initializer=initial[2], name="logits")(layers.Flatten()(x))
    return keras.Model(images, logits, name="discriminator")


def _to_pixels(x: keras.KerasTensor) -> keras.KerasTensor:
    return keras.layers.Lambda(lambda channels: tf.nn.depth_to_space(channels, BLOCK))(x)
