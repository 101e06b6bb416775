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
    """PNG, 1120 x 440 pixels: reported, closed and overdue now per village, side by side.

    Mails show it at little more than half its size: letters that look large here are just large enough there.
    """
    rows = figures["by_village"]
    font = _font()
    figure = Figure(figsize=(11.2, 4.4), dpi=100, layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    series = [("reported", "#0b6272", _("reported")), ("closed", "#9fc9cf", _("closed"))]
    series.append(("overdue_now", "#b3261e", _("overdue now")))
    for number, (key, colour, label) in enumerate(series):
        left = [place + (number - 1) * 0.28 for place in places]
        axes.bar(left, [row[key] for row in rows], 0.26, color=colour, label=label)
    names = [row["name"] for row in rows]
    axes.set_xticks(list(places), names, fontfamily=font, fontsize=15)
    if sum(map(len, names)) > 50:
        axes.tick_params(axis="x", labelrotation=40)
    axes.tick_params(axis="y", labelsize=14, colors="#52666c")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.yaxis.grid(color="#e4ebed")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    # Above the bars, where it covers none.
    axes.legend(frameon=False, prop={"family": font, "size": 15}, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
