"""Alternating, compiled steps of discriminator and generator, both on one drawn batch.

Goodfellow et al., "Generative Adversarial Nets" (2014), with the loss that does not saturate. The drawn batch has the
classes of the real one. Latent vectors depend on (seed, step) alone, so that a resumed run draws the same as an
uninterrupted one. They are drawn for the global batch, and each replica takes its rows; batch normalisation is over the
global batch, too.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from training.common.distribution import Distribution, replica_rows
from training.common.fitting import Metrics, compile_steps
from training.digits_gan.algorithm import DATA, LATENT, Settings
from training.digits_gan.model import build_discriminator, build_generator, generator_input

METRICS = ("train:discriminator_loss", "train:generator_loss")
CALIBRATION_BATCHES, CALIBRATION_IMAGES = 30, 64


class AdversarialFitting:
    """See fitting.Fitting; build it within the strategy's scope.

    Chunks are images uint8 [n, 28, 28] and labels int64 [n].
    """

    def __init__(self, settings: Settings, distribution: Distribution) -> None:
        self.generator, self.discriminator = build_generator(settings.seed), build_discriminator(settings.seed)
        adam, self._averaging = keras.optimizers.Adam, settings.averaging
        # The mean of the weights: Yazici et al., "The Unusual Effectiveness of Averaging in GAN Training" (2019).
        self.generator_optimizer = adam(
            settings.generator_learning_rate, settings.beta_1, use_ema=True, ema_momentum=settings.averaging
        )
        self.discriminator_optimizer = adam(settings.discriminator_learning_rate, settings.beta_1)
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self._settings, self._distribution = settings, distribution
        signature = [tf.TensorSpec([None, *DATA.shape], tf.uint8), tf.TensorSpec([None], tf.int64)]
        self.run = compile_steps(distribution, signature, METRICS, self._step)

    def variables(self) -> dict[str, list[tf.Variable]]:
        """See Fitting."""
        parts = {
            "generator": self.generator.variables,
            "discriminator": self.discriminator.variables,
            "generator_optimizer": self.generator_optimizer.variables,
            "discriminator_optimizer": self.discriminator_optimizer.variables,
        }
        return {name: [variable.value for variable in variables] for name, variables in parts.items()}

    def averaged(self) -> keras.Model:
        """A generator with the mean weights, and batch normalisation statistics measured with them."""
        generator = build_generator(self._settings.seed)
        generator.set_weights(self.generator.get_weights())
        if self._averaging:
            means = self.generator_optimizer._model_variables_moving_average
            for variable, mean in zip(generator.trainable_variables, means, strict=True):
                variable.assign(mean)
        classes = tf.range(CALIBRATION_IMAGES) % len(DATA.classes)
        for number in range(CALIBRATION_BATCHES):
            latent = tf.random.stateless_normal([CALIBRATION_IMAGES, LATENT], [self._settings.seed, -1 - number])
            generator(generator_input(latent, classes), training=True)
        return generator

    def _step(self, images: tf.Tensor, labels: tf.Tensor) -> Metrics:
        real = tf.cast(images, tf.float32)[..., None] / 127.5 - 1
        asked = generator_input(self._latent(), labels)
        with tf.GradientTape() as drawing:
            drawn = self.generator(asked, training=True)
        judged = self._train_discriminator(real, drawn, labels)
        with tf.GradientTape() as judging:
            judging.watch(drawn)
            loss = self._mean(tf.nn.softplus(-self._logits(drawn, labels)))
        weights = self.generator.trainable_variables
        gradients = drawing.gradient(
            drawn, [weight.value for weight in weights], output_gradients=judging.gradient(loss, drawn)
        )
        self.generator_optimizer.apply(gradients, weights)
        return dict(zip(METRICS, (judged, loss), strict=True))

    def _train_discriminator(self, real: tf.Tensor, drawn: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Do one step on both halves together; return half the sum of their cross-entropies."""
        weights, target = self.discriminator.trainable_variables, 1 - self._settings.label_smoothing
        with tf.GradientTape() as tape:
            logits = self._logits(tf.concat([real, drawn], 0), tf.concat([labels, labels], 0))
            of_real, of_drawn = tf.split(logits, 2)
            losses = tf.nn.softplus(of_real) - target * of_real + tf.nn.softplus(of_drawn)
            loss = self._mean(losses) / 2
        self.discriminator_optimizer.apply(tape.gradient(loss, [weight.value for weight in weights]), weights)
        return loss

    def _logits(self, images: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """The logit of each image's class, float32 [n]."""
        return tf.gather(self.discriminator(images, training=True), classes, batch_dims=1)

    def _latent(self) -> tf.Tensor:
        """This replica's rows of the step's latent vectors."""
        step = tf.cast(self.discriminator_optimizer.iterations.value, tf.int32)
        whole = tf.random.stateless_normal(
            [self._distribution.batch_size, LATENT], tf.stack([self._settings.seed, step])
        )
        return whole[replica_rows(self._distribution.replica_batch_size)]

    def _mean(self, losses: tf.Tensor) -> tf.Tensor:
        """The mean over the global batch, as this replica's part of it."""
        return tf.nn.compute_average_loss(losses, global_batch_size=self._distribution.batch_size)
