"""The sections of the evaluation report, one a module with a function `section`.

A model's evaluate.py chooses sections and hands them to `pages.page.render`.
"""
