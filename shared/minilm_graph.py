"""all-MiniLM-L6-v2 as an ONNX graph, built from its published weights, so that neither torch nor an exported file is needed.

The network is BERT (Devlin et al. 2018) with six layers, then the mean over a text's tokens, scaled to length one (Reimers and
Gurevych 2019). Inputs, all int64: `input_ids` and `attention_mask` of shape (texts, tokens), `position_ids` of shape (tokens).
Output `embedding`: float32 of shape (texts, width).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
"""The first with Gelu as one operator."""
IR_VERSION = 9
"""Goes with the opset: every onnxruntime that knows the one reads the other."""
MASKED = 1e9
"""Taken from the attention score of padding: nothing is left of it after softmax, and float32 does not overflow."""

Array = NDArray[np.float32]
Weights = Mapping[str, Array]


@dataclass(frozen=True)
class Shape:
    """Dimensions of the network, as named in its config.json."""

    layers: int
    heads: int
    width: int
    epsilon: float

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads


@dataclass
class Draft:
    """A graph in the making: values are named by what produces them. Weights stay beside it, in `tensors`."""

    weights: Weights
    shape: Shape
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    tensors: dict[str, Array] = field(default_factory=dict)

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Apply an operator; answers with the name of its result."""
        result = f"{operator}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [result], **attributes))
        return result

    def constant(self, value: NDArray[np.generic]) -> str:
        """Put a value into the graph; answers with its name."""
        name = f"constant.{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def integers(self, *values: int) -> str:
        """A constant for axes and shapes."""
        return self.constant(np.array(values, dtype=np.int64))

    def scalar(self, value: float) -> str:
        """A constant for arithmetic."""
        return self.constant(np.array(value, dtype=np.float32))

    def tensor(self, name: str, value: Array) -> str:
        """Name a value that is handed to onnxruntime beside the graph."""
        self.tensors[name] = np.ascontiguousarray(value)
        stub = onnx.TensorProto(name=name, data_type=TensorProto.FLOAT, dims=value.shape, data_location=TensorProto.EXTERNAL)
        stub.external_data.add(key="location", value="memory")
        self.constants.append(stub)
        return name

    def weight(self, name: str) -> str:
        """A weight as published."""
        return self.tensor(name, self.weights[name])

    def linear(self, x: str, name: str) -> str:
        """The product x W^T + b."""
        product = self.node("MatMul", x, self.tensor(f"{name}.weight.T", self.weights[f"{name}.weight"].T))
        return self.node("Add", product, self.weight(f"{name}.bias"))

    def normalised(self, x: str, name: str) -> str:
        """Layer normalisation over the last axis."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=self.shape.epsilon)


def build_model(weights: Weights, shape: Shape) -> tuple[bytes, dict[str, Array]]:
    """The whole network, from token ids to one vector of length one per text: an ONNX model, and its weights by name.

    The weights are kept out of the model because writing 90 MB into it and reading them back took longer than all else
    (0.5 s and 510 MB at its peak, beside 0.2 s and 300 MB).
    """
    draft = Draft(weights, shape)
    mask = draft.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    bias = _attention_bias(draft, mask)
    x = _embedded_tokens(draft)
    for layer in range(shape.layers):
        x = _layer(draft, x, bias, f"encoder.layer.{layer}")
    draft.node("Identity", _unit_length(draft, _mean_over_tokens(draft, x, mask)))
    draft.nodes[-1].output[0] = "embedding"
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(_graph(draft), opset_imports=[opset], ir_version=IR_VERSION)
    return model.SerializeToString(), draft.tensors


def _graph(draft: Draft) -> onnx.GraphProto:
    # position_ids is an input because onnxruntime rewrites a Range of the sequence length to a Slice that fails.
    inputs = {"input_ids": ["texts", "tokens"], "attention_mask": ["texts", "tokens"], "position_ids": ["tokens"]}
    return helper.make_graph(
        draft.nodes,
        "minilm",
        [helper.make_tensor_value_info(name, TensorProto.INT64, axes) for name, axes in inputs.items()],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", draft.shape.width])],
        draft.constants,
    )


def _embedded_tokens(draft: Draft) -> str:
    words = draft.node("Gather", draft.weight("embeddings.word_embeddings.weight"), "input_ids", axis=0)
    places = draft.node("Gather", draft.weight("embeddings.position_embeddings.weight"), "position_ids", axis=0)
    segments = "embeddings.token_type_embeddings.weight"
    first_segment = draft.tensor(segments, draft.weights[segments][0])
    summed = draft.node("Add", draft.node("Add", words, places), first_segment)
    return draft.normalised(summed, "embeddings.LayerNorm")


def _attention_bias(draft: Draft, mask: str) -> str:
    """0 for tokens, very negative for padding; shape (texts, 1, 1, tokens)."""
    spread = draft.node("Unsqueeze", mask, draft.integers(1, 2))
    return draft.node("Mul", draft.node("Sub", spread, draft.scalar(1)), draft.scalar(MASKED))


def _layer(draft: Draft, x: str, bias: str, name: str) -> str:
    attended = draft.linear(_attention(draft, x, bias, f"{name}.attention.self"), f"{name}.attention.output.dense")
    x = draft.normalised(draft.node("Add", attended, x), f"{name}.attention.output.LayerNorm")
    hidden = draft.node("Gelu", draft.linear(x, f"{name}.intermediate.dense"))
    return draft.normalised(draft.node("Add", draft.linear(hidden, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")


def _attention(draft: Draft, x: str, bias: str, name: str) -> str:
    query = _heads(draft, draft.linear(x, f"{name}.query"), [0, 2, 1, 3])
    key = _heads(draft, draft.linear(x, f"{name}.key"), [0, 2, 3, 1])
    value = _heads(draft, draft.linear(x, f"{name}.value"), [0, 2, 1, 3])
    scores = draft.node("Mul", draft.node("MatMul", query, key), draft.scalar(draft.shape.head_width**-0.5))
    shares = draft.node("Softmax", draft.node("Add", scores, bias), axis=-1)
    joined = draft.node("Transpose", draft.node("MatMul", shares, value), perm=[0, 2, 1, 3])
    return draft.node("Reshape", joined, draft.integers(0, 0, draft.shape.width))


def _heads(draft: Draft, x: str, order: list[int]) -> str:
    split = draft.node("Reshape", x, draft.integers(0, 0, draft.shape.heads, draft.shape.head_width))
    return draft.node("Transpose", split, perm=order)


def _mean_over_tokens(draft: Draft, x: str, mask: str) -> str:
    axis = draft.integers(1)
    column = draft.node("Unsqueeze", mask, draft.integers(2))
    total = draft.node("ReduceSum", draft.node("Mul", x, column), axis, keepdims=0)
    return draft.node("Div", total, draft.node("ReduceSum", column, axis, keepdims=0))


def _unit_length(draft: Draft, x: str) -> str:
    squares = draft.node("ReduceSum", draft.node("Mul", x, x), draft.integers(1), keepdims=1)
    return draft.node("Div", x, draft.node("Sqrt", squares))
