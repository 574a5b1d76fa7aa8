"""The HTTPS door: HTTP API v2, one function behind it, an authorizer before it.

Signing in has a function of its own and no authorizer.

The authorizer asks for the `Authorization` header: an HTTP API calls it only when every identity
source it was given is present, so a second header could not be an alternative. Without the header
the answer is 401 and no function runs.
"""

import json

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from aws_cdk.aws_apigatewayv2_authorizers import (
    HttpJwtAuthorizer,
    HttpLambdaAuthorizer,
    HttpLambdaResponseType,
)
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra import names
from infra.constructs.logs import log_group
from infra.stages import StageSpec

_OPEN = (
    "/v1/health",
    "/v1/openapi.json",
    "/v1/shared/{token}",
    "/v1/shared/{token}/content",
    "/v1/shared/{token}/playlist.m3u8",
)
_SIGN_IN = ("/v1/sessions", "/v1/sessions/refresh")
_METHODS = [  # not ANY: it would ask browsers for a key before their preflight is answered
    apigateway.HttpMethod.GET,
    apigateway.HttpMethod.POST,
    apigateway.HttpMethod.PUT,
    apigateway.HttpMethod.PATCH,
    apigateway.HttpMethod.DELETE,
]
_SENT = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]
_SHOWN = [
    "allow",
    "etag",
    "idempotency-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
]
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",  # the route, not the path: ids are no business of this log
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.message",
}


class HttpDoor(Construct):
    """Everything under /v1 goes to one function; all but health and openapi.json needs a key."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: StageSpec,
        api: lambda_.IFunction,
        login: lambda_.IFunction,
        authorizer: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.http = apigateway.HttpApi(
            self,
            "Http",
            api_name=f"reelsmith-{spec.name}",
            create_default_stage=False,
            cors_preflight=_from_browsers(spec) if spec.cors_origins else None,
        )
        integration = HttpLambdaIntegration("Api", api)
        self.http.add_routes(
            path="/v1/{proxy+}",
            methods=_METHODS,
            integration=integration,
            authorizer=_BEFORE[spec.auth](self, spec, authorizer),
        )
        for path in _OPEN:
            self.http.add_routes(
                path=path, methods=[apigateway.HttpMethod.GET], integration=integration
            )
        signing_in = HttpLambdaIntegration("Login", login)
        for path in _SIGN_IN:
            self.http.add_routes(
                path=path, methods=[apigateway.HttpMethod.POST], integration=signing_in
            )
        self.url = self._stage(spec).url

    def _stage(self, spec: StageSpec) -> apigateway.HttpStage:
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.http,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=spec.api_requests_per_s, burst_limit=spec.api_burst
            ),
        )
        group = apigateway.LogGroupLogDestination(log_group(self, "AccessLogs", spec=spec))
        stage.node.default_child.access_log_settings = (  # type: ignore[union-attr]
            apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.bind(stage).destination_arn, format=json.dumps(_LOGGED)
            )
        )
        return stage


def _from_browsers(spec: StageSpec) -> apigateway.CorsPreflightOptions:
    """Pages of these origins may call the API. No cookies: credentials travel in a header."""
    return apigateway.CorsPreflightOptions(
        allow_origins=list(spec.cors_origins),
        allow_methods=[apigateway.CorsHttpMethod[method.value] for method in _METHODS],
        allow_headers=_SENT,
        expose_headers=_SHOWN,
        max_age=Duration.hours(1),
    )


def _by_us(
    _: Construct, spec: StageSpec, function: lambda_.IFunction
) -> apigateway.IHttpRouteAuthorizer:
    """Our own function looks at keys and session tokens."""
    return HttpLambdaAuthorizer(
        "Key",
        function,
        response_types=[HttpLambdaResponseType.SIMPLE],
        identity_source=["$request.header.Authorization"],
        results_cache_ttl=Duration.seconds(spec.authorizer_cache_s),
    )


def _by_cognito(
    scope: Construct, spec: StageSpec, _: lambda_.IFunction
) -> apigateway.IHttpRouteAuthorizer:
    """API Gateway looks at the id tokens of the stage's user pool by itself."""
    pool, client = (
        ssm.StringParameter.value_for_string_parameter(scope, names.parameter(spec.name, what))
        for what in ("pool", "client")
    )
    region = Stack.of(scope).region
    return HttpJwtAuthorizer(
        "People",
        f"https://cognito-idp.{region}.amazonaws.com/{pool}",
        jwt_audience=[client],
    )


_BEFORE = {"keys": _by_us, "cognito": _by_cognito}
