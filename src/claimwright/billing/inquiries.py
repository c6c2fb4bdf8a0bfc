"""What a patient asks or disputes: topics, until when it is answered, and what stands still meanwhile."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.codes.dates import add_business_days


class Channel(StrEnum):
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"
    PORTAL = "portal"
    IN_PERSON = "in_person"


class Topic(StrEnum):
    AMOUNT = "amount"
    NOT_RECEIVED = "not_received"  # the service was not given
    INSURANCE_NOT_BILLED = "insurance_not_billed"
    IDENTITY = "identity"  # somebody else used the name
    QUALITY = "quality"
    QUESTION = "question"  # wants to understand; nothing is disputed


class Resolution(StrEnum):
    EXPLAINED = "explained"
    CORRECTED = "corrected"  # the bill was wrong and is mended
    INSURANCE_BILLED = "insurance_billed"
    ADJUSTED = "adjusted"
    UPHELD = "upheld"  # the bill stands
    WITHDRAWN = "withdrawn"


TOPIC_WORDS = {
    Topic.AMOUNT: "the amount",
    Topic.NOT_RECEIVED: "a service that was not received",
    Topic.INSURANCE_NOT_BILLED: "insurance that was not billed",
    Topic.IDENTITY: "another person's service",
    Topic.QUALITY: "the quality of the care",
    Topic.QUESTION: "a question about the bill",
}


class InquiryRefused(ValueError):
    """What cannot be written in the log so; the message names the field and the mend."""


def is_dispute(topic: Topic) -> bool:
    """Whether the topic says that the bill is wrong: then nothing is collected until it is answered, unless said otherwise."""
    return topic is not Topic.QUESTION


def answer_due(received_on: date, policies: Policies = DEFAULT_POLICIES) -> date:
    """The last day to answer: business days after the day it came, federal holidays left out."""
    return add_business_days(received_on, policies.inquiry_answer_business_days)


def is_overdue(due_on: date, on: date) -> bool:
    return on > due_on


def check_resolution(resolution: str, letter: str) -> Resolution:
    """Raises InquiryRefused for an outcome that is in no list, or without an answer in words."""
    if resolution not in list(Resolution):
        raise InquiryRefused(f"resolution: one of {', '.join(Resolution)}")
    if resolution != Resolution.WITHDRAWN and not letter.strip():
        raise InquiryRefused("answer: say in words what was found; the letter to the patient is made of it")
    return Resolution(resolution)
