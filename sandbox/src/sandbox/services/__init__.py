"""The services that ministack lacks, one folder each. They reach the rest of AWS by the Host only."""
