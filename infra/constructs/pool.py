"""The user pool of a stage whose people are known by Cognito (`auth="cognito"`).

Of a person the pool says the tenant and the role. Both are written by administrators of the pool
alone: a client that could write them would let everybody be anybody.
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

_OURS = {"tenant": 36, "role": 6}  # custom attributes, with how long each may be


class People(Construct):
    """A user pool without self sign-up, and its one client."""

    def __init__(
        self, scope: Construct, construct_id: str, *, removal_policy: RemovalPolicy, keep: bool
    ) -> None:
        super().__init__(scope, construct_id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            custom_attributes={
                name: cognito.StringAttribute(max_len=length, mutable=True)
                for name, length in _OURS.items()
            },
            password_policy=cognito.PasswordPolicy(
                min_length=10,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=keep,
            removal_policy=removal_policy,
        )
        self.client = self.pool.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_srp=True),
            id_token_validity=Duration.minutes(15),
            access_token_validity=Duration.minutes(15),
            refresh_token_validity=Duration.days(30),
            enable_token_revocation=True,
            prevent_user_existence_errors=True,
            disable_o_auth=True,
            read_attributes=cognito.ClientAttributes()
            .with_standard_attributes(email=True)
            .with_custom_attributes(*_OURS),
            write_attributes=cognito.ClientAttributes().with_standard_attributes(email=True),
        )
