"""What `init` writes: templates as they are, specs and models made for a data set, and the writing itself."""
