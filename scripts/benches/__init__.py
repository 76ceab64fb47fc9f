"""One module per measurement; its name is what `./scripts/bench` calls it, its docstring what the list says of it.
A module has `add_options(parser)` and `measure(options) -> list[Row]`.
"""
