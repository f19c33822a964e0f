"""What the fake carries out: every operation by its name."""

from collections.abc import Callable

from tests.support.bedrock.control import (
    get_foundation_model,
    get_foundation_model_availability,
    get_inference_profile,
    list_foundation_models,
    list_inference_profiles,
)
from tests.support.bedrock.conversing import converse, count_tokens
from tests.support.bedrock.invoking import invoke_model
from tests.support.bedrock.resources import Asking, Done, Resources
from tests.support.bedrock.segmenting import get_async_invoke, list_async_invokes, start_async_invoke

Operation = Callable[[Resources, Asking], Done]

RUNTIME: dict[str, Operation] = {
    "Converse": converse,
    "CountTokens": count_tokens,
    "InvokeModel": invoke_model,
    "StartAsyncInvoke": start_async_invoke,
    "GetAsyncInvoke": get_async_invoke,
    "ListAsyncInvokes": list_async_invokes,
}
CONTROL: dict[str, Operation] = {
    "ListFoundationModels": list_foundation_models,
    "GetFoundationModel": get_foundation_model,
    "GetFoundationModelAvailability": get_foundation_model_availability,
    "ListInferenceProfiles": list_inference_profiles,
    "GetInferenceProfile": get_inference_profile,
}
JOBS: dict[str, Operation] = {}
"""Batch inference (CreateModelInvocationJob and those about it): none of it is carried out."""

OPERATIONS = {**RUNTIME, **CONTROL, **JOBS}
