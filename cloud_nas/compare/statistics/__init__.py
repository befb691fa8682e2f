"""How sure one can be of a number that was measured on so many rows, and of a difference between two: arrays in, numbers out."""
