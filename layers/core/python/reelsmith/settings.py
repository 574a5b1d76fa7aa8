"""Every environment variable, once. Infra writes them from here, functions read them from here."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from reelsmith.errors import Invalid

PREFIX = "REELSMITH_"
_WITHOUT_AWS = ("local", "test")


class Settings(BaseModel):
    """Names of the things this process was given. Not every function is given every name."""

    model_config = ConfigDict(frozen=True)

    stage: str = Field(min_length=1, max_length=20)
    table: str = Field(min_length=3, max_length=255)
    bucket: str = Field(min_length=3, max_length=63)
    pepper_parameter: str = Field(default="", description="SSM SecureString with the key pepper")
    state_machine_arn: str = Field(default="", description="only for what starts or stops runs")
    wake_queue_url: str = Field(default="", description="only for what wakes the dispatcher")
    fetch_queue_url: str = Field(default="", description="only for what fetches or has fetched")
    courier_queue_url: str = Field(default="", description="only for what calls the courier")
    letter_queue_url: str = Field(default="", description="only for the courier")
    fetch_plain: str = Field(
        default="", pattern=r"^(127\.0\.0\.1:[1-9]\d{1,4})?$", description="see `_only_off_aws`"
    )
    auth: Literal["keys", "cognito"] = Field(default="keys", description="who knows people")
    max_running: int = Field(default=4, ge=1, description="jobs that may run at the same time")
    tenant_max_running: int = Field(
        default=0, ge=0, description="jobs of one tenant while others wait; 0: all but one"
    )
    account_concurrency: int = Field(
        default=0, ge=0, description="functions that may run side by side; 0: nobody has read it"
    )
    scene_concurrency: int = Field(default=8, ge=1, le=40, description="render tasks side by side")
    encoder_threads: int = Field(default=2, ge=1, le=16, description="part of every content key")
    render_memory_mb: int = Field(default=3008, ge=512, description="of the ordinary renderer")
    render_temp_mb: int = Field(default=4096, ge=512, description="of the ordinary renderer")
    polly: Literal["", "standard", "neural", "long-form"] = Field(
        default="", description="which of Polly's engines speaks; none: espeak-ng, unpaid"
    )
    audit_bucket: str = Field(default="", description="under Object Lock; only for the sealer")
    open_requests_per_minute: int = Field(default=120, ge=1, description="without a key, by ip")
    sign_ins_per_minute: int = Field(default=30, ge=1, description="by ip")
    retention_days: int = Field(default=30, ge=1)
    erase_after_days: int = Field(default=30, ge=1, description="of a deleted user")

    @field_validator("fetch_plain")
    @classmethod
    def _only_off_aws(cls, plain: str, info: ValidationInfo) -> str:
        """The one address that is fetched from by http and though it is this machine: for tests.

        A stage on AWS does not start with it.
        """
        if plain and info.data.get("stage") not in _WITHOUT_AWS:
            raise ValueError("a stage on AWS fetches from public hosts only")
        return plain

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read `REELSMITH_*`.

        Raises:
            Invalid: a variable is missing or malformed; the message names it.
        """
        given = {k.removeprefix(PREFIX).lower(): v for k, v in env.items() if k.startswith(PREFIX)}
        try:
            return cls.model_validate(given)
        except ValidationError as broken:
            names = ", ".join(f"{PREFIX}{e['loc'][0]}".upper() for e in broken.errors())
            raise Invalid(f"bad environment: {names}") from broken

    def to_env(self) -> dict[str, str]:
        """The same settings as environment variables, without the ones left at their default."""
        given = self.model_dump(exclude_defaults=True)
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in given.items()}
