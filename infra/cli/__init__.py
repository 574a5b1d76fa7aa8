"""What `./dev` runs: one module per command."""
