"""The picture in the weekly mail, drawn without a screen."""

from __future__ import annotations

import io
from typing import Any, Final

from django.utils.translation import gettext as _
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_FONTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "DejaVu Sans",
)


def _font() -> str:
    """The first installed font that has Chinese."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in installed), "DejaVu Sans")


def weekly_chart(*, figures: dict[str, Any]) -> bytes:
    """PNG, 1120 x 440 pixels: reported and closed per village side by side, overdue marked in red above."""
    rows = figures["by_village"]
    font = _font()
    figure = Figure(figsize=(11.2, 4.4), dpi=100, layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    axes.bar([p - 0.2 for p in places], [r["reported"] for r in rows], 0.38, color="#0b7285", label=_("reported"))
    axes.bar([p + 0.2 for p in places], [r["closed"] for r in rows], 0.38, color="#9fc9cf", label=_("closed"))
    for place, row in zip(places, rows, strict=True):
        if row["overdue_now"]:
            height = max(row["reported"], row["closed"])
            label = _("overdue %(count)d") % {"count": row["overdue_now"]}
            axes.annotate(
                label, (place, height), ha="center", va="bottom", color="#b3261e", fontsize=9, fontfamily=font
            )
    axes.set_xticks(list(places), [r["name"] for r in rows], fontfamily=font, fontsize=10)
    if len(rows) > 10:
        axes.tick_params(axis="x", labelrotation=30)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(y=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, prop={"family": font, "size": 10}, loc="upper right", ncols=2)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
