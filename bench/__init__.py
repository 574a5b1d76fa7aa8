"""The speed claims, measured again on the machine at hand: `python -m bench`."""
