"""What is not speech: noise, tunes, and what microphones and codecs do to a voice. All audio is 16 kHz."""

import numpy as np
import numpy.typing as npt

from cli.demo.training.bank import Wave

Generator = np.random.Generator


def colour_noise(rng: Generator, length: int) -> Wave:
    """White or brownish noise, hum with hiss, or a slowly pulsing chord, of loudness 1 (root mean square)."""
    wave: Wave = rng.standard_normal(length).astype(np.float32)
    kind = rng.integers(0, 4)
    if kind == 1:
        wave = np.convolve(wave, np.exp(-np.arange(64) / 12.0).astype(np.float32), "same")
    elif kind == 2:
        at = np.arange(length, dtype=np.float32) / 16000
        wave = 0.3 * wave + 2 * np.sin(2 * np.pi * rng.uniform(50, 400) * at).astype(np.float32)
    elif kind == 3:
        wave = _chord(rng, length)
    return _of_loudness_one(wave)


def _chord(rng: Generator, length: int) -> Wave:
    at = np.arange(length, dtype=np.float32) / 16000
    root = rng.uniform(110, 440)
    tones = sum(np.sin(2 * np.pi * root * ratio * at) for ratio in (1, 1.25, 1.5, 2))
    pulse = 0.6 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.3, 3) * at)
    return np.asarray(tones * pulse).astype(np.float32)


def melody(rng: Generator, length: int) -> Wave:
    """A run of notes with harmonics and decays, sometimes with a beat."""
    wave, place = np.zeros(length, np.float32), 0
    pitch, step = rng.uniform(100, 500), rng.uniform(0.1, 0.6)
    while place < length:
        count = min(length - place, int(16000 * step * rng.choice([0.5, 1, 1, 2])) + 1)
        pitch = float(np.clip(pitch * 2 ** (rng.integers(-5, 6) / 12), 80, 1200))
        wave[place : place + count] = _note(rng, pitch, count)
        if rng.random() < 0.3:
            beat = min(count, 1200)
            wave[place : place + beat] += rng.standard_normal(beat) * np.exp(-np.arange(beat) / 200.0)
        place += count
    return _of_loudness_one(wave)


def _note(rng: Generator, pitch: float, count: int) -> npt.NDArray[np.floating]:
    at = np.arange(count, dtype=np.float32) / 16000
    harmonics = range(1, int(rng.integers(2, 6)))
    tone = sum(np.sin(2 * np.pi * pitch * harmonic * at) / harmonic ** rng.uniform(0.5, 2) for harmonic in harmonics)
    return np.asarray(tone * np.exp(-at * rng.uniform(0, 6)))


def _of_loudness_one(wave: Wave) -> Wave:
    return np.asarray(wave / (np.sqrt(np.mean(wave * wave)) + 1e-9), np.float32)


def faster(wave: Wave, ratio: float) -> Wave:
    """The wave played `ratio` times faster; pitch and formants move too, as if another person spoke."""
    return np.asarray(np.interp(np.arange(0, len(wave) - 1, ratio), np.arange(len(wave)), wave), np.float32)


def through_a_microphone(
    rng: Generator, wave: Wave, loudness: np.float32, *, noisy: float, noise_range: tuple[float, float]
) -> Wave:
    """Mildly coloured, with noise (probability `noisy`, that many dB below `loudness`), at another level."""
    if rng.random() < 0.35:
        taps = np.zeros(9, np.float32)
        taps[4] = 1.0
        taps += rng.normal(0, 0.12, 9).astype(np.float32)
        wave = np.convolve(wave, taps, "same").astype(np.float32)
    if rng.random() < noisy:
        distance = rng.uniform(*noise_range)
        wave = wave + colour_noise(rng, len(wave)) * (loudness * 10 ** (-distance / 20))
    return wave * 10 ** (rng.uniform(-18, 3) / 20)
