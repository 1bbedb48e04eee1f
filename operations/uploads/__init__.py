"""The upload of a data set to the data bucket."""
