"""CDK: the house in the cloud, once per stage. Names and keys come from the package."""
