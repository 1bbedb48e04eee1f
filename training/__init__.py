"""Job code: `common` for every model, and one package for each. It knows only its container."""
