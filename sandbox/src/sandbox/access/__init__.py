"""Who used which permission: the record that the server keeps, and the report on what was granted but never used."""
