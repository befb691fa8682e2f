"""A cloud's container on one side, training or a whole search on the other; one file a cloud's contract."""
