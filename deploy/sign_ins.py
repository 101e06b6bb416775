"""The demo sign-ins: shown to the person at the screen, kept for scripts in var/demo.json."""

import json
import os
import unicodedata
from pathlib import Path

from deploy.console import say, text, write

COLUMNS = ("username", "password", "role_name", "area_name")


def path(*, home: Path) -> Path:
    return home / "demo.json"


def set_address(*, home: Path, address: str) -> None:
    """The port may differ from the one at the first start."""
    content = json.loads(path(home=home).read_text(encoding="utf-8"))
    if content.get("address") == address:
        return
    content["address"] = address
    part = path(home=home).with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, indent=2)
    part.replace(path(home=home))


def show(*, home: Path, address: str) -> None:
    content = json.loads(path(home=home).read_text(encoding="utf-8"))
    rows = [[str(entry.get(column, "")) for column in COLUMNS] for entry in content["sign_ins"]]
    head = text(en="user name|password|role|area", zh="用户名|密码|角色|辖区").split("|")
    widths = [max(_width(word=row[index]) for row in [head, *rows]) for index in range(len(COLUMNS))]
    write()
    say(en=f"Wangge is open: {address}", zh=f"网格已就绪:{address}")
    say(
        en=f"  center app {address}/   field app {address}/m/   API {address}/api/docs/",
        zh=f"  综治中心端 {address}/   网格员端 {address}/m/   接口文档 {address}/api/docs/",
    )
    say(en="Demo data, fictional. Sign in as:", zh="演示数据 · 虚构。可用以下账号登录:")
    for row in [head, *rows]:
        cells = [word + " " * (width - _width(word=word)) for word, width in zip(row, widths, strict=True)]
        write(line="  " + "  ".join(cells).rstrip())
    write()
    say(en="Ctrl-C stops everything. The data stays in var/.", zh="按 Ctrl-C 全部停止,数据保留在 var/。")


def _width(*, word: str) -> int:
    """Chinese letters take two columns of a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)
