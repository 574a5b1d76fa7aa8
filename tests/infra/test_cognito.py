"""A stage whose people are known by a user pool: the authorizer is another, nothing else."""

import json
from dataclasses import replace

import pytest

from infra import wheels
from infra.stages import STAGES


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    # here, so that collecting tests does not load the CDK
    from infra.service import new_app, synthesize  # noqa: PLC0415

    out = tmp_path_factory.mktemp("cognito")
    spec = replace(STAGES["dev"], auth="cognito", keep_data=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "BUILD", out / "nothing-built")
        folder = synthesize(new_app(out / "assembly"), spec)
    return {
        part: json.loads((folder / f"Reelsmith-dev-{part}.template.json").read_text())
        for part in ("data", "app")
    }


def of_type(template, kind):
    return [found for found in template["Resources"].values() if found["Type"] == kind]


def test_api_gateway_believes_the_pool_and_asks_no_function(templates):
    (authorizer,) = of_type(templates["app"], "AWS::ApiGatewayV2::Authorizer")
    said = authorizer["Properties"]
    assert said["AuthorizerType"] == "JWT"
    assert "cognito-idp." in json.dumps(said["JwtConfiguration"]["Issuer"])
    assert len(said["JwtConfiguration"]["Audience"]) == 1
    routes = of_type(templates["app"], "AWS::ApiGatewayV2::Route")
    kinds = {route["Properties"].get("AuthorizationType") for route in routes}
    assert kinds == {"JWT", "NONE"}


def test_the_pool_is_kept_like_the_data(templates):
    (pool,) = of_type(templates["data"], "AWS::Cognito::UserPool")
    assert pool["DeletionPolicy"] == pool["UpdateReplacePolicy"] == "Retain"
    assert pool["Properties"]["DeletionProtection"] == "ACTIVE"
    assert pool["Properties"]["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_nobody_writes_its_own_tenant_or_role(templates):
    (client,) = of_type(templates["data"], "AWS::Cognito::UserPoolClient")
    assert client["Properties"]["WriteAttributes"] == ["email"]
    assert {"custom:role", "custom:tenant"} <= set(client["Properties"]["ReadAttributes"])
