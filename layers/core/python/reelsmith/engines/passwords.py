"""Passwords: argon2id, and the older methods that imported hashes were made by."""


class Argon2Passwords:
    """`ports.Passwords`."""
