"""Movie reviews, as positive or negative, by an LSTM over their words."""
