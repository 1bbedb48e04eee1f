"""Pages about executions: comparisons, and where pages are written and opened."""
