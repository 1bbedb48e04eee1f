"""The commands, one a file: each reads its arguments, calls the other rooms and prints the result.

A new command is a file here with a function `command`, and its name in `operations/cli.py`.
"""
