LOW = 0.5
