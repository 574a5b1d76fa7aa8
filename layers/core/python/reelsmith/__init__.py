"""Reelsmith: words, pictures, slides and clips in, finished videos out."""

__version__ = "0.1.0"
