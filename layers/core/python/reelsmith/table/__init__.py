"""The single table: keys, codec, and one repository per aggregate. PynamoDB lives here only."""
