"""Refuse to deploy to a placeholder account; synth works all the same.

The CDK CLI does not tell an application which command it serves; app.py looks for `cdk deploy` among its parents and
refuses with the sentence. Where that sees nothing (`cdk deploy --app cdk.out`), the sentence is still a warning, which
`make deploy` does not accept (`--strict`), and a rule of each template, by which CloudFormation refuses the change set
should somebody really own such an account.
"""

from __future__ import annotations

from aws_cdk import Annotations, App, Aws, CfnRule, CfnRuleAssertion, Fn, Stack

from specs import EnvironmentSpec


def refuse_placeholder(app: App, environment: EnvironmentSpec) -> None:
    """Attach warning and rule to every stack, if the environment's account is a placeholder."""
    if not environment.has_placeholder_account:
        return
    sentence = placeholder_sentence(environment)
    for stack in app.node.children:
        if isinstance(stack, Stack):
            Annotations.of(stack).add_warning_v2("slipway:placeholder-account", sentence)
            CfnRule(
                stack,
                "OwnAccount",
                assertions=[
                    CfnRuleAssertion(
                        assert_=Fn.condition_not(Fn.condition_equals(Aws.ACCOUNT_ID, environment.account)),
                        assert_description=sentence,
                    )
                ],
            )


def placeholder_sentence(environment: EnvironmentSpec) -> str:
    """The file and line to edit, in a sentence."""
    return (
        f"{environment.account_line}: account {environment.account} is a placeholder. "
        "Write the number of your own account there before you deploy."
    )
