"""The single table: keys, codec, and one repository per aggregate. PynamoDB lives here only."""

from reelsmith.table.repositories import Repositories, open_table

__all__ = ["Repositories", "open_table"]
