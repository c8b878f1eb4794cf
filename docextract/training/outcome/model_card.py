"""Writes the card that goes with a trained model: from what, on what, how well, and its limits.

Knows nothing of how it was trained beyond what it is told.
"""

from __future__ import annotations

from docextract.core import Tree
from docextract.training.outcome.train_report import TrainReport


def model_card(report: TrainReport) -> str:
    """Return the card of a training, as Markdown."""
    about = report.about
    settings: Tree = about["settings"]
    data: Tree = about["dataset"]
    figures = report.to_json()["readings"]
    lines = [
        f"# {about['model']['id']}, taught further with docextract",
        "",
        f"Base: {about['model']['id']}, revision {about['model']['revision']}. Its licence holds "
        "for what was made from it.",
        f"Taught on: {data['documents']} documents of dataset {data['digest']} (prompt version "
        f"{data['prompt_version']}), {', '.join(data['schemas'])}.",
        f"How: {settings['method']}, stages {settings['stage']}, "
        f"{about['steps']} steps, seed {settings['seed']}.",
        "",
        "| reading of held-out documents | fields with the same value | of |",
        "|---|---|---|",
        *(f"| {name} | {_share(it)} | {it['same_value']['of']} |" for name, it in figures.items()),
        "",
        "Limits: the figures hold for documents like those held out. On others the engine's own "
        "probability says little; docextract therefore calls no value verified that it has not "
        "found among the words of the page.",
        "",
    ]
    return "\n".join(lines)


def _share(figures: Tree) -> str:
    share = figures["same_value"]["share"]
    low, high = figures["same_value"]["interval"]
    return "-" if share is None else f"{share:.1%} ({low:.1%} to {high:.1%})"
