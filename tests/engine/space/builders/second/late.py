CHOICES = [1, 2, 3]
