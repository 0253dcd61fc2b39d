#!/usr/bin/env python3
"""Runs a command in a terminal and writes what it printed, as it printed it, as an animated SVG.

  docs/cast.py docs/run.svg -- ./dev run -o mine.jsonl

Time is kept in proportion and shortened to a minute; the clock in the corner is the true one. Where nothing is
animated, the last screen shows.
"""
import html
import os
import pty
import re
import sys
import time

COLUMNS, ROWS = 132, 36
CHAR, LINE = 7.22, 16  # of 12 px monospace
PLAYED, PAUSE = 60, 8  # seconds of the animation, and how long the last screen stays
CONTROL = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


def recorded(command):
    """Lines with the seconds at which they were complete. What a carriage return overwrites is progress, no line."""
    begin, rest, lines = time.monotonic(), b"", []

    def read(descriptor):
        nonlocal rest
        data = os.read(descriptor, 65536)
        rest += data
        *complete, rest = rest.split(b"\n")
        for line in complete:
            text = CONTROL.sub(b"", line).rstrip(b"\r").rsplit(b"\r", 1)[-1].decode(errors="replace")
            lines.append((time.monotonic() - begin, text))
        return data

    os.environ.update(COLUMNS=str(COLUMNS), LINES=str(ROWS), TERM="dumb")
    code = os.waitstatus_to_exitcode(pty.spawn(command, read))
    return lines, code, time.monotonic() - begin


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def svg(lines, command, total):
    """One text a line; the paper moves up by whole lines, so that the newest line is the lowest."""
    width, height = COLUMNS * CHAR + 24, (ROWS + 2) * LINE + 16
    whole = PLAYED + PAUSE
    shown = [(0.0, "$ " + " ".join(command)), *lines]
    moves, texts = [], []
    for i, (at, line) in enumerate(shown):
        share = 100 * at / total * PLAYED / whole
        up = max(0, i + 1 - ROWS) * LINE
        moves.append(f"{share:.3f}%{{transform:translateY(-{up}px)}}")
        texts.append(f'<text y="{(i + 1) * LINE}">{html.escape(line[:COLUMNS])}</text>')
    # Lines that are not there yet lie below the window.
    moves.append(f"100%{{transform:translateY(-{max(0, len(shown) - ROWS) * LINE}px)}}")
    first = min(len(shown), ROWS)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" role="img">
<title>{html.escape(" ".join(command))}, {clock(total)} minutes</title>
<style>
text{{font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#d6dbe0;white-space:pre}}
.paper{{transform:translateY(-{max(0, len(shown) - first) * LINE}px);animation:run {whole}s steps(1,end) infinite}}
@keyframes run{{{"".join(moves)}}}
@media (prefers-reduced-motion:reduce){{.paper{{animation:none}}}}
</style>
<rect width="100%" height="100%" rx="8" fill="#16191d"/>
<svg x="12" y="8" width="{COLUMNS * CHAR:.0f}" height="{ROWS * LINE + 6}" viewBox="0 0 {COLUMNS * CHAR:.0f} {ROWS * LINE + 6}">
<g class="paper">
{chr(10).join(texts)}
</g></svg>
<text x="12" y="{height - 12}" style="fill:#8b949e">{html.escape(" ".join(command))}: {clock(total)} minutes, shown in {PLAYED} s</text>
</svg>
"""


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[2] != "--":
        sys.exit("cast.py: docs/cast.py FILE.svg -- command ...")
    found, status, seconds = recorded(sys.argv[3:])
    if status == 0:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(svg(found, sys.argv[3:], seconds))
    sys.exit(status)
