"""Sentences, captions and other pure algorithms over words."""
