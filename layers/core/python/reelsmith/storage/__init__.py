"""Where bytes are kept: the key scheme, and the adapter for S3."""
