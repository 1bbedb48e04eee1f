"""The page that an evaluation leaves for people: one HTML file, with everything that it shows inside.

A model's evaluate.py chooses sections and hands them to `page.render`; each ready-made section is a module with a
function `section`. `page`, `chart` and `curves` need
the standard library only, so that `operations compare` draws with them too.
"""
