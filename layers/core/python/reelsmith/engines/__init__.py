"""Adapters that speak, hear, write or draw; one capability, one file."""
