"""What work takes: processor, memory, temp space and bytes moved."""

from typing import Self

from pydantic import Field

from reelsmith.domain.model import Entity


class Resources(Entity):
    """Measured or estimated. A megabyte is 2**20 bytes here, as Lambda counts memory."""

    cpu_seconds: float = Field(default=0.0, description="of the process and its children")
    peak_memory_mb: int = Field(default=0, description="most memory that one process held")
    temp_mb: int = Field(default=0, description="most temp space held at once")
    bytes_in: int = Field(default=0, description="fetched from the store")
    bytes_out: int = Field(default=0, description="put into the store")

    def then(self, later: "Resources") -> Self:
        """Both, one after the other: what adds up is added, what peaks is the higher one."""
        return self.model_copy(
            update={
                "cpu_seconds": round(self.cpu_seconds + later.cpu_seconds, 2),
                "peak_memory_mb": max(self.peak_memory_mb, later.peak_memory_mb),
                "temp_mb": max(self.temp_mb, later.temp_mb),
                "bytes_in": self.bytes_in + later.bytes_in,
                "bytes_out": self.bytes_out + later.bytes_out,
            }
        )

    def exceeds(self, promised: "Resources") -> bool:
        """Whether more memory or temp space was held than `promised`."""
        return self.peak_memory_mb > promised.peak_memory_mb or self.temp_mb > promised.temp_mb
