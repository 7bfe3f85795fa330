#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the shipped digits model and writes it as an int8 .tflite file.

    tools/train_digits.py MNIST_DIR --output config/models/digits-28x28.tflite

MNIST_DIR holds the four idx files of MNIST, gzipped or not. TensorFlow is needed here and nowhere else
(the shipped file was made with tensorflow-cpu 2.21.0 and numpy 2.4.6 under Python 3.11).

The network: 28x28x1 -> conv 32 3x3 relu -> max pool 2 -> conv 64 3x3 relu -> max pool 2 -> conv 64 3x3 relu ->
flatten 576 -> dense 64 relu -> dense 10 -> softmax. Its input is real = pixel / 255, light digit on dark ground,
stored as int8 with scale 1/255 and zero point -128; weights are int8 per channel, biases int32.

Plain MNIST teaches one pen, one scanner and a perfectly black ground. A camera gives other strokes, grey ground,
shade and grain, so every batch is disturbed: shift, turn, size, shear, bend, stroke width, blur, contrast, ground, noise.
"""

import argparse
import gzip
import hashlib
import json
import os
import pathlib
import sys
import time

SIDE = 28
CLASSES = 10
BATCH = 256


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mnist", type=pathlib.Path, help="folder with train-images-idx3-ubyte[.gz] and its three fellows")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the .tflite file to write")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the 60,000 training digits (default 20)")
    parser.add_argument("--seed", type=int, default=20240229, help="of weights, order and disturbances")
    parser.add_argument("--threads", type=int, default=2, help="TensorFlow threads (default 2)")
    return parser.parse_args()


def read_idx(folder, name):
    """One idx file of unsigned bytes as an array; the header says its rank and sizes."""
    import numpy as np

    for path in (folder / (name + ".gz"), folder / name):
        if path.exists():
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            if data[:3] != b"\0\0\x08":
                sys.exit(f"{path}: not an idx file of unsigned bytes")
            rank = data[3]
            sizes = np.frombuffer(data, ">i4", rank, 4)
            return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(sizes)
    sys.exit(f"{folder}: holds neither {name}.gz nor {name}")


def disturb(tf, images, strength):
    """Disturbs a batch [n, 28, 28, 1] of reals in [0, 1]; strength [n] in [0, 1] says how much, image by image."""
    count = tf.shape(images)[0]

    def uniform(low, high, shape=()):
        return tf.random.uniform(tf.concat([[count], tf.constant(shape, tf.int32)], 0), low, high)

    def each(value):
        return tf.reshape(value, [-1, 1, 1, 1])

    # Geometry, one bilinear sampling for all of it. The op maps output to input coordinates: x' = a x + b y + c.
    amount = 0.5 + 0.5 * strength
    angle = uniform(-0.35, 0.35) * amount
    shear = uniform(-0.30, 0.30) * amount
    size_x = tf.exp(uniform(-0.28, 0.28) * amount)
    size_y = tf.exp(uniform(-0.22, 0.22) * amount)
    shift_x, shift_y = (uniform(-3.0, 3.0) * amount for _ in range(2))
    cos, sin = tf.cos(angle), tf.sin(angle)
    a, b = cos * size_x, (shear * cos - sin) * size_x
    c, d = sin * size_y, (shear * sin + cos) * size_y
    middle = (SIDE - 1) / 2
    zero = tf.zeros([count])
    transform = tf.stack([a, b, middle * (1 - a - b) + shift_x, c, d, middle * (1 - c - d) + shift_y, zero, zero], 1)
    images = tf.raw_ops.ImageProjectiveTransformV3(images=images, transforms=transform, output_shape=[SIDE, SIDE],
                                                   fill_value=0.0, interpolation="BILINEAR", fill_mode="CONSTANT")

    # A bend: rows slide sideways along a sine, columns up and down; done by a blend with a one-pixel roll either way.
    line = tf.range(SIDE, dtype=tf.float32)[tf.newaxis, :] * (2 * 3.14159265 / SIDE)
    for axis in (1, 2):
        wave = tf.sin(line * uniform(0.5, 1.5)[:, tf.newaxis] + uniform(0.0, 6.28)[:, tf.newaxis])
        wave *= (uniform(0.0, 1.0) * strength)[:, tf.newaxis]
        wave = wave[:, :, tf.newaxis, tf.newaxis] if axis == 1 else wave[:, tf.newaxis, :, tf.newaxis]
        other = 3 - axis
        images = (images * (1 - tf.abs(wave)) + tf.roll(images, 1, other) * tf.maximum(wave, 0)
                  + tf.roll(images, -1, other) * tf.maximum(-wave, 0))

    # Stroke width. One draw in [-1, 1]: below 0 the pen thins (a 2x2 minimum), above it thickens (a 3x3 maximum).
    pen = each(uniform(-1.0, 1.0) * amount)
    thick = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 2, 1, "SAME")
    images += tf.maximum(pen, 0) * (thick - images) + 0.7 * tf.maximum(-pen, 0) * (thin - images)

    # Lens and ink: blur or sharpening, gamma, then contrast over a ground that is grey and brighter to one side.
    focus = each(uniform(-0.6, 1.0) * strength)
    images = tf.clip_by_value(images + focus * (tf.nn.avg_pool2d(images, 3, 1, "SAME") - images), 0.0, 1.0)
    images = tf.pow(images + 1e-6, each(tf.exp(uniform(-0.7, 0.7) * strength)))
    ramp = tf.linspace(-0.5, 0.5, SIDE)
    slope_x, slope_y = (each(uniform(-0.25, 0.25) * strength) for _ in range(2))
    ground = each(uniform(-0.15, 0.30) * strength) + slope_x * ramp[tf.newaxis, tf.newaxis, :, tf.newaxis]
    ground = tf.clip_by_value(ground + slope_y * ramp[tf.newaxis, :, tf.newaxis, tf.newaxis], 0.0, 0.5)
    ink = 1.0 - each(uniform(0.0, 0.5) * strength)
    images = ground + (ink - ground * ink) * images

    grain = each(uniform(0.0, 0.08) * strength)
    images = tf.clip_by_value(images + grain * tf.random.normal(tf.shape(images)), 0.0, 1.0)
    return tf.round(images * 255.0) / 255.0


def build(tf):
    layers = tf.keras.layers
    relu = {"activation": "relu", "kernel_initializer": "he_normal"}
    return tf.keras.Sequential([
        layers.Input((SIDE, SIDE, 1)),
        layers.Conv2D(32, 3, name="conv1", **relu),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Conv2D(64, 3, name="conv2", **relu),
        layers.MaxPooling2D(2, name="pool2"),
        layers.Conv2D(64, 3, name="conv3", **relu),
        layers.Flatten(name="flatten"),
        layers.Dropout(0.3),
        layers.Dense(64, name="dense1", **relu),
        layers.Dropout(0.2),
        layers.Dense(CLASSES, name="dense2"),
    ])


def train(tf, model, images, labels, epochs, seed):
    """Adam with a warm start and a cosine to zero; what is kept is the running average of the weights."""
    import numpy as np

    steps = len(images) // BATCH
    optimizer = tf.keras.optimizers.AdamW(0.0, weight_decay=0.004)
    average = [tf.Variable(v) for v in model.trainable_variables]
    order_source = np.random.default_rng(seed)
    pictures, classes = tf.constant(images[..., np.newaxis]), tf.constant(labels.astype(np.int32))

    @tf.function
    def step(chosen, decay):
        target = tf.gather(classes, chosen)
        # A quarter stays as scanned, the rest is disturbed between a little and fully.
        strength = tf.maximum(tf.random.uniform([BATCH], -0.33, 1.0), 0.0)
        clean = tf.cast(tf.gather(pictures, chosen), tf.float32) / 255.0
        batch = tf.where(tf.reshape(strength > 0.0, [-1, 1, 1, 1]), disturb(tf, clean, strength), clean)
        with tf.GradientTape() as tape:
            logits = model(batch, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(target, logits))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        for kept, now in zip(average, variables):
            kept.assign(decay * kept + (1 - decay) * now)
        return loss

    done = 0
    for epoch in range(epochs):
        start, total = time.time(), 0.0
        order = order_source.permutation(len(images))[:steps * BATCH].reshape(steps, BATCH).astype(np.int32)
        for chosen in order:
            done += 1
            part = done / (epochs * steps)
            optimizer.learning_rate.assign(0.002 * min(1.0, done / 200) * 0.5 * (1 + np.cos(np.pi * part)))
            total += float(step(tf.constant(chosen), tf.constant(min(0.999, (done + 1) / (done + 10)), tf.float32)))
        print(f"epoch {epoch + 1}/{epochs}: loss {total / steps:.4f}, {time.time() - start:.0f} s", flush=True)
    for variable, kept in zip(model.trainable_variables, average):
        variable.assign(kept)


def convert(tf, model, images, seed):
    """The int8 file: batch 1 fixed, softmax at its end, ranges observed on training digits as they are and disturbed."""
    import numpy as np

    frozen = tf.keras.Sequential([layer for layer in model.layers if not layer.name.startswith("dropout")])

    @tf.function(input_signature=[tf.TensorSpec([1, SIDE, SIDE, 1], tf.float32, name="image")])
    def classify(image):
        x = image
        for layer in frozen.layers:
            # Keras flattens by the run-time shape, which costs three operators in the file: say the shape instead.
            x = tf.reshape(x, [1, 576]) if layer.name == "flatten" else layer(x)
        return tf.nn.softmax(x, name="scores")

    chosen = np.random.default_rng(seed).choice(len(images), 1000, replace=False)
    plain = images[chosen].astype(np.float32)[..., np.newaxis] / 255.0
    shaken = disturb(tf, tf.constant(plain[500:]), tf.linspace(0.0, 1.0, 500)).numpy()

    def samples():
        for image in np.concatenate([plain[:500], shaken]):
            yield [image[np.newaxis]]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([classify.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def int8_correct(tf, content, images, labels):
    """How many digits the finished file reads, by TFLite's reference kernels."""
    import numpy as np

    interpreter = tf.lite.Interpreter(
        model_content=content, experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    source, sink = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero = source["quantization"]
    if abs(scale - 1 / 255) > 1e-7 or zero != -128:
        sys.exit(f"the input became scale {scale}, zero point {zero} instead of 1/255, -128: ranges were observed wrongly")
    right = 0
    for image, label in zip(images, labels):
        interpreter.set_tensor(source["index"], (image.astype(np.int16) - 128).astype(np.int8).reshape(source["shape"]))
        interpreter.invoke()
        right += int(interpreter.get_tensor(sink["index"])[0].argmax()) == int(label)
    return right


def main():
    arguments = parse_arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    import numpy as np
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.keras.utils.set_random_seed(arguments.seed)

    images, labels = (read_idx(arguments.mnist, f"train-{name}") for name in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    test_images, test_labels = (read_idx(arguments.mnist, f"t10k-{name}")
                                for name in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    model = build(tf)
    train(tf, model, images, labels, arguments.epochs, arguments.seed)
    logits = model.predict(test_images[..., np.newaxis].astype(np.float32) / 255.0, batch_size=500, verbose=0)
    float_right = int((logits.argmax(1) == test_labels).sum())

    content = convert(tf, model, images, arguments.seed)
    right = int8_correct(tf, content, test_images, test_labels)
    arguments.output.write_bytes(content)
    print(json.dumps({"file": arguments.output.name, "bytes": len(content),
                      "sha256": hashlib.sha256(content).hexdigest(), "test_digits": len(test_labels),
                      "right_float": float_right, "right_int8": right, "tensorflow": tf.__version__,
                      "seed": arguments.seed, "epochs": arguments.epochs}))


if __name__ == "__main__":
    main()
