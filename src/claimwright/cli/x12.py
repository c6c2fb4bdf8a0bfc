"""`claimwright x12 ...`: the file verbs. No database, no Django."""

from __future__ import annotations

import typer

from claimwright.cli import x12_ack, x12_check, x12_diff, x12_make, x12_read, x12_rewrite, x12_stats, x12_tables

app = typer.Typer(help="Read, check, make and change X12 files.", no_args_is_help=True)
app.command("check")(x12_check.check)
app.command("read")(x12_read.read)
app.command("copy")(x12_rewrite.copy)
app.command("format")(x12_rewrite.reformat)
app.command("split")(x12_rewrite.split)
app.command("join")(x12_rewrite.join)
app.command("diff")(x12_diff.diff)
app.command("mask")(x12_rewrite.mask)
app.command("ack")(x12_ack.ack)
app.command("stats")(x12_stats.stats)
app.command("to-parquet")(x12_tables.to_parquet)
app.command("from-json")(x12_read.from_json)
app.command("make")(x12_make.make)
