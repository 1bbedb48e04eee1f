"""HTML pages, and the files and log lines of a run; standard library only.

    from pages.page import Section, render

Jobs write pages with it (the evaluation report), and so do commands (a comparison), so jobs carry it in their code
archive. `page`, `markup`, `chart` and `curves` draw; `run_files` and `cost` read the files of a run, and `run_log` the
lines of its log.
"""
