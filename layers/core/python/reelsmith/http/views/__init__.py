"""What callers send and see, one file per resource."""
