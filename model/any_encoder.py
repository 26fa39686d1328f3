"""The same classifier on any Hugging Face encoder: RoBERTa, ERNIE, DistilBERT, multilingual ones.

A BERT keeps the network that ships (`model.network`); every other encoder is wrapped here, with the
same mean over the real tokens and the same loss. Needs torch and transformers; serving does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import SequenceClassifierOutput

from model.network import MODEL_TYPE, DunLensForSequenceClassification, classify_states

ENCODER_TYPE = "dunlens-encoder"
BERTS = ("bert", MODEL_TYPE)  # taken by the network that ships

# Both networks: what is said of one holds for the other.
Network = Any  # DunLensForSequenceClassification | EncoderForSequenceClassification


class DunLensEncoderConfig(PretrainedConfig):  # type: ignore[misc]  # transformers is not followed
    """The encoder's own configuration, and the dropout before the logits."""

    model_type = ENCODER_TYPE

    def __init__(
        self,
        encoder: dict[str, Any] | PretrainedConfig | None = None,
        hidden_dropout_prob: float = 0.1,
        **others: Any,
    ) -> None:
        self.encoder: Any = (
            AutoConfig.for_model(**encoder) if isinstance(encoder, dict) else encoder
        )
        self.hidden_dropout_prob = hidden_dropout_prob
        super().__init__(**others)


class EncoderForSequenceClassification(PreTrainedModel):  # type: ignore[misc]
    """Any encoder, mean over the real tokens, dropout, one linear layer to the logits."""

    config_class = DunLensEncoderConfig
    base_model_prefix = "encoder"
    _supports_sdpa = True  # so that "eager" is set only where it is asked for

    def __init__(self, config: DunLensEncoderConfig, encoder: nn.Module | None = None) -> None:
        """Put a head on `encoder`, or on a new one of random weights as `config` describes it."""
        super().__init__(config)
        self.num_labels = config.num_labels
        self.encoder = without_pooler(encoder or _empty_encoder(config))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.classifier = nn.Linear(config.encoder.hidden_size, config.num_labels)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if module is self.classifier:
            nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        **_: object,
    ) -> SequenceClassifierOutput:
        """Return logits [n, labels], and the mean binary cross-entropy where `labels` are given.

        input_ids, attention_mask: [n, tokens]; labels: [n, labels], each 0..1.
        """
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return classify_states(self, states, attention_mask, labels)


def _empty_encoder(config: DunLensEncoderConfig) -> nn.Module:
    # Not every encoder has the attention that the head could do: it chooses for itself, unless
    # plain operators are asked for, as the ONNX export does.
    asked = {"attn_implementation": "eager"} if config._attn_implementation == "eager" else {}
    dtype = torch.get_default_dtype()  # set by from_pretrained; the configuration's may be fp16
    found: nn.Module = AutoModel.from_config(config.encoder, dtype=dtype, **asked)
    return found


def without_pooler(encoder: Any) -> Any:
    """Take off the layer over the first token, which a mean over all tokens never uses."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder


def load_encoder(source: str | Path, **options: Any) -> Any:
    """Return the encoder at `source` (Hub name or folder), a transformers model, without pooler."""
    try:
        return AutoModel.from_pretrained(source, add_pooling_layer=False, **options)
    except TypeError:  # it knows no pooler
        return without_pooler(AutoModel.from_pretrained(source, **options))


def new_network(source: str, labels: Sequence[str], dropout: float) -> Network:
    """Return the encoder at `source` (Hub name or folder) with a new head for `labels`.

    dropout: of the encoder's hidden states and of the pooled state. Raises OSError where there is
    no such encoder, ValueError where transformers does not know its type.
    """
    config = AutoConfig.from_pretrained(source)
    settings: dict[str, Any] = {
        "id2label": dict(enumerate(labels)),
        "label2id": {label: index for index, label in enumerate(labels)},
        "problem_type": "multi_label_classification",
        "hidden_dropout_prob": dropout,
    }
    if config.model_type in BERTS:
        # dropout on attention weights switches the fused attention off and gained nothing
        return DunLensForSequenceClassification.from_pretrained(
            source, attention_probs_dropout_prob=0.0, **settings
        )
    dropouts = {"hidden_dropout_prob": dropout, "dropout": dropout, "embedding_dropout": dropout}
    dropouts |= {"attention_probs_dropout_prob": 0.0, "attention_dropout": 0.0}
    known = {name: value for name, value in dropouts.items() if hasattr(config, name)}
    encoder = load_encoder(source, dtype=torch.float32, **known)
    return EncoderForSequenceClassification(
        DunLensEncoderConfig(encoder=encoder.config, **settings), encoder
    )


def load_network(folder: str | Path, **options: Any) -> Network:
    """Return the network in a run's or an artifact's folder, whichever of the two it is."""
    return AutoModelForSequenceClassification.from_pretrained(folder, **options)


def encoder_of(network: Network) -> Any:
    """Return the encoder below the head, a transformers model."""
    return getattr(network, network.base_model_prefix)


def layers_of(network: Network) -> tuple[str, nn.ModuleList]:
    """Return the encoder's layers and their name in the network (`bert.encoder.layer`).

    Raises ValueError where the encoder is not one stack of layers.
    """
    wanted = encoder_of(network).config.num_hidden_layers
    for name, module in network.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) == wanted:
            return name, module
    raise ValueError(f"{type(encoder_of(network)).__name__} has no list of {wanted} layers")


def keep_layers(network: Network, kept: Sequence[int]) -> None:
    """Cut the network to some of its layers, in place."""
    name, layers = layers_of(network)
    owner, _, attribute = name.rpartition(".")
    setattr(network.get_submodule(owner), attribute, nn.ModuleList(layers[i] for i in kept))
    config = encoder_of(network).config
    config.num_hidden_layers = len(kept)
    if getattr(config, "layer_types", None):  # ModernBERT: full or sliding attention by layer
        config.layer_types = [config.layer_types[i] for i in kept]


def most_tokens(network: Network) -> int:
    """Return how many tokens the encoder reads at most, the two that frame a text included."""
    encoder = encoder_of(network)
    most: int = getattr(encoder.config, "max_position_embeddings", 512)
    for name, module in encoder.named_modules():
        if name.endswith("position_embeddings"):
            # RoBERTa and its kin number positions from the row after the padding row
            padding: int | None = getattr(module, "padding_idx", None)
            return most if padding is None else most - padding - 1
    return most


def register() -> None:
    """Make the auto classes and `pipeline` load a wrapped encoder; twice does no harm."""
    AutoConfig.register(ENCODER_TYPE, DunLensEncoderConfig, exist_ok=True)
    AutoModelForSequenceClassification.register(
        DunLensEncoderConfig, EncoderForSequenceClassification, exist_ok=True
    )


register()
