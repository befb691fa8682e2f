"""What runs came to, for people to look at and to compare."""
