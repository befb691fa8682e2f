CHOICES = ["a", "b"]
