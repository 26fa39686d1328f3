"""The network as a plain transformers class: BERT, mean pooling, four independent outputs.

Mean pooling because the base encoder was trained with it: the first token's state is not what it
was taught to use. Needs torch and transformers; serving does not.
"""

from __future__ import annotations

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    BertConfig,
    BertModel,
    BertPreTrainedModel,
    PreTrainedModel,
)
from transformers.modeling_outputs import SequenceClassifierOutput

MODEL_TYPE = "dunlens"


class DunLensConfig(BertConfig):  # type: ignore[misc]  # transformers is not followed
    """BertConfig under its own model type, so that the auto classes find the network below."""

    model_type = MODEL_TYPE


class DunLensModel(BertModel):  # type: ignore[misc]
    """The encoder alone, for `AutoModel`."""

    config_class = DunLensConfig

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config, add_pooling_layer=False)


class DunLensForSequenceClassification(BertPreTrainedModel):  # type: ignore[misc]
    """BERT encoder, mean over the real tokens, dropout, one linear layer to the logits."""

    config_class = DunLensConfig

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.num_labels = config.num_labels
        self.bert = BertModel(config, add_pooling_layer=False)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        **_: object,
    ) -> SequenceClassifierOutput:
        """Return logits [n, labels], and the mean binary cross-entropy where `labels` are given.

        input_ids, attention_mask: [n, tokens]; labels: [n, labels], each 0..1.
        """
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        states = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return classify_states(self, states, attention_mask, labels)


def classify_states(
    network: PreTrainedModel,
    states: torch.Tensor,
    attention_mask: torch.Tensor,
    labels: torch.Tensor | None,
) -> SequenceClassifierOutput:
    """Return logits [n, labels] of an encoder's states [n, tokens, hidden], and the loss.

    The head of any encoder: mean over the real tokens, the network's dropout and classifier.
    """
    mask = attention_mask.unsqueeze(-1).to(states.dtype)
    pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
    logits = network.classifier(network.dropout(pooled))
    loss = None
    if labels is not None:
        loss = nn.functional.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))
    return SequenceClassifierOutput(loss=loss, logits=logits)


def register() -> None:
    """Make the auto classes and `pipeline` load the shipped artifact; twice does no harm."""
    AutoConfig.register(MODEL_TYPE, DunLensConfig, exist_ok=True)
    AutoModel.register(DunLensConfig, DunLensModel, exist_ok=True)
    AutoModelForSequenceClassification.register(
        DunLensConfig, DunLensForSequenceClassification, exist_ok=True
    )


register()
