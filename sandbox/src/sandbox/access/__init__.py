"""The report on permissions: those used, by the server's record, and those never used."""
