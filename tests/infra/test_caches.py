"""What may be believed for a while, and for how long."""

import pytest

from infra.stages import STAGES
from reelsmith.usecases.limits import LIMITS_LAST


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_revoked_key_is_believed_a_minute_at_most_and_only_for_itself(stages, stage):
    """Reads go by the authorizer's answer; that writes look again is told in test_rates.py."""
    for authorizer in stages[stage].of_type("AWS::ApiGatewayV2::Authorizer"):
        if authorizer["AuthorizerType"] == "REQUEST":
            assert authorizer["AuthorizerResultTtlInSeconds"] <= 60
            assert authorizer["IdentitySource"] == ["$request.header.Authorization"]


def test_limits_of_a_tenant_are_believed_no_longer_than_its_keys():
    assert LIMITS_LAST.total_seconds() <= 60
