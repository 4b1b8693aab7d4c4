"""Answers what expressions ask of `authorizer`: may the request's sender, or a ServiceAccount, do this?"""

from __future__ import annotations

from opgen.apiextensions.cel.authorization import Decide, Decision, Question
from opgen.apiserver.access.attributes import Attributes
from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.access.identity import User, account_groups, account_name
from opgen.apiserver.webhooks.matching import Write


def decider(authorizer: Authorizer, sender: User) -> Decide:
    """The function that expressions of a request ask."""

    def decide(question: Question) -> Decision:
        user = sender
        if question.account is not None:
            namespace, name = question.account
            user = User(account_name(namespace, name), "", account_groups(namespace))
        found = authorizer.decide(user, _attributes(question))
        return Decision(found.allowed, found.reason)

    return decide


def _attributes(question: Question) -> Attributes:
    if question.path:
        return Attributes(question.verb, path=question.path, on_resource=False)
    return Attributes(
        question.verb,
        question.group,
        "*",
        question.resource,
        question.subresource,
        question.namespace,
        question.name,
    )


def own_resource(write: Write) -> Question:
    """`authorizer.requestResource` of a write."""
    info = write.info
    return Question(
        group=info.group,
        resource=info.plural,
        subresource=write.subresource,
        namespace=write.namespace,
        name=write.name,
    )
